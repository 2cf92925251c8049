"""classes: what a classifier or a network maps on both dates, compared pixel by pixel.

The magnitude is the probability that the class differs, 1 - sum_k p_k q_k, with the probabilities of both
dates, of which a classifier's are calibrated, taken as independent (post-classification comparison: Singh
1989, Digital change detection techniques using remotely-sensed data, International Journal of Remote Sensing
10(6), 989-1003).
"""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from typing import Any

import numpy as np

from ...cards import Card
from ...change_options import ChangeOptions
from ...errors import InvalidRequest
from ...jobs import ClassInfo
from ..area import Area
from ..base import F32, Mask
from ..features.of_jobs import digest_of, restored_space
from ..grid import Window
from ..learning.classifier import load_classifier
from ..network_run import NetworkRun
from ..rasters import Stack
from ..regions import Region
from ..run import Run
from ..thresholds import Histogram, Threshold
from .mappers import ByClassifier, ByNetwork, Mapper
from .measures import LabelledMeasure, Measure, mapping_network
from .told import AFTER, BEFORE, Plane

# Even odds that the class differs.
_USUAL = 0.5


class Transitions(AbstractContextManager["Transitions"]):
    """The classes of both dates; see :class:`~.measures.LabelledMeasure`.

    Args:
        origin: id of what maps, and the digest of its weights.
        title: the same, in words.
        mappers: of the earlier and of the later date.
        files: what they hold open.
    """

    def __init__(
        self,
        origin: tuple[str, str],
        title: str,
        classes: tuple[ClassInfo, ...],
        mappers: tuple[Mapper, Mapper],
        files: ExitStack,
    ) -> None:
        self._files = files
        self._mappers = mappers
        self._values = np.array([info.value for info in classes], np.float32)
        self.planes = Plane(BEFORE, classes), Plane(AFTER, classes)
        self.origin = origin
        self.facts: dict[str, Any] = {"classes_of": title}
        self.warnings = [note for mapper in mappers for note in mapper.warnings]

    def __exit__(self, *unused: object) -> None:
        self._files.close()

    def read(self, block: Window) -> tuple[Region, Region, Mask] | None:
        (first, seen), (second, seen_after) = (mapper.read(block) for mapper in self._mappers)
        wanted = seen & seen_after
        return (first, second, wanted) if wanted.any() else None

    def magnitude(self, block: Window, found: tuple[Region, Region, Mask]) -> tuple[F32, Mask]:
        return self.labelled(block, found)[:2]

    def labelled(self, block: Window, found: tuple[Region, Region, Mask]) -> tuple[F32, Mask, F32]:
        *regions, wanted = found
        (first, before, known), (second, after, known_after) = (
            mapper.classes(block, region, wanted)
            for mapper, region in zip(self._mappers, regions, strict=True)
        )
        same = np.einsum("krc,krc->rc", first, second)
        differs = np.clip(np.float32(1) - same, 0, 1).astype(np.float32)
        return differs, known & known_after, np.stack([self._values[before], self._values[after]])

    def threshold(self, histogram: Histogram, false_alarms: float) -> Threshold:
        return Threshold(
            _USUAL, "even odds", "From there on it is likelier that the class differs than that it does not."
        )


def measure(run: Run, before: Stack, after: Stack, area: Area) -> Transitions:
    """The classes on both dates, by the job's CLASSIFIER, or by its MODEL where it names none.

    Raises:
        InvalidRequest: if the job asks for a rate of false alarms, which classes cannot tell.
        UnsupportedInput: if a band is missing, the model maps no classes, or a classifier's has other
            weights here.
    """
    if (run.job.change or ChangeOptions()).false_alarms:
        raise InvalidRequest(
            "Compared classes do not tell how many false alarms a threshold makes.",
            "Give a threshold instead: the probability that the class differs, such as 0.8.",
        )
    card = mapping_network(run)
    if card is None:
        return _by_classifier(run, before, after, area)
    return _by_network(run, card, before, after, area)


def _by_classifier(run: Run, before: Stack, after: Stack, area: Area) -> Transitions:
    classifier = load_classifier(run.job.classifier)
    _, space = restored_space(run, classifier)
    first, second = (ByClassifier(run, classifier, space, stack, area) for stack in (before, after))
    origin, title = (classifier.model, classifier.digest), classifier.title or classifier.model
    return Transitions(origin, title, classifier.classes, (first, second), ExitStack())


def _by_network(run: Run, card: Card, before: Stack, after: Stack, area: Area) -> Transitions:
    with ExitStack() as files:
        first, second = (
            ByNetwork(files.enter_context(NetworkRun.over(run, card, stack, area)))
            for stack in (before, after)
        )
        origin = card.id, digest_of(card)
        return Transitions(origin, card.title, card.classes, (first, second), files.pop_all())


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

    def read(self, block: Window) -> tuple[Any, tuple[Region, Region, Mask]] | None:
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
    return Beside(measure, _by_classifier(run, before, after, area))
