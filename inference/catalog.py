"""The models this machine knows. Standard library alone."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from . import places
from .assets import Asset
from .cards import CARD_IN_CLASSIFIER, CLASSIFIER_SUFFIX, Card, load_card
from .errors import GeoFMError, ModelCorrupt, ModelMissing, UnsupportedInput

__all__ = [
    "Asset",
    "Card",
    "Catalog",
    "default_catalog",
    "folder_of",
    "load_card",
    "ready",
]

# Between the ids of models whose features are used together.
JOIN = "+"
_CARD_SUFFIX = ".json"
_JOB_SUFFIX = ".job.json"
_ONNX_SUFFIX = ".onnx"
_NEAREST = 3
_HAND_MADE = "spectral-texture"
# What models do together: what goes through the feature space.
_TOGETHER = ("trainclassifier", "change", "similarity", "cluster")


class Catalog:
    """The cards in some folders: ``*.json``, ``*.geofm`` and ``<id>/card.json``.

    Folders come in order of trust: where two cards share an id, the first folder's counts, so
    that a shared folder cannot slip another file under the name of a model of the plugin.
    """

    def __init__(self, folders: Sequence[Path], bare: Callable[[Path], Card] | None = None) -> None:
        """
        Args:
            bare: makes the card of an ONNX file that has none beside it; only the engine can.
        """
        self.folders = tuple(Path(folder) for folder in folders)
        self._bare = bare or _without_card

    def look(self) -> tuple[tuple[Card, ...], tuple[GeoFMError, ...]]:
        """:meth:`cards` and :meth:`problems`, with the folders read once."""
        cards, problems = self._read()
        return tuple(cards.values()), tuple(error for _, error in problems)

    def cards(self) -> tuple[Card, ...]:
        """Every usable card, in the order of the folders and then of the file names."""
        return self.look()[0]

    def problems(self) -> tuple[GeoFMError, ...]:
        """Why files in the folders that look like cards are not in :meth:`cards`."""
        return self.look()[1]

    def get(self, id_or_path: str | Path) -> Card:
        """The card of an id, or of a path to a card, a classifier or an ONNX file with a card beside it.

        Several of them joined by ``+`` are models whose features are used together.

        Raises:
            UnsupportedInput: if models cannot be used together.
            ModelMissing: naming the nearest ids.
            ModelCorrupt: if the card is there and wrong.
            BareNetwork: for an ONNX file alone, which the engine may be able to use.
        """
        text = str(id_or_path).strip()
        cards, problems = self._read()
        if text in cards:
            return cards[text]
        path = Path(text)
        if path.suffix.lower() == _ONNX_SUFFIX:
            card = path.with_suffix(_CARD_SUFFIX)
            return load_card(card) if card.is_file() or not path.is_file() else self._bare(path)
        if path.suffix.lower() in (_CARD_SUFFIX, CLASSIFIER_SUFFIX):
            return load_card(path)
        for file, error in problems:
            if text and text in (file.stem, file.parent.name):
                raise error
        if JOIN in text:
            return joined([self.get(part) for part in text.split(JOIN)])
        raise ModelMissing(
            f"There is no model {text!r}." if text else "No model was named.", _known(text, sorted(cards))
        )

    def _read(self) -> tuple[dict[str, Card], list[tuple[Path, GeoFMError]]]:
        cards: dict[str, Card] = {}
        problems: list[tuple[Path, GeoFMError]] = []
        for path in (path for folder in self.folders for path in _card_files(folder)):
            try:
                card = _unchanged(path, *_stamp(path))
            # One broken file must not hide the others; `problems` tells of it.
            except GeoFMError as error:
                problems.append((path, error))
                continue
            first = cards.setdefault(card.id, card)
            if first is not card and first.raw != card.raw:
                sentence = f"{path} calls itself {card.id}, which {first.path} is already."
                problems.append((path, ModelCorrupt(sentence, "Give it another id to use both.")))
        return cards, problems


def can_join(card: Card, tasks: Sequence[str] = _TOGETHER) -> bool:
    """Whether a card's features can be used together with those of another one, for any of some tasks."""
    return card.family != _HAND_MADE and not card.parts and bool({*_TOGETHER} & {*tasks} & {*card.tasks})


