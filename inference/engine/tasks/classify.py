"""classify: a taught classifier maps a raster, and says where it would only guess."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ...jobs import ClassInfo
from ..base import F32, Mask
from ..features.of_jobs import reader, restored_space, side_of
from ..flow import Steps
from ..grid import Grid, Window
from ..learning.classifier import Classifier, load_classifier
from ..learning.layered_novelty import AnyNovelty
from ..polygons import polygonize
from ..regions import Region
from ..results.destinations import passing
from ..results.maps import LIKE, UNLIKE, ClassMap, Refusal, class_map, write_polygons
from ..run import Outcome, Run, provenance, shifted

# Pixels: a smaller spot is a mixed pixel or two on some border, and no hatching would show it.
_SMALLEST_SPOT = 9
_UNCALIBRATED = {"temperature": 1.0, "reason": "Not calibrated: an earlier version taught the classifier."}


def classify(run: Run) -> Outcome:
    job = run.job
    classifier = load_classifier(job.classifier)
    novelty = classifier.unlike() if job.novelty or job.refuse_novel else None
    _, space = restored_space(run, classifier)
    classes, refusal = _classes(run, classifier)
    origin = classifier.model, classifier.digest
    with run.stack(job.inputs) as stack, ExitStack() as files:
        area = run.area(stack)
        grid = stack.grid.crop(area.window)
        mask = passing(files, job.output) if job.novelty else ""
        with class_map(run, grid, classes, *origin, probable=True, refusal=refusal, novel=mask) as target:

            def compute(block: Window, region: Region) -> tuple[F32, Mask, Mask | None]:
                features, valid = space.of(region, block, run.context)
                novel = _novel(novelty, features) if novelty else None
                return classifier.scores(features), valid & area.mask(block), novel

            def write(block: Window, made: tuple[F32, Mask, Mask | None]) -> None:
                target.put(shifted(block, area.window), *made)

            def kept(block: Window) -> None:
                target.count(shifted(block, area.window))

            steps = Steps(reader(space, stack, area), compute, write, kept)
            pixels = run.stream("classify", area.blocks(side_of(space)), steps)
        areas = write_polygons(run, grid, classes, *origin)
        if mask:
            _write_spots(run, grid, Path(mask), origin)
        warnings = [*stack.warnings, *space.doubts("the classifier", stack)]
    if novelty and not novelty.known:
        warnings.append(novelty.reason)
    facts = _facts(classifier, refusal, target)
    if areas:
        facts["areas_m2"] = areas
    return Outcome(classifier.model, pixels, classes, warnings, facts)


def _classes(run: Run, classifier: Classifier) -> tuple[tuple[ClassInfo, ...], Refusal | None]:
    """The classes of the map, with one for what is refused where the job refuses something."""
    job = run.job
    if not (job.refuse_below or job.refuse_novel):
        return classifier.classes, None
    refusal = Refusal.beside(classifier.classes, job.refuse_below, job.refuse_novel)
    return (*classifier.classes, refusal.info), refusal


def _novel(novelty: AnyNovelty, features: F32) -> Mask:
    """(rows, cols) of (dim, rows, cols) features: what is unlike anything labelled."""
    dim, rows, cols = features.shape
    return novelty.is_novel(features.reshape(dim, -1).T).reshape(rows, cols)


def _write_spots(run: Run, grid: Grid, mask: Path, origin: tuple[str, str]) -> None:
    """NOVELTY: polygons of what is unlike anything labelled."""
    job = run.job
    middle = float(grid.row_areas(grid.height // 2, 1)[0])
    polygonize(
        mask,
        Path(job.novelty),
        grid,
        classes=(LIKE, UNLIKE),
        background=LIKE.value,
        provenance=provenance(job, *origin),
        min_area=max(job.min_area, _SMALLEST_SPOT * middle),
        simplify=job.simplify,
        context=run.context,
    )


def _facts(classifier: Classifier, refusal: Refusal | None, target: ClassMap) -> dict[str, Any]:
    """How far the map can be trusted: calibration, and what was refused or is unlike the labels."""
    facts: dict[str, Any] = {"calibration": classifier.facts.get("calibration", _UNCALIBRATED)}
    shares = target.shares()
    if "novel" in shares:
        facts["novelty"] = {"percent": shares["novel"], "reason": classifier.unlike().reason}
    if refusal is not None:
        facts["refused"] = {"percent": shares["refused"], "value": refusal.info.value}
        facts["refused"].update(below=refusal.below, novel=refusal.novel)
    return facts
