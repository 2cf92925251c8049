"""Which of the models suits a layer, best first, with a sentence each. Standard library alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .bands import BYTE, CLASSES, DECIBEL, REFLECTANCE, Band, band_of_card, find
from .cards import ANY_GSD, CLASSIFIER, Card
from .catalog import joined
from .jobs import Task
from .machine import memory_needed
from .wiring import PICTURE
from .wording import LEVELS, SENSORS, listed, metres, sensors
from .wording import memory as in_words


@dataclass(frozen=True)
class LayerFacts:
    """What a recommendation looks at.

    Attributes:
        bands: what the layers' bands are (:func:`geofm.inference.bands.identify`).
        gsd: size of a pixel in metres, None if unknown.
        dtype: GDAL or numpy name of the data type.
        dates: the different dates of acquisition that are known, ISO.
    """

    bands: tuple[Band, ...]
    gsd: float | None
    dtype: str = ""
    dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recommendation:
    """A model for a layer and a task.

    Attributes:
        card: the model.
        fits: whether it can be used on the layer as it is.
        score: 0 to 1, higher is better; 0 where it does not fit.
        reason: one sentence for people.
        memory: bytes that it needs, about (:func:`geofm.inference.machine.memory_needed`).
        in_memory: whether the device has them, as far as is known.
        ready: whether its files are on this machine.
    """

    card: Card
    fits: bool
    score: float
    reason: str
    memory: int = 0
    in_memory: bool = True
    ready: bool = True


# What a score is made of; the parts add up to 1. What is known of the published weights counts for
# more than a few bands, so that a model whose maps were judged stays first until another's were: the
# first map of a user must not hang on weights that nobody has tried here. It counts for less than most
# bands of a layer: 10 of a spectrometer's 200 are no match for all of them.
_FITS, _BANDS, _GSD, _LEVEL, _SENSOR = 0.1, 0.3, 0.2, 0.1, 0.05
_EVIDENCE = {"": 0.0, "compared": 0.12, "measured": 0.25}
# Of a model that takes any numbers: below those that know most of a layer, above those that know little.
_ANY_LAYER_SCORE = 0.35

_RADAR, _LANDSAT, _HEIGHTS = "sentinel-1", "landsat", "elevation"
_OTHERS = ", and this layer holds other numbers"
# More bands than this are not named in a sentence.
_NAMED = 5


def _everywhere(card: Card) -> bool:
    return True


def recommend(
    facts: LayerFacts,
    task: Task | str | None,
    cards: Iterable[Card],
    memory: int | None = None,
    ready: Callable[[Card], bool] = _everywhere,
) -> list[Recommendation]:
    """The cards that serve a task, the best for a layer first, each with a sentence why.

    Those that fit come first, of them those that fit into the memory. Then the score decides: how many of
    the layer's bands a model uses, how near the pixels are to those it was trained on, the processing level,
    the sensor, and how well its published weights are known. Of equals the one on this machine comes first,
    then the smaller one.

    Args:
        task: None for cards of all tasks.
        memory: bytes of the device, None if unknown.
        ready: whether a card's files are on this machine.
    """
    wanted = task.value if isinstance(task, Task) else task
    found = [_judge(facts, card, memory, ready(card)) for card in cards if not wanted or wanted in card.tasks]
    return sorted(found, key=_order)


def together(first: Recommendation, second: Recommendation) -> Recommendation:
    """Two models of one layer whose features are used together.

    Raises:
        UnsupportedInput: if they cannot be (:func:`geofm.inference.catalog.joined`).
    """
    return Recommendation(
        joined([first.card, second.card]),
        first.fits and second.fits,
        min(first.score, second.score),
        f"{first.reason} {second.card.title}: {second.reason}",
        first.memory + second.memory,
        first.in_memory and second.in_memory,
        first.ready and second.ready,
    )


def _order(item: Recommendation) -> tuple[bool, bool, float, bool, int, str]:
    # What differs by less than a hundredth is equal.
    score = -round(item.score, 2)
    return not item.fits, not item.in_memory, score, not item.ready, item.memory, item.card.id


def _judge(facts: LayerFacts, card: Card, memory: int | None, ready: bool) -> Recommendation:
    places_of = {name: _find(facts.bands, name, card) for name in card.bands}
    for name in _of_broken_sets(card, places_of):
        del places_of[name]
    used = {index for index in places_of.values() if index is not None} | _by_wavelength(facts, card)
    needed = memory_needed(card)
    in_memory = memory is None or needed <= memory
    lacks = _lacks(facts, card, places_of, used)
    if lacks:
        return Recommendation(card, False, 0.0, lacks, needed, in_memory, ready)
    any_layer = _takes_anything(card)
    score = _ANY_LAYER_SCORE if any_layer else _score(facts, card, places_of, used)
    reason = _any_layer(facts, card) if any_layer else _fits(facts, card, used)
    if not in_memory and memory is not None:
        reason += f", but needs about {in_words(needed)} of memory, and this device has {in_words(memory)}"
    return Recommendation(card, True, round(score, 4), f"{reason}.", needed, in_memory, ready)


def _takes_anything(card: Card) -> bool:
    return not card.bands and card.wavelengths is None


# --- what fits --------------------------------------------------------------------------------


def _find(bands: Sequence[Band], name: str, card: Card) -> int | None:
    wanted = band_of_card(name)
    same_name = next((index for index, band in enumerate(bands) if band.name == name), None)
    # A classifier learned on the bands of somebody's layer, which may have any names.
    if card.family == CLASSIFIER and same_name is not None:
        return same_name
    if not _tells_landsat(card.bands):
        return find(bands, wanted)
    landsat = wanted.modality == _LANDSAT
    own = [index for index, band in enumerate(bands) if (band.modality == _LANDSAT) == landsat]
    place = find([bands[index] for index in own], wanted)
    return None if place is None else own[place]


@lru_cache(maxsize=256)
def _tells_landsat(names: tuple[str, ...]) -> bool:
    """Whether a card has bands of Landsat beside Sentinel-2's: then neither stands in for the other."""
    return {_LANDSAT, "sentinel-2"} <= {band_of_card(name).modality for name in names}


