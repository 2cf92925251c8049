"""classify: a taught classifier maps a raster."""

from __future__ import annotations

from ...errors import UnsupportedInput
from ..base import F32, Mask
from ..classifier import Classifier, load_classifier
from ..features import FeatureSpace
from ..flow import Steps
from ..grid import Window
from ..regions import Region
from ..run import BLOCK, Outcome, Run, shifted
from .maps import class_map, write_polygons
from .spaces import digest_of, encoder_of, reader


def classify(run: Run) -> Outcome:
    classifier = load_classifier(run.job.classifier)
    space = space_of(run, classifier)
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


def space_of(run: Run, classifier: Classifier) -> FeatureSpace:
    """The classifier's feature space, on the very weights that it was taught with.

    Raises:
        UnsupportedInput: if this machine's card names others.
    """
    card = run.services.store.settled(run.services.catalog.get(classifier.model), run.context)
    if digest_of(card) != classifier.model_digest:
        raise UnsupportedInput(
            f"The classifier was taught with other weights of {card.id} than this machine's card names.",
            "Teach it again, or use the version of GeoFM that taught it.",
        )
    encoder = encoder_of(run, card)
    kept = run.services.kept(card, encoder) if encoder else None
    return classifier.space(encoder, run.job.batch, kept)
