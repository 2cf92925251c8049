"""From changed places to a layer updated: qgis_process, a stand-alone script, the engine's own polygons."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osgeo import ogr, osr

HEAD = """
import json, sys
from qgis.core import *
app = QgsApplication([], False)
app.initQgis()
from geofm import api
from geofm.inference.errors import *
"""
TAIL = """
for n in [n for n in list(globals()) if n not in ("app", "sys") and not n.startswith("__")]:
    globals().pop(n)
app.exitQgis()
"""
LEFT, TOP, PIXEL = 500_000.0, 5_400_000.0, 10.0


Strips = list[tuple[float, float, dict[str, Any]]]


def _write(path: Path, name: str, fields: dict[str, int], rows: Strips) -> Path:
    """Upright strips of the painted scene, by their first and last column in pixels."""
    made = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    srs = osr.SpatialReference()
    srs.ImportFromEPSG(32633)
    table = made.CreateLayer(name, srs, ogr.wkbPolygon)
    for field, kind in fields.items():
        table.CreateField(ogr.FieldDefn(field, kind))
    for first, last, values in rows:
        feature = ogr.Feature(table.GetLayerDefn())
        for field, value in values.items():
            feature.SetField(field, value)
        left, right, bottom = LEFT + PIXEL * first, LEFT + PIXEL * last, TOP - 900
        ring = f"{left} {TOP}, {right} {TOP}, {right} {bottom}, {left} {bottom}, {left} {TOP}"
        feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON (({ring}))"))
        table.CreateFeature(feature)
    return path


@pytest.fixture
def parcels(tmp_path: Path) -> Path:
    """Water, forest and town, each a strip of 40 pixels."""
    rows = [(40 * at, 40 * at + 40, {"cover": name}) for at, name in enumerate(("water", "forest", "town"))]
    return _write(tmp_path / "parcels.gpkg", "parcels", {"cover": ogr.OFTString}, rows)


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The forest became town but for its left quarter, and so did a part of the water."""
    fields = {"to_class": ogr.OFTString, "magnitude": ogr.OFTReal, "date_after": ogr.OFTString}
    rows = [
        (45, 80, {"to_class": "town", "magnitude": 4.0, "date_after": "2002-04-16"}),
        (0, 10, {"to_class": "town", "magnitude": 2.0, "date_after": "2002-04-16"}),
        (120, 140, {"to_class": "water", "magnitude": 1.0, "date_after": "2002-04-16"}),
    ]
    return _write(tmp_path / "changed.gpkg", "changed", fields, rows)


def rows(path: Path) -> list[dict[str, Any]]:
    opened = ogr.Open(str(path))
    return [
        {**feature.items(), "pixels": round(feature.GetGeometryRef().GetArea() / 9000)}
        for feature in opened.GetLayer()
    ]


