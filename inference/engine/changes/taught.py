"""taught: a head that learns from a few places what is a change, and of which kind.

A pixel's features are those of its pair of dates in the feature space of the job's MODEL (see
:meth:`~..features.space.FeatureSpace.paired`): difference, absolute difference, before and after. The
magnitude is the probability of a change, 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from ...errors import UnsupportedInput, present
from ...jobs import ClassInfo, Task
from ..area import Area
from ..base import F32, Mask
from ..features.of_jobs import by_block, digest_of, learn_space, lost_samples
from ..features.space import FeatureSpace
from ..grid import Window
from ..heads import make_head
from ..heads.ensemble import MeanHead
from ..learning.accuracy import validated
from ..learning.folds import F64, I64, HeldOut, hold_out, shares
from ..rasters import Stack
from ..regions import Region
from ..run import Run
from ..samples import read_samples
from ..thresholds import Histogram, Threshold
from .told import KIND, Plane

# What people call places that did not change, and changes of no special kind.
_UNCHANGED = {"unchanged", "no change", "no-change", "no_change", "stable", "none", "no", "false", "0"}
_CHANGED = {"changed", "change", "yes", "true", "1"}
_HINT = "Call places that did not change 'unchanged', 'no change', 'stable' or 0, and label both kinds."
# Even odds of a change.
_USUAL = 0.5


class PairSpace:
    """Features of pixels of two dates.

    Attributes:
        dim: features a pixel.
    """

    def __init__(
        self, run: Run, stacks: tuple[Stack, Stack], spaces: tuple[FeatureSpace, FeatureSpace], area: Area
    ) -> None:
        self._context = run.context
        self._stacks = stacks
        self._spaces = spaces
        self._area = area
        # What the ground is differs from place to place more than it changes: it must not drown that.
        self._still = np.float32(1.0)
        self.dim = 4 * spaces[0].dim

    def read(self, block: Window) -> tuple[Region, Region] | None:
        """What :meth:`of` needs; None where no pixel of the area is valid on both dates."""
        first, second = (
            space.read(stack, block) for space, stack in zip(self._spaces, self._stacks, strict=True)
        )
        seen = first.inside(self._area, block) & second.inside(self._area, block)
        return (first, second) if seen.any() else None

    def of(self, block: Window, found: tuple[Region, Region]) -> tuple[F32, Mask]:
        """(dim, rows, cols) features, and where both dates are valid."""
        (before, seen), (after, seen_after) = (
            space.of(region, block, self._context)
            for space, region in zip(self._spaces, found, strict=True)
        )
        moved = after - before
        parts = [moved, np.abs(moved), before * self._still, after * self._still]
        return np.concatenate(parts), seen & seen_after

    def at(self, rows: I64, cols: I64) -> tuple[F32, Mask]:
        """Features of single pixels, (pixels, dim), and where both dates are valid.

        Makes the features of either date as long, on the mean over these pixels, as a usual difference is.
        """
        values, known = np.zeros((rows.size, self.dim), np.float32), np.zeros(rows.size, bool)
        blocks = by_block(rows, cols)
        for done, (block, places) in enumerate(blocks.items()):
            self._context.check()
            self._context.progress("samples", done, len(blocks), "")
            found = self.read(block)
            if found is not None:
                features, valid = self.of(block, found)
                at = rows[places] - block.row, cols[places] - block.col
                values[places], known[places] = features[:, at[0], at[1]].T, valid[at]
        half = self.dim // 2
        length = float(np.sqrt((values[known, half:] ** 2).sum(axis=1).mean() / 2)) if known.any() else 0.0
        self._still = np.float32(1.0 / length if length > 0 else 1.0)
        values[:, half:] *= self._still
        return values, known


@dataclass(frozen=True)
class Lesson:
    """A fitted head and what was learned with it.

    Attributes:
        head: its first class is unchanged ground, the others the kinds of change.
        kinds: those kinds, numbered from 1.
        facts: for the answer.
        quiet: (samples,) probability of a change of unchanged samples that were left out; their weights.
    """

    head: MeanHead
    kinds: tuple[ClassInfo, ...]
    facts: dict[str, Any]
    quiet: tuple[F64, F64]


class Taught:
    """The head applied to pairs; see :class:`~.measures.LabelledMeasure`."""

    def __init__(
        self, space: PairSpace, lesson: Lesson, origin: tuple[str, str], warnings: list[str]
    ) -> None:
        self._space = space
        self._lesson = lesson
        self.origin = origin
        self.planes: tuple[Plane, ...] = (Plane(KIND, lesson.kinds),)
        self.facts = lesson.facts
        self.warnings = warnings

    def read(self, block: Window) -> tuple[Region, Region] | None:
        return self._space.read(block)

    def magnitude(self, block: Window, found: tuple[Region, Region]) -> tuple[F32, Mask]:
        return self.labelled(block, found)[:2]

    def labelled(self, block: Window, found: tuple[Region, Region]) -> tuple[F32, Mask, F32]:
        features, known = self._space.of(block, found)
        scores = self._lesson.head.predict(np.ascontiguousarray(features.reshape(len(features), -1).T))
        chance = (1 - scores[:, 0]).astype(np.float32).reshape(known.shape)
        kind = 1 + scores[:, 1:].argmax(axis=1).astype(np.float32)
        return np.clip(chance, 0, 1), known, kind.reshape(1, *known.shape)

    def threshold(self, histogram: Histogram, false_alarms: float) -> Threshold:
        chances, weights = self._lesson.quiet
        if not false_alarms:
            return Threshold(_USUAL, "even odds", "From there on a change is likelier than none.")
        if not chances.size:
            return Threshold(
                _USUAL,
                "even odds",
                "Too few unchanged places were labelled to tell false alarms: even odds were taken.",
            )
        order = np.argsort(-chances, kind="stable")
        above = np.cumsum(weights[order]) / weights.sum()
        within = np.flatnonzero(above > false_alarms / 100.0)
        value = float(np.nextafter(np.float32(chances[order[within[0]]]), np.float32(2)))
        return Threshold(
            value,
            "false alarms",
            f"Of the unchanged places that were left out in turn, {false_alarms:g} % at most lie above.",
        )


def measure(run: Run, before: Stack, after: Stack, area: Area) -> Taught:
    """Learn from the job's SAMPLES what a change is.

    Raises:
        UnsupportedInput: if the samples do not show both changed and unchanged ground, or lie elsewhere.
    """
    job = run.job
    samples = read_samples(present(job.samples), before.grid, area.window)
    quiet, kinds = _told_apart(samples.classes)
    card, space = learn_space(run, Task.CHANGE, before.limited(area))
    pairs = space.paired(before.limited(area), after.limited(area), run.context)
    pair_space = PairSpace(run, (before, after), pairs, area)
    features, known = pair_space.at(samples.rows, samples.cols)
    order = np.array([quiet, *(place for place in range(len(samples.classes)) if place != quiet)])
    labels = np.argsort(order)[samples.labels[known]]
    names = ["unchanged", *(info.name for info in kinds)]
    missing = [name for index, name in enumerate(names) if not (labels == index).any()]
    if missing:
        raise UnsupportedInput(
            f"All labels of {', '.join(missing)} lie where one of the dates has no data or is hidden.",
            "Draw some of them where both dates show the ground, or leave the class out.",
        )
    lesson = _taught(run, features[known], labels.astype(np.int64), samples.groups[known], kinds)
    warnings = [*samples.warnings, *lost_samples(known)]
    return Taught(pair_space, lesson, (card.id, digest_of(card)), warnings)


def _told_apart(classes: tuple[ClassInfo, ...]) -> tuple[int, tuple[ClassInfo, ...]]:
    """Which class is unchanged ground, and the kinds of change, numbered from 1.

    Raises:
        UnsupportedInput: if that cannot be told.
    """
    quiet = [place for place, info in enumerate(classes) if info.name.strip().lower() in _UNCHANGED]
    if len(quiet) != 1:
        names = ", ".join(repr(info.name) for info in classes)
        what = "none of them" if not quiet else "more than one of them"
        raise UnsupportedInput(f"The labels are {names}: {what} says that nothing changed.", _HINT)
    kinds = [info for place, info in enumerate(classes) if place != quiet[0]]
    if len(kinds) == 1 and kinds[0].name.strip().lower() in _CHANGED:
        kinds = [replace(kinds[0], name="changed")]
    return quiet[0], tuple(replace(info, value=value) for value, info in enumerate(kinds, 1))


def _taught(run: Run, features: F32, labels: I64, groups: I64, kinds: tuple[ClassInfo, ...]) -> Lesson:
    """Leave places out in turn to see how right the head is, then fit it on all of them."""
    names = ("unchanged", *(info.name for info in kinds))
    make = partial(make_head, run.job.method, run.job.seed)
    held = hold_out(features, labels, groups, make, run.context, seed=run.job.seed)
    head = make()
    head.fit(features, labels)
    counts = {
        name: {"places": len(np.unique(groups[labels == index])), "pixels": int((labels == index).sum())}
        for index, name in enumerate(names)
    }
    facts = {"samples": counts, "validation": validated(held, labels, groups, names).to_dict()}
    return Lesson(head, kinds, facts, _quiet(held, labels, groups))


def _quiet(held: HeldOut, labels: I64, groups: I64) -> tuple[F64, F64]:
    """What heads that had not seen them say of unchanged places, each place counting as one."""
    out = held.checked & (labels == 0)
    if not out.any():
        return np.zeros(0), np.zeros(0)
    return 1.0 - held.probabilities[out, 0].astype(np.float64), shares(groups[out])
