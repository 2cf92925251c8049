"""Expressions of QGIS -> conditions of rules, which the engine evaluates without QGIS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qgis.core import NULL, QgsExpression, QgsExpressionNode

from ..inference.conditions import FUNCTIONS, Kind, check
from ..inference.errors import InvalidRequest
from ..inference.knowledge import Rule
from .text import tr

COLUMNS = 3
_OPERATORS = (
    "or", "and", "=", "<>", "<=", ">=", "<", ">", "is", "is not", "+", "-", "*", "/", "%", "^"
)
_Type = QgsExpressionNode.NodeType


def rules_of(table: Sequence[Any], columns: Mapping[str, Kind]) -> tuple[Rule, ...]:
    """Rules from a table of class, condition and what it becomes, row by row; empty rows are left out.

    Args:
        table: the cells, one row after the other.
        columns: what conditions can name.

    Raises:
        InvalidRequest: naming the rule and what cannot be understood of it.
    """
    cells = ["" if cell is None or cell == NULL else str(cell).strip() for cell in table]
    if not any(cells):
        return ()
    if len(cells) % COLUMNS:
        raise InvalidRequest(
            tr("The table of rules has {} cells, which are no whole rows of {}.").format(len(cells), COLUMNS),
            tr("Each rule is a class, a condition and what it becomes; leave empty what is not needed."),
        )
    found = []
    for start in range(0, len(cells), COLUMNS):
        name, text, becomes = cells[start : start + COLUMNS]
        if not (name or text or becomes):
            continue
        try:
            found.append(Rule(condition_of(text, columns), name, becomes, " ".join(text.split())))
        except InvalidRequest as error:
            number = start // COLUMNS + 1
            raise InvalidRequest(tr("Rule {}: {}").format(number, error.message), error.hint) from error
    return tuple(found)


def condition_of(text: str, columns: Mapping[str, Kind]) -> dict[str, Any]:
    """The tree of an expression, see :mod:`geofm.inference.conditions`.

    Raises:
        InvalidRequest: if it is no expression, or uses what the engine has not.
    """
    if not text.strip():
        raise InvalidRequest(
            tr("It has no condition."), tr("Write one, such as {}.").format('"slope" > 8')
        )
    expression = QgsExpression(text)
    if expression.hasParserError():
        raise InvalidRequest(
            tr("{} is no expression: {}").format(text, expression.parserErrorString().strip()),
            tr("Layers and columns stand in double quotes, texts in single ones: {}.").format(
                "\"slope\" > 8 and \"class\" = 'water'"
            ),
        )
    tree = _tree(expression.rootNode(), columns)
    check(tree, columns)
    return tree


def _tree(node: Any, columns: Mapping[str, Kind]) -> dict[str, Any]:
    kind = node.nodeType()
    if kind == _Type.ntLiteral:
        return {"value": _plain(node.value())}
    if kind == _Type.ntColumnRef:
        return {"column": _column(node.name(), columns)}
    if kind == _Type.ntUnaryOperator:
        return _call("neg" if node.text() == "-" else "not", [node.operand()], columns)
    if kind == _Type.ntBinaryOperator:
        operator = node.text().lower()
        if operator not in _OPERATORS:
            raise _unknown(tr("the operator {}").format(node.text()))
        return _call(operator, [node.opLeft(), node.opRight()], columns)
    if kind == _Type.ntInOperator:
        return _call("not in" if node.isNotIn() else "in", [node.node(), *node.list().list()], columns)
    if kind == _Type.ntFunction:
        return _function(node, columns)
    if kind == _Type.ntCondition:
        parts = [part for one in node.conditions() for part in (one.whenExp(), one.thenExp())]
        return _call("case", [*parts, *([node.elseExp()] if node.elseExp() else [])], columns)
    # QGIS 3.22 does not know BETWEEN.
    if kind == getattr(_Type, "ntBetweenOperator", None):
        middle = _tree(node.node(), columns)
        inside = {
            "call": "and",
            "of": [
                {"call": ">=", "of": [middle, _tree(node.lowerBound(), columns)]},
                {"call": "<=", "of": [middle, _tree(node.higherBound(), columns)]},
            ],
        }
        return {"call": "not", "of": [inside]} if node.negate() else inside
    raise _unknown(node.dump())


def _call(name: str, nodes: Sequence[Any], columns: Mapping[str, Kind]) -> dict[str, Any]:
    return {"call": name, "of": [_tree(node, columns) for node in nodes]}


def _function(node: Any, columns: Mapping[str, Kind]) -> dict[str, Any]:
    name = QgsExpression.Functions()[node.fnIndex()].name()
    if name not in FUNCTIONS:
        raise _unknown(tr("the function {}").format(name))
    given = node.args().list() if node.args() is not None else []
    return _call(name, given, columns)


def _plain(value: Any) -> Any:
    """A literal as JSON has it."""
    if isinstance(value, bool):
        # QGIS compares them with numbers as if both were texts.
        raise InvalidRequest(
            tr("Rules cannot use true and false."), tr("Write 1 for what always holds.")
        )
    return None if value is None or value == NULL else value


def _column(name: str, columns: Mapping[str, Kind]) -> str:
    """A column by its name; QGIS does not mind capitals."""
    if name in columns:
        return name
    alike = [column for column in columns if column.casefold() == name.casefold()]
    if len(alike) != 1:
        raise InvalidRequest(
            tr("There is no layer or column {}.").format(name),
            tr("Known are: {}. Texts stand in single quotes.").format(", ".join(columns)),
        )
    return alike[0]


def _unknown(what: str) -> InvalidRequest:
    return InvalidRequest(
        tr("Rules cannot use {}.").format(what),
        tr("They have comparisons, arithmetic, AND, OR, NOT, IN, CASE, IS NULL and the functions {}.").format(
            ", ".join(FUNCTIONS)
        ),
    )
