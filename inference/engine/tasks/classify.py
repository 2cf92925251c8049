"""classify: a taught classifier maps a raster."""

from __future__ import annotations

from ..base import F32, Mask
from ..classifier import load_classifier
from ..flow import Steps
from ..grid import Window
from ..regions import Region
from ..run import BLOCK, Outcome, Run, shifted
from .maps import class_map, write_polygons
from .spaces import reader, restored_space


def classify(run: Run) -> Outcome:
    classifier = load_classifier(run.job.classifier)
    _, space = restored_space(run, classifier)
    model, classes = classifier.model, classifier.classes
    with run.stack(run.job.inputs) as stack:
        area = run.area(stack)
        grid = stack.grid.crop(area.window)
        with class_map(run, grid, classes, model, classifier.digest, probable=True) as target:

            def compute(block: Window, region: Region) -> tuple[F32, Mask]:
                features, valid = space.of(region, block, run.context)
                return classifier.scores(features), valid & area.mask(block)

            def write(block: Window, made: tuple[F32, Mask]) -> None:
                target.put(shifted(block, area.window), *made)

            steps = Steps(reader(space, stack, area), compute, write)
            pixels = run.stream("classify", area.blocks(BLOCK), steps)
        areas = write_polygons(run, grid, classes, model, classifier.digest)
        facts = {"areas_m2": areas} if areas else {}
        warnings = [*stack.warnings, *space.doubts("the classifier", stack)]
        return Outcome(model, pixels, classes, warnings, facts)
