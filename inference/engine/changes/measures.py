"""What a method of comparing two dates is."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from ...cards import Card
from ...change_options import ChangeOptions
from ...errors import UnsupportedInput
from ...jobs import Task
from ..base import F32, Mask
from ..grid import Window
from ..run import Run
from ..thresholds import Histogram, Threshold
from .told import Plane


class Measure(Protocol):
    """How far two dates lie apart at each pixel, by one method; learned before the first block.

    One that holds something open is a context manager too.

    Attributes:
        origin: id of the model or method, and the digest of its weights, for the results' provenance.
        facts: what was learned, for the answer; plain JSON types.
        warnings: sentences for the user.
    """

    origin: tuple[str, str]
    facts: dict[str, Any]
    warnings: list[str]

    def read(self, block: Window) -> Any | None:
        """All that :meth:`magnitude` needs of a block; None where it has no pixel valid on both dates."""

    def magnitude(self, block: Window, found: Any) -> tuple[F32, Mask]:
        """How much each pixel changed, 0 or more, and where that is known: (rows, cols) twice."""

    def threshold(self, histogram: Histogram, false_alarms: float) -> Threshold:
        """From which magnitude on a pixel counts as changed.

        Args:
            histogram: of all magnitudes.
            false_alarms: percent of the unchanged pixels that may exceed it; 0 leaves the choice to the
                method.
        """


@runtime_checkable
class LabelledMeasure(Measure, Protocol):
    """A measure that also says of each pixel which change it is, or which classes it had.

    Attributes:
        planes: what it says.
    """

    planes: tuple[Plane, ...]

    def labelled(self, block: Window, found: Any) -> tuple[F32, Mask, F32]:
        """As :meth:`magnitude`, and the (planes, rows, cols) class values."""


def mapping_network(run: Run) -> Card | None:
    """The card of the complete network that maps both dates; None where a job compares in another way.

    Raises:
        UnsupportedInput: if the job's MODEL maps no classes.
    """
    job = run.job
    if (job.change or ChangeOptions()).method != "classes" or job.classifier:
        return None
    card = run.services.catalog.get(job.model)
    if Task.SEGMENT.value not in card.tasks:
        raise UnsupportedInput(
            f"The model {card.id} maps no classes by itself, so that there are none to compare.",
            "Give a classifier, or a model that segments.",
        )
    return run.card(Task.SEGMENT)
