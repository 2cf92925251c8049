"""Teaching on the client's side: one session with the engine, slow to open once, fast to ask many times.

    teaching = Teaching.open(engine, [RasterRef("scene.tif")], "spectral-texture")
    teaching.label(classes, [Label("1", 1, {"type": "Point", "coordinates": [x, y]})])
    while not teaching.encode(extent, 200).done:
        preview = teaching.preview(extent, 1000, 800, "preview.tif")
    teaching.save("mine.geofm")

docs/protocol.md describes the calls. All of them block; they belong on a thread that may wait.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .client import Engine, OnProgress, Run
from .errors import InvalidRequest
from .jobs import GRIDS, METHODS, ClassInfo, RasterRef
from .lessons import (
    Balance,
    Box,
    Check,
    Count,
    Doubt,
    Encoded,
    Label,
    Labelled,
    Opened,
    Preview,
    Review,
    Saved,
    Suggestion,
    built,
    each_built,
)

# What the engine says of a session that it does not have: it was started anew, or needed the memory.
SESSION_GONE = "The teaching session is no longer open."
# Bytes of labels a message; the wire takes 1 MiB.
_PORTION = 1 << 19

__all__ = [
    "Balance",
    "Box",
    "Check",
    "Count",
    "Doubt",
    "Encoded",
    "Label",
    "Labelled",
    "Opened",
    "Preview",
    "Review",
    "SESSION_GONE",
    "Saved",
    "Suggestion",
    "Teaching",
]


class Teaching:
    """One session; calls on one thread at a time, but for :meth:`cancel`.

    Where the engine no longer has the session (it was started anew, or needed the memory for others), the
    next call opens it again and sends the labels again: they are kept here.

    Args:
        engine: where to work.
        inputs: rasters, stacked on one grid.
        model: id or path of a model; empty with a classifier.
        classifier: a ``*.geofm`` to go on teaching: its features, classes and labels are taken over.
        method: of the head, one of ``METHODS``; empty for the classifier's, or the default.
        grid, device, seed: as in a :class:`~.jobs.Job`.

    Attributes:
        opened: what the session works on, once :meth:`start` ended.
    """

    def __init__(
        self,
        engine: Engine,
        inputs: Sequence[RasterRef],
        model: str = "",
        *,
        classifier: str = "",
        method: str = "",
        grid: str = GRIDS[0],
        device: str = "auto",
        seed: int = 0,
    ) -> None:
        if method and method not in METHODS:
            raise InvalidRequest(f"Unknown method {method!r}.", f"Known are: {', '.join(METHODS)}.")
        self.opened: Opened | None = None
        self._engine = engine
        wanted = {"model": model, "classifier": classifier, "method": method}
        self._question = {
            "inputs": [_filled(ref) for ref in inputs],
            **{name: value for name, value in wanted.items() if value},
            "grid": grid,
            "device": device,
            "seed": seed,
        }
        self._classes: tuple[ClassInfo, ...] = ()
        self._labels: dict[str, Label] = {}
        self._removed: set[str] = set()
        self._under_way: Run | None = None

    @classmethod
    def open(
        cls,
        engine: Engine,
        inputs: Sequence[RasterRef],
        model: str = "",
        *,
        on_progress: OnProgress | None = None,
        **options: Any,
    ) -> Teaching:
        """A session that has started; for the arguments see the class.

        Raises:
            GeoFMError: from the engine.
        """
        teaching = cls(engine, inputs, model, **options)
        teaching.start(on_progress)
        return teaching

    def start(self, on_progress: OnProgress | None = None) -> Opened:
        """Open the session, anew if it was open, with all labels given so far."""
        self.opened = _opened(self._call("teach.open", self._question, on_progress))
        if self._classes or self._labels:
            self._send(tuple(self._labels.values()), tuple(self._removed))
        return self.opened

    def label(
        self, classes: Sequence[ClassInfo], set: Iterable[Label] = (), remove: Iterable[str] = ()
    ) -> Labelled:
        """Say what the classes are, add labels or replace those of the same id, take others away.

        Args:
            classes: all of them, each time.
            set: labels that are new or differ from what was sent.
            remove: ids.

        Raises:
            InvalidRequest: naming the first label that cannot be understood; none of the call counts then.
        """
        given, gone = tuple(set), tuple(remove)
        before = self._classes, dict(self._labels), self._removed.copy()
        self._classes = tuple(classes)
        for one in gone:
            self._labels.pop(one, None)
            self._removed.add(one)
        for label in given:
            self._labels[label.id] = label
            self._removed.discard(label.id)
        try:
            return self._send(given, gone)
        except InvalidRequest:
            self._classes, self._labels, self._removed = before
            raise

    def encode(self, extent: Sequence[float], milliseconds: int = 200) -> Encoded:
        """Work on the features of an extent for about so long; ask again until it is :attr:`~Encoded.done`.

        Args:
            extent: xmin, ymin, xmax, ymax in the session's coordinate system.
            milliseconds: how long; a block that was begun is finished.
        """
        answer = self._ask("teach.encode", {"extent": list(extent), "milliseconds": milliseconds})
        return built(Encoded, answer)

    def preview(
        self,
        extent: Sequence[float],
        width: int,
        height: int,
        path: str,
        *,
        confidence: bool = True,
        least_confidence: float = 0.0,
        novelty: bool = False,
    ) -> Preview:
        """Map an extent as far as it is encoded.

        Args:
            extent: as in :meth:`encode`.
            width, height: pixels of the screen; the map is never finer than the raster.
            path: of the GeoTIFF to write; it appears complete or not at all.
            confidence: whether its second band is filled.
            least_confidence: a pixel less sure than this (0 to 1) gets no class.
            novelty: whether its third band is filled.
        """
        question = {
            "extent": list(extent),
            "width": width,
            "height": height,
            "path": str(path),
            "confidence": confidence,
            "least_confidence": least_confidence,
            "novelty": novelty,
        }
        answer = self._ask("teach.preview", question)
        answer["extent"] = tuple(answer["extent"])
        return built(Preview, {**answer, "counts": each_built(Count, answer.get("counts"))}, "notes")

    def suggest(self, count: int = 10, extent: Sequence[float] | None = None) -> tuple[Suggestion, ...]:
        """Places whose label would help most, the best first; of an extent or of all that is encoded."""
        question = {"count": count, **({"extent": list(extent)} if extent is not None else {})}
        return each_built(Suggestion, self._ask("teach.suggest", question)["places"])

    def review(self) -> Review:
        """Labels that are likely mistakes, and the balance of classes."""
        answer = self._ask("teach.review", {})
        doubtful, balance = each_built(Doubt, answer["doubtful"]), each_built(Balance, answer["balance"])
        return Review(doubtful, balance, tuple(answer.get("notes", ())))

    def check(self, on_progress: OnProgress | None = None) -> Check:
        """Cross-validate, whole labels left out."""
        return built(Check, self._ask("teach.check", {}, on_progress), "notes")

    def helped(self, on_progress: OnProgress | None = None) -> tuple[str, ...]:
        """What each layer is good for, a sentence each; else why that cannot be told."""
        answer = self._ask("teach.helped", {}, on_progress)
        return tuple(str(one["sentence"]) for one in answer["layers"]) or tuple(answer["notes"])

    def save(self, path: str, title: str = "", on_progress: OnProgress | None = None) -> Saved:
        """Fit with the full method on all labels, and write a classifier file.

        Raises:
            UnsupportedInput: with labels of fewer than two classes.
        """
        question = {"path": str(path), **({"title": title} if title else {})}
        answer = self._ask("teach.save", question, on_progress)
        return built(Saved, {**answer, "classes": each_built(ClassInfo, answer.get("classes"))})

    def close(self) -> None:
        """Let go of the session and its memory; closing twice does nothing."""
        opened, self.opened = self.opened, None
        if opened is not None and self._engine.pid is not None:
            self._call("teach.close", {"session": opened.session})

    def cancel(self) -> None:
        """From any thread: have the call under way end with Cancelled."""
        run = self._under_way
        if run is not None:
            run.cancel()

    def _send(self, labels: Sequence[Label], removed: Sequence[str]) -> Labelled:
        """All of it, in as many messages as the wire's limit wants."""
        classes = [dataclasses.asdict(info) for info in self._classes]
        answer: dict[str, Any] = {}
        notes: list[str] = []
        for portion in _portions(labels):
            question = {"classes": classes, "set": portion, "remove": list(removed)}
            answer = self._ask("teach.label", question)
            notes += answer.get("notes", ())
            removed = ()
        told = tuple(dict.fromkeys(notes))
        return Labelled(each_built(Count, answer["counts"]), answer["waiting"], told)

    def _ask(
        self, method: str, question: Mapping[str, Any], on_progress: OnProgress | None = None
    ) -> dict[str, Any]:
        """A call of the session, which is opened again if the engine no longer has it."""
        if self.opened is None:
            raise InvalidRequest("The teaching session is not open.", "Open it first.")
        try:
            return self._call(method, {"session": self.opened.session, **question}, on_progress)
        except InvalidRequest as error:
            if error.message != SESSION_GONE:
                raise
        opened = self.start(on_progress)
        return self._call(method, {"session": opened.session, **question}, on_progress)

    def _call(
        self, method: str, params: Mapping[str, Any], on_progress: OnProgress | None = None
    ) -> dict[str, Any]:
        run = self._under_way = self._engine.call(method, params, on_progress)
        try:
            return run.result()
        finally:
            self._under_way = None


def _filled(ref: RasterRef) -> dict[str, Any]:
    """A raster as JSON types; what is at its default is left out."""
    fields = ((f.name, getattr(ref, f.name), f.default) for f in dataclasses.fields(ref))
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value, default in fields
        if value != default
    }


def _portions(labels: Sequence[Label]) -> Iterator[list[dict[str, Any]]]:
    """Labels in lists that fit into a message each; one empty list for no labels."""
    portion: list[dict[str, Any]] = []
    size = 0
    for label in labels:
        plain = label.to_dict()
        length = len(json.dumps(plain))
        if portion and size + length > _PORTION:
            yield portion
            portion, size = [], 0
        portion.append(plain)
        size += length
    yield portion


def _opened(answer: Mapping[str, Any]) -> Opened:
    parts = {
        "classes": each_built(ClassInfo, answer.get("classes")),
        "labels": each_built(Count, answer.get("labels")),
    }
    return built(Opened, {**answer, **parts}, "transform", "bands", "layers", "warnings")
