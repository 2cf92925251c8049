"""Expressions become conditions, and the engine answers them as QGIS itself does."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from qgis.core import (
    NULL,
    QgsExpression,
    QgsExpressionContext,
    QgsFeature,
    QgsField,
    QgsFields,
)
from qgis.PyQt.QtCore import QVariant

from geofm.algorithms.rules import condition_of, rules_of
from geofm.inference.conditions import FUNCTIONS, Kind
from geofm.inference.engine.knowledge.expressions import Values, evaluate, holds
from geofm.inference.errors import InvalidRequest
from geofm.inference.knowledge import Rule, columns

NAMED = columns({"slope": 1, "dem": 2}, probable=True)
CLASSES = ("water", "bare soil", "forest", "7")


def column(name: str) -> dict[str, str]:
    return {"column": name}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('"slope" > 8', {"call": ">", "of": [column("slope"), {"value": 8}]}),
        ("slope>8.5", {"call": ">", "of": [column("slope"), {"value": 8.5}]}),
        ('"SLOPE" is not null', {"call": "is not", "of": [column("slope"), {"value": None}]}),
        ("-\"dem@2\" <> 2e3", {
            "call": "<>", "of": [{"call": "neg", "of": [column("dem@2")]}, {"value": 2000.0}]
        }),
        ("\"class\" not in ('water', 'ice')", {
            "call": "not in", "of": [column("class"), {"value": "water"}, {"value": "ice"}]
        }),
        ("case when \"dem\" > 0 then 1 else 0 end", {
            "call": "case",
            "of": [{"call": ">", "of": [column("dem"), {"value": 0}]}, {"value": 1}, {"value": 0}],
        }),
        ("month(\"date\") = 7 or 1", {
            "call": "or",
            "of": [
                {"call": "=", "of": [{"call": "month", "of": [column("date")]}, {"value": 7}]}, {"value": 1}
            ],
        }),
        ('"dem@slope" >= max(1, 2, 3)', {
            "call": ">=",
            "of": [column("dem@slope"), {"call": "max", "of": [{"value": 1}, {"value": 2}, {"value": 3}]}],
        }),
    ],
)
def test_expressions_become_trees(qgis_app: Any, text: str, tree: dict[str, Any]) -> None:
    assert condition_of(text, NAMED) == tree


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("", "no condition", '"slope" > 8'),
        ('"slope" >', "is no expression", "double quotes"),
        ('"steep" > 8', "no layer or column steep", "dem@slope"),
        ("'slope' > 8", "gets a text where it needs a number", "Classes are compared by name"),
        ("area($geometry) > 2", "cannot use the function area", "abs, sqrt"),
        ("rand(0, 1) = 1", "cannot use the function rand", "coalesce"),
        ("\"class\" like 'w%'", "cannot use the operator LIKE", "comparisons"),
        ("\"class\" || 'x' = 'y'", "cannot use the operator ||", "comparisons"),
        ("\"class\" ~ 'w'", "cannot use the operator ~", "comparisons"),
        ("@project_title = 'a'", "cannot use the function var", "CASE"),
        ("\"class\" = 7", "a text beside a number", '"value" = 3'),
        ("\"class\" > 'a'", "gets a text where it needs a number", "by name"),
        ("true", "cannot use true", "Write 1"),
        ("1 // 2 = 0", "cannot use the operator //", "comparisons"),
        ("array(1)[0] = 1", "Rules cannot use", "comparisons"),
    ],
)
def test_what_the_engine_has_not_is_refused(qgis_app: Any, text: str, said: str, hint: str) -> None:
    with pytest.raises(InvalidRequest, match=said.replace("|", "\\|")) as refused:
        condition_of(text, NAMED)
    assert hint in refused.value.hint


def test_a_table_becomes_rules(qgis_app: Any) -> None:
    table = ["water", ' "slope"\n > 8', None, "", "", "", NULL, "\"dem\" > 2500", "snow"]
    rules = rules_of(table, NAMED)
    assert [(rule.of, rule.text, rule.becomes) for rule in rules] == [
        ("water", '"slope" > 8', ""), ("", '"dem" > 2500', "snow")
    ]
    assert rules[0].words == 'water not where "slope" > 8'
    assert rules[1].words == 'any class becomes snow where "dem" > 2500'
    assert isinstance(rules[0], Rule)


def test_a_table_says_which_rule_is_wrong(qgis_app: Any) -> None:
    with pytest.raises(InvalidRequest, match="Rule 2: There is no layer or column steep"):
        rules_of(["water", '"slope" > 8', "", "water", '"steep" > 8', ""], NAMED)
    with pytest.raises(InvalidRequest, match="4 cells"):
        rules_of(["water", '"slope" > 8', "", "x"], NAMED)


class Expressions:
    """Writes expressions at random, of everything that rules can use."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def number(self, depth: int = 0) -> str:
        pick = self._chance.random()
        if depth > 3 or pick < 0.25:
            names = ("slope", "dem", "dem@2", "value", "confidence", "dem@slope")
            return f'"{self._chance.choice(names)}"'
        if pick < 0.45:
            return self._chance.choice(["0", "1", "-3", "8", "2.5", "1e3", "0.1", "NULL"])
        if pick < 0.6:
            if self._chance.random() < 0.15:
                # Not of what is below 0: QGIS tells "no number", which the engine has not, from null.
                return f"(abs({self.number(depth + 1)}) ^ {self._chance.choice(['0.5', '2'])})"
            operator = self._chance.choice(["+", "-", "*", "/", "%"])
            return f"({self.number(depth + 1)} {operator} {self.number(depth + 1)})"
        if pick < 0.68:
            # AND and OR answer truths, which QGIS would compare with numbers as texts.
            compared = self._chance.choice(["<", ">=", "="])
            return f"({self.number(depth + 1)} {compared} {self.number(depth + 1)})"
        return self._function(depth + 1)

    def truth(self, depth: int = 0) -> str:
        pick = self._chance.random()
        if depth > 4 or pick < 0.45:
            compared = self._chance.choice(["=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT"])
            return f"({self.number(depth + 1)} {compared} {self.number(depth + 1)})"
        if pick < 0.55:
            compared = self._chance.choice(["=", "<>", "IS", "IS NOT"])
            return f"({self.word()} {compared} {self.word()})"
        if pick < 0.65:
            items = ", ".join(self.word() for _ in range(self._chance.randint(1, 3)))
            return f"({self.word()} {self._chance.choice(['IN', 'NOT IN'])} ({items}))"
        if pick < 0.72:
            items = ", ".join(self.number(depth + 2) for _ in range(self._chance.randint(1, 3)))
            return f"({self.number(depth + 1)} {self._chance.choice(['IN', 'NOT IN'])} ({items}))"
        if pick < 0.8:
            return f"(NOT {self.truth(depth + 1)})"
        return f"({self.truth(depth + 1)} {self._chance.choice(['AND', 'OR'])} {self.truth(depth + 1)})"

    def word(self) -> str:
        pick = self._chance.random()
        if pick < 0.6:
            return '"class"'
        if pick < 0.7:
            return f"if({self.truth(4)}, 'water', \"class\")"
        return self._chance.choice(["'water'", "'forest'", "'7'", "'7.0'", "'Water'", "NULL"])

    def _function(self, depth: int) -> str:
        name = self._chance.choice(FUNCTIONS)
        if name in ("year", "month", "day"):
            return f"{name}({self._chance.choice(['date', chr(39) + '2019-02-28' + chr(39)])})"
        if name == "if":
            return f"if({self.truth(depth)}, {self.number(depth)}, {self.number(depth)})"
        if name == "pi":
            return "pi()"
        if name == "round" and self._chance.random() < 0.5:
            return f"round({self.number(depth)}, {self._chance.choice(['0', '1', '2', '-1'])})"
        if name in ("sqrt", "exp"):
            return f"{name}({'abs' if name == 'sqrt' else 'sin'}({self.number(depth)}))"
        least = {"coalesce": 2, "min": 2, "max": 3, "clamp": 3}.get(name, 1)
        if name == "coalesce" and self._chance.random() < 0.5:
            parts = [f"WHEN {self.truth(depth)} THEN {self.number(depth)}" for _ in range(2)]
            return f"CASE {' '.join(parts)}{self._chance.choice(['', ' ELSE 4'])} END"
        return f"{name}({', '.join(self.number(depth) for _ in range(least))})"


