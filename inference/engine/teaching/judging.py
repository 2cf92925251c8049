"""What labels say of one another and of the map: which look wrong, and where more would help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import present
from ...jobs import ClassInfo
from ..base import F32, Context
from ..grid import Grid, Window
from ..heads import head_for
from ..learning.folds import F64, I64, HeldOut, hold_out
from ..learning.known import comparable, known_of_all
from ..learning.mistakes import balance, doubts
from ..learning.suggest import margins, suggest, why
from ..learning.training_set import TrainingSet
from .encoded import Block
from .fitting import Fitted

# Pixels among which places to label are sought.
_CANDIDATES = 4000


@dataclass(frozen=True)
class Judgement:
    """What heads say of labels that were left out whole.

    Attributes:
        samples: what was learned from.
        classes: those that have samples, in the order of their indices.
        labels: (samples,) class indices.
        held: what was said of them.
    """

    samples: TrainingSet
    classes: tuple[ClassInfo, ...]
    labels: I64
    held: HeldOut

    @classmethod
    def of(
        cls, samples: TrainingSet, classes: Sequence[ClassInfo], method: str, seed: int, context: Context
    ) -> Judgement:
        """Leave each label out once: for a mistake its neighbours are witnesses."""
        samples = samples.capped(seed)
        values, labels = np.unique(samples.values, return_inverse=True)
        by_value = {info.value: info for info in classes}
        present = tuple(by_value[value] for value in values.tolist())
        labels = labels.astype(np.int64)
        wide = samples.wide()
        held = hold_out(
            wide, labels, samples.groups, lambda: head_for(method, seed, wide), context, seed=seed
        )
        return cls(samples, present, labels, held)

    def doubtful(self, place: Callable[[str], tuple[float, float] | None]) -> list[dict[str, Any]]:
        """Labels that look wrong, as ``teach.review`` answers them.

        Args:
            place: map coordinates of a label by its id; None for one that lies elsewhere, which is left out.
        """
        names = [info.name for info in self.classes]
        found = []
        for doubt in doubts(
            self.held, known_of_all(self.samples.wide()), self.labels, self.samples.groups
        ):
            name = self.samples.labels[doubt.group].id
            at = place(name)
            if at is not None:
                found.append(
                    {
                        "id": name,
                        "x": at[0],
                        "y": at[1],
                        "value": self.classes[doubt.label].value,
                        "likely": self.classes[doubt.likely].value,
                        "agreement": doubt.agreement,
                        "reason": doubt.why(names),
                    }
                )
        return found


def balanced(samples: TrainingSet, classes: Sequence[ClassInfo]) -> list[dict[str, Any]]:
    """How much there is of each class, as ``teach.review`` answers it."""
    values = sorted(info.value for info in classes)
    labels = np.searchsorted(values, samples.values).astype(np.int64)
    found = zip(values, balance(labels, samples.groups, len(values)), strict=True)
    return [
        {"value": value, "labels": labels, "pixels": pixels, "share": round(share, 6)}
        for value, (labels, pixels, share) in found
    ]


def suggestions(
    fitted: Fitted,
    classes: Sequence[ClassInfo],
    blocks: Sequence[Block],
    where: Window,
    grid: Grid,
    count: int,
) -> list[dict[str, Any]]:
    """Places whose label would help most, as ``teach.suggest`` answers them.

    Args:
        fitted: the head as it is now.
        classes: all of them.
        blocks: where places are sought...
        where: ... as far as they lie in this window.
        grid: of the raster.
        count: how many.
    """
    features, rows, cols = _candidates(blocks, where, fitted.features.shape[1])
    if not len(rows):
        return []
    probabilities = fitted.head.predict(features)
    places: F64 = np.stack([cols, rows], axis=1).astype(np.float64)
    seen, labelled = comparable(features, fitted.features)
    chosen = suggest(seen, probabilities, labelled, places, count)
    names = {info.value: info.name for info in classes}
    told = [names[value] for value in fitted.values.tolist()]
    apart = margins(probabilities)
    at = [grid.to_map(int(cols[index]) + 0.5, int(rows[index]) + 0.5) for index in chosen]
    return [
        {
            "x": x,
            "y": y,
            "margin": round(float(apart[index]), 4),
            "confidence": round(float(probabilities[index].max()), 4),
            "likely": int(fitted.values[probabilities[index].argmax()]),
            "reason": why(probabilities[index].tolist(), told),
        }
        for index, (x, y) in zip(chosen.tolist(), at, strict=True)
    ]


def _candidates(blocks: Sequence[Block], where: Window, dim: int) -> tuple[F32, I64, I64]:
    """Features, rows and columns of pixels drawn evenly from blocks, always the same of the same blocks."""
    parts: list[tuple[F32, I64, I64]] = []
    known = [block for block in blocks if block.features is not None and block.window.intersect(where)]
    each = -(-_CANDIDATES // max(len(known), 1))
    for block in sorted(known, key=lambda one: (one.window.row, one.window.col)):
        at = _inside(block, where)
        drawn = np.random.default_rng([block.window.row, block.window.col])
        at = at[np.sort(drawn.choice(len(at), min(each, len(at)), replace=False))]
        found = present(block.features)[:, at[:, 0], at[:, 1]].T.astype(np.float32)
        parts.append(
            (found, at[:, 0] * block.step + block.window.row, at[:, 1] * block.step + block.window.col)
        )
    if not parts:
        nothing = np.zeros(0, np.int64)
        return np.zeros((0, dim), np.float32), nothing, nothing
    features, rows, cols = zip(*parts, strict=True)
    return np.concatenate(features), np.concatenate(rows), np.concatenate(cols)


def _inside(block: Block, where: Window) -> NDArray[np.int64]:
    """(pixels, 2) rows and columns in a block's arrays of its valid pixels that lie in a window."""
    at = np.argwhere(present(block.valid))
    rows = at[:, 0] * block.step + block.window.row
    cols = at[:, 1] * block.step + block.window.col
    return at[(rows >= where.row) & (rows < where.bottom) & (cols >= where.col) & (cols < where.right)]