def test_proposals_on_the_command_line(
    run_algorithm: Callable[..., dict[str, Any]], parcels: Path, changed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "proposals.gpkg"
    found = run_algorithm(
        "geofm:proposeedits", CHANGES=changed, LAYER=parcels, FIELD="cover", OUTPUT=out
    )
    assert Path(found["OUTPUT"]) == out
    assert {name: found[name] for name in ("ADD", "RETIRE", "SPLIT", "RECLASS")} == {
        "ADD": 1, "RETIRE": 0, "SPLIT": 1, "RECLASS": 1,
    }
    assert [(row["action"], row["target"], row["to_class"], row["pixels"]) for row in rows(out)] == [
        ("reclass", 2, "town", 40), ("split", 1, "town", 10), ("add", None, "water", 20),
    ]
    assert [row["cover"] for row in rows(parcels)] == ["water", "forest", "town"], "it is only read"


def test_the_command_line_says_what_is_wrong(qgis_process: Any, parcels: Path, changed: Path) -> None:
    answer = qgis_process(
        "run", "geofm:proposeedits", f"--CHANGES={changed}", f"--LAYER={parcels}", "--FIELD=cover",
        f"--OUTPUT={parcels}",
    )
    assert answer.code != 0
    assert "parcels.gpkg holds what is to be read, and would be replaced." in answer.out + answer.err
    assert len(rows(parcels)) == 3


def test_help_of_the_command_line(qgis_process: Any) -> None:
    answer = qgis_process("help", "geofm:proposeedits")
    assert answer.code == 0
    for words in ("CHANGES", "LAYER", "FIELD", "MIN_OVERLAP", "MIN_AREA", "RECLASS", "Results"):
        assert words in answer.out


SCRIPT = """
changed, parcels, folder = sys.argv[1:]
layer = QgsVectorLayer(parcels, "parcels", "ogr")
said = []
proposals = api.propose_edits(changed, layer, "cover", output=folder + "/proposals.gpkg",
                              progress=lambda percent, text: said.append(percent))
first = api.apply_edits(layer, proposals, only="magnitude > 1.5", provenance=True)
shown = [f["state"] for f in proposals.getFeatures()]
undone = layer.undoStack().undoText()
layer.undoStack().undo()
after_undo = [f["state"] for f in proposals.getFeatures()]
rest = api.apply_edits(layer, proposals.source().split("|")[0], only=[2, 3])
unsaved = len(list(QgsVectorLayer(parcels, "again", "ogr").getFeatures()))
assert layer.commitChanges(), layer.commitErrors()
refusals = []
for trial in (lambda: api.apply_edits(parcels, proposals), lambda: api.apply_edits(layer, layer),
              lambda: api.propose_edits(changed, layer, "nothing"),
              lambda: api.apply_edits(layer, proposals, only="size > 2")):
    try:
        trial()
    except GeoFMError as error:
        refusals.append(str(error))
print(json.dumps({
    "valid": proposals.isValid(), "looks": type(proposals.renderer()).__name__,
    "first": [first.accepted, first.skipped], "shown": shown, "undone": undone, "after_undo": after_undo,
    "rest": [rest.accepted, rest.skipped], "unsaved": unsaved, "refusals": refusals, "said": max(said),
}))
"""


def test_a_script_proposes_applies_and_saves(
    script: Any, parcels: Path, changed: Path, tmp_path: Path
) -> None:
    done = script(HEAD + SCRIPT + TAIL, changed, parcels, tmp_path)
    assert done.code == 0, done.err
    found = json.loads(done.out.splitlines()[-1])
    assert found["valid"]
    assert found["looks"] == "QgsCategorizedSymbolRenderer"
    assert found["first"] == [{"reclass": 1, "split": 1}, {}]
    assert found["shown"] == ["accepted", "accepted", "open"]
    assert found["undone"] == "Accept change 2: split: water to town"
    assert found["after_undo"] == ["accepted", "open", "open"]
    assert found["rest"] == [{"split": 1, "add": 1}, {}]
    assert found["unsaved"] == 3, "nothing is saved before the script saves"
    assert found["said"] >= 50
    covers = sorted((row["cover"], row["pixels"]) for row in rows(parcels))
    assert covers == [("town", 10), ("town", 40), ("town", 40), ("water", 20), ("water", 30)]
    assert {row["geofm_action"] for row in rows(parcels)} == {
        None, "reclass forest > town", "split water > town", "add - > water",
    }
    path, none, field, condition = found["refusals"]
    assert path.startswith("Edits need a layer, not a path")
    assert "holds no proposed edits" in none
    assert "has no field nothing" in field
    assert "cannot be understood" in condition
    states = {row["id"]: (row["state"], row["saved"]) for row in rows(tmp_path / "proposals.gpkg")}
    assert states == {1: ("accepted", 1), 2: ("accepted", 1), 3: ("accepted", 1)}


def test_the_polygons_of_a_change_run_are_taken(
    toolbox: Any, paint: Any, parcels: Path, tmp_path: Path
) -> None:
    """The engine's own polygons, by whatever names it has its attributes: built-up ground in the forest."""
    before, after = paint(tmp_path / "before.tif"), paint(tmp_path / "after.tif", built=(50, 20, 20, 30))
    found = toolbox.run("geofm:change", {
        "BEFORE": [str(before)], "AFTER": [str(after)], "MODEL": "spectral-texture",
        "DATE": "1999-11-18", "DATE_AFTER": "2002-04-16", "MIN_AREA": 2000,
        "OUTPUT": str(tmp_path / "magnitude.tif"), "POLYGONS": str(tmp_path / "changes.gpkg"),
    })
    proposed = toolbox.run("geofm:proposeedits", {
        "CHANGES": found["POLYGONS"], "LAYER": str(parcels), "FIELD": "cover",
        "OUTPUT": str(tmp_path / "proposals.gpkg"),
    })
    listed = rows(Path(proposed["OUTPUT"]))
    assert [(row["action"], row["target"], row["from_class"]) for row in listed] == [("split", 2, "forest")]
    assert listed[0]["magnitude"] > 1
    assert 0.95 * 600 * 100 < listed[0]["area_m2"] < 1.1 * 600 * 100, "what changed, without a rim"
