"""Maps of classes refined by what is known of a place, and how right they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..algorithms.calls import Layer, Results, Wanted, plain, run


def refine(
    map_layer: Layer,
    rules: Sequence[tuple[str, str, str]] = (),
    *,
    helpers: Mapping[str, Layer] | None = None,
    probabilities: Layer | None = None,
    prior: Layer | None = None,
    prior_field: str = "",
    prior_share: str = "",
    weight: float = 1.0,
    exclude: bool = False,
    changed: Wanted = True,
    table: Wanted = False,
    polygons: Wanted = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Results:
    """Apply what is known of a place to a map of classes; ``changed`` says of every pixel what changed it.

        found = api.refine(
            "map.tif",
            [("water", '"dem@slope" > 8', ""), ("bare", '"dem" > 2500', "snow")],
            helpers={"dem": "dem.tif"},
            probabilities="probabilities.tif",
        )

    Args:
        rules: class, condition (an expression of QGIS) and what it becomes; an empty class is every class, an
            empty third part the next most probable class that is allowed.
        helpers: rasters by the names that conditions have for them.
        probabilities: a raster with one band a class, as :func:`.classify` writes it.
        prior: such a raster of how probable classes are at a place, or polygons.
        prior_field: field of polygons that names a class; empty if they have a field for each class.
        prior_share: field with the probability of that class; empty for certain.
        weight: exponent of the prior.
        exclude: whether a prior of 0 means never.
        table: pixels and areas by what changed them (CSV).

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`.Options`.
    """
    named = dict(helpers or {})
    own = {
        "INPUT": plain(map_layer),
        "RULES": [cell for rule in rules for cell in rule],
        "HELPERS": [plain(layer) for layer in named.values()],
        "HELPER_NAMES": ",".join(named),
        "PROBABILITIES": None if probabilities is None else plain(probabilities),
        "PRIOR": None if prior is None else plain(prior),
        "PRIOR_FIELD": prior_field,
        "PRIOR_SHARE": prior_share,
        "WEIGHT": weight,
        "EXCLUDE": exclude,
        "MIN_AREA": min_area,
        "SIMPLIFY": simplify,
    }
    return run("refine", own, {"CHANGED": changed or True, "TABLE": table, "POLYGONS": polygons}, options)


def checkpoints(
    map_layer: Layer,
    count: int | None = None,
    *,
    standard_error: float | None = None,
    expected_accuracy: float = 0.8,
    allocation: str = "mixed",
    least: int = 50,
    blind: bool = True,
    seed: int = 0,
    **options: Any,
) -> Results:
    """Draw a stratified random sample of a map of classes, to be checked point by point.

    Args:
        count: how many points; None for 150, or as many as ``standard_error`` takes.
        standard_error: of the overall accuracy, such as 0.02, for which ``count`` must be None.
        expected_accuracy: of the map, which decides how many points that takes.
        allocation: ``mixed`` (by area, with ``least`` points for rare classes), ``proportional``, ``equal``.
        blind: leave out what the map shows.
        seed: the same one draws the same points.

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`.Options`.
    """
    own = {
        "MAP": plain(map_layer),
        "COUNT": count,
        "STANDARD_ERROR": standard_error,
        "EXPECTED_ACCURACY": expected_accuracy,
        "ALLOCATION": allocation,
        "LEAST": least,
        "BLIND": blind,
        "SEED": seed,
    }
    return run("checkpoints", own, {}, options)


def assess(
    map_layer: Layer,
    reference: Layer,
    field: str = "reference",
    *,
    sampling: str = "auto",
    report: Wanted = False,
    **options: Any,
) -> Results:
    """Say how right a map is and how much ground its classes cover; ``output`` is the path of the JSON.

    Args:
        reference: points or polygons whose class is known, a layer or a path.
        field: the attribute with the class, by name or value.
        sampling: ``auto`` (as the fields of check points say), ``random`` or ``unknown``.
        report: the same as a page (HTML).

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`.Options`.
    """
    own = {"MAP": plain(map_layer), "REFERENCE": plain(reference), "FIELD": field, "SAMPLING": sampling}
    return run("assess", own, {"REPORT": report}, options)
