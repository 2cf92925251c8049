"""What a run is: one frozen dataclass says everything about it.

A :class:`Job` is what the dock, the toolbox, a script and a job file on a server have in
common. It is read here, and checked by :mod:`.job_rules`. Standard library alone.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .change_options import ChangeOptions
from .errors import InvalidRequest
from .job_parts import (
    ALLOCATIONS,
    GRIDS,
    KEEPS,
    METHODS,
    SAMPLINGS,
    ClassInfo,
    Extent,
    RasterRef,
    SampleRef,
    Task,
)
from .job_rules import validate
from .knowledge import Knowledge, knowledge_from_dict

__all__ = [
    "ALLOCATIONS",
    "GRIDS",
    "KEEPS",
    "METHODS",
    "SAMPLINGS",
    "ClassInfo",
    "Extent",
    "Job",
    "RasterRef",
    "Result",
    "SampleRef",
    "Task",
    "job_from_dict",
    "main_output",
    "validate",
]


@dataclass(frozen=True)
class Job:
    """Everything about one run.

    Attributes:
        task: what to do.
        inputs: rasters, stacked on one grid (see ``grid``); for change the earlier date, for thresholdchange
            the one magnitude; for refine the map and what ``knowledge`` tells of.
        after: for change, the rasters of the later date.
        output: path of the main result.
        model: catalogue id, or path of a card, an ONNX file or a classifier.
        classifier: path of a ``*.geofm`` file: for classify the one that maps, for trainclassifier the one
            that is taught on, whose model takes the place of ``model``.
        samples: for trainclassifier the labels, for similarity the examples, for assess the reference, for
            change labelled changes, for refine polygons of a prior, whose field is a class, or which have a
            field for each class.
        method: head of trainclassifier, one of ``METHODS``.
        keep: what trainclassifier's file keeps of the samples, one of ``KEEPS``.
        block: side in metres of the blocks of ground that trainclassifier leaves out in turn to see how
            right it is; 0 takes the distance within which the image is alike.
        what_helped: whether trainclassifier tells how right it is with each layer left out.
        classes: for cluster, how many.
        count: for checkpoints, how many; 0 has ``standard_error`` decide.
        standard_error: that the overall accuracy shall have, 0 to have ``count`` decide.
        expected: accuracy that is expected of the map, for ``standard_error``.
        allocation: how the points are shared out among the map's classes, one of ``ALLOCATIONS``.
        least: points that ``mixed`` gives a rare class, as far as half of all points suffice for it.
        blind: whether the points shall not say what the map shows.
        sampling: for assess, how the reference was chosen, one of ``SAMPLINGS``.
        threshold: for change, None chooses it automatically; for thresholdchange, None for false alarms.
        change: for change, how the dates are compared, None for defaults; for thresholdchange, false alarms.
        index: for breaks, an index such as ``ndvi`` or a band's name; empty for NDVI, or the only band.
        harmonics: for breaks, waves of the year that make up its season.
        significance: for breaks, how often noise alone may show one, 0 to 1.
        refuse_below: for classify, percent; pixels whose class is less probable are called unknown.
        refuse_novel: for classify, whether pixels unlike anything labelled are called unknown too.
        knowledge: for refine, its rules and priors.
        confidence, mask, novelty, polygons, report: paths of optional results, empty for none.
        probabilities: path of an optional result, the probability of every class.
        changed: path of the raster that says what changed each pixel of a refined map.
        table: path of an optional table (CSV) of areas.
        min_area: square metres; smaller polygons become part of their surroundings, 0 keeps all.
        simplify: tolerance in pixels within which the polygons' borders are simplified, 0 for none.
        extent: limits the run; the output covers just this part of the input's grid.
        area: polygons that limit the run further: only pixels whose centre they hold are computed.
        grid: whose grid is used, one of ``GRIDS``; among equally fine rasters the first's.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:1``.
        batch: windows a batch, 0 chooses.
        seed: seed of everything random.
    """

    task: Task
    inputs: tuple[RasterRef, ...]
    output: str
    after: tuple[RasterRef, ...] = ()
    model: str = ""
    classifier: str = ""
    samples: SampleRef | None = None
    method: str = METHODS[0]
    keep: str = KEEPS[0]
    block: float = 0.0
    what_helped: bool = False
    classes: int = 0
    count: int = 0
    standard_error: float = 0.0
    expected: float = 0.8
    allocation: str = ALLOCATIONS[0]
    least: int = 50
    blind: bool = True
    sampling: str = SAMPLINGS[0]
    threshold: float | None = None
    change: ChangeOptions | None = None
    index: str = ""
    harmonics: int = 1
    significance: float = 0.01
    refuse_below: float = 0.0
    refuse_novel: bool = False
    knowledge: Knowledge | None = None
    confidence: str = ""
    probabilities: str = ""
    changed: str = ""
    table: str = ""
    mask: str = ""
    novelty: str = ""
    polygons: str = ""
    report: str = ""
    min_area: float = 0.0
    simplify: float = 0.0
    extent: Extent | None = None
    area: SampleRef | None = None
    grid: str = GRIDS[0]
    device: str = "auto"
    batch: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        validate(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; fields at their default are left out."""
        return {
            f.name: _plain(getattr(self, f.name))
            for f in dataclasses.fields(self)
            if getattr(self, f.name) != f.default
        }

    def outputs(self) -> dict[str, str]:
        """Every path this job writes, by the name of its Processing output."""
        named = {
            "CHANGED": self.changed,
            "CONFIDENCE": self.confidence,
            "PROBABILITIES": self.probabilities,
            "MASK": self.mask,
            "NOVELTY": self.novelty,
            "POLYGONS": self.polygons,
            "REPORT": self.report,
            "TABLE": self.table,
        }
        others = {name: path for name, path in named.items() if path}
        return {main_output(self.task): self.output, **others}

    def provenance(self) -> dict[str, Any]:
        """The job as results remember it: without the paths it wrote and the device it asked for."""
        left_out = {"output", "confidence", "mask", "novelty", "polygons", "report", "device"}
        left_out |= {"probabilities", "changed", "table"}
        return {key: value for key, value in self.to_dict().items() if key not in left_out}


