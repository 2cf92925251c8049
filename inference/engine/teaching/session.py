"""One teaching session: rasters that stay open, their feature space, labels, and what was encoded."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...cards import Card
from ...errors import UnsupportedInput
from ...jobs import ClassInfo, Extent, Job, Task
from ..base import Context
from ..classifier import load_classifier
from ..features import FeatureSpace
from ..grid import Window, lattice
from ..models import Services
from ..outputs import check_place
from ..rasters import Stack
from ..run import Run
from ..stamps import stamp
from ..tasks.spaces import learn_space, restored_space
from .encoded import BLOCK, Block, Encoded
from .fitting import Fitted, fit_live, lacking
from .labels import Labels
from .preview import View, memory_step, paint, screen_step, write_preview

# Share of the memory for features that what is on the screen may take; the rest is for what lies around it.
_VISIBLE_SHARE = 0.5
# Seconds that a map may wait for labels that nobody has encoded yet.
_LABEL_SECONDS = 0.1
_FREE_QUESTIONS = 2


class _SliceOver(Exception):  # noqa: N818 - nothing went wrong
    """The time that was given to encode is over, in the middle of a block."""


@dataclass(frozen=True)
class Look:
    """What a person looks at and how.

    Attributes:
        window: pixels of the grid, None where none is in view.
        width, height: of the screen in pixels.
        confidence, novelty: whether these bands are filled.
        least: probability below which a pixel gets no class.
    """

    window: Window | None
    width: int
    height: int
    confidence: bool
    novelty: bool
    least: float


class Session:
    """See docs/protocol.md, Teaching; answers are plain JSON types."""

    def __init__(
        self,
        name: str,
        files: ExitStack,
        run: Run,
        stack: Stack,
        taught: tuple[Card, FeatureSpace],
        classes: tuple[ClassInfo, ...],
        encoded: Encoded,
    ) -> None:
        self.name = name
        self.card, self.space = taught
        self.stack = stack
        self.labels = Labels(stack.grid, self.space.dim)
        self.labels.classes = classes
        self._files = files
        self._run = run
        self._encoded = encoded
        self._fitted: tuple[int, Fitted] | None = None

    @classmethod
    def open(
        cls, name: str, job: Job, classifier: str, services: Services, encoded: Encoded, context: Context
    ) -> Session:
        """Open the rasters, and learn their feature space or take over that of a classifier.

        Args:
            name: of the session.
            job: of training; its samples and output are not looked at.
            classifier: path of a file to go on with, empty for none.
            encoded: where features are held.

        Raises:
            GeoFMError: as training does.
        """
        run = Run(job, services, context)
        with ExitStack() as files:
            stack = files.enter_context(run.stack(job.inputs))
            classes: tuple[ClassInfo, ...] = ()
            if classifier:
                found = load_classifier(classifier)
                classes = found.classes
                taught = restored_space(run, found)
            else:
                taught = learn_space(run, Task.TRAIN, stack)
            return cls(name, files.pop_all(), run, stack, taught, classes, encoded)

    def close(self) -> None:
        """Let go of the rasters and of the features."""
        self._encoded.drop(self.name)
        self._files.close()

    def opened(self) -> dict[str, Any]:
        """The answer to ``teach.open``."""
        grid = self.stack.grid
        a, b, c, d, e, f = grid.transform
        chosen = self.stack.spectral
        notes = [*self.stack.warnings, *self._run.warnings()]
        return {
            "session": self.name,
            "model": self.card.id,
            "title": self.card.title,
            "crs": grid.crs,
            "transform": [c, a, b, f, d, e],
            "width": grid.width,
            "height": grid.height,
            "gsd": grid.gsd,
            "bands": [self.stack.bands[index].name for index in chosen],
            "dim": self.space.dim,
            "classes": [dataclasses.asdict(info) for info in self.labels.classes],
            "labels": [count for count in self.labels.counts() if count["labels"]],
            "warnings": list(dict.fromkeys(notes)),
        }

    def check_files(self) -> None:
        """See that no file was changed since it was opened.

        Raises:
            UnsupportedInput: naming the first that was.
        """
        for path, before in self.stack.source.stamps.items():
            if stamp(path) != before:
                raise UnsupportedInput(
                    f"{Path(path).name} was changed since teaching began.",
                    "Begin again when the file is complete; the labels are not lost.",
                )

    def window(self, extent: tuple[float, float, float, float]) -> Window | None:
        """The pixels of an extent in the session's coordinate system, None if there are none."""
        try:
            return self.stack.grid.window_of(Extent(*extent, crs=self.stack.grid.crs))
        except UnsupportedInput:
            return None  # a person may well look elsewhere

    def label(self, classes: tuple[ClassInfo, ...], given: list[Any], gone: list[str]) -> dict[str, Any]:
        """The answer to ``teach.label``."""
        self.labels.change(classes, given, gone)
        self._fill_labels()
        return self._told()

    def encode(self, window: Window | None, milliseconds: float, context: Context) -> dict[str, Any]:
        """Work for about so long; the answer to ``teach.encode``."""
        visible = self._blocks(window)
        step = self._step(window)
        around = self._ring(window, step)
        with _slice(milliseconds / 1000, context) as limited:
            self._encode_blocks(visible, step, limited)
            self._encode_labels(limited)
            self._encode_blocks(around, step, limited)
        cells = len(self.labels.cells())
        left = sum(not self._has(place, step) for place in around)
        return {
            "visible_done": sum(self._has(place, step) for place in visible),
            "visible_total": len(visible),
            "around_done": len(around) - left,
            "around_total": len(around) + cells,
            "waiting": self.labels.waiting,
        }

    def preview(self, look: Look, path: Path, context: Context) -> dict[str, Any]:
        """The answer to ``teach.preview``."""
        start = time.perf_counter()
        with _slice(_LABEL_SECONDS, context) as limited:
            self._encode_labels(limited)
        encoded = time.perf_counter()
        answer: dict[str, Any] = {"path": "", "extent": [0.0] * 4, "width": 0, "height": 0, "encoded": 0.0}
        answer.update(milliseconds={}, method="", reason="", calibrated=None, **self._told())
        reason = lacking(self.labels.learnable(), self.labels.classes, self.labels.waiting)
        if look.window is None or reason:
            return {**answer, "reason": reason or "Nothing of the raster is in view."}
        check_place(path)
        fitted = self._fit()
        done = time.perf_counter()
        blocks = [block for place in self._blocks(look.window) if (block := self._held(place)) is not None]
        step = max([screen_step(look.window, look.width, look.height), *(block.step for block in blocks)])
        view = View.of(look.window, step)
        painted = paint(view, blocks, self.space.dim, fitted.predict, None, look.least)
        predicted = time.perf_counter()
        grid = view.grid(self.stack.grid)
        if not look.confidence:
            painted.bands[1] = 0
        write_preview(path, painted.bands, grid)
        times = {
            "encode": encoded - start,
            "fit": done - encoded,
            "predict": predicted - done,
            "write": time.perf_counter() - predicted,
        }
        return {
            **answer,
            "path": str(path),
            "extent": _bounds(grid.width, grid.height, grid.transform),
            "width": grid.width,
            "height": grid.height,
            "encoded": round(painted.known, 4),
            "milliseconds": {name: round(seconds * 1000, 1) for name, seconds in times.items()},
            "method": fitted.method,
            "reason": fitted.reason,
        }

    def _told(self) -> dict[str, Any]:
        labels = self.labels
        return {"counts": labels.counts(), "waiting": labels.waiting, "notes": labels.notes()}

    def _fit(self) -> Fitted:
        """The head for the labels as they are; fitted again only where they changed."""
        if self._fitted is None or self._fitted[0] != self.labels.revision:
            job = self._run.job
            found = fit_live(self.labels.learnable(), job.method, job.seed)
            self._fitted = self.labels.revision, found
        return self._fitted[1]

    def _step(self, window: Window | None) -> int:
        """How thinned the blocks of a window are held, so that they fit into memory."""
        share = _VISIBLE_SHARE * self._encoded.budget / (2 * self.space.dim)
        return memory_step(window, int(share)) if window is not None else 1

    def _blocks(self, window: Window | None) -> list[Window]:
        """The blocks that a window touches, those at its middle first."""
        if window is None:
            return []
        middle = window.col + window.width / 2, window.row + window.height / 2

        def distance(place: Window) -> float:
            return math.hypot(place.col + BLOCK / 2 - middle[0], place.row + BLOCK / 2 - middle[1])

        found = (place.intersect(self.stack.grid.window) for place in lattice(window, BLOCK))
        return sorted((place for place in found if place is not None), key=distance)

    def _ring(self, window: Window | None, step: int) -> list[Window]:
        """Blocks around a window, once its width and height, as far as memory allows."""
        if window is None:
            return []
        wide = Window(
            window.col - window.width,
            window.row - window.height,
            3 * window.width,
            3 * window.height,
        )
        each = 2 * self.space.dim * (BLOCK // step) ** 2
        inner = self._blocks(window)
        room = int(self._encoded.budget * 0.9 / each) - len(inner)
        known = set(inner)
        ring = [place for place in self._blocks(wide.intersect(self.stack.grid.window)) if place not in known]
        return ring[: max(room, 0)]

    def _held(self, place: Window) -> Block | None:
        return self._encoded.get(self.name, place)

    def _has(self, place: Window, step: int) -> bool:
        block = self._held(place)
        return block is not None and block.step <= step

    def _encode_blocks(self, places: Sequence[Window], step: int, context: Context) -> None:
        """Encode those of some blocks that are not held at ``step``."""
        for place in places:
            block = self._held(place)
            if block is None or block.step > step:
                context.check()
                self._encoded.put(self.name, self._encode(place, step, context))
            elif block.step < step:
                self._encoded.put(self.name, block.thinned(step))

    def _encode(self, place: Window, step: int, context: Context) -> Block:
        region = self.space.read(self.stack, place)
        valid = region.cut(place).valid
        if not valid.any():
            self._no_data(place)
            return Block(place, step)
        features, valid = self.space.of(region, place, context)
        self.labels.fill(place, features, valid)
        return Block.of(place, features, valid, step)

    def _encode_labels(self, context: Context) -> None:
        """Encode the surroundings of labels that wait."""
        self._fill_labels()
        for cell in self.labels.cells():
            context.check()
            place = cell.intersect(self.stack.grid.window)
            assert place is not None  # labels lie on the grid
            self._encode(place, 1, context)

    def _fill_labels(self) -> None:
        """Features that are held anyway, for the labels that wait for them."""
        for cell in self.labels.cells():
            block = self._held(cell)
            if block is not None and block.features is not None and block.valid is not None:
                self.labels.fill(block.window, block.features, block.valid, block.step)
            elif block is not None:
                self._no_data(block.window)

    def _no_data(self, place: Window) -> None:
        nothing = np.zeros((place.height, place.width), bool)
        self.labels.fill(place, np.zeros((self.space.dim, *nothing.shape), np.float16), nothing)


@contextmanager
def _slice(seconds: float, context: Context) -> Iterator[Context]:
    """A context for work that ends when the time is over, in the middle: encoders keep what they had done.

    The first questions are not refused, so that however little time there is, something is done: one comes
    before a block, one before the first windows of it.
    """
    deadline = time.perf_counter() + seconds
    asked = 0

    def check() -> None:
        nonlocal asked
        context.check()
        asked += 1
        if asked > _FREE_QUESTIONS and time.perf_counter() >= deadline:
            raise _SliceOver

    with suppress(_SliceOver):
        yield Context(context.progress, check)


def _bounds(width: int, height: int, transform: tuple[float, ...]) -> list[float]:
    """xmin, ymin, xmax, ymax."""
    a, b, c, d, e, f = transform
    xs = [a * col + b * row + c for col in (0, width) for row in (0, height)]
    ys = [d * col + e * row + f for col in (0, width) for row in (0, height)]
    return [min(xs), min(ys), max(xs), max(ys)]
