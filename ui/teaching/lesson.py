"""What a teaching session is opened on, how its preview shall look, and the stages that it goes through."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from qgis.core import QgsProcessingFeedback

from ...algorithms import export, session
from ...algorithms.layers import RasterSource
from ...inference.teaching import Teaching


class Stage(Enum):
    """What the session is doing."""

    CLOSED = "closed"
    OPENING = "opening"
    ENCODING = "encoding"
    READY = "ready"
    FAILED = "failed"


TRANSITIONS: dict[Stage, frozenset[Stage]] = {
    Stage.CLOSED: frozenset({Stage.OPENING}),
    Stage.OPENING: frozenset({Stage.ENCODING, Stage.READY, Stage.FAILED, Stage.CLOSED}),
    Stage.ENCODING: frozenset({Stage.READY, Stage.OPENING, Stage.FAILED, Stage.CLOSED}),
    Stage.READY: frozenset({Stage.ENCODING, Stage.OPENING, Stage.FAILED, Stage.CLOSED}),
    Stage.FAILED: frozenset({Stage.OPENING, Stage.CLOSED}),
}


class StageError(RuntimeError):
    """A defect of the dock: a stage was left for one that cannot follow it."""


@dataclass(frozen=True)
class Lesson:
    """What a session is opened on.

    Attributes:
        sources: the stack, as :func:`geofm.algorithms.layers.raster_source` describes its layers.
        wish: what to copy of those that are no files.
        model: id or path; empty with a classifier.
        classifier: a ``*.geofm`` to go on with, else empty.
        method, grid, device: as in a job.
    """

    sources: tuple[RasterSource, ...]
    wish: export.Wish
    model: str
    classifier: str = ""
    method: str = ""
    grid: str = "first"
    device: str = "auto"

    def teaching(self, folder: str, feedback: QgsProcessingFeedback) -> Teaching:
        """The session, not started; copies what is no file, so it belongs on the courier's thread."""
        inputs = [export.materialise(source, self.wish, folder, feedback) for source in self.sources]
        return Teaching(
            session.engine(),
            inputs,
            self.model,
            classifier=self.classifier,
            method=self.method,
            grid=self.grid,
            device=self.device,
        )


@dataclass(frozen=True)
class Look:
    """What the preview shall show: less sure pixels than ``least_confidence`` (0 to 1) stay empty."""

    least_confidence: float = 0.0
    novelty: bool = True