def rows(count: int, seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    numbers = (0.0, 1.0, -1.0, 0.5, 2.5, -2.5, 8.0, 7.999, 1e3, 90.0, -0.0, 3.14159)
    found = []
    for _ in range(count):
        row: dict[str, Any] = {
            name: None if chance.random() < 0.2 else chance.choice((*numbers, chance.gauss(0, 20)))
            for name in ("slope", "dem", "dem@2", "dem@slope", "confidence", "value")
        }
        row["class"] = None if chance.random() < 0.1 else chance.choice(CLASSES)
        row["date"] = "2020-07-14"
        found.append(row)
    return found


def in_qgis(table: list[dict[str, Any]]) -> list[QgsExpressionContext]:
    fields = QgsFields()
    for name in table[0]:
        is_text = NAMED[name] is Kind.TEXT
        fields.append(QgsField(name, QVariant.String if is_text else QVariant.Double))
    contexts = []
    for row in table:
        feature = QgsFeature(fields)
        feature.setAttributes([NULL if value is None else value for value in row.values()])
        context = QgsExpressionContext()
        context.setFields(fields)
        context.setFeature(feature)
        contexts.append(context)
    return contexts


def in_engine(table: list[dict[str, Any]]) -> dict[str, Values]:
    found = {}
    for name in table[0]:
        cells = [row[name] for row in table]
        null = np.array([cell is None for cell in cells])
        if NAMED[name] is Kind.TEXT:
            words = tuple(sorted({cell for cell in cells if cell is not None}))
            places = np.array([0 if cell is None else words.index(cell) for cell in cells])
            found[name] = Values(places, null, words)
        else:
            found[name] = Values.number(np.array([0.0 if cell is None else cell for cell in cells]), null)
    return found


def expected(expression: QgsExpression, context: QgsExpressionContext) -> float | None:
    """What QGIS answers; "no number" is null.

    Raises:
        ArithmeticError: if QGIS gives up, as it does where it would go on from what is no number.
    """
    value = expression.evaluate(context)
    if expression.hasEvalError():
        assert "Cannot convert" in expression.evalErrorString()
        raise ArithmeticError(expression.evalErrorString())
    return None if value is None or value == NULL or not math.isfinite(value) else float(value)


@pytest.mark.parametrize("seed", range(4))
def test_the_engine_answers_as_qgis_does(qgis_app: Any, seed: int) -> None:
    """Two hundred expressions of all that there is, each on 25 rows with gaps."""
    writer, table = Expressions(seed), rows(25, seed)
    contexts, arrays = in_qgis(table), in_engine(table)
    compared = 0
    for number in range(200):
        text = writer.truth() if number % 2 else writer.number()
        expression = QgsExpression(text)
        assert not expression.hasParserError(), (text, expression.parserErrorString())
        tree = condition_of(text, NAMED)
        found = evaluate(tree, arrays)
        data, null = (np.broadcast_to(part, len(table)) for part in (found.numbers, found.null))
        true = np.broadcast_to(holds(tree, arrays), len(table))
        for at, context in enumerate(contexts):
            try:
                wanted = expected(expression, context)
            except ArithmeticError:
                continue
            compared += 1
            got = None if null[at] else float(data[at])
            assert _agree(got, wanted), f"{text} {table[at]} {got} {wanted}"
            if number % 2:
                assert bool(true[at]) == bool(wanted), (text, table[at])
    assert compared > 4000


def _agree(got: float | None, wanted: float | None) -> bool:
    if got is None or wanted is None:
        return got is wanted
    return math.isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-9)
