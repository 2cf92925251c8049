"""What a job is made of: its task, the rasters and places that it names, the choices that there are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Task(str, Enum):
    """The jobs of docs/architecture.md, named as their Processing algorithms are."""

    EMBED = "embed"
    SEGMENT = "segment"
    REGRESS = "regress"
    SUPERRESOLVE = "superresolve"
    TRAIN = "trainclassifier"
    CLASSIFY = "classify"
    CHANGE = "change"
    BREAKS = "breaks"
    THRESHOLD = "thresholdchange"
    SIMILARITY = "similarity"
    CLUSTER = "cluster"
    CHECKPOINTS = "checkpoints"
    ASSESS = "assess"
    SUGGEST = "suggestsamples"
    REVIEW = "reviewsamples"
    REFINE = "refine"


METHODS = ("ensemble", "fast", "prototypes", "knn", "forest", "mlp")
# What a classifier's file keeps of its samples: all that is known; features and classes alone; or nothing.
KEEPS = ("places", "features", "nothing")
# Whose grid a stack lies on: that of the first raster, or of the one with the smallest pixels.
GRIDS = ("first", "finest")
# How check points are shared out among the classes of a map.
ALLOCATIONS = ("mixed", "proportional", "equal")
# What is known of how a reference was chosen: what its own fields say, at random, or nothing.
SAMPLINGS = ("auto", "random", "unknown")


@dataclass(frozen=True)
class RasterRef:
    """One raster of a job and what the user knows of it.

    Attributes:
        path: anything GDAL opens for reading.
        bands: 1-based band numbers in the wanted order; empty means all.
        names: the user's band names, one a band used, ``-`` for "unknown"; empty means
            "as the file says". See :func:`geofm.inference.bands.parse_mapping`.
        nodata: value that means "no data" in every band, beside what the file says.
        scale: multiply stored numbers by this to get reflectance or the band's units.
        offset: add this after scaling.
        acquired: ISO date (``2002-04-16``) of acquisition, empty if unknown.
        crs: WKT or ``EPSG:n`` that overrides the file's, empty for the file's own.
    """

    path: str
    bands: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    nodata: float | None = None
    scale: float | None = None
    offset: float | None = None
    acquired: str = ""
    crs: str = ""


@dataclass(frozen=True)
class SampleRef:
    """A layer of a vector file that OGR opens: labelled places, or the polygons of an area.

    Attributes:
        path: the file.
        layer: layer inside it; empty for the only or first one.
        field: attribute that holds the class (number or text); empty for examples and areas.
        where: OGR SQL filter; empty for all features.
    """

    path: str
    layer: str = ""
    field: str = ""
    where: str = ""


@dataclass(frozen=True)
class Extent:
    """A rectangle to limit a run to, in the units of ``crs``."""

    xmin: float
    ymin: float
    xmax: float
    ymax: float
    crs: str


@dataclass(frozen=True)
class ClassInfo:
    """One class of a map: its value in the raster, its name and its colour ``#rrggbb``."""

    value: int
    name: str
    color: str
