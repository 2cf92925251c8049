"""One teaching session: rasters that stay open, their feature space, labels, and what was encoded."""

from __future__ import annotations

import dataclasses
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...cards import Card
from ...errors import UnsupportedInput
from ...jobs import Extent, Job, Task
from ..base import Context
from ..features.of_jobs import digest_of, learn_space, restored_space
from ..features.space import FeatureSpace
from ..grid import Window
from ..learning.classifier import Classifier, load_classifier
from ..learning.helped import features_without, used_layers, what_helped
from ..learning.layered_novelty import AnyNovelty, novelty_of
from ..learning.training import Examined, Lesson, examine
from ..learning.training_set import TaughtLabel
from ..models import Services
from ..rasters import Stack
from ..results.destinations import check_place
from ..run import Run
from ..stamps import stamp
from .encoded import Encoded
from .encoding import Encoding
from .fitting import Fitted, fit_live, lacking
from .judging import Judgement, balanced, suggestions
from .keep import save
from .labels import Labels
from .preview import View, paint, screen_step, write_preview

# Seconds that a map may wait for labels that nobody has encoded yet.
_LABEL_SECONDS = 0.1


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


@dataclass(frozen=True)
class Ground:
    """What a session stands on for as long as it is open.

    Attributes:
        run: of a training without samples yet.
        stack, card, space: the rasters, and the model and features that they are seen with.
        before: the classifier that is taught on, None for a new one.
        method: of the head.
    """

    run: Run
    stack: Stack
    card: Card
    space: FeatureSpace
    before: Classifier | None
    method: str

    @classmethod
    def open(cls, job: Job, method: str, services: Services, context: Context, files: ExitStack) -> Ground:
        """Open the rasters, and learn their feature space or take over that of a classifier.

        Args:
            job: of training; its samples and output are not looked at.
            method: of the head; empty for the classifier's, or the default.
            files: takes the rasters.

        Raises:
            GeoFMError: as training does.
        """
        run = Run(job, services, context)
        stack = files.enter_context(run.stack(job.inputs))
        if not job.classifier:
            card, space = learn_space(run, Task.TRAIN, stack)
            return cls(run, stack, card, space, None, method or job.method)
        before = load_classifier(job.classifier)
        card, space = restored_space(run, before)
        return cls(run, stack, card, space, before, method or before.head.method)

    def warnings(self) -> list[str]:
        """Sentences about what was guessed and what may be wrong."""
        doubts = self.space.doubts("the classifier", self.stack) if self.before else []
        return list(dict.fromkeys([*self.stack.warnings, *self.run.warnings(), *doubts]))


