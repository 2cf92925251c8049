"""Conditions of rules as small trees of JSON: what QGIS's expressions become on their way to the engine.

A node is ``{"value": 8}`` (a number, a text or null), ``{"column": "slope"}``, or ``{"call": ">", "of":
[node, node]}``. There are numbers, texts and null; truth is a number, 1 or 0, and every number but 0 is
true. Null follows SQL: what is computed from it is null, ``and`` and ``or`` know three values, and a
condition that is null does not hold. Texts can only be told apart. Standard library alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from .errors import InvalidRequest
from .fields import is_number

Tree = Mapping[str, Any]
_MOST = 100
_DEEPEST = 50


class Kind(Enum):
    """What a node answers."""

    NUMBER = "a number"
    TEXT = "a text"
    NULL = "null"


# How many arguments calls take that want numbers and answer one.
_NUMERIC: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("+", "-", "*", "/", "%", "^", "<", "<=", ">", ">="), (2, 2)),
    **dict.fromkeys(("and", "or"), (2, 2)),
    **dict.fromkeys(("not", "neg"), (1, 1)),
    **dict.fromkeys(("abs", "sqrt", "exp", "ln", "log10", "floor", "ceil"), (1, 1)),
    **dict.fromkeys(("sin", "cos", "tan", "atan", "radians", "degrees"), (1, 1)),
    **dict.fromkeys(("min", "max"), (1, _MOST)),
    "round": (1, 2),
    "clamp": (3, 3),
    "pi": (0, 0),
}
# Calls that tell two things of one kind apart, or find one among others.
_ALIKE: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("=", "<>", "is", "is not"), (2, 2)),
    **dict.fromkeys(("in", "not in"), (2, _MOST)),
}
# Calls that answer one of their arguments.
_CHOOSING: dict[str, tuple[int, int]] = {
    "if": (3, 3), "case": (2, _MOST), "coalesce": (1, _MOST)
}
_CALENDAR: dict[str, tuple[int, int]] = dict.fromkeys(("year", "month", "day"), (1, 1))
CALLS: dict[str, tuple[int, int]] = {**_NUMERIC, **_ALIKE, **_CHOOSING, **_CALENDAR}
FUNCTIONS = tuple(name for name in CALLS if name.isidentifier() and name not in (
    "and", "or", "not", "neg", "is", "in", "case"
))


def check(tree: Any, columns: Mapping[str, Kind]) -> Kind:
    """What a tree answers.

    Args:
        columns: those that there are.

    Raises:
        InvalidRequest: if a node is not known or does not fit, naming it.
    """
    return _check(tree, columns, 0)


def columns_of(tree: Tree) -> frozenset[str]:
    """The columns that a checked tree names."""
    if "column" in tree:
        return frozenset([str(tree["column"])])
    return frozenset(name for node in tree.get("of", ()) for name in columns_of(node))


def _check(tree: Any, columns: Mapping[str, Kind], depth: int) -> Kind:
    if not isinstance(tree, dict) or depth > _DEEPEST:
        raise InvalidRequest("A condition is no tree of values, columns and calls, or too deep a one.")
    if set(tree) == {"value"}:
        return _kind_of(tree["value"])
    if set(tree) == {"column"}:
        name = tree["column"]
        if not isinstance(name, str) or name not in columns:
            raise InvalidRequest(
                f"A condition names the column {name!r}, which there is not.",
                f"Known are: {', '.join(columns)}.",
            )
        return columns[name]
    name, arguments = tree.get("call"), tree.get("of")
    if set(tree) != {"call", "of"} or not isinstance(arguments, (list, tuple)):
        raise InvalidRequest("A condition has a node that is no value, column or call.")
    if not isinstance(name, str) or name not in CALLS:
        raise InvalidRequest(
            f"A condition calls {name!r}, which there is not.", f"Known are: {', '.join(CALLS)}."
        )
    least, most = CALLS[name]
    if not least <= len(arguments) <= most:
        raise InvalidRequest(f"In a condition, {name} has {len(arguments)} arguments.")
    return _answer(name, [_check(node, columns, depth + 1) for node in arguments])


def _kind_of(value: Any) -> Kind:
    if value is None:
        return Kind.NULL
    if isinstance(value, str):
        return Kind.TEXT
    if not is_number(value):
        raise InvalidRequest(f"A condition holds {value!r}, which is no number, text or null.")
    return Kind.NUMBER


def _answer(name: str, given: Sequence[Kind]) -> Kind:
    """The kind of a call's answer, given those of its arguments."""
    if name in _NUMERIC:
        _need(Kind.NUMBER, name, given)
        return Kind.NUMBER
    if name in _CALENDAR:
        _need(Kind.TEXT, name, given)
        return Kind.NUMBER
    if name in _ALIKE:
        _common(name, given)
        return Kind.NUMBER
    if name == "if":
        _need(Kind.NUMBER, name, given[:1])
        return _common(name, given[1:])
    if name == "case":
        _need(Kind.NUMBER, name, given[:-1:2])
        # An odd number of arguments ends with what answers where nothing holds.
        return _common(name, [*given[1::2], *(given[-1:] if len(given) % 2 else ())])
    return _common(name, given)


def _need(kind: Kind, name: str, given: Sequence[Kind]) -> None:
    if any(one not in (kind, Kind.NULL) for one in given):
        other = Kind.TEXT if kind is Kind.NUMBER else Kind.NUMBER
        raise InvalidRequest(
            f"In a condition, {name} gets {other.value} where it needs {kind.value}.",
            'Classes are compared by name: "class" = \'water\'.',
        )


def _common(name: str, given: Sequence[Kind]) -> Kind:
    kinds = {kind for kind in given if kind is not Kind.NULL}
    if len(kinds) > 1:
        raise InvalidRequest(
            f"In a condition, {name} gets a text beside a number.",
            'Classes are compared by name, "class" = \'water\', or by number, "value" = 3.',
        )
    return kinds.pop() if kinds else Kind.NULL
