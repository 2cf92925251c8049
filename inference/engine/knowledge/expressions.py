"""Conditions of :mod:`~...conditions` over arrays: what QGIS's expressions answer, for a block at once."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from ...conditions import Tree
from ..base import Mask

F64 = NDArray[np.float64]

# Numbers as near as this are equal, as they are to QGIS (qgsDoubleNear).
_NEAR = 4 * np.finfo(np.float64).eps


@dataclass(frozen=True)
class Values:
    """One value a pixel, or one for all of them.

    Attributes:
        data: numbers, or places in ``words``; arrays of any shapes that broadcast. Anything where null.
        null: where there is none.
        words: the texts that ``data`` counts from 0; None for numbers.
    """

    data: NDArray[np.generic]
    null: Mask
    words: tuple[str, ...] | None = None

    @classmethod
    def number(cls, data: F64 | float, null: Mask | bool = False) -> Values:
        return cls(np.asarray(data, np.float64), np.asarray(null, np.bool_))

    @classmethod
    def text(cls, word: str) -> Values:
        return cls(np.zeros((), np.int64), np.zeros((), np.bool_), (word,))

    @classmethod
    def nothing(cls) -> Values:
        return cls.number(0.0, True)

    @property
    def numbers(self) -> F64:
        return self.data.astype(np.float64, copy=False)


def holds(tree: Tree, columns: Mapping[str, Values]) -> Mask:
    """Where a checked condition is true: not where it is false, nor where it is null.

    Args:
        columns: those that the condition names.

    Returns:
        an array of the columns' common shape, or of none where the condition names no column.
    """
    found = evaluate(tree, columns)
    return _true(found.numbers) & ~found.null


def evaluate(tree: Tree, columns: Mapping[str, Values]) -> Values:
    """The values of a checked tree."""
    if "value" in tree:
        value = tree["value"]
        if value is None:
            return Values.nothing()
        return Values.text(value) if isinstance(value, str) else Values.number(float(value))
    if "column" in tree:
        return columns[tree["column"]]
    given = [evaluate(node, columns) for node in tree["of"]]
    name = tree["call"]
    with np.errstate(all="ignore"):
        if name in _PLAIN:
            return _plain(name, given)
        return _SPECIAL[name](given)


def _true(numbers: F64) -> Mask:
    return np.abs(numbers) > _NEAR


def _plain(name: str, given: Sequence[Values]) -> Values:
    """A call that answers null where one of its arguments is, or where it has no answer."""
    null = reduce(np.logical_or, (one.null for one in given), np.zeros((), np.bool_))
    numbers = [one.numbers for one in given]
    if name in _DEFINED:
        null = null | ~_DEFINED[name](*numbers)
    found = _PLAIN[name](*numbers)
    # QGIS ends with an error where it goes on from the root of -1 or from what is endless.
    return Values.number(found, null | ~np.isfinite(found))


def _half_up(numbers: F64) -> F64:
    """To the nearest whole number, halves away from zero, as C does."""
    low = np.floor(np.abs(numbers))
    return np.copysign(low + (np.abs(numbers) - low >= 0.5), numbers)


def _round(numbers: F64, places: F64 | float = 0.0) -> F64:
    factor = np.power(10.0, np.trunc(places))
    return _half_up(numbers * factor) / factor


def _compared(good: Callable[[F64], Mask]) -> Callable[[F64, F64], F64]:
    return lambda a, b: good(a - b).astype(np.float64)


_PLAIN: dict[str, Callable[..., F64]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.power,
    "neg": np.negative,
    "<": _compared(lambda apart: apart < 0),
    "<=": _compared(lambda apart: apart <= 0),
    ">": _compared(lambda apart: apart > 0),
    ">=": _compared(lambda apart: apart >= 0),
    "not": lambda a: (~_true(a)).astype(np.float64),
    "abs": np.abs,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "ln": np.log,
    "log10": np.log10,
    "floor": np.floor,
    "ceil": np.ceil,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "atan": np.arctan,
    "radians": np.radians,
    "degrees": np.degrees,
    "round": _round,
    "clamp": lambda low, a, high: np.where(a <= low, low, np.where(a >= high, high, a)),
    "pi": lambda: np.asarray(math.pi),
}
# Where some of these have an answer.
_DEFINED: dict[str, Callable[..., Mask]] = {
    **dict.fromkeys(("/", "%"), lambda a, b: b != 0),
    **dict.fromkeys(("ln", "log10"), lambda a: a > 0),
}


def _and(given: Sequence[Values]) -> Values:
    """False if one is false, else null if one is null."""
    one, other = ((_true(v.numbers), v.null) for v in given)
    false = (~one[0] & ~one[1]) | (~other[0] & ~other[1])
    return Values.number((~false).astype(np.float64), ~false & (one[1] | other[1]))


def _or(given: Sequence[Values]) -> Values:
    """True if one is true, else null if one is null."""
    one, other = ((_true(v.numbers), v.null) for v in given)
    true = (one[0] & ~one[1]) | (other[0] & ~other[1])
    return Values.number(true.astype(np.float64), ~true & (one[1] | other[1]))


def _same(one: Values, other: Values) -> Mask:
    """Where two values are equal, whatever it says where one is null."""
    if one.words is None or other.words is None:
        apart = one.numbers - other.numbers
        return (apart > -_NEAR) & (apart <= _NEAR)
    table = np.array([[a == b for b in other.words] for a in one.words], np.bool_)
    found: Mask = table[one.data.astype(np.int64), other.data.astype(np.int64)]
    return found


def _equal(given: Sequence[Values]) -> Values:
    one, other = given
    return Values.number(_same(one, other).astype(np.float64), one.null | other.null)


def _unequal(given: Sequence[Values]) -> Values:
    one, other = given
    return Values.number((~_same(one, other)).astype(np.float64), one.null | other.null)


def _is(given: Sequence[Values]) -> Values:
    """Equal, where null is equal to null alone; never null."""
    one, other = given
    either = one.null | other.null
    return Values.number((np.where(either, one.null & other.null, _same(one, other))).astype(np.float64))


def _is_not(given: Sequence[Values]) -> Values:
    return Values.number(1.0 - _is(given).numbers)


def _in(given: Sequence[Values]) -> Values:
    """Equal to one of a list; null where it is to none and one of them is null."""
    first, *rest = given
    found = reduce(np.logical_or, (_same(first, one) & ~one.null for one in rest))
    unknown = reduce(np.logical_or, (one.null for one in rest))
    return Values.number(found.astype(np.float64), first.null | (~found & unknown))


def _not_in(given: Sequence[Values]) -> Values:
    found = _in(given)
    return Values.number(1.0 - found.numbers, found.null)


def _chosen(where: Mask, one: Values, other: Values) -> Values:
    """One value where a mask says so, the other elsewhere; of numbers or of texts."""
    null = np.where(where, one.null, other.null)
    if one.words is None and other.words is None:
        return Values(np.where(where, one.numbers, other.numbers), null)
    # What has no words is null.
    words = (*(one.words or ("",)), *(other.words or ("",)))
    first = one.data.astype(np.int64) if one.words else np.zeros((), np.int64)
    second = other.data.astype(np.int64) if other.words else np.zeros((), np.int64)
    return Values(np.where(where, first, second + len(one.words or ("",))), null, words)


def _if(given: Sequence[Values]) -> Values:
    condition, one, other = given
    return _chosen(_true(condition.numbers) & ~condition.null, one, other)


def _case(given: Sequence[Values]) -> Values:
    """Pairs of a condition and its value, in their order, then what answers where none holds."""
    result = given[-1] if len(given) % 2 else Values.nothing()
    for at in range(len(given) // 2 * 2 - 2, -1, -2):
        result = _if([given[at], given[at + 1], result])
    return result


def _coalesce(given: Sequence[Values]) -> Values:
    return reduce(lambda one, other: _chosen(~one.null, one, other), given)


def _least(function: Callable[[F64, F64], F64]) -> Callable[[Sequence[Values]], Values]:
    """Of the values that are not null; null where all are."""

    def found(given: Sequence[Values]) -> Values:
        numbers = reduce(function, (np.where(one.null, np.nan, one.numbers) for one in given))
        return Values.number(numbers, reduce(np.logical_and, (one.null for one in given)))

    return found


def _part(name: str) -> Callable[[Sequence[Values]], Values]:
    """Year, month or day of dates written as year-month-day; null for any other text."""

    def number(word: str) -> float:
        try:
            return float(getattr(datetime.date.fromisoformat(word[:10]), name))
        except ValueError:
            return math.nan

    def found(given: Sequence[Values]) -> Values:
        words = given[0].words
        if words is None:
            return Values.nothing()
        numbers = np.array([number(word) for word in words])[given[0].data.astype(np.int64)]
        return Values.number(numbers, given[0].null | np.isnan(numbers))

    return found


_SPECIAL: dict[str, Callable[[Sequence[Values]], Values]] = {
    "and": _and,
    "or": _or,
    "=": _equal,
    "<>": _unequal,
    "is": _is,
    "is not": _is_not,
    "in": _in,
    "not in": _not_in,
    "if": _if,
    "case": _case,
    "coalesce": _coalesce,
    "min": _least(np.fmin),
    "max": _least(np.fmax),
    **{name: _part(name) for name in ("year", "month", "day")},
}
