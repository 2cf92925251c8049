"""When and where images were taken: what models that ask were told, and what they did without."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from typing import Any

from ..catalog import Card
from .base import Scene
from .layers import Layer
from .parts.codes import month_of

# A scene, and the layers of its stack.
Known = tuple[Scene, Sequence[Layer]]
_DATE, _MONTH, _PLACE = "date", "month", "lonlat"


def asked(card: Card) -> frozenset[str]:
    """What a model takes beside pixels: ``date`` or ``month``, ``lonlat``."""
    return frozenset(part for one in card.models for part in one.raw["properties"].get("geofm:inputs", {}))


def told(cards: Iterable[Card], scenes: Iterable[Known]) -> dict[str, Any]:
    """For a result: what models were told of time and place; empty where none asked.

    Returns:
        ``told_of`` with ``models`` (what each asks for), ``dates`` (of each layer by its name, null where
        unknown) and ``lonlat`` (degrees, null where unknown).
    """
    asking = {card.id: sorted(asked(card)) for card in cards if asked(card)}
    seen = list(scenes)
    if not asking or not seen:
        return {}
    dates = {
        layer.name: layer.date.isoformat() if layer.date else None for _, layers in seen for layer in layers
    }
    place = seen[0][0].lonlat
    lonlat = None if place is None else [round(degrees, 5) for degrees in place]
    return {"told_of": {"models": asking, "dates": dates, "lonlat": lonlat}}


def missing(cards: Iterable[Card], scenes: Iterable[Known]) -> list[str]:
    """Sentences about what models ask for and nobody knows."""
    seen = list(scenes)
    return list(dict.fromkeys(note for card in cards for known in seen for note in _lacks(card, *known)))


def _lacks(card: Card, scene: Scene, layers: Sequence[Layer]) -> list[str]:
    wanted, found = asked(card), []
    name = layers[0].name
    if scene.date is None and _MONTH in wanted:
        month = calendar.month_name[month_of(scene) + 1]
        found.append(
            f"{card.id} takes the season, and the date of {name} is not known: it was told {month}. "
            "Say the day with DATE (year-month-day)."
        )
    if scene.date is None and _DATE in wanted:
        found.append(
            f"{card.id} takes the date, and that of {name} is not known: it went without. "
            "Say the day with DATE (year-month-day)."
        )
    if scene.lonlat is None and _PLACE in wanted:
        found.append(f"{card.id} takes the place on Earth, and that of {name} is not known: it went without.")
    return found