class Session:
    """See docs/protocol.md, Teaching; answers are plain JSON types.

    Args:
        name: of the session.
        ground: what it stands on.
        encoded: where features are held.
        files: what is closed with it.
    """

    def __init__(self, name: str, ground: Ground, encoded: Encoded, files: ExitStack) -> None:
        self.name = name
        self._ground = ground
        self._files = files
        self._encoded = encoded
        before, day = ground.before, ground.stack.scene.date
        image = Path(ground.run.job.inputs[0].path).name
        about = TaughtLabel("", 0, image, day.isoformat() if day else "")
        grid, dim = ground.stack.grid, ground.space.dim
        self._labels = Labels(grid, dim, about, before.samples if before else None)
        if before is not None:
            self._labels.classes = before.classes
        self._encoding = Encoding(name, ground.stack, ground.space, self._labels, encoded)
        self._fitted: tuple[int, Fitted] | None = None
        self._novelty: tuple[int, AnyNovelty] | None = None
        self._examined: tuple[int, Examined] | None = None

    def close(self) -> None:
        """Let go of the rasters and of the features."""
        self._encoded.drop(self.name)
        self._files.close()

    def opened(self) -> dict[str, Any]:
        """The answer to ``teach.open``."""
        stack, card = self._ground.stack, self._ground.card
        a, b, c, d, e, f = stack.grid.transform
        return {
            "session": self.name,
            "model": card.id,
            "title": card.title,
            "crs": stack.grid.crs,
            "transform": [c, a, b, f, d, e],
            "width": stack.grid.width,
            "height": stack.grid.height,
            "gsd": stack.grid.gsd,
            "bands": [stack.bands[index].name for index in stack.spectral],
            "layers": list(used_layers(self._ground.space, stack).values()),
            "dim": self._ground.space.dim,
            "classes": [dataclasses.asdict(info) for info in self._labels.classes],
            "labels": [count for count in self._labels.counts() if count["labels"]],
            "warnings": self._ground.warnings(),
        }

    def check_files(self) -> None:
        """See that no file was changed since it was opened.

        Raises:
            UnsupportedInput: naming the first that was.
        """
        for path, before in self._ground.stack.source.stamps.items():
            if stamp(path) != before:
                raise UnsupportedInput(
                    f"{Path(path).name} was changed since teaching began.",
                    "Begin again when the file is complete; the labels are not lost.",
                )

    def window(self, extent: tuple[float, float, float, float]) -> Window | None:
        """The pixels of an extent in the session's coordinate system, None if there are none."""
        grid = self._ground.stack.grid
        try:
            return grid.window_of(Extent(*extent, crs=grid.crs))
        except UnsupportedInput:
            return None  # a person may well look elsewhere

    def label(self, classes: tuple[Any, ...], given: list[Any], gone: list[str]) -> dict[str, Any]:
        """The answer to ``teach.label``."""
        self._labels.change(classes, given, gone)
        self._encoding.fill_labels()
        return self._told()

    def encode(self, window: Window | None, seconds: float, context: Context) -> dict[str, Any]:
        """Work for about so long; the answer to ``teach.encode``."""
        done = self._encoding.work(window, seconds, context)
        return {**dataclasses.asdict(done), "waiting": self._labels.waiting}

    def preview(self, look: Look, path: Path, context: Context) -> dict[str, Any]:
        """The answer to ``teach.preview``."""
        clock = _Clock()
        self._encoding.labels(context, _LABEL_SECONDS)
        clock.lap("encode")
        answer: dict[str, Any] = {"path": "", "extent": [0.0] * 4, "width": 0, "height": 0, "encoded": 0.0}
        answer.update(method="", calibrated=None, **self._told())
        reason = lacking(self._labels.learnable(), self._labels.classes, self._labels.waiting)
        if look.window is None or reason:
            reason = reason or "Nothing of the raster is in view."
            return {**answer, "reason": reason, "milliseconds": clock.laps}
        check_place(path)
        fitted = self._fit()
        clock.lap("fit")
        blocks = self._encoding.held(look.window)
        step = max([screen_step(look.window, look.width, look.height), *(block.step for block in blocks)])
        view = View.of(look.window, step)
        temperature = self._temperature()
        novelty = self._unlike(fitted) if look.novelty else None
        painted = paint(
            view,
            blocks,
            self._ground.space.dim,
            lambda features: fitted.predict(features, temperature),
            novelty.is_novel if novelty is not None and novelty.known else None,
            look.least,
        )
        clock.lap("predict")
        grid = view.grid(self._ground.stack.grid)
        if not look.confidence:
            painted.bands[1] = 0
        write_preview(path, painted.bands, grid)
        clock.lap("write")
        return {
            **answer,
            "path": str(path),
            "extent": _bounds(grid.width, grid.height, grid.transform),
            "width": grid.width,
            "height": grid.height,
            "encoded": round(painted.known, 4),
            "milliseconds": clock.laps,
            "method": fitted.method,
            "reason": fitted.reason,
            "calibrated": self._calibrated(),
            "notes": [*answer["notes"], *([novelty.reason] if novelty and not novelty.known else [])],
        }

    def suggest(self, window: Window | None, count: int, context: Context) -> dict[str, Any]:
        """The answer to ``teach.suggest``."""
        self._encoding.labels(context, _LABEL_SECONDS)
        grid, labels = self._ground.stack.grid, self._labels
        reason = lacking(labels.learnable(), labels.classes, labels.waiting)
        if reason:
            return {"places": [], "reason": reason}
        blocks = self._encoding.held(window)
        places = suggestions(self._fit(), labels.classes, blocks, window or grid.window, grid, count)
        return {"places": places, "reason": "" if places else "Nothing is encoded there yet."}

    def review(self, context: Context) -> dict[str, Any]:
        """The answer to ``teach.review``."""
        self._encoding.labels(context)
        labels = self._labels
        answer = {"doubtful": [], "balance": balanced(labels.learnable(), labels.classes)}
        reason = lacking(labels.learnable(), labels.classes, labels.waiting)
        if reason:
            return {**answer, "notes": [*labels.notes(), reason]}
        ground, samples = self._ground, labels.learnable()
        judged = Judgement.of(samples, labels.classes, ground.method, ground.run.job.seed, context)
        return {**answer, "doubtful": judged.doubtful(labels.place), "notes": labels.notes()}

    def check(self, context: Context) -> dict[str, Any]:
        """The answer to ``teach.check``."""
        self._encoding.labels(context)
        labels = self._labels
        reason = lacking(labels.learnable(), labels.classes, labels.waiting)
        if reason:
            return {"accuracy": None, "calibration": None, "notes": [*labels.notes(), reason]}
        found = examine(self._lesson(), context)
        self._examined = labels.revision, found
        accuracy, calibration = found.validation.accuracy, found.calibration
        return {
            "accuracy": accuracy.to_dict() if accuracy else None,
            "calibration": calibration.to_dict(),
            "notes": [*labels.notes(), *found.validation.notes, calibration.reason],
        }

    def helped(self, context: Context) -> dict[str, Any]:
        """The answer to ``teach.helped``."""
        self._encoding.labels(context)
        ground, labels = self._ground, self._labels
        reason = lacking(labels.learnable(), labels.classes, labels.waiting)
        if labels.brought:
            reason = "What helped can be told of the labels of one image alone, not of those of a classifier."
        elif len(ground.space.layers_of(ground.stack)) < 2:
            reason = "What helped can be told of several layers; there is one."
        if reason:
            return {"layers": [], "notes": [*labels.notes(), reason]}
        lesson = self._lesson()
        if self._examined is None or self._examined[0] != labels.revision:
            self._examined = labels.revision, examine(lesson, context)
        run = dataclasses.replace(ground.run, context=context)
        without = labels.seen_as(lambda *at: features_without(run, ground.space, ground.stack, *at))
        told = what_helped(self._examined[1], lesson, without, context)
        return {"layers": [one.to_dict() for one in told], "notes": labels.notes()}

    def save(self, path: str, title: str, context: Context) -> dict[str, Any]:
        """Fit with all parts on all labels; the answer to ``teach.save``."""
        self._encoding.labels(context)
        return save(path, self._lesson(), context, title)

    def _lesson(self) -> Lesson:
        """What the saved classifier is made of."""
        ground, job, labels = self._ground, self._ground.run.job, self._labels
        return Lesson(
            ground.space,
            labels.located(),
            labels.classes,
            ground.card,
            digest_of(ground.card),
            ground.method,
            job.seed,
            job.keep,
        )

    def _told(self) -> dict[str, Any]:
        labels = self._labels
        return {"counts": labels.counts(), "waiting": labels.waiting, "notes": labels.notes()}

    def _fit(self) -> Fitted:
        """The head for the labels as they are; fitted again only where they changed."""
        revision = self._labels.revision
        if self._fitted is None or self._fitted[0] != revision:
            seed = self._ground.run.job.seed
            learnable, patterns = self._labels.learnable(), self._ground.space.patterns
            self._fitted = revision, fit_live(learnable, self._ground.method, seed, patterns)
        return self._fitted[1]

    def _unlike(self, fitted: Fitted) -> AnyNovelty:
        """What is usual among the labels as they are."""
        revision = self._labels.revision
        if self._novelty is None or self._novelty[0] != revision:
            seed = self._ground.run.job.seed
            known = fitted.features, fitted.labels, fitted.groups
            self._novelty = revision, novelty_of(*known, seed, self._ground.space.patterns)
        return self._novelty[1]

    def _temperature(self) -> float:
        """As it was found last: it moves little with a label, and finding it takes too long for a click."""
        return self._examined[1].calibration.temperature if self._examined is not None else 1.0

    def _calibrated(self) -> dict[str, Any] | None:
        """How confidence is calibrated, and whether for the labels as they are."""
        if self._examined is None:
            return None
        revision, found = self._examined
        return {**found.calibration.to_dict(), "current": revision == self._labels.revision}


class _Clock:
    """Milliseconds of the steps of a call, by name."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round((now - self._since) * 1000, 1)
        self._since = now


def _bounds(width: int, height: int, transform: tuple[float, ...]) -> list[float]:
    """xmin, ymin, xmax, ymax."""
    a, b, c, d, e, f = transform
    xs = [a * col + b * row + c for col in (0, width) for row in (0, height)]
    ys = [d * col + e * row + f for col in (0, width) for row in (0, height)]
    return [min(xs), min(ys), max(xs), max(ys)]
