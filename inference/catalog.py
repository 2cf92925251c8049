"""The models this machine knows, and which of them suits a layer. Standard library alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import places
from .bands import REFLECTANCE, Band, band_of_card, find
from .cards import ANY_GSD, CARD_IN_CLASSIFIER, CLASSIFIER, CLASSIFIER_SUFFIX, Asset, Card, load_card
from .errors import GeoFMError, ModelCorrupt, ModelMissing, UnsupportedInput
from .jobs import Task

__all__ = [
    "Asset",
    "Card",
    "Catalog",
    "LayerFacts",
    "Recommendation",
    "default_catalog",
    "load_card",
    "recommend",
]

_CARD_SUFFIX = ".json"
_JOB_SUFFIX = ".job.json"
_ONNX_SUFFIX = ".onnx"


class Catalog:
    """The cards in some folders: ``*.json``, ``*.geofm`` and ``<id>/card.json``.

    Folders come in order of trust: where two cards share an id, the first folder's counts, so
    that a shared folder cannot slip another file under the name of a model of the plugin.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(Path(folder) for folder in folders)

    def cards(self) -> tuple[Card, ...]:
        """Every usable card, in the order of the folders and then of the file names."""
        return tuple(self._read()[0].values())

    def problems(self) -> tuple[GeoFMError, ...]:
        """Why files in the folders that look like cards are not in :meth:`cards`."""
        return tuple(error for _, error in self._read()[1])

    def get(self, id_or_path: str | Path) -> Card:
        """The card of an id, or of a path to a card, a classifier or an ONNX file with a card beside it.

        Raises:
            ModelMissing: listing the known ids.
            ModelCorrupt: if the card is there and wrong.
            UnsupportedInput: for an ONNX file alone.
        """
        text = str(id_or_path).strip()
        cards, problems = self._read()
        if text in cards:
            return cards[text]
        path = Path(text)
        if path.suffix.lower() == _ONNX_SUFFIX:
            return _beside_onnx(path)
        if path.suffix.lower() in (_CARD_SUFFIX, CLASSIFIER_SUFFIX):
            return load_card(path)
        for file, error in problems:
            if text and text in (file.stem, file.parent.name):
                raise error
        raise ModelMissing(
            f"There is no model {text!r}." if text else "No model was named.",
            f"Known are: {', '.join(sorted(cards))}; a path to a card or classifier works too.",
        )

    def _read(self) -> tuple[dict[str, Card], list[tuple[Path, GeoFMError]]]:
        cards: dict[str, Card] = {}
        problems: list[tuple[Path, GeoFMError]] = []
        for path in (path for folder in self.folders for path in _card_files(folder)):
            try:
                card = load_card(path)
            # One broken file must not hide the others; `problems` tells of it.
            except GeoFMError as error:
                problems.append((path, error))
                continue
            first = cards.setdefault(card.id, card)
            if first is not card and first.raw != card.raw:
                sentence = f"{path} calls itself {card.id}, which {first.path} is already."
                problems.append((path, ModelCorrupt(sentence, "Give it another id to use both.")))
        return cards, problems


def _card_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    flat = [path for path in folder.iterdir() if path.suffix in (_CARD_SUFFIX, CLASSIFIER_SUFFIX)]
    nested = [path for path in folder.glob(f"*/{CARD_IN_CLASSIFIER}") if not path.parent.name.startswith(".")]
    found = (path for path in (*flat, *nested) if path.is_file() and not path.name.startswith("."))
    # A classifier that was taught has its job beside it.
    return sorted(path for path in found if not path.name.endswith(_JOB_SUFFIX))


def _beside_onnx(path: Path) -> Card:
    card = path.with_suffix(_CARD_SUFFIX)
    if not card.is_file():
        raise UnsupportedInput(
            f"An ONNX file needs a card beside it, and {card.name} is not there.",
            "The card says which bands the network takes and what it maps; docs/adding-a-model.md shows one.",
        )
    return load_card(card)


def default_catalog() -> Catalog:
    """The plugin's own models, those of ``GEOFM_MODELS`` and the user's, in this order of trust."""
    return Catalog((places.bundled_models(), *places.models_folders()))


@dataclass(frozen=True)
class LayerFacts:
    """What a recommendation looks at.

    Attributes:
        bands: what the layer's bands are (:func:`geofm.inference.bands.identify`).
        gsd: size of a pixel in metres, None if unknown.
        dtype: GDAL or numpy name of the data type.
    """

    bands: tuple[Band, ...]
    gsd: float | None
    dtype: str = ""


@dataclass(frozen=True)
class Recommendation:
    """A model for a layer and a task.

    Attributes:
        card: the model.
        fits: whether it can be used on the layer as it is.
        score: 0 to 1, higher is better; 0 where it does not fit.
        reason: one sentence for people.
    """

    card: Card
    fits: bool
    score: float
    reason: str


