"""The plugin's cards are STAC Items with the Machine Learning Model extension; the check can fail."""

from __future__ import annotations

import ast
import copy
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from geofm.inference.cards import load_card
from geofm.inference.places import bundled_models

ROOT = Path(__file__).resolve().parents[2]
CARDS = sorted(bundled_models().glob("*.json"))
OWN_FIELD = re.compile(r"geofm:[a-z_]+")
Faults = Callable[[Mapping[str, Any]], list[str]]


def raw(name: str) -> Any:
    return json.loads((bundled_models() / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_a_card_of_the_plugin_is_a_valid_item(path: Path, valid_item: Callable[[Any], None]) -> None:
    valid_item(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_a_card_of_the_plugin_says_whose_it_is_and_how_it_was_checked(path: Path) -> None:
    card = load_card(path)
    assert path.stem == card.id
    assert card.title
    assert card.description
    assert card.licence
    assert card.source
    assert card.verified
    assert card.citation or not card.assets


DROP = object()


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("type",), "Model"),
        (("bbox",), [0, 0, 1, 1]),
        (("geometry",), DROP),
        (("links",), DROP),
        (("stac_version",), "1.0.0"),
        (("stac_extensions", 0), "https://stac-extensions.github.io/mlm/v1.0.0/schema.json"),
        (("stac_extensions", 1), "https://stac-extensions.github.io/scientific/v1.0.0/schema.json"),
        (("properties", "datetime"), None),
        (("properties", "datetime"), "yesterday"),
        (("properties", "license"), "my own licence"),
        (("properties", "license"), "other"),
        (("properties", "gsd"), "ten"),
        (("properties", "gsd"), float("nan")),
        (("properties", "bands"), []),
        (("properties", "bands", 0, "eo:common_name"), "bluish"),
        (("properties", "bands", 0, "eo:center_wavelength"), 492.7),
        (("properties", "raster:bands"), []),
        (("properties", "mlm:name"), DROP),
        (("properties", "mlm:name"), "<b>"),
        (("properties", "mlm:architecture"), ""),
        (("properties", "mlm:tasks"), ["embed"]),
        (("properties", "mlm:tasks"), ["regression"]),
        (("properties", "mlm:task"), "similarity-search"),
        (("properties", "mlm:pretrained"), False),
        (("properties", "mlm:hyperparameters"), {}),
        (("properties", "mlm:hyperparameters", "patch size"), 4),
        (("properties", "mlm:input", 0, "name"), DROP),
        (("properties", "mlm:input", 0, "bands", 0), "B99"),
        (("properties", "mlm:input", 0, "input", "data_type"), "float"),
        (("properties", "mlm:input", 0, "input", "shape"), [-1, 16, 16]),
        (("properties", "mlm:input", 0, "input", "shape", 4), 11),
        (("properties", "mlm:input", 0, "input", "dim_order", 4), "channel"),
        (("properties", "mlm:input", 0, "input", "dim_order", 1), "width"),
        (("properties", "mlm:input", 0, "value_scaling", 0, "type"), "minmax"),
        (("properties", "mlm:input", 0, "value_scaling"), [{"type": "scale", "value": 1}] * 3),
        (("properties", "mlm:input", 0, "resize_type"), "bilinear"),
        (("properties", "mlm:output", 0, "result", "shape", 1), 4.5),
        (("properties", "mlm:output", 0, "result"), DROP),
        (("properties", "mlm:output"), ["features"]),
        (("properties", "mlm:output"), None),
        (("assets", "encoder", "href"), DROP),
        (("assets", "encoder", "type"), DROP),
        (("assets", "encoder", "mlm:artifact_type"), DROP),
        (("assets", "encoder", "mlm:input"), []),
        (("assets", "encoder", "file:size"), "big"),
        (("assets", "encoder", "file:checksum"), "SHA256"),
    ],
)
def test_a_broken_card_is_no_valid_item(place: tuple[Any, ...], value: object, item_faults: Faults) -> None:
    card = copy.deepcopy(raw("galileo-nano"))
    holder = card
    for key in place[:-1]:
        holder = holder[key]
    if value is DROP:
        del holder[place[-1]]
    else:
        holder[place[-1]] = value
    assert item_faults(card)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Cloud shadow"},
        {"name": ""},
        {"color_hint": "#ffffff"},
        {"value": 1},
        {"value": "one"},
        {"colour": "red"},
    ],
)
def test_broken_classes_are_no_valid_item(change: dict[str, Any], item_faults: Faults) -> None:
    card = copy.deepcopy(raw("ukis-csmask"))
    card["properties"]["mlm:output"][0]["classification:classes"][2].update(change)
    assert item_faults(card)


def described() -> list[str]:
    """The fields in the first column of the table of docs/adding-a-model.md."""
    text = (ROOT / "docs" / "adding-a-model.md").read_text(encoding="utf-8")
    cells = (line.split("|")[1].strip(" `") for line in text.splitlines() if line.startswith("| `geofm:"))
    return list(cells)


def read_fields() -> set[str]:
    """The fields that the code names, whoever reads or writes them."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "inference").rglob("*.py"))
    texts = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and OWN_FIELD.fullmatch(text)}


def test_our_own_fields_are_those_of_the_documentation() -> None:
    assert sorted(described()) == sorted(read_fields())
    assert "geofm:family" in read_fields()


def own_fields(value: object) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(own_fields, value))
    if not isinstance(value, dict):
        return set()
    inside = (own_fields(part) for name, part in value.items() if not OWN_FIELD.fullmatch(name))
    return set().union(*inside) | {name for name in value if name.startswith("geofm:")}


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_a_card_of_the_plugin_has_no_field_that_nothing_reads(path: Path) -> None:
    found = own_fields(json.loads(path.read_text(encoding="utf-8")))
    assert "geofm:family" in found
    assert found <= set(described())


def test_titles_differ_in_what_a_narrow_dock_shows_of_them() -> None:
    shown = [json.loads(path.read_text(encoding="utf-8"))["properties"]["title"][:24] for path in CARDS]
    assert len(shown) == len(set(shown))