def joined(cards: Sequence[Card]) -> Card:
    """One card for models whose features are used together, in the order in which they were named.

    Spectral-texture's features are always among them, whether it is named or not.

    Raises:
        UnsupportedInput: if one of them is named twice, or gives no features to work with.
    """
    parts = tuple(card for card in cards if card.family != _HAND_MADE)
    names = [card.id for card in parts]
    if len(set(names)) < len(names):
        raise UnsupportedInput(f"The models {JOIN.join(names)} name one of them twice.", "Name each once.")
    others = [card.id for card in parts if not can_join(card)]
    if others:
        raise UnsupportedInput(
            f"The features of {', '.join(others)} cannot be used together with others.",
            "Join models that can train a classifier, such as galileo-nano+presto.",
        )
    if len(parts) < 2:
        return parts[0] if parts else cards[0]
    return replace(
        parts[0],
        id=JOIN.join(names),
        title=" + ".join(card.title for card in parts),
        description="Features of several models, used together.",
        tasks=tuple(task for task in _TOGETHER if all(task in card.tasks for card in parts)),
        bands=tuple(dict.fromkeys(name for card in parts for name in card.bands)),
        min_bands=tuple(dict.fromkeys(name for card in parts for name in card.min_bands)),
        assets=tuple(asset for card in parts for asset in card.assets),
        raw={"properties": {}},
        parts=parts,
    )


def _known(text: str, ids: list[str]) -> str:
    """A hint for somebody who typed what is no model: the nearest ids, else where all of them are."""
    typed = text.lower()
    parts = [name for name in ids if typed and typed in name.lower()]
    near = dict.fromkeys([*parts, *difflib.get_close_matches(typed, ids, _NEAREST)])
    if near:
        return f"Did you mean {' or '.join(list(near)[:_NEAREST])}? A path to a card or classifier works too."
    return (
        f"python -m geofm models list and the page Models show the {len(ids)} that there are; "
        "a path to a card or classifier works too."
    )


@lru_cache(maxsize=1024)
def _unchanged(path: Path, modified: int, size: int) -> Card:
    """The card of a file, read once as long as the file stays the same: the dock looks after every run."""
    return load_card(path)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        state = path.stat()
    # Gone since it was listed: whoever reads it says so.
    except OSError:
        return 0, 0
    return state.st_mtime_ns, state.st_size


def _card_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    flat = [path for path in folder.iterdir() if path.suffix in (_CARD_SUFFIX, CLASSIFIER_SUFFIX)]
    nested = [path for path in folder.glob(f"*/{CARD_IN_CLASSIFIER}") if not path.parent.name.startswith(".")]
    found = (path for path in (*flat, *nested) if path.is_file() and not path.name.startswith("."))
    # A classifier that was taught has its job beside it.
    return sorted(path for path in found if not path.name.endswith(_JOB_SUFFIX))


class BareNetwork(UnsupportedInput):
    """An ONNX file without a card: only the engine can look into it."""


def _without_card(path: Path) -> Card:
    raise BareNetwork(
        f"The ONNX file {path.name} has no card beside it, and only the engine can look into it.",
        "Add it with python -m geofm models add, or open it on the page Models.",
    )


def default_catalog(bare: Callable[[Path], Card] | None = None) -> Catalog:
    """The plugin's own models, those of ``GEOFM_MODELS`` and the user's, in this order of trust.

    For ``bare`` see :class:`Catalog`.
    """
    return Catalog((places.bundled_models(), *places.models_folders()), bare)


def ready(card: Card) -> bool:
    """Whether all of a card's files are on this machine, looked at by their sizes."""
    return card.is_in(places.models_folders())


def folder_of(card: Card) -> Path | None:
    """The folder that a card's files lie in, the card's own where nothing is downloaded; None if not here."""
    brought = [asset.filename for asset in card.assets if asset.scheme != "file"]
    if not brought or not ready(card):
        return None if brought else card.path.parent
    folders = (folder / card.id for folder in places.models_folders())
    return next((folder for folder in folders if (folder / brought[0]).is_file()), None)