def main_output(task: Task) -> str:
    """The name of the Processing output that a job's ``output`` is."""
    return {Task.ASSESS: "JSON", Task.THRESHOLD: "MASK"}.get(task, "OUTPUT")


@dataclass(frozen=True)
class Result:
    """What a finished job answers.

    Attributes:
        outputs: path by output name (``OUTPUT``, ``CONFIDENCE``, ``MASK``...).
        model: id and version of the model that ran.
        device: name of the device that was used.
        device_reason: one sentence: why this device (and why not the GPU).
        pixels: pixels of the output grid that were computed.
        seconds: wall time of the run.
        classes: classes of a categorical output.
        warnings: sentences the user should read.
        facts: what the task adds (threshold, accuracy, areas...); plain JSON types.
    """

    outputs: dict[str, str]
    model: str
    device: str
    device_reason: str
    pixels: int
    seconds: float
    classes: tuple[ClassInfo, ...] = ()
    warnings: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}

    @classmethod
    def from_dict(cls, data: Any) -> Result:
        fields = _checked_fields(cls, data, "the result")
        fields["classes"] = tuple(
            ClassInfo(**_checked_fields(ClassInfo, c, "a class")) for c in fields.get("classes", ())
        )
        fields["warnings"] = tuple(fields.get("warnings", ()))
        return cls(**fields)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            f.name: _plain(getattr(value, f.name))
            for f in dataclasses.fields(value)
            if getattr(value, f.name) != f.default
        }
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _checked_fields(cls: type, data: Any, what: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise InvalidRequest(f"In the job, {what} must be a JSON object.")
    names = {f.name for f in dataclasses.fields(cls)}
    unknown = sorted(set(data) - names)
    if unknown:
        raise InvalidRequest(
            f"The job has an unknown entry in {what}: {', '.join(map(str, unknown))}.",
            f"Known are: {', '.join(sorted(names))}.",
        )
    missing = [
        f.name
        for f in dataclasses.fields(cls)
        if f.default is dataclasses.MISSING
        and f.default_factory is dataclasses.MISSING
        and f.name not in data
    ]
    if missing:
        raise InvalidRequest(f"The job lacks {', '.join(missing)} in {what}.")
    return dict(data)


def job_from_dict(data: Any) -> Job:
    """Build and validate a job from JSON types.

    Raises:
        InvalidRequest: naming the first entry that does not fit.
    """
    fields = _checked_fields(Job, data, "the job")
    try:
        fields["task"] = Task(fields["task"])
    except ValueError:
        known = ", ".join(task.value for task in Task)
        raise InvalidRequest(f"Unknown task {fields['task']!r}.", f"Known are: {known}.") from None
    for key in ("inputs", "after"):
        if key in fields:
            fields[key] = tuple(_raster_ref(item) for item in _listed(fields[key], key))
    for key in ("samples", "area"):
        if fields.get(key) is not None:
            fields[key] = SampleRef(**_checked_fields(SampleRef, fields[key], key))
    if fields.get("extent") is not None:
        fields["extent"] = Extent(**_checked_fields(Extent, fields["extent"], "extent"))
    if fields.get("change") is not None:
        fields["change"] = ChangeOptions(**_checked_fields(ChangeOptions, fields["change"], "change"))
    if fields.get("knowledge") is not None:
        fields["knowledge"] = knowledge_from_dict(fields["knowledge"])
    return Job(**fields)


def _listed(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidRequest(f"In the job, {what} must be a list.")
    return value


def _raster_ref(data: Any) -> RasterRef:
    fields = _checked_fields(RasterRef, data, "a raster")
    for key in ("bands", "names"):
        if key in fields:
            fields[key] = tuple(_listed(fields[key], key))
    return RasterRef(**fields)
