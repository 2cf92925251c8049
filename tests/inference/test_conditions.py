"""Conditions are trees of known nodes, and knowledge that does not hold together is refused in words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from geofm.inference.conditions import CALLS, Kind, check, columns_of
from geofm.inference.errors import InvalidRequest
from geofm.inference.jobs import job_from_dict
from geofm.inference.knowledge import columns

NAMED = columns({"dem": 1, "shares": 2}, probable=True)
SLOPE: dict[str, Any] = {"column": "dem@slope"}
CLASS: dict[str, Any] = {"column": "class"}


def call(name: str, *given: Any) -> dict[str, Any]:
    return {"call": name, "of": [node if isinstance(node, dict) else {"value": node} for node in given]}


def test_what_conditions_can_name() -> None:
    assert list(NAMED) == [
        "class", "value", "confidence", "date", "dem", "dem@slope", "dem@1",
        "shares", "shares@slope", "shares@1", "shares@2",
    ]
    assert "confidence" not in columns({}, probable=False)


@pytest.mark.parametrize(
    ("tree", "kind"),
    [
        (call(">", SLOPE, 8), Kind.NUMBER),
        (call("and", call("in", CLASS, "water", None), call("is", SLOPE, None)), Kind.NUMBER),
        (call("case", call(">", SLOPE, 8), "steep", "flat"), Kind.TEXT),
        (call("if", call("=", call("month", {"column": "date"}), 7), SLOPE, None), Kind.NUMBER),
        (call("coalesce", None, None), Kind.NULL),
    ],
)
def test_what_a_condition_answers(tree: dict[str, Any], kind: Kind) -> None:
    assert check(json.loads(json.dumps(tree)), NAMED) is kind


def test_which_columns_a_condition_names() -> None:
    assert columns_of(call("and", call(">", SLOPE, 8), call("=", CLASS, "water"))) == {"dem@slope", "class"}


def deep(levels: int) -> dict[str, Any]:
    tree: dict[str, Any] = {"value": 1}
    for _ in range(levels):
        tree = call("not", tree)
    return tree


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        (call("system", "ls"), "'system', which there is not"),
        (call(">", {"column": "dam"}, 8), "'dam', which there is not"),
        (call(">", SLOPE), "> has 1 arguments"),
        (call(">", CLASS, 8), "gets a text where it needs a number"),
        (call("=", CLASS, 8), "a text beside a number"),
        (call("case", call(">", SLOPE, 8), "steep", 3), "a text beside a number"),
        (call("month", SLOPE), "gets a number where it needs a text"),
        ({"value": [1]}, "no number, text or null"),
        ({"value": float("inf")}, "no number, text or null"),
        ({"value": True}, "no number, text or null"),
        ({"value": 1, "column": "dem"}, "no value, column or call"),
        ({"call": ["and"], "of": []}, "which there is not"),
        ("8", "no tree"),
        (deep(60), "too deep"),
    ],
)
def test_a_condition_that_is_none(tree: Any, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        check(tree, NAMED)


def test_every_call_is_taken_at_its_least() -> None:
    for name, (least, _) in CALLS.items():
        text = name in ("year", "month", "day")
        assert check(call(name, *(["2020-07-01"] if text else [1] * least)), {}) is Kind.NUMBER


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rules": []}, "neither a rule nor a prior"),
        ({"rules": {}}, "must be a list"),
        ({"rules": [{"of": "water"}]}, "lacks when"),
        ({"rules": [{"when": {"value": 1}}]}, "Rule 1: It names neither a class"),
        ({"rules": [{"when": {"value": "yes"}, "becomes": "water"}]}, "Rule 1: .* answers a text"),
        ({"rules": [{"when": {"value": 1}, "of": 3, "becomes": "water"}]}, "another type"),
        ({"helpers": []}, "names 3 rasters, and its knowledge 2"),
        ({"helpers": ["date"]}, "cannot be called 'date'"),
        ({"helpers": ["dem", "dem"]}, "names 3 rasters, and its knowledge 4"),
        ({"probabilities": False}, "names 3 rasters, and its knowledge 2"),
        ({"probabilities": 1}, "true or false"),
        ({"weight": -1}, "weight of the prior"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_knowledge_that_does_not_hold_together(change: dict[str, Any], said: str) -> None:
    rule = {"when": call(">", SLOPE, 8), "of": "water"}
    known = {"rules": [rule], "helpers": ["dem"], "probabilities": True}
    wire: dict[str, Any] = {
        "task": "refine", "inputs": [{"path": name} for name in ("map.tif", "p.tif", "dem.tif")],
        "output": "o.tif", "changed": "c.tif", "knowledge": known,
    }
    job_from_dict(wire)
    with pytest.raises(InvalidRequest, match=said):
        job_from_dict({**wire, "knowledge": {**known, **change}})


def test_a_map_is_refined_on_its_own_grid() -> None:
    known = {"rules": [{"when": {"value": 1}, "becomes": "water"}]}
    wire = {"task": "refine", "inputs": [{"path": "m.tif"}], "output": "o.tif", "changed": "c.tif"}
    job_from_dict({**wire, "knowledge": known})
    with pytest.raises(InvalidRequest, match="its own grid"):
        job_from_dict({**wire, "knowledge": known, "grid": "finest"})
    with pytest.raises(InvalidRequest, match="needs knowledge"):
        job_from_dict(wire)
