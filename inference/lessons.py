"""What goes to and comes from a teaching session, as values; see :mod:`.teaching`. Standard library alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import Internal
from .jobs import ClassInfo

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Label:
    """A place that a person calls something.

    Attributes:
        id: unique to the label; whoever sends another of the same id replaces it.
        value: its class, 1 to 254.
        geometry: GeoJSON: a point stands for its pixel, a polygon for the pixels whose centre it holds.
        crs: of the geometry, WKT or ``EPSG:n``; empty for that of the session.
        source, date: image that it was drawn on, and ISO date of that; empty for the session's.
        author: who says so, empty if unknown.
    """

    id: str
    value: int
    geometry: Mapping[str, Any]
    crs: str = ""
    source: str = ""
    date: str = ""
    author: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON types; what is empty is left out."""
        about = {"crs": self.crs, "source": self.source, "date": self.date, "author": self.author}
        said = {name: text for name, text in about.items() if text}
        return {"id": self.id, "value": self.value, "geometry": dict(self.geometry), **said}


@dataclass(frozen=True)
class Count:
    """How much there is of a class: labels, and their pixels that count."""

    value: int
    labels: int
    pixels: int


@dataclass(frozen=True)
class Opened:
    """What a session works on.

    Attributes:
        session: its name on the wire.
        model, title: of the model whose features are used.
        crs, transform, width, height: the grid; WKT (empty for none) and six numbers in GDAL's order.
        gsd: side of a pixel in metres.
        bands: names of the bands that are read.
        layers: names of the layers that features are made of.
        dim: features a pixel.
        classes: of the classifier that is taught on, none without one.
        labels: the labels that it brought.
        warnings: sentences.
    """

    session: str
    model: str
    title: str
    crs: str
    transform: tuple[float, ...]
    width: int
    height: int
    gsd: float
    bands: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    dim: int = 0
    classes: tuple[ClassInfo, ...] = ()
    labels: tuple[Count, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def extent(self) -> Box:
        """xmin, ymin, xmax, ymax of the grid, in its coordinate system."""
        x, a, b, y, d, e = self.transform
        xs = [x + a * col + b * row for col in (0, self.width) for row in (0, self.height)]
        ys = [y + d * col + e * row for col in (0, self.width) for row in (0, self.height)]
        return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True)
class Labelled:
    """What the labels came to.

    Attributes:
        counts: of each class, those without a label too.
        waiting: labels whose features are not encoded yet.
        notes: sentences about labels that do not count.
    """

    counts: tuple[Count, ...]
    waiting: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Encoded:
    """How far encoding is, in blocks: of the extent that was asked for, and of what lies around it and
    under labels elsewhere; ``waiting`` counts labels as in :class:`Labelled`."""

    visible_done: int
    visible_total: int
    around_done: int
    around_total: int
    waiting: int = 0

    @property
    def done(self) -> bool:
        """Whether there is nothing left to do here."""
        return self.visible_done >= self.visible_total and self.around_done >= self.around_total


@dataclass(frozen=True)
class Preview:
    """A map of the extent as the labels are now.

    Attributes:
        path: GeoTIFF of bytes: class value (0 for nothing), confidence in percent, and 1 where the ground is
            unlike anything labelled. Empty where there is nothing to show yet; ``reason`` tells why.
        extent, width, height: of the file, in the session's coordinate system.
        encoded: share of the extent's pixels that have features.
        milliseconds: what each step took in the engine, by name.
        method: what was fitted.
        reason: a sentence about what is missing or was made simpler, else empty.
        calibrated: how confidence was calibrated, None where it was not.
        counts, waiting, notes: as in :class:`Labelled`, of the labels that were learned from.
    """

    path: str
    extent: Box
    width: int
    height: int
    encoded: float
    milliseconds: Mapping[str, float] = field(default_factory=dict)
    method: str = ""
    reason: str = ""
    calibrated: Mapping[str, Any] | None = None
    counts: tuple[Count, ...] = ()
    waiting: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """A place whose label would help.

    Attributes:
        x, y: centre of the pixel, in the session's coordinate system.
        margin: probability of the likeliest class less that of the next.
        confidence: probability of the likeliest class.
        likely: its value.
        reason: a sentence.
    """

    x: float
    y: float
    margin: float
    confidence: float
    likely: int
    reason: str = ""


@dataclass(frozen=True)
class Doubt:
    """A label that disagrees with its like.

    Attributes:
        id, value: of the label.
        x, y: a pixel of it, in the session's coordinate system.
        likely: value of the class that its features speak for.
        agreement: 0.5 to 1; of what speaks for either class, how much speaks for the likely one.
        reason: a sentence.
    """

    id: str
    x: float
    y: float
    value: int
    likely: int
    agreement: float
    reason: str = ""


@dataclass(frozen=True)
class Balance:
    """How much there is of a class, and its share of the labelled pixels."""

    value: int
    labels: int
    pixels: int
    share: float


@dataclass(frozen=True)
class Review:
    """Labels that are likely mistakes, the most doubtful first, and the balance of classes."""

    doubtful: tuple[Doubt, ...]
    balance: tuple[Balance, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """How right the map would be, from leaving whole labels out; None where there are too few."""

    accuracy: Mapping[str, Any] | None
    calibration: Mapping[str, Any] | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Saved:
    """A classifier file, its classes and what is known of its making."""

    path: str
    classes: tuple[ClassInfo, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def built(cls: Any, answer: Mapping[str, Any], *lists: str) -> Any:
    """One of the classes above from an answer, of which it takes the entries that it knows."""
    names = {f.name for f in dataclasses.fields(cls)}
    fields = {name: tuple(value) if name in lists else value for name, value in answer.items()}
    try:
        return cls(**{name: value for name, value in fields.items() if name in names})
    except TypeError as error:
        raise Internal("The engine's answer lacks something.", detail=str(error)) from error


def each_built(cls: Any, items: Any) -> tuple[Any, ...]:
    return tuple(built(cls, item) for item in items or ())
