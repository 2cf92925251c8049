"""Requests as data, as Python and as commands."""

from __future__ import annotations

import json
import shlex

import pytest
from qgis.core import QgsProject

from geofm.ui.commands import as_command, as_python
from geofm.ui.history import LIMIT, Entry, History
from geofm.ui.requests import TEMPORARY, LayerRef, Request, Step, free_path, located, with_files
from geofm.ui.settings import Settings
from geofm.ui.state import Outcome

SAID = {"scale": "0.0001", "offset": "-0.1", "date": "2020-07-01"}
IMAGE = LayerRef("image_1", "image", "/data/my image.tif", bands="B02,B03", **SAID)
OTHER = LayerRef("other_1", "other", "/data/other.tif", bands="red,nir", **SAID)
PLACES = LayerRef("places_1", "places", "/data/places.gpkg|layername=p")
TRAIN = Step(
    "geofm:trainclassifier",
    {
        "INPUT": ["image_1"],
        "SAMPLES": "places_1",
        "FIELD": "class",
        "MODEL": "spectral-texture",
        "DEVICE": "auto",
        "OUTPUT": "/models/places.geofm",
        "REPORT": TEMPORARY,
    },
)
CLASSIFY = Step(
    "geofm:classify",
    {"INPUT": ["image_1"], "DEVICE": "auto", "OUTPUT": TEMPORARY, "CONFIDENCE": TEMPORARY},
    {"OUTPUT": "Classes", "CONFIDENCE": "Confidence"},
    {"CLASSIFIER": (0, "OUTPUT")},
)
TEACH = Request("Classes taught on image", (TRAIN, CLASSIFY), (IMAGE, PLACES), 100, "teach")


def words_of(command: str) -> list[str]:
    return shlex.split(command.replace("\\\n", " "))


def test_a_request_survives_json() -> None:
    assert Request.from_dict(json.loads(json.dumps(TEACH.to_dict()))) == TEACH


def test_python_says_all_that_the_layers_say() -> None:
    calls = []

    class Processing:
        @staticmethod
        def run(algorithm, parameters):
            calls.append((algorithm, parameters))
            return {"OUTPUT": f"result of {algorithm}"}

    text = as_python(TEACH).replace("import processing", "")
    exec(compile(text, "copied", "exec"), {"processing": Processing})
    (train, first), (classify, second) = calls
    assert (train, classify) == ("geofm:trainclassifier", "geofm:classify")
    assert first["INPUT"] == ["/data/my image.tif"]
    assert first["SAMPLES"] == "/data/places.gpkg|layername=p"
    assert (first["BANDS"], first["SCALE"], first["DATE"]) == ("B02,B03", "0.0001", "2020-07-01")
    assert second["CLASSIFIER"] == "result of geofm:trainclassifier"
    assert second["OUTPUT"] == TEMPORARY


def test_a_command_quotes_repeats_and_names_its_results() -> None:
    first, second = as_command(TEACH).split("&&")
    train, classify = words_of(first), words_of(second)
    assert train[:4] == ["qgis_process", "run", "geofm:trainclassifier", "--"]
    assert "INPUT=/data/my image.tif" in train
    assert "BANDS=B02,B03" in train
    assert "REPORT=classes-taught-on-image-report.html" in train
    assert "CLASSIFIER=/models/places.geofm" in classify
    assert "OUTPUT=classes-taught-on-image.tif" in classify
    assert "CONFIDENCE=classes-taught-on-image-confidence.tif" in classify
    assert TEMPORARY not in as_command(TEACH)


def test_several_layers_are_repeated_and_their_bands_dealt_out() -> None:
    step = Step("geofm:cluster", {"INPUT": ["image_1", "other_1"], "OUTPUT": TEMPORARY})
    words = words_of(as_command(Request("Groups", (step,), (IMAGE, OTHER))))
    assert [word for word in words if word.startswith("INPUT=")] == [
        "INPUT=/data/my image.tif",
        "INPUT=/data/other.tif",
    ]
    assert "BANDS=B02,B03;red,nir" in words
    assert "SCALE=0.0001" in words
    assert "OFFSET=-0.1" in words


def test_the_dates_of_a_change_are_told_apart() -> None:
    later = LayerRef("later_1", "later", "/data/later.tif", date="2021-07-01")
    step = Step("geofm:change", {"BEFORE": ["image_1"], "AFTER": ["later_1"], "OUTPUT": TEMPORARY})
    plain = LayerRef("image_1", "image", "/data/image.tif", date="2020-07-01")
    words = words_of(as_command(Request("Change", (step,), (plain, later))))
    assert "DATE=2020-07-01" in words
    assert "DATE_AFTER=2021-07-01" in words


def test_what_parameters_cannot_say_is_refused() -> None:
    raw = LayerRef("raw_1", "raw", "/data/raw.tif")
    step = Step("geofm:cluster", {"INPUT": ["image_1", "raw_1"], "OUTPUT": TEMPORARY})
    with pytest.raises(ValueError, match="scale"):
        as_command(Request("Groups", (step,), (IMAGE, raw)))


def test_results_are_kept_under_names_not_yet_taken(tmp_path) -> None:
    (tmp_path / "map.tif").touch()
    kept = with_files(TEACH, str(tmp_path), "map")
    assert kept.steps[0].parameters["OUTPUT"] == "/models/places.geofm"
    assert kept.steps[0].parameters["REPORT"] == str(tmp_path / "map-report.html")
    assert kept.steps[1].parameters["OUTPUT"] == str(tmp_path / "map-2.tif")
    assert kept.steps[1].parameters["CONFIDENCE"] == str(tmp_path / "map-confidence.tif")
    assert free_path(str(tmp_path), "map", ".tif") == str(tmp_path / "map-2.tif")


def test_a_layer_that_is_gone_is_found_by_its_file(landsat) -> None:
    there = LayerRef(landsat[0].id(), "there", "/there.tif")
    gone = LayerRef("gone_1", "gone", "/gone.tif")
    value = [there.id, gone.id, "text"]
    assert located(value, (there, gone), QgsProject.instance()) == [there.id, "/gone.tif", "text"]


def test_the_history_is_remembered_bounded_and_survives_old_lines(settings) -> None:
    history = History(Settings())
    for number in range(LIMIT + 3):
        entry = Entry(TEACH, Outcome.DONE, "2026-01-02T03:04:05", float(number), {"OUTPUT": "/a.tif"}, "93 %")
        history.add(entry)
    again = History(Settings())
    assert len(again.entries()) == LIMIT
    assert again.entries() == history.entries()
    assert again.entries()[0].seconds == LIMIT + 2
    broken = [*Settings().items("history"), {"request": "of another version"}, 7]
    Settings().set_items("history", broken)
    assert len(History(Settings()).entries()) == LIMIT
    again.clear()
    assert History(Settings()).entries() == []
