"""A map of classes with its priors and rules applied, and for every pixel what changed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...conditions import Tree
from ...errors import present
from ...jobs import ClassInfo
from ..base import F32, Mask
from .expressions import Values, holds
from .priors import weighed

I16 = NDArray[np.int16]
U8 = NDArray[np.uint8]

NO_CLASS = -1
UNCHANGED, BY_PRIOR, FIRST_RULE = 0, 1, 2
# Far below the steps in which probabilities are kept, and far above the last digits of float32.
_PREFERENCE = np.float32(1e-6)


@dataclass(frozen=True)
class Step:
    """A rule, with its classes as places among those of the map.

    Attributes:
        when: its condition.
        of: the class that it concerns, None for every class.
        becomes: the class that it makes of it, None for the next most probable that is allowed.
    """

    when: Tree
    of: int | None
    becomes: int | None


@dataclass(frozen=True)
class Seen:
    """What there is of a block.

    Attributes:
        mapped: (rows, cols) places of the map's classes, ``NO_CLASS`` where it has none.
        shares: (classes, rows, cols) probabilities; None without.
        sure: (rows, cols), where they are known.
        prior: as ``shares``; None without.
        columns: what conditions look at beside the map.
    """

    mapped: I16
    shares: F32 | None
    sure: Mask
    prior: F32 | None
    columns: Mapping[str, Values]


@dataclass(frozen=True)
class Refinement:
    """What a run does to every block.

    Attributes:
        classes: of the map, in the order of their values.
        steps: rules, one after the other.
        known: (classes,) whose probabilities are known.
        weight, exclude: see :func:`~.priors.weighed`.
    """

    classes: Sequence[ClassInfo]
    steps: Sequence[Step]
    known: Mask
    weight: float = 1.0
    exclude: bool = False

    @property
    def stuck(self) -> int:
        """What is said of pixels whose class a rule forbids, where no other is known that is allowed."""
        return FIRST_RULE + len(self.steps)


def refined(how: Refinement, seen: Seen) -> tuple[I16, U8]:
    """Refine a block.

    Returns:
        (rows, cols) places of classes, and what changed each pixel last: 0 for nothing, 1 for the prior,
        2 for the first rule, and so on; :attr:`Refinement.stuck` where a rule could not be followed.
    """
    labels, cause = seen.mapped.copy(), np.zeros(seen.mapped.shape, np.uint8)
    shares = seen.shares
    if shares is not None and seen.prior is not None:
        shares = _apply_prior(how, seen, shares, labels, cause)
    allowed = None if shares is None else np.broadcast_to(how.known[:, None, None], shares.shape).copy()
    for number, step in enumerate(how.steps, FIRST_RULE):
        columns = {**seen.columns, **_own_columns(how, labels, shares, seen.sure)}
        where = np.broadcast_to(holds(step.when, columns), labels.shape)
        at = where & (labels != NO_CLASS if step.of is None else labels == step.of)
        if step.becomes is not None:
            labels[at], cause[at] = step.becomes, number
        elif shares is not None and allowed is not None and step.of is not None:
            allowed[step.of] &= ~where
            _make_next(at, seen.sure, shares, allowed, labels, cause, number, how.stuck)
    cause[(labels == seen.mapped) & (cause != how.stuck)] = UNCHANGED
    return labels, cause


def _apply_prior(how: Refinement, seen: Seen, shares: F32, labels: I16, cause: U8) -> F32:
    """Change labels where the prior makes another class the most probable; answers the weighed shares."""
    # What the map says wins among equals, for it saw the probabilities before they were rounded.
    own = (labels == np.arange(len(shares), dtype=np.int16)[:, None, None]) * _PREFERENCE
    found = weighed(shares + own, present(seen.prior), how.weight, how.exclude)
    before, after = (shares + own).argmax(axis=0), found.argmax(axis=0)
    # A class without probabilities, as what was called unknown, is none that these speak of.
    spoken = seen.sure & (labels != NO_CLASS) & how.known[np.maximum(labels, 0)]
    moved = spoken & (before != after) & (found.max(axis=0) > 0)
    moved &= labels != after
    labels[moved], cause[moved] = after[moved], BY_PRIOR
    return found


def _make_next(
    at: Mask, sure: Mask, shares: F32, allowed: Mask, labels: I16, cause: U8, number: int, stuck: int
) -> None:
    """The most probable of the allowed classes, where there is one of a probability above 0."""
    left = np.where(allowed[:, at], shares[:, at], np.float32(0))
    best = left.argmax(axis=0)
    found = (left.max(axis=0) > 0) & sure[at]
    labels[at] = np.where(found, best, labels[at])
    cause[at] = np.where(found, number, stuck)


def _own_columns(
    how: Refinement, labels: I16, shares: F32 | None, sure: Mask
) -> dict[str, Values]:
    """What conditions can ask of the pixel's class as it is by now."""
    none = labels == NO_CLASS
    place = np.maximum(labels, 0).astype(np.int64)
    values = np.array([info.value for info in how.classes], np.float64)
    own = {
        "class": Values(place, none, tuple(info.name for info in how.classes)),
        "value": Values.number(values[place], none),
    }
    if shares is not None:
        total = shares.sum(axis=0)
        mine = np.take_along_axis(shares, place[None], axis=0)[0]
        percent = 100.0 * mine.astype(np.float64) / np.where(total > 0, total, 1)
        own["confidence"] = Values.number(percent, none | ~sure | ~how.known[place])
    return own
