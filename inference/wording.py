"""What a card says, in words for people; the dock and the command door share them. Standard library alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .bands import REFLECTANCE, band_of_card
from .cards import ANY_GSD, CLASSIFIER, Card
from .machine import memory_needed, weights_size

SENSORS = {"sentinel-2": "Sentinel-2", "sentinel-1": "Sentinel-1", "landsat": "Landsat"}
LEVELS = {"surface": "surface reflectance", "toa": "top-of-atmosphere reflectance"}
# Bands that need no sensor's name.
_PLAIN = ("optical", "elevation", "other")
_COMMIT = re.compile(r"(@[0-9a-f]{12})[0-9a-f]{28}$")
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
    "lwir": "thermal infrared",
    "lwir11": "thermal infrared (10.9 µm)",
    "lwir12": "thermal infrared (12 µm)",
    "pan": "panchromatic",
    "vv": "VV",
    "vh": "VH",
}


def size(count: float) -> str:
    """A number of bytes: ``640 kB``, ``19 MB``, ``1.2 GB``."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            value = count / factor
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return f"{count:.0f} B"


def memory(count: int) -> str:
    """An estimate of bytes, no finer than it is: ``700 MB``, ``4.6 GB``."""
    return size(round(count, -8))


def transfer(card: Card) -> str:
    """What a download comes to; where the card does not say it, the least that its weights can be.

    Published files often hold more than what is loaded: decoders, teachers, towers for text.
    """
    if card.download_size:
        return size(card.download_size)
    weights = weights_size(card)
    return f"at least {size(weights)}" if weights else ""


def metres(gsd: float) -> str:
    """A pixel's size: ``10 m``, ``0.31 m``."""
    return f"{gsd:.0f} m" if gsd >= 10 else f"{gsd:.2g} m"


def listed(names: Sequence[str]) -> str:
    """Bands by their names in a card: ``red, green and near infrared``."""
    words = list(dict.fromkeys(_word(name) for name in names))
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _word(name: str) -> str:
    common = band_of_card(name).common
    return _WORDS.get(common, common) or name


def kind(card: Card) -> str:
    """What it gives: ``features``, ``map`` or ``classifier``; of anything else its first task."""
    if card.family == CLASSIFIER:
        return "classifier"
    return {"embed": "features", "segment": "map"}.get(card.tasks[0], card.tasks[0])


def sensors(card: Card) -> str:
    """Which bands it knows, in short: ``Sentinel-2 (10), Sentinel-1 (2)``, ``any``."""
    if card.wavelengths is not None:
        return "any optical"
    return ", ".join(f"{title} ({len(names)})" for title, names in _by_sensor(card).items()) or "any"


def _by_sensor(card: Card) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in card.bands:
        modality = band_of_card(name).modality
        # A card writes oli:B4 where a number alone could be another Landsat's.
        found.setdefault(SENSORS.get(modality, modality), []).append(name.split(":")[-1])
    return found


def pixels(card: Card) -> str:
    """The pixel sizes it is made for: ``5 to 40 m, best 10 m``."""
    best = f"best {metres(card.native_gsd)}" if card.native_gsd is not None else ""
    low, high = card.gsd
    limits = "" if card.gsd == ANY_GSD else f"{low:g} to {high:g} m"
    return ", ".join(part for part in (limits, best) if part) or "any"


def source(card: Card) -> str:
    """Whose it is: ``<repo>@<revision>``, a commit by its first twelve digits."""
    return _COMMIT.sub(r"\1", card.source)


def licence(card: Card) -> str:
    """The licence's name and notice; of one that has no name of its own the notice alone."""
    name, _, notice = card.licence.partition("; ")
    return notice if name == "other" and notice else card.licence


def terms(card: Card) -> str:
    """Address of the licence's text, empty where the card has none that a browser opens."""
    links = card.raw.get("links")
    found = [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    texts = (str(link.get("href")) for link in found if link.get("rel") == "license")
    return next((text for text in texts if text.startswith(("https://", "http://"))), "")


def search_text(card: Card) -> str:
    """What a model can be searched by, in lower case: names, family, bands, sensors, tasks, licence."""
    words = (card.id, card.title, card.family, card.licence, card.source, sensors(card), kind(card))
    named = (band_of_card(name).common for name in card.bands)
    titles = (info.name for info in card.classes)
    return " ".join((*words, *card.tasks, *card.bands, *named, *map(_word, card.bands), *titles)).lower()


def needs(card: Card) -> dict[str, str]:
    """What it needs, a title and a few words each: bands, values, pixels, dates, memory."""
    named = _by_sensor(card).items()
    sets = [", ".join(names) if title in _PLAIN else f"{title} {', '.join(names)}" for title, names in named]
    if card.wavelengths is not None:
        low, high = card.wavelengths
        sets.append(f"any bands of known wavelengths from {low:g} to {high:g} nm")
    rows = {"Bands": "; ".join(sets) or "any"}
    if card.sets:
        rows["At least"] = "all bands of one sensor"
    if card.min_bands and set(card.min_bands) != set(card.bands):
        rows["At least"] = listed(card.min_bands)
    if card.level in LEVELS or card.units == REFLECTANCE:
        rows["Values"] = LEVELS.get(card.level, "reflectance")
    rows["Pixels"] = pixels(card)
    times = [f"{card.dates[0]} to {card.dates[1]}" if card.dates != (1, 1) else "", *card.needs]
    if any(times):
        rows["Dates"] = ", ".join(part for part in times if part)
    rows["Memory"] = f"about {memory(memory_needed(card))}"
    return rows