def _by_wavelength(facts: LayerFacts, card: Card) -> set[int]:
    if card.wavelengths is None:
        return set()
    low, high = card.wavelengths
    return {
        index
        for index, band in enumerate(facts.bands)
        if band.known and band.wavelength is not None and low <= band.wavelength <= high
    }


def _measured(facts: LayerFacts) -> list[Band]:
    """The bands that hold measurements, not classes."""
    return [band for band in facts.bands if band.units != CLASSES]


def _lacks(facts: LayerFacts, card: Card, places_of: dict[str, int | None], used: set[int]) -> str:
    """Why the card does not fit, as a sentence; empty if it does."""
    if facts.bands and not _measured(facts):
        return "The layer has only class or quality bands, nothing that was measured."
    missing = [name for name in card.min_bands if places_of.get(name) is None]
    if len(card.sets) > 1 and not any(_find(facts.bands, name, card) is not None for name in card.bands):
        return f"Needs all of {_either(card)}, which this layer does not say it has."
    if card.sets and not places_of:
        missing = _nearest_set(facts, card)
    if missing:
        return f"Needs {_some(missing)}, which this layer does not say it has{_radar_hint(facts, missing)}."
    if not used and not _takes_anything(card):
        return f"Needs {_what_it_takes(card)}, which this layer does not say it has."
    return _wrong_units(facts, card, places_of, used) or _wrong_gsd(facts, card) or _wrong_times(facts, card)


def _of_broken_sets(card: Card, places_of: dict[str, int | None]) -> set[str]:
    """Bands that a card does not take, for others of their input are not there."""
    broken = (names for names in card.sets if any(places_of.get(name) is None for name in names))
    return {name for names in broken for name in names if name in places_of}


def _nearest_set(facts: LayerFacts, card: Card) -> list[str]:
    """What is missing to one of a card's inputs: to one that is there in part, else to the smallest."""
    absent = {names: [n for n in names if _find(facts.bands, n, card) is None] for names in card.sets}
    return absent[min(absent, key=lambda names: (len(absent[names]) == len(names), len(absent[names])))]


def _some(names: Sequence[str]) -> str:
    """Bands by their names, the first few of many."""
    if len(names) <= _NAMED:
        return listed(names)
    first = names[: _NAMED - 1]
    return f"{', '.join(listed([name]) for name in first)} and {len(names) - len(first)} more bands"


def _radar_hint(facts: LayerFacts, missing: Sequence[str]) -> str:
    """Optical and radar come in layers of their own, which a user may not know can be put together."""
    kinds = {band_of_card(name).modality for name in missing}
    if kinds == {_RADAR} and any(band.known for band in facts.bands):
        return ": add a radar layer"
    if _RADAR not in kinds and facts.bands and all(band.modality == _RADAR for band in facts.bands):
        return ": add an optical layer"
    return ""


def _what_it_takes(card: Card) -> str:
    if card.wavelengths is not None:
        low, high = card.wavelengths
        return f"bands of known wavelengths between {low:g} and {high:g} nm"
    return f"some of {listed(card.bands) if len(card.bands) <= _NAMED else _either(card)}"


def _either(card: Card) -> str:
    """Its sensors with their counts of bands, any of which will do: ``Sentinel-2 (12) or Sentinel-1 (2)``."""
    first, _, last = sensors(card).rpartition(", ")
    return f"{first} or {last}" if first else last


def _wrong_units(facts: LayerFacts, card: Card, places_of: dict[str, int | None], used: set[int]) -> str:
    if card.units == BYTE and facts.dtype.lower() not in ("", "byte", "uint8"):
        return f"Made for pictures of bytes (0 to 255); this layer holds {facts.dtype}."
    if card.units == PICTURE and {facts.bands[index].units for index in used} not in ({BYTE}, {REFLECTANCE}):
        return f"Needs a picture's bytes or reflectance{_OTHERS}: say how they are scaled."
    # What is taken by its wavelength is reflectance; the others are what their names stand for.
    wanted = dict.fromkeys(used, REFLECTANCE)
    wanted.update({i: band_of_card(name).units for name, i in places_of.items() if i is not None})
    wrong = {units for index, units in wanted.items() if facts.bands[index].units != units}
    if card.units == REFLECTANCE and REFLECTANCE in wrong:
        return f"Needs reflectance{_OTHERS}: say how they are scaled."
    if card.units == REFLECTANCE and DECIBEL in wrong:
        return f"Needs radar backscatter in decibels{_OTHERS}."
    return ""


