"""Where each method of comparing two dates lives."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from ..area import Area
from ..rasters import Stack
from ..run import Run
from .measures import Measure

_MODULES = {
    "distance": "feature_distance",
    "difference": "band_difference",
    "irmad": "irmad",
    "taught": "taught",
    "classes": "transitions",
}


def measure_of(run: Run, method: str, before: Stack, after: Stack, area: Area) -> Measure:
    """A method's measure of two dates; only what this method needs is imported.

    Args:
        before, after: on one grid.
        area: the part of it that the job covers.

    Returns:
        the measure; with the job's classifier beside it, if it names one, also saying the classes.
    """
    module = import_module(f".{_MODULES[method]}", __package__)
    measure = cast(Measure, module.measure(run, before, after, area))
    if not run.job.classifier or method == "classes":
        return measure
    beside = import_module(".transitions", __package__).beside
    return cast(Measure, beside(measure, run, before, after, area))
