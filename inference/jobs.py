"""What a run is: one frozen dataclass says everything about it.

A :class:`Job` is what the dock, the toolbox, a script and a job file on a server have in
common. It is read and validated here and nowhere else. Standard library alone.
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .change_options import ChangeOptions, check_change
from .errors import InvalidRequest
from .knowledge import Knowledge, check_knowledge, knowledge_from_dict


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
        threshold: for change, None chooses it automatically; thresholdchange needs it.
        change: for change, how the dates are compared; None stands for the defaults.
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
class ClassInfo:
    """One class of a map: its value in the raster, its name and its colour ``#rrggbb``."""

    value: int
    name: str
    color: str


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


@dataclass(frozen=True)
class _Rule:
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()


_ALWAYS = ("task", "inputs", "output", "extent", "grid", "device", "batch", "seed")
_POLYGONS = ("polygons", "min_area", "simplify")
_CHANGE = ("model", "samples", "classifier", "change", "threshold", "mask", "table")
_TRUST = ("novelty", "refuse_below", "refuse_novel")
_RULES = {
    Task.EMBED: _Rule(("model",), ("area",)),
    Task.SEGMENT: _Rule(("model",), ("area", "confidence", "probabilities", *_POLYGONS)),
    Task.REGRESS: _Rule(("model",), ("area",)),
    Task.SUPERRESOLVE: _Rule(("model",), ("area",)),
    Task.TRAIN: _Rule(
        ("samples",), ("model", "classifier", "method", "keep", "block", "what_helped", "report")
    ),
    Task.CLASSIFY: _Rule(("classifier",), ("area", "confidence", "probabilities", *_TRUST, *_POLYGONS)),
    Task.CHANGE: _Rule(("after",), ("area", *_CHANGE, *_POLYGONS)),
    Task.BREAKS: _Rule((), ("area", "index", "harmonics", "significance", *_POLYGONS)),
    Task.THRESHOLD: _Rule((), ("threshold", "table", *_POLYGONS)),
    Task.SIMILARITY: _Rule(("model", "samples"), ("area",)),
    Task.CLUSTER: _Rule(("model", "classes"), ("area",)),
    Task.CHECKPOINTS: _Rule(
        (), ("area", "count", "standard_error", "expected", "allocation", "least", "blind")
    ),
    Task.ASSESS: _Rule(("samples",), ("area", "sampling", "report")),
    Task.SUGGEST: _Rule(("classifier", "count"), ("area",)),
    Task.REVIEW: _Rule(("classifier",)),
    Task.REFINE: _Rule(("knowledge", "changed"), ("area", "samples", "table", *_POLYGONS)),
}
_MOST_CLUSTERS = 50
_MOST_POINTS = 100_000
_MOST_SUGGESTED = 500


def validate(job: Job) -> None:
    """Check a job's types and that its fields go with its task.

    Raises:
        InvalidRequest: naming the first field that does not fit.
    """
    _check_types(job)
    rule = _RULES[job.task]
    for name in rule.needs:
        if not getattr(job, name):
            raise InvalidRequest(f"The job {job.task.value} needs {name}.")
    allowed = {*_ALWAYS, *rule.needs, *rule.may}
    for spec in dataclasses.fields(job):
        if spec.name not in allowed and getattr(job, spec.name) != spec.default:
            raise InvalidRequest(f"The job {job.task.value} does not take {spec.name}.")
    # A classifier holds all that there is to review of it.
    if bool(job.inputs) == (job.task is Task.REVIEW):
        wrong = "takes no input raster" if job.inputs else "names no input raster"
        raise InvalidRequest(f"The job {wrong}.")
    if not job.output:
        raise InvalidRequest("The job names no output.")
    _check_values(job)