_ANY_LAYER_SCORE = 0.2
_WORDS = {
    "nir": "near infrared",
    "nir08": "narrow near infrared",
    "nir09": "water vapour",
    "coastal": "coastal blue",
    "rededge071": "red edge (704 nm)",
    "rededge075": "red edge (740 nm)",
    "rededge078": "red edge (783 nm)",
    "swir16": "short-wave infrared (1.6 µm)",
    "swir22": "short-wave infrared (2.2 µm)",
    "pan": "panchromatic",
    "vv": "VV",
    "vh": "VH",
}
_SENSORS = {"sentinel-2": "Sentinel-2 ", "sentinel-1": "Sentinel-1 ", "landsat": "Landsat "}
_LEVELS = {"surface": "surface reflectance", "toa": "top-of-atmosphere reflectance"}


def recommend(facts: LayerFacts, task: Task | str, cards: Iterable[Card]) -> list[Recommendation]:
    """The cards that serve a task, the best for a layer first, each with a sentence why.

    A model that knows more of the layer's bands, near the pixel size it was trained on, comes
    before one that works on anything; models that do not fit come last and say what they lack.
    """
    wanted = task.value if isinstance(task, Task) else task
    found = [_judge(facts, card) for card in cards if wanted in card.tasks]
    return sorted(found, key=lambda item: (not item.fits, -item.score, item.card.id))


def _judge(facts: LayerFacts, card: Card) -> Recommendation:
    if not card.bands:
        return Recommendation(card, True, _ANY_LAYER_SCORE, _any_layer(facts))
    places_of = {name: _find(facts.bands, name, card) for name in card.bands}
    lacks = _lacks(facts, card, places_of)
    if lacks:
        return Recommendation(card, False, 0.0, lacks)
    used = {index for index in places_of.values() if index is not None}
    known = sum(index is not None for index in places_of.values()) / len(card.bands)
    score = 0.3 + 0.4 * known + 0.2 * _nearness(facts.gsd, card.native_gsd) + 0.1 * _right_level(facts, card)
    return Recommendation(card, True, round(score, 4), _fits(facts, card, used))


def _any_layer(facts: LayerFacts) -> str:
    if not any(band.known for band in facts.bands):
        return "Works on any raster; the layer's bands are not identified."
    count = len(facts.bands)
    return f"Works on any raster, without a download; it uses {_all(count)} of this layer."


def _all(count: int) -> str:
    return "the one band" if count == 1 else f"all {count} bands"


def _find(bands: Sequence[Band], name: str, card: Card) -> int | None:
    wanted = band_of_card(name)
    same_name = next((index for index, band in enumerate(bands) if band.name == name), None)
    # A classifier learned on the bands of somebody's layer, which may have any names.
    if card.family == CLASSIFIER and same_name is not None:
        return same_name
    return find(bands, wanted)


def _lacks(facts: LayerFacts, card: Card, places_of: dict[str, int | None]) -> str:
    """Why the card does not fit, as a sentence; empty if it does."""
    missing = [name for name in card.min_bands if places_of[name] is None]
    if missing:
        return f"Needs {_listed(missing)}, which this layer does not say it has."
    units = {facts.bands[index].units for name in card.min_bands if (index := places_of[name]) is not None}
    if card.units == REFLECTANCE and units - {REFLECTANCE}:
        return "Needs reflectance, and this layer holds other numbers: say how they are scaled."
    low, high = card.gsd
    if facts.gsd is not None and card.gsd != ANY_GSD and not low <= facts.gsd <= high:
        return f"Made for pixels of {low:g} to {high:g} m; this layer's are {_metres(facts.gsd)}."
    return ""


def _listed(names: Sequence[str]) -> str:
    words = list(dict.fromkeys(_word(name) for name in names))
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _word(name: str) -> str:
    common = band_of_card(name).common
    return _WORDS.get(common, common) or name


def _metres(gsd: float) -> str:
    return f"{gsd:.0f} m" if gsd >= 10 else f"{gsd:.2g} m"


def _nearness(gsd: float | None, native: float | None) -> float:
    """1 at the pixel size a model was trained on, 0 at a fourth or four times of it."""
    if gsd is None or native is None or gsd <= 0:
        return 0.5
    return max(0.0, 1.0 - abs(math.log(gsd / native)) / math.log(4.0))


def _right_level(facts: LayerFacts, card: Card) -> float:
    """1 if the processing level fits: only a product without atmospheric correction has cirrus."""
    if not card.level:
        return 1.0
    toa = any(band.known and band.common == "cirrus" for band in facts.bands)
    return float(toa == (card.level == "toa"))


def _fits(facts: LayerFacts, card: Card, used: set[int]) -> str:
    count, total = len(used), len(facts.bands)
    if card.family == CLASSIFIER:
        sentence = f"Was taught on {'a band' if count == 1 else f'{count} bands'} that this layer has"
    else:
        kinds = {facts.bands[index].modality for index in used}
        sensor = _SENSORS.get(kinds.pop(), "") if len(kinds) == 1 else ""
        sentence = f"Knows {count} of this layer's {total} bands"
        if count == total:
            sentence = f"Knows all {count} {sensor}bands of this layer"
    if facts.gsd is not None and card.gsd != ANY_GSD:
        sentence += f" and its {_metres(facts.gsd)} pixels"
    if card.level in _LEVELS:
        sentence += f"; made for {_LEVELS[card.level]}"
    return f"{sentence}."
