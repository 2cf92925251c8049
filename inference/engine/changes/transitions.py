"""classes: what a classifier maps on both dates, compared pixel by pixel.

The magnitude is the probability that the class differs, 1 - sum_k p_k q_k, with the classifier's calibrated
probabilities of both dates taken as independent (post-classification comparison: Singh 1989, Digital change
detection techniques using remotely-sensed data, International Journal of Remote Sensing 10(6), 989-1003).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...change_options import ChangeOptions
from ...errors import InvalidRequest
from ..area import Area
from ..base import F32, Mask
from ..classifier import Classifier, load_classifier
from ..features import FeatureSpace
from ..grid import Window
from ..rasters import Stack
from ..regions import Region
from ..run import Run
from ..scores import winners
from ..tasks.spaces import restored_space
from ..thresholds import Histogram, Threshold
from .measures import LabelledMeasure, Measure
from .told import AFTER, BEFORE, Plane

# Even odds that the class differs.
_USUAL = 0.5


class Transitions:
    """The classes of both dates; see :class:`~.measures.LabelledMeasure`."""

    def __init__(
        self,
        run: Run,
        stacks: tuple[Stack, Stack],
        classifier: Classifier,
        space: FeatureSpace,
        area: Area,
    ) -> None:
        self._context = run.context
        self._stacks = stacks
        self._classifier = classifier
        self._space = space
        self._area = area
        self._values = np.array([info.value for info in classifier.classes], np.float32)
        self.planes = Plane(BEFORE, classifier.classes), Plane(AFTER, classifier.classes)
        self.origin = classifier.model, classifier.digest
        self.facts: dict[str, Any] = {"classes_of": classifier.title or classifier.model}
        self.warnings = [note for stack in stacks for note in space.doubts("the classifier", stack)]

    def read(self, block: Window) -> tuple[Region, Region] | None:
        first, second = (self._space.read(stack, block) for stack in self._stacks)
        seen = first.inside(self._area, block) & second.inside(self._area, block)
        return (first, second) if seen.any() else None

    def magnitude(self, block: Window, found: tuple[Region, Region]) -> tuple[F32, Mask]:
        return self.labelled(block, found)[:2]

    def labelled(self, block: Window, found: tuple[Region, Region]) -> tuple[F32, Mask, F32]:
        shares, labels, known = [], [], np.ones((block.height, block.width), bool)
        for region in found:
            features, valid = self._space.of(region, block, self._context)
            scores = self._classifier.scores(features)
            shares.append(scores)
            labels.append(self._values[winners(scores)[0]])
            known &= valid
        same = np.einsum("krc,krc->rc", *shares)
        return np.clip(np.float32(1) - same, 0, 1).astype(np.float32), known, np.stack(labels)

    def threshold(self, histogram: Histogram, false_alarms: float) -> Threshold:
        return Threshold(
            _USUAL, "even odds", "From there on it is likelier that the class differs than that it does not."
        )


def measure(run: Run, before: Stack, after: Stack, area: Area) -> Transitions:
    """The classes of the job's CLASSIFIER on both dates.

    Raises:
        InvalidRequest: if the job asks for a rate of false alarms, which classes cannot tell.
        UnsupportedInput: if a band is missing, or the model has other weights here.
    """
    if (run.job.change or ChangeOptions()).false_alarms:
        raise InvalidRequest(
            "Compared classes do not tell how many false alarms a threshold makes.",
            "Give a threshold instead: the probability that the class differs, such as 0.8.",
        )
    return _of(run, before, after, area)


def _of(run: Run, before: Stack, after: Stack, area: Area) -> Transitions:
    classifier = load_classifier(run.job.classifier)
    _, space = restored_space(run, classifier)
    return Transitions(run, (before, after), classifier, space, area)


class Beside:
    """Another measure, with the classes of both dates beside it; see :class:`~.measures.LabelledMeasure`."""

    def __init__(self, measure: Measure, classes: Transitions) -> None:
        self._measure = measure
        self._classes = classes
        own = measure.planes if isinstance(measure, LabelledMeasure) else ()
        self.planes = (*own, *classes.planes)
        self.origin = measure.origin
        self.facts = {**classes.facts, **measure.facts}
        self.warnings = [*measure.warnings, *classes.warnings]

    def read(self, block: Window) -> tuple[Any, tuple[Region, Region]] | None:
        found, regions = self._measure.read(block), self._classes.read(block)
        return None if found is None or regions is None else (found, regions)

    def magnitude(self, block: Window, found: Any) -> tuple[F32, Mask]:
        return self._measure.magnitude(block, found[0])

    def labelled(self, block: Window, found: Any) -> tuple[F32, Mask, F32]:
        _, seen, classes = self._classes.labelled(block, found[1])
        if isinstance(self._measure, LabelledMeasure):
            distance, known, own = self._measure.labelled(block, found[0])
            return distance, known & seen, np.concatenate([own, classes])
        distance, known = self._measure.magnitude(block, found[0])
        return distance, known & seen, classes

    def threshold(self, histogram: Histogram, false_alarms: float) -> Threshold:
        return self._measure.threshold(histogram, false_alarms)


def beside(measure: Measure, run: Run, before: Stack, after: Stack, area: Area) -> Beside:
    """A measure that also says the classes of the job's CLASSIFIER."""
    return Beside(measure, _of(run, before, after, area))
