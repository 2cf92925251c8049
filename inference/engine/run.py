"""One job under way: what a task needs of the engine, and what it answers.

A block is a pure function of the job and its place: it is read, computed and written once,
and memory is set by the block, never by the raster.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ... import __version__
from ..catalog import Card
from ..errors import UnsupportedInput
from ..jobs import ClassInfo, Job, RasterRef, Task
from .base import Context
from .flow import Made, Read, Steps, flow
from .grid import Grid, Window
from .models import Services
from .outputs import RasterWriter
from .rasters import Stack, finest_grid

BLOCK = 512
_log = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What a task adds to the answer."""

    model: str
    pixels: int
    classes: tuple[ClassInfo, ...] = ()
    warnings: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One job under way, with what its task needs of the engine.

    Attributes:
        models: those it used.
    """

    job: Job
    services: Services
    context: Context
    models: list[Any] = field(default_factory=list)

    def card(self, task: Task) -> Card:
        """The card of the job's MODEL.

        Raises:
            UnsupportedInput: if the model does not serve this task.
        """
        card = self.services.catalog.get(self.job.model)
        if task.value not in card.tasks:
            serves = ", ".join(card.tasks)
            raise UnsupportedInput(
                f"The model {card.id} cannot be used for {task.value}.", f"It serves: {serves}."
            )
        return card

    def model(self, card: Card) -> Any:
        self.context.progress("load", 0, 1, card.title)
        model = self.services.models.get(card, self.context)
        if hasattr(model, "memory"):
            model.memory.reset()
        self.models.append(model)
        return model

    def facts(self) -> dict[str, str]:
        """What computed, in which number format, and why."""
        return {k: v for model in self.models for k, v in getattr(model, "facts", {}).items()}

    def warnings(self) -> list[str]:
        """Sentences about what the models had to lower for want of memory."""
        return [note for model in self.models if hasattr(model, "memory") for note in model.memory.notes()]

    @contextmanager
    def stack(self, refs: Sequence[RasterRef], onto: Grid | None = None) -> Iterator[Stack]:
        if onto is None and self.job.grid == "finest":
            onto = finest_grid((*self.job.inputs, *self.job.after))
        with Stack.open(refs, onto=onto) as stack:
            yield stack

    def area(self, stack: Stack) -> Window:
        """The part of the stack's grid that the job covers."""
        extent = self.job.extent
        return stack.grid.window_of(extent) if extent else stack.grid.window

    def writer(self, path: str, grid: Grid, origin: str, digest: str, **options: Any) -> RasterWriter:
        """A writer whose file will remember how it was made."""
        tags = provenance(self.job, origin, digest)
        return RasterWriter(path, grid, provenance=tags, check=self.context.check, **options)

    def stream(self, stage: str, todo: Iterable[Window], steps: Steps[Read, Made]) -> int:
        """Take blocks through their steps; answer the number of pixels covered.

        Args:
            todo: of :func:`~.grid.blocks`: they lie on a lattice from the raster's origin, so that
                a part of a raster comes out just as it does in a run over the whole.
        """
        todo = list(todo)
        total = sum(block.width * block.height for block in todo)
        done = 0

        def finished(block: Window) -> None:
            nonlocal done
            done += block.width * block.height
            self.context.progress(stage, done, total, "")

        _log.info("%s: %s", stage, flow(todo, steps, self.context.check, finished))
        return done


def provenance(job: Job, model: str, digest: str) -> dict[str, str]:
    """Tags of every result. No clock and no output path: a repeated run gives the same bytes."""
    return {
        "GEOFM_VERSION": __version__,
        "GEOFM_TASK": job.task.value,
        "GEOFM_MODEL": model,
        "GEOFM_DIGEST": digest,
        "GEOFM_JOB": json.dumps(job.provenance(), sort_keys=True),
    }


def shifted(window: Window, origin: Window) -> Window:
    """``window`` in the coordinates of a grid cropped to ``origin``."""
    return dataclasses.replace(window, col=window.col - origin.col, row=window.row - origin.row)
