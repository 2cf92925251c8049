"""Take a model of the user's into the catalogue. Standard library alone."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from . import mlm_items, strict_json
from .cards import CARD_IN_CLASSIFIER, CLASSIFIER_SUFFIX, LARGEST_CARD, Card, card_from, load_card
from .catalog import default_catalog
from .drafts import Draft, card_of
from .errors import InvalidRequest, ModelMissing, UnsupportedInput
from .places import home_models
from .questions import require_complete
from .trained import FAMILY, converted, draft_of_training, is_training
from .trust import VARIABLE, is_trusted, trust
from .zips import require_short_directory

# Calls the engine: method, params -> answer.
Ask = Callable[[str, dict[str, Any]], dict[str, Any]]

_ONNX, _CARD = ".onnx", ".json"
_TORCH = (".pt", ".pth", ".torchscript")
_LONGEST_DIRECTORY = 8 << 20
_WEIGHT_ROLES = {"mlm:model", "mlm:weights", "mlm:checkpoint"}


def without_card(path: str | os.PathLike[str]) -> bool:
    """Whether a model's file has no card of ours, so that :func:`draft_of` has to look into it.

    Raises:
        ModelCorrupt: if it should be a card and is no JSON.
    """
    path = Path(path).expanduser().absolute()
    suffix = path.suffix.lower()
    if suffix == _ONNX:
        return path.is_file() and not path.with_suffix(_CARD).is_file()
    is_item = suffix == _CARD and path.is_file() and mlm_items.read_item(path) is not None
    return is_item or suffix in _TORCH or is_training(path)


def draft_of(
    path: str | os.PathLike[str], ask: Ask, output: str = "", trusted: bool = False, checkpoint: str = ""
) -> Draft | None:
    """What a file without a card says of itself; None where there is a card.

    Args:
        path: a network's file, or an MLM item of another tool.
        ask: calls the engine, which alone can look into an ONNX file.
        output: name of the output that is the answer, empty for the first.
        trusted: whether the user allows the code in a TorchScript file to run.
        checkpoint: of the TerraTorch configuration that ``path`` is.

    Raises:
        GeoFMError: if it is no network, or one that cannot be run.
    """
    path = Path(path).expanduser().absolute()
    suffix = path.suffix.lower()
    if checkpoint or is_training(path):
        return draft_of_training(path, checkpoint, ask)
    if suffix == _ONNX and without_card(path):
        return _inspected(path, ask, output)
    if suffix in _TORCH:
        return _script(path, trusted)
    item = mlm_items.read_item(path) if suffix == _CARD and path.is_file() else None
    if item is None:
        return None
    key, family, place = mlm_items.weights_of(item, path)
    if "://" in place:
        draft = Draft(place, family)
    elif family == "onnx":
        draft = _inspected(Path(place), ask, output)
    else:
        draft = _script(Path(place), trusted)
    return mlm_items.told(draft, item, key, path)


def _inspected(path: Path, ask: Ask, output: str) -> Draft:
    return Draft.from_dict(ask("models.inspect", {"file": str(path), "output": output})["draft"])


def _script(path: Path, trusted: bool) -> Draft:
    """The draft of a TorchScript file that the user allows.

    Raises:
        ModelMissing, UnsupportedInput: if it is none, or not allowed.
    """
    if not path.is_file():
        raise ModelMissing(f"There is no file {path}.")
    if not is_torchscript(path):
        raise UnsupportedInput(
            f"{path.name} holds weights without their network.",
            "Weights need a card that names the family whose code runs them (docs/adding-a-model.md).",
        )
    digest = _sha256(path)
    if not trusted and not is_trusted(digest):
        raise UnsupportedInput(
            f"{path.name} is TorchScript: it is code, which would run on this machine.",
            f"If you trust who made it, say so with --trust, or set {VARIABLE}=1 for all such files; better, "
            "export the network as ONNX, which holds no code.",
        )
    note = f"TorchScript sha256:{digest}: the user allowed its code to run on this machine."
    return Draft(str(path), "torchscript", sha256=digest, size=path.stat().st_size).warned(note)


def is_script_to_trust(path: str | os.PathLike[str]) -> bool:
    """Whether a file is TorchScript that the user has not allowed to run."""
    path = Path(path)
    return path.suffix.lower() in _TORCH and is_torchscript(path) and not is_trusted(_sha256(path))


def is_torchscript(path: Path) -> bool:
    """Whether a file holds the code and constants that TorchScript saves."""
    try:
        require_short_directory(path, _LONGEST_DIRECTORY)
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    # An older format of torch.save, or another file altogether.
    except (zipfile.BadZipFile, OSError):
        return False
    parts = [name.split("/", 1)[-1] for name in names]
    return "constants.pkl" in parts and any(part.startswith("code/") for part in parts)


def save_draft(
    draft: Draft, *, beside: bool = False, trusted: bool = False, ask: Ask | None = None
) -> Card:
    """Write the card of a draft to which nothing is missing.

    Args:
        beside: leave the file where it is and put the card beside it; else both go into the user's model
            folder.
        trusted: whether the user allows the code in the file to run; kept by its digest.
        ask: calls the engine, which a checkpoint of TerraTorch needs.

    Raises:
        InvalidRequest: if something is missing, contradicts itself, or another model has its id.
        ModelCorrupt: if what was said makes no card.
    """
    require_complete(draft)
    if draft.family == FAMILY and ask is not None:
        if beside:
            raise InvalidRequest("A checkpoint's weights are written anew: they cannot be left beside it.")
        _require_free(card_of(draft)["id"], "")
        draft = converted(draft, ask)
    data = card_of(draft)
    asset = data["assets"]["weights"]
    source = None if "://" in draft.file else Path(draft.file)
    if beside and source is not None:
        target = source.with_suffix(_CARD)
        asset["href"] = quote(draft.name)
        if target.exists():
            raise InvalidRequest(f"There is a file {target} already.", "Move it away, or leave out --beside.")
    else:
        target = home_models() / data["id"] / CARD_IN_CLASSIFIER
        _require_free(data["id"], draft.sha256)
        if source is not None:
            asset["href"] = asset["geofm:filename"]
    card_from(data, target)
    if source is not None and not beside:
        _copy(source, target.parent / asset["href"])
    _write(json.dumps(data, indent=2, ensure_ascii=False) + "\n", target)
    if trusted and draft.family == "torchscript":
        trust(draft.sha256, draft.name)
    return load_card(target)


def _require_free(name: str, sha256: str) -> None:
    """Refuse an id that another model has; the same file may be described anew."""
    known = {card.id: card for card in default_catalog().cards()}.get(name)
    if known is None:
        return
    own = home_models() in known.path.parents
    if not own or sha256 not in {asset.sha256 for asset in known.assets}:
        raise InvalidRequest(f"There is another model {name} already, {known.path}.", "Give it another id.")


def add_model(path: str | os.PathLike[str]) -> Card:
    """Copy a card (``*.json``, the ONNX file beside one, or the folder that holds one) or a classifier
    (``*.geofm``) with the files that lie beside it into the user's model folder.

    Digests that a card does not state of files beside it are computed: who adds them vouches for them.

    Returns:
        the card as it is now in the catalogue.

    Raises:
        ModelMissing, ModelCorrupt, UnsupportedInput: if it cannot be read.
        InvalidRequest: if another model has its id already.
    """
    path = Path(path).expanduser().absolute()
    path = _card_in(path) if path.is_dir() else path
    completed = _with_digests(path) if path.suffix.lower() == _CARD and path.is_file() else None
    card = card_from(completed, path) if completed else default_catalog().get(path)
    known = {other.id: other for other in default_catalog().cards()}.get(card.id)
    if known is not None and known.path != card.path and known.raw != card.raw:
        raise InvalidRequest(
            f"There is another model {card.id} already, {known.path}.", "Give it another id."
        )
    if card.path.suffix == CLASSIFIER_SUFFIX:
        target = home_models() / f"{card.id}{CLASSIFIER_SUFFIX}"
    else:
        target = home_models() / card.id / CARD_IN_CLASSIFIER
        for asset in card.assets:
            if asset.beside:
                _copy(card.path.parent / asset.beside, target.parent / asset.beside)
    # The card comes last: a model is listed when all of it is there.
    if completed:
        _write(json.dumps(completed, indent=2, ensure_ascii=False) + "\n", target)
    else:
        _copy(card.path, target)
    return load_card(target)


def _card_in(folder: Path) -> Path:
    """The card in a folder: ``card.json``, else its only card."""
    if (folder / CARD_IN_CLASSIFIER).is_file():
        return folder / CARD_IN_CLASSIFIER
    found = sorted(folder.glob(f"*{_CARD}"))
    if len(found) != 1:
        raise ModelMissing(f"There is no {CARD_IN_CLASSIFIER} in {folder}.", "Put the model's card there.")
    return found[0]


def _with_digests(path: Path) -> dict[str, Any] | None:
    """A card's JSON with the digests of files beside it that it does not state; None if it states all."""
    try:
        with path.open("rb") as stream:
            data = strict_json.loads(stream.read(LARGEST_CARD))
    # What is no card is told by who reads it as one.
    except ValueError:
        return None
    assets = data.get("assets") if isinstance(data, dict) else None
    changed = False
    for asset in assets.values() if isinstance(assets, dict) else ():
        if not isinstance(asset, dict) or not _WEIGHT_ROLES & set(map(str, asset.get("roles") or ())):
            continue
        file = path.parent / str(asset.get("href", ""))
        stated = {"geofm:digest", "file:checksum"} & set(asset)
        if not stated and file.parent == path.parent and file.is_file():
            asset["geofm:digest"] = f"sha256:{_sha256(file)}"
            changed = True
    return data if changed else None


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


def _write(text: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        raise ModelMissing(f"The card names {source}, which does not exist.")
    if target.exists() and target.samefile(source):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, part)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
