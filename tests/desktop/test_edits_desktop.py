"""Parcels brought up to date in QGIS itself, by keys.

The story is edit_story.py, what it saw is judged here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osgeo import ogr, osr

LONGEST_STALL = 1.5
# The lower left corner of the parcels in the Landsat scene, and the side of one, in metres.
WEST, SOUTH, SIDE = 463_800.0, 1_736_000.0, 1200.0
COLUMNS, ROWS = 4, 3
COVERS = ("forest", "pasture", "maize")


def corner(col: float, row: float) -> tuple[float, float]:
    """A corner of the grid of parcels, whose sides are not straight in any direction."""
    x = WEST + SIDE * (col + 0.12 * math.sin(2.1 * row + col))
    y = SOUTH + SIDE * (row + 0.10 * math.cos(1.7 * col - row))
    return x, y


def patch(left: float, right: float, low: float, high: float) -> str:
    """A part of the grid as WKT, with its borders along those of the parcels."""
    steps = 8
    ring = [(left + (right - left) * k / steps, low) for k in range(steps)]
    ring += [(right, low + (high - low) * k / steps) for k in range(steps)]
    ring += [(right - (right - left) * k / steps, high) for k in range(steps)]
    ring += [(left, high - (high - low) * k / steps) for k in range(steps + 1)]
    return "POLYGON ((" + ", ".join("{!r} {!r}".format(*corner(*at)) for at in ring) + "))"


def write(path: Path, fields: dict[str, int], rows: list[tuple[str, dict[str, Any]]]) -> None:
    made = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    srs = osr.SpatialReference()
    srs.ImportFromEPSG(32615)
    table = made.CreateLayer(path.stem, srs, ogr.wkbPolygon)
    for name, kind in fields.items():
        table.CreateField(ogr.FieldDefn(name, kind))
    for shape, values in rows:
        feature = ogr.Feature(table.GetLayerDefn())
        for name, value in values.items():
            feature.SetField(name, value)
        feature.SetGeometry(ogr.CreateGeometryFromWkt(shape))
        table.CreateFeature(feature)


@pytest.fixture(scope="module")
def edits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve parcels; a cleared one, a cut through a pasture, one that is nothing any more, new ground."""
    folder = tmp_path_factory.mktemp("edits")
    parcels = [
        (patch(col, col + 1, row, row + 1), {"cover": COVERS[(col + row) % 3], "owner": f"{col}{row}"})
        for row in range(ROWS)
        for col in range(COLUMNS)
    ]
    write(folder / "parcels.gpkg", {"cover": ogr.OFTString, "owner": ogr.OFTString}, parcels)
    dates = {"date_before": "1999-11-18", "date_after": "2002-04-16"}
    found = [
        (patch(0.02, 1, 0, 1), {"from_class": "forest", "to_class": "bare", "magnitude": 6.1}),
        (patch(1.6, 2, 1, 2), {"from_class": "maize", "to_class": "water", "magnitude": 4.4}),
        (patch(2, 3, 0, 1), {"from_class": "maize", "to_class": "background", "magnitude": 3.0}),
        (patch(4, 4.8, 0.5, 1.5), {"to_class": "pasture", "magnitude": 2.2}),
    ]
    kinds = dict.fromkeys(("from_class", "to_class", "date_before", "date_after"), ogr.OFTString)
    write(folder / "changes.gpkg", {**kinds, "magnitude": ogr.OFTReal}, [
        (shape, {**values, **dates}) for shape, values in found
    ])
    return folder


@pytest.fixture(scope="module")
def seen(told: Callable[..., dict[str, Any]], scene: Path, edits: Path) -> dict[str, Any]:
    """What the story saw."""
    return told("edit_story.py", STORY_SCENE=scene, STORY_EDITS=edits)


def count(covers: list[list[Any]]) -> dict[str, int]:
    """How many parcels there are of each cover."""
    names = [cover for cover, _ in covers]
    return {name: names.count(name) for name in sorted(set(names))}


BEFORE = {"forest": 4, "maize": 4, "pasture": 4}


def test_layers_and_field_are_proposed(seen: dict[str, Any]) -> None:
    assert seen["chosen"] == ["Changes 1999 to 2002", "Parcels", "cover"]


def test_each_change_is_listed_as_an_edit(seen: dict[str, Any]) -> None:
    assert seen["listed"] == [
        "1 of 4: forest to bare", "2 of 4: split: maize to water", "3 of 4: retire maize",
        "4 of 4: add pasture",
    ]


def test_keys_accept_and_reject(seen: dict[str, Any]) -> None:
    assert seen["decided"] == ["accepted", "accepted", "rejected", "open"]
    assert count(seen["decided_covers"]) == {**BEFORE, "forest": 3, "bare": 1, "water": 1}
    assert seen["steps"][-2:] == [
        "Accept change 1: forest to bare", "Accept change 2: split: maize to water",
    ]


def test_undo_of_qgis_opens_the_proposal_again(seen: dict[str, Any]) -> None:
    assert seen["undone"] == ["accepted", "open", "rejected", "open"]
    assert count(seen["undone_covers"]) == {**BEFORE, "forest": 3, "bare": 1}
    assert seen["redone"] == ["accepted", "accepted", "rejected", "open"]


def test_before_and_after_by_mouse_and_keys(seen: dict[str, Any]) -> None:
    dragged, moved = seen["swipe"]
    assert dragged == pytest.approx(1 / 3, abs=0.02)
    assert moved == pytest.approx(dragged + 0.1, abs=0.01)


def test_the_layer_ends_as_it_was_decided(seen: dict[str, Any], edits: Path) -> None:
    assert seen["together"] == "Accept all (1)"
    assert seen["together_said"] == "1 accepted."
    assert seen["unsaved"].startswith("2 accepted and not saved yet")
    assert seen["active"] == "Parcels"
    assert seen["saved"] == ["accepted", "open", "rejected", "accepted"]
    opened = ogr.Open(str(edits / "parcels.gpkg"))
    rows = [feature.items() for feature in opened.GetLayer()]
    covers = [row["cover"] for row in rows]
    assert {name: covers.count(name) for name in set(covers)} == {
        "forest": 3, "maize": 4, "pasture": 5, "bare": 1,
    }
    bare = next(row for row in rows if row["cover"] == "bare")
    assert bare["owner"] == "00"
    assert bare["geofm_source"] == "GeoFM, change 1999-11-18 to 2002-04-16, magnitude 6.1"
    assert bare["geofm_date"] == "2002-04-16"
    assert bare["geofm_action"] == "reclass forest > bare"


@pytest.mark.parametrize("what", ["proposing", "deciding", "swipe"])
def test_qgis_stays_responsive(seen: dict[str, Any], what: str) -> None:
    assert seen[f"{what}_stall"] < LONGEST_STALL * seen["crowded"]


def test_it_ends_well_and_leaves_pictures(seen: dict[str, Any], pictures: Path) -> None:
    assert seen["returncode"] == 0, seen["stderr"]
    for name in ("edits-3-first.png", "edits-6-swipe.png", "edits-8-saved.png", "edits-9-dark.png"):
        assert (pictures / name).stat().st_size > 10_000
