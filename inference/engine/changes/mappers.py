"""What maps the classes of one date: a classifier of the user's, or a complete network."""

from __future__ import annotations

from typing import Protocol

from ..area import Area
from ..base import F32, Mask
from ..features.space import FeatureSpace
from ..grid import Window
from ..learning.classifier import Classifier
from ..network_run import NetworkRun
from ..rasters import Stack
from ..regions import Region
from ..run import Run
from ..scores import U8, above, softmax, winners


class Mapper(Protocol):
    """Maps one date, block by block.

    Attributes:
        warnings: sentences for the user.
    """

    warnings: list[str]

    def read(self, block: Window) -> tuple[Region, Mask]:
        """What a block's classes need, and where they are wanted: (rows, cols)."""

    def classes(self, block: Window, region: Region, wanted: Mask) -> tuple[F32, U8, Mask]:
        """Probabilities (classes, rows, cols), the class of each pixel, and where that is known.

        Args:
            wanted: (rows, cols), what is needed of the block.
        """


class ByClassifier:
    """A taught classifier on one date; see :class:`Mapper`."""

    def __init__(
        self, run: Run, classifier: Classifier, space: FeatureSpace, stack: Stack, area: Area
    ) -> None:
        self._context = run.context
        self._classifier = classifier
        self._space = space
        self._stack = stack
        self._area = area
        self.warnings = space.doubts("the classifier", stack)

    def read(self, block: Window) -> tuple[Region, Mask]:
        region = self._space.read(self._stack, block)
        return region, region.inside(self._area, block)

    def classes(self, block: Window, region: Region, wanted: Mask) -> tuple[F32, U8, Mask]:
        features, known = self._space.of(region, block, self._context)
        shares = self._classifier.scores(features)
        return shares, winners(shares)[0], known


class ByNetwork:
    """A complete network on one date, whose classes are those of the task segment; see :class:`Mapper`."""

    def __init__(self, at_work: NetworkRun) -> None:
        self._at_work = at_work
        self.warnings = at_work.warnings()

    def read(self, block: Window) -> tuple[Region, Mask]:
        return self._at_work.around(block)

    def classes(self, block: Window, region: Region, wanted: Mask) -> tuple[F32, U8, Mask]:
        network, threshold = self._at_work.network, self._at_work.card.wiring.threshold
        shares = self._at_work.mosaic.scores(region, wanted, block)
        if not (network.blend or network.probable):
            shares = softmax(shares, axis=0)
        found, best = winners(shares)
        if threshold is not None:
            found, _ = above(shares, found, best, threshold)
        return shares, found, wanted