def _check_values(job: Job) -> None:
    if job.method not in METHODS:
        known = ", ".join(METHODS)
        raise InvalidRequest(f"Unknown method {job.method!r}.", f"Known are: {known}.")
    if job.keep not in KEEPS:
        raise InvalidRequest(f"Unknown kind of keeping {job.keep!r}.", f"Known are: {', '.join(KEEPS)}.")
    if job.task is Task.TRAIN and bool(job.model) == bool(job.classifier):
        both = "does not take both model and classifier" if job.model else "needs model"
        raise InvalidRequest(
            f"The job {job.task.value} {both}.", "A classifier that is taught on brings its own model."
        )
    if job.grid not in GRIDS:
        raise InvalidRequest(f"Unknown grid {job.grid!r}.", f"Known are: {', '.join(GRIDS)}.")
    named = {Task.TRAIN: "Training", Task.ASSESS: "An assessment", Task.CHANGE: "Change"}
    if job.task in named and job.samples is not None and not job.samples.field:
        raise InvalidRequest(f"{named[job.task]} needs the field of the samples that holds the class.")
    if job.sampling not in SAMPLINGS:
        raise InvalidRequest(f"Unknown sampling {job.sampling!r}.", f"Known are: {', '.join(SAMPLINGS)}.")
    if job.task is Task.CHANGE:
        given = {name: getattr(job, name) for name in ("model", "samples", "classifier")}
        check_change(job.change or ChangeOptions(), given, job.threshold)
    if job.task is Task.THRESHOLD and (job.threshold is None or len(job.inputs) != 1 or job.extent):
        raise InvalidRequest("The job thresholdchange needs a threshold and one raster, and takes no extent.")
    if job.task is Task.CHECKPOINTS:
        _check_design(job)
    if job.knowledge is not None:
        check_knowledge(job.knowledge, len(job.inputs), job.samples is not None)
        if job.grid != GRIDS[0]:
            raise InvalidRequest("A map is refined on its own grid.", "Leave grid as it is.")
    if job.task is Task.SUGGEST and not 1 <= job.count <= _MOST_SUGGESTED:
        raise InvalidRequest(f"The number of places must be between 1 and {_MOST_SUGGESTED}.")
    if job.task is Task.CLUSTER and not 2 <= job.classes <= _MOST_CLUSTERS:
        raise InvalidRequest(f"The number of clusters must be between 2 and {_MOST_CLUSTERS}.")
    if not (1 <= job.harmonics <= 3 and 0 < job.significance < 1):
        raise InvalidRequest(
            "A season has 1 to 3 harmonics, and a significance lies between 0 and 1, such as 0.01."
        )
    if not 0 <= job.block < float("inf"):
        raise InvalidRequest("The side of the blocks cannot be below 0 or endless.")
    if not (0 <= job.min_area < float("inf") and 0 <= job.simplify < float("inf")):
        raise InvalidRequest("The least area and the tolerance of polygons cannot be below 0 or endless.")
    if not 0 <= job.refuse_below <= 100:
        raise InvalidRequest("The confidence below which pixels are refused is from 0 to 100 percent.")
    read = {os.path.abspath(ref.path) for ref in (*job.inputs, *job.after)}
    files = [*read, *(os.path.abspath(path) for path in job.outputs().values())]
    if len(set(files)) < len(files):
        raise InvalidRequest(f"Two files of the job have the same path: {max(files, key=files.count)}.")


def _check_design(job: Job) -> None:
    if job.allocation not in ALLOCATIONS:
        raise InvalidRequest(
            f"Unknown allocation {job.allocation!r}.", f"Known are: {', '.join(ALLOCATIONS)}."
        )
    if (job.count > 0) == (job.standard_error > 0):
        raise InvalidRequest("Check points need either their count or the standard error to reach.")
    if not 0 <= job.count <= _MOST_POINTS or job.least < 0:
        raise InvalidRequest(f"The number of check points must be between 1 and {_MOST_POINTS}.")
    if not 0 <= job.standard_error < 0.5 or not 0 < job.expected < 1:
        raise InvalidRequest("The standard error and the expected accuracy are shares, such as 0.02 and 0.8.")


_TYPES: dict[str, tuple[type, ...]] = {
    "task": (Task,),
    "inputs": (tuple,),
    "after": (tuple,),
    "samples": (SampleRef, type(None)),
    "extent": (Extent, type(None)),
    "area": (SampleRef, type(None)),
    "change": (ChangeOptions, type(None)),
    "knowledge": (Knowledge, type(None)),
    "threshold": (int, float, type(None)),
    "harmonics": (int,),
    "significance": (int, float),
    "refuse_below": (int, float),
    "refuse_novel": (bool,),
    "min_area": (int, float),
    "simplify": (int, float),
    "classes": (int,),
    "block": (int, float),
    "what_helped": (bool,),
    "count": (int,),
    "least": (int,),
    "standard_error": (int, float),
    "expected": (int, float),
    "blind": (bool,),
    "batch": (int,),
    "seed": (int,),
}
_REF_TYPES: dict[str, tuple[type, ...]] = {
    "bands": (tuple,),
    "names": (tuple,),
    "nodata": (int, float, type(None)),
    "scale": (int, float, type(None)),
    "offset": (int, float, type(None)),
}
_EXTENT_TYPES: dict[str, tuple[type, ...]] = dict.fromkeys(("xmin", "ymin", "xmax", "ymax"), (int, float))


def _check_types(job: Job) -> None:
    _check_fields(job, _TYPES, "the job")
    for ref in (*job.inputs, *job.after):
        if not isinstance(ref, RasterRef):
            raise InvalidRequest("In the job, every input must be a raster.")
        _check_fields(ref, _REF_TYPES, "a raster")
        if not all(isinstance(b, int) and b > 0 for b in ref.bands):
            raise InvalidRequest("In the job, band numbers must be whole and start at 1.")
        if not all(isinstance(n, str) for n in ref.names):
            raise InvalidRequest("In the job, band names must be text.")
    for features, what in ((job.samples, "samples"), (job.area, "area")):
        if features is not None:
            _check_fields(features, {}, what)
    if job.extent is not None:
        _check_fields(job.extent, _EXTENT_TYPES, "extent")


def _check_fields(owner: Any, types: dict[str, tuple[type, ...]], what: str) -> None:
    for spec in dataclasses.fields(owner):
        value, allowed = getattr(owner, spec.name), types.get(spec.name, (str,))
        if isinstance(value, bool) != (bool in allowed) or not isinstance(value, allowed):
            raise InvalidRequest(f"In the job, {spec.name} of {what} has the wrong type.")
