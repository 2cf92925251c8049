"""What is different between two dates, or when a series changed."""

from __future__ import annotations

import os
from typing import Any

from ..algorithms.calls import Layer, Layers, Results, Wanted, inputs, plain, run


def change(
    before: Layers,
    after: Layers,
    model: str = "spectral-texture",
    *,
    method: str = "distance",
    threshold: float | None = None,
    false_alarms: float | None = None,
    normalise: bool = True,
    align: str = "correct",
    clouds: str = "auto",
    samples: Layer | None = None,
    field: str = "",
    classifier: str | os.PathLike[str] | None = None,
    date_after: str = "",
    mask: Wanted = False,
    polygons: Wanted = False,
    table: Wanted = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Results:
    """Map what is different between two dates; ``date`` is that of the earlier one.

    Args:
        model: for the methods ``distance`` and ``taught``; for ``classes`` one that segments.
        method: ``distance``, ``irmad``, ``difference``, ``taught`` or ``classes``.
        threshold: from which magnitude on a place counts as changed; None chooses it.
        false_alarms: percent of the unchanged ground that may be called change, in place of a threshold.
        normalise: bring the later date's values to those of the earlier one, band by band.
        align: where the dates lie beside one another, ``correct``, ``warn`` or ``off``.
        clouds: how cloud, shadow and snow are found and left out: ``auto``, ``bands``, ``model`` or ``off``.
        samples, field: for ``taught``, labelled changes and the attribute that says which.
        classifier: for ``classes``, the ``*.geofm`` file whose maps of both dates are compared, in place of
            the model's; for the other methods one that tells the classes before and after.
        min_area, simplify: of the polygons; see :func:`.segment`.

    Raises:
        GeoFMError: see geofm.inference.errors.
    """
    own = {
        "BEFORE": inputs(before),
        "AFTER": inputs(after),
        "METHOD": method,
        "MODEL": model,
        "THRESHOLD": threshold,
        "FALSE_ALARMS": false_alarms,
        "NORMALISE": normalise,
        "ALIGN": align,
        "CLOUDS": clouds,
        "SAMPLES": None if samples is None else plain(samples),
        "FIELD": field,
        "CLASSIFIER": None if classifier is None else os.fspath(classifier),
        "DATE_AFTER": date_after,
        "MIN_AREA": min_area,
        "SIMPLIFY": simplify,
    }
    return run("change", own, {"MASK": mask, "POLYGONS": polygons, "TABLE": table}, options)


def breaks(
    layers: Layers,
    index: str = "",
    *,
    harmonics: int = 1,
    significance: float = 0.01,
    polygons: Wanted = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Results:
    """Find when each place of a series changed most; ``layers`` are 8 or more dates, or a folder of them.

    Args:
        index: ``ndvi``, ``nbr``, ``ndmi``, ``ndwi``, ``mndwi``, ``ndre`` or a band's name; empty for NDVI,
            or the only band.
        harmonics: waves of a year's season, 1 to 3.
        significance: share of places without any break that noise alone may have break.
        min_area, simplify: of the polygons; see :func:`.segment`.

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`.Options`.
    """
    own = {
        "INPUT": inputs(layers),
        "INDEX": index,
        "HARMONICS": harmonics,
        "SIGNIFICANCE": significance,
        "MIN_AREA": min_area,
        "SIMPLIFY": simplify,
    }
    return run("breaks", own, {"POLYGONS": polygons}, options)


def threshold_change(
    magnitude: Layer,
    threshold: float | None = None,
    *,
    false_alarms: float | None = None,
    polygons: Wanted = False,
    table: Wanted = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Results:
    """Make mask (``output``), polygons and table of a magnitude anew, as :func:`change` had made them.

    Args:
        magnitude: the ``output`` of :func:`change`.
        threshold: magnitudes from there on are change.
        false_alarms: percent of the unchanged ground that may be called change, in place of a threshold; of
            magnitudes by ``distance``, ``irmad`` and ``difference``.
        min_area, simplify: of the polygons; see :func:`.segment`.

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`.Options`.
    """
    own = {
        "INPUT": plain(magnitude),
        "THRESHOLD": threshold,
        "FALSE_ALARMS": false_alarms,
        "MIN_AREA": min_area,
        "SIMPLIFY": simplify,
    }
    return run("thresholdchange", own, {"POLYGONS": polygons, "TABLE": table}, options)
