"""One job under way: what a task needs of the engine, and what it answers.

A block is a pure function of the job and its place: it is read, computed and written once,
and memory is set by the block, never by the raster.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ... import __version__
from ..catalog import Card
from ..drafts import DETECT
from ..errors import UnsupportedInput, present
from ..jobs import ClassInfo, Job, RasterRef, Task
from . import acquisition
from .area import Area, polygon_area
from .base import Context
from .flow import Made, Read, Steps, flow
from .grid import Grid, Window
from .journal import Journal, State
from .making import making
from .models import Services
from .rasters import Stack, finest_grid
from .results.destinations import refused_by_disk
from .results.outputs import RasterWriter
from .series.asked import series_notes
from .series.clear_dates import ClearDates, told_once
from .series.dates import series_of
from .series.season_stack import SeasonStack
from .stamps import stamp
from .tiles import Form
from .vectors import read_features
from .work import Work

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
        cards: theirs.
        scenes: of the stacks that it opened.
        dates: of a series that was read as one date.
        notes: what was decided about a model that has no card, for the answer.
        continued: what it owes to an earlier run, for the answer.
        work: what it has made so far.
    """

    job: Job
    services: Services
    context: Context
    models: list[Any] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    scenes: list[acquisition.Known] = field(default_factory=list)
    dates: list[datetime.date] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    continued: dict[str, int] = field(default_factory=dict)
    work: Work = field(default_factory=Work)

    def card(self, task: Task) -> Card:
        """The card of the job's MODEL, with the digests of all its files.

        Raises:
            UnsupportedInput: if the model does not serve this task.
            ModelMissing, ModelCorrupt: if a file whose digest only the hub knows cannot be had.
        """
        card = self.services.catalog.get(self.job.model)
        if task.value not in card.tasks:
            serves = ", ".join(card.tasks)
            later = " Detection comes with a later version." if DETECT in card.tasks else ""
            raise UnsupportedInput(
                f"The model {card.id} cannot be used for {task.value}.", f"It serves: {serves}.{later}"
            )
        if not card.path.is_file():
            # Who added a model has read them.
            self.notes[:] = card.raw["properties"].get("geofm:notes", [])
        return self.services.store.settled(card, self.context)

    def model(self, card: Card) -> Any:
        self.context.progress("load", 0, 1, card.title)
        model = self.services.models.get(card, self.context)
        if hasattr(model, "memory"):
            model.memory.reset()
        self.models.append(model)
        self.cards.append(card)
        return model

    def facts(self) -> dict[str, Any]:
        """What computed, in which number format, and why; how much an earlier run had done."""
        told: dict[str, Any] = {
            k: v for model in self.models for k, v in getattr(model, "facts", {}).items()
        }
        if self.dates:
            told["dates"] = [min(self.dates).isoformat(), max(self.dates).isoformat()]
            told["observations"] = len(self.dates)
        return {**told, **self.continued}

    def warnings(self) -> list[str]:
        """Sentences about what was decided, and what the models had to lower for want of memory."""
        lowered = [note for model in self.models if hasattr(model, "memory") for note in model.memory.notes()]
        series = [note for model in self.models for note in series_notes(model, self.dates)]
        return [*self.notes, *acquisition.missing(self.cards, self.scenes), *series, *lowered]

    def told(self) -> dict[str, Any]:
        """When and where the images were taken, as far as the models asked."""
        return acquisition.told(self.cards, self.scenes)

    @contextmanager
    def stack(
        self,
        refs: Sequence[RasterRef],
        onto: Grid | None = None,
        *,
        stored: bool = False,
        dates: bool = False,
    ) -> Iterator[Stack]:
        """Rasters on one grid.

        Several dates of the same bands come as :class:`~.series.season_stack.SeasonStack`, clouds left out
        where quality bands tell them.

        Args:
            stored: leave their numbers as the files hold them.
            dates: leave several dates as they are.
        """
        if onto is None and self.job.grid == "finest":
            onto = finest_grid((*self.job.inputs, *self.job.after))
        with Stack.open(refs, onto=onto, stored=stored) as stack:
            self.work.watch(stack.source.stamps, stack.source.fingerprint)
            self.scenes.append((stack.scene, stack.layers))
            series = series_of(stack.bands)
            if series is None:
                yield stack
                return
            seen = ClearDates.of(stack)
            seen.warnings = told_once(seen)
            if not dates:
                seen = SeasonStack(seen, series)
                self.dates.extend(day for day in series.dates if day not in self.dates)
            yield seen

    def area(self, stack: Stack) -> Area:
        """The part of the stack's grid that the job covers.

        Raises:
            InvalidRequest: if its extent or its polygons cannot be read.
            UnsupportedInput: if they do not overlap the grid.
        """
        extent, ref = self.job.extent, self.job.area
        window = stack.grid.window_of(extent) if extent else stack.grid.window
        if ref is None:
            return Area(window)
        drawn = read_features(ref)
        return polygon_area(drawn.shapes, drawn.crs, stack.grid, window, Path(ref.path).name)

    def writer(self, path: str, grid: Grid, origin: str, digest: str, **options: Any) -> RasterWriter:
        """A writer whose file will remember how it was made.

        ``tags`` among the options say it in other words than :func:`provenance`. What it writes in a
        stream outlives a run that ends early. Open the stacks first: what is
        read, and how, tells which earlier run can be continued.
        """
        journal = self.journal(Form(grid.width, grid.height, options["bands"], options["dtype"], None))
        tags = options.pop("tags", None) or provenance(self.job, origin, digest)
        return RasterWriter(path, grid, provenance=tags, check=self.context.check, journal=journal, **options)

    def journal(self, form: Form) -> Journal:
        """What this run has made and an earlier one left; see :meth:`writer` for when to ask.

        Args:
            form: of the raster to be made next.
        """
        if self.work.journal is None:
            # The first raster of nearly every task is its largest, and there are seldom more than three.
            need = form.size * min(len(self.job.outputs()), 3)
            self.work.begin(self._key(), Path(self.job.output), need)
        return present(self.work.journal)

    def stream(self, stage: str, todo: Iterable[Window], steps: Steps[Read, Made]) -> int:
        """Take blocks through their steps; answer the number of pixels covered.

        Where a writer is open, blocks that an earlier run had done are not done again.

        Args:
            todo: of :meth:`~.area.Area.blocks`: they lie on a lattice from the raster's origin, so
                that a part of a raster comes out just as it does in a run over the whole.

        Raises:
            UnsupportedInput: if a file that is read was changed meanwhile, or the disk is full.
        """
        todo = list(todo)
        known: set[Window] = set()
        message = ""
        journal = self.work.journal
        if journal is not None:
            known = journal.known(stage, todo)
            steps = self._continued(stage, steps, journal)
            if known:
                message = f"{len(known)} of {len(todo)} blocks are from an earlier run"
                _log.info("%s: %s", stage, message)
        total = sum(block.width * block.height for block in todo)
        # Counted at once: the time left is estimated from what is done in this run.
        done = sum(block.width * block.height for block in known)
        self.context.progress(stage, done, total, message)

        def finished(block: Window) -> None:
            nonlocal done
            if block not in known:
                done += block.width * block.height
                self.context.progress(stage, done, total, message)

        _log.info("%s: %s", stage, flow(todo, steps, self.context.check, finished))
        self.work.check()
        if journal is not None and journal.kept:
            self.continued["blocks_continued"] = journal.kept
        return total

    def _continued(self, stage: str, steps: Steps[Read, Made], journal: Journal) -> Steps[Any, Any]:
        """Steps that note every block, and pass over those that an earlier run noted."""
        refused = partial(refused_by_disk, self.job.output, journal.folder.parent)

        def read(block: Window) -> Any:
            with refused():
                state = journal.state(stage, block)
            if state is not State.OPEN:
                return state if state is State.WRITTEN else None
            found = steps.read(block)
            if found is None:
                with refused():
                    journal.note_empty(stage, block)
            return found

        def compute(block: Window, found: Any) -> Any:
            if found is State.WRITTEN:
                steps.kept(block)
                return found
            return steps.compute(block, found)

        def write(block: Window, made: Any) -> None:
            if made is not State.WRITTEN:
                steps.write(block, made)
                with refused():
                    journal.note_written(stage, block)

        return Steps(read, compute, write)

    def _key(self) -> str:
        """Digest of all that fixes the bytes of the results, but not where they go."""
        job = self.job
        card = {}
        if job.model:
            card = asdict(self.services.store.settled(self.services.catalog.get(job.model), self.context))
        drawn = [ref.path for ref in (job.samples, job.area) if ref is not None]
        facts = [
            making(self.services.device, self.facts()),
            job.provenance(),
            sorted(job.outputs()),
            card,
            [(path, *stamp(path)) for path in (job.classifier, *drawn) if path],
            self.work.fingerprints,
        ]
        return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:16]


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