def _wrong_gsd(facts: LayerFacts, card: Card) -> str:
    low, high = card.gsd
    if facts.gsd is None or card.gsd == ANY_GSD or low <= facts.gsd <= high:
        return ""
    return f"Made for pixels of {low:g} to {high:g} m; this layer's are {metres(facts.gsd)}."


def _wrong_times(facts: LayerFacts, card: Card) -> str:
    if {"date", "month"} & set(card.needs) and not facts.dates:
        return "Needs the date of the image, which this layer does not say."
    fewest, count = card.dates[0], max(1, len(facts.dates))
    if count < fewest:
        have = "one is" if count == 1 else f"{count} are"
        return f"Needs images of {fewest} dates, and {have} given: add layers of other dates."
    return ""


# --- how well it fits -------------------------------------------------------------------------


def _score(facts: LayerFacts, card: Card, places_of: dict[str, int | None], used: set[int]) -> float:
    # Layers of several dates have each band several times.
    total = len({(band.modality, band.name) for band in _measured(facts)})
    shared = min(1.0, len(used) / total) if total else 0.0
    return (
        _FITS
        + _BANDS * shared
        + _GSD * _nearness(facts.gsd, card)
        + _LEVEL * _right_level(facts, card, used)
        + _SENSOR * _same_sensor(facts, places_of)
        + _EVIDENCE[card.evidence]
    )


def _nearness(gsd: float | None, card: Card) -> float:
    """1 at the pixel size a model was trained on, 0 at a fourth or four times of it.

    In between where one of them is unknown; less for a model of pictures, made for no pixel size at all.
    """
    if gsd is None or gsd <= 0:
        return 0.5
    if card.native_gsd is None:
        return 0.5 if card.gsd != ANY_GSD else 0.3
    return max(0.0, 1.0 - abs(math.log(gsd / card.native_gsd)) / math.log(4.0))


def _sees_light(facts: LayerFacts, used: set[int]) -> bool:
    """Whether one of these bands can be reflectance; radar and heights have no processing level."""
    return any(facts.bands[index].modality not in (_RADAR, _HEIGHTS) for index in used)


def _right_level(facts: LayerFacts, card: Card, used: set[int]) -> float:
    """1 if the processing level fits: only a product without atmospheric correction has cirrus."""
    if not card.level or not _sees_light(facts, used):
        return 1.0
    toa = any(band.known and band.common == "cirrus" for band in facts.bands)
    return float(toa == (card.level == "toa"))


def _same_sensor(facts: LayerFacts, places_of: dict[str, int | None]) -> float:
    """Share of the card's bands found that are the sensor's own; a common name is anybody's."""
    found = {name: facts.bands[index].modality for name, index in places_of.items() if index is not None}
    own = [band_of_card(name).modality in ("optical", modality) for name, modality in found.items()]
    return sum(own) / len(own) if own else 1.0


# --- in words ---------------------------------------------------------------------------------


def _any_layer(facts: LayerFacts, card: Card) -> str:
    if not any(band.known for band in facts.bands):
        return "Works on any raster; the layer's bands are not identified"
    count, total = len(_measured(facts)), len(facts.bands)
    every = {1: "the one band", 2: "both bands"}
    uses = f"{every.get(total, f'all {total} bands')} of this layer"
    if count < total:
        rest = "the other holds" if total - count == 1 else "the others hold"
        uses = f"{count} of this layer's {total} bands ({rest} classes)"
    return f"Works on any raster{'' if card.needs_download else ', without a download'}; it uses {uses}"


def _fits(facts: LayerFacts, card: Card, used: set[int]) -> str:
    count, total = len(used), len(facts.bands)
    if card.family == CLASSIFIER:
        sentence = f"Was taught on {'a band' if count == 1 else f'{count} bands'} that this layer has"
    else:
        kinds = {facts.bands[index].modality for index in used}
        sensor = SENSORS.get(kinds.pop(), "") if len(kinds) == 1 else ""
        sensor = f"{sensor} " if sensor else ""
        by_wavelength = any(facts.bands[index].wavelength for index in used) and card.wavelengths is not None
        verb = "Takes" if by_wavelength else "Knows"
        sentence = f"{verb} {count} of this layer's {total} bands"
        if count == total:
            every = {1: f"the one {sensor}band", 2: f"both {sensor}bands"}
            sentence = f"{verb} {every.get(count, f'all {count} {sensor}bands')} of this layer"
        if by_wavelength:
            sentence += " by wavelength"
    if facts.gsd is not None and card.gsd != ANY_GSD:
        sentence += f" and its {metres(facts.gsd)} pixels"
    if card.level in LEVELS and _sees_light(facts, used):
        sentence += f"; made for {LEVELS[card.level]}"
    return sentence
