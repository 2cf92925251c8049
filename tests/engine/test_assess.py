"""Check points drawn from a map, answered with the truth, and what the assessment then says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from geofm.inference.catalog import default_catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.grid import Grid
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.results.outputs import RasterWriter
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import Cancelled, InvalidRequest, UnsupportedInput
from geofm.inference.jobs import ClassInfo, Job, RasterRef, Result, SampleRef, Task
from geofm.inference.places import data_home, models_folders

CRS = "EPSG:32633"
ORIGIN = 500_000.0, 5_400_000.0
CLASSES = (
    ClassInfo(1, "forest", "#1f6b35"),
    ClassInfo(2, "water", "#2a6fbb"),
    ClassInfo(3, "burnt", "#5b2c1d"),
)
SIDE = 600
Runner = Callable[[Job], Result]


@pytest.fixture(scope="module")
def run() -> Runner:
    store = Store(data_home(), models_folders(), offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))
    context = Context(lambda stage, done, total, message: None, lambda: None)
    return lambda job: run_job(job, services, context)


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    """Forest with a lake and a small burnt place; the last rows and columns are unknown."""
    rows, cols = np.indices((SIDE, SIDE))
    values = np.ones((SIDE, SIDE), np.uint8)
    values[(rows - 200) ** 2 + (cols - 250) ** 2 < 150**2] = 2
    values[430:470, 380:450] = 3
    return values


@pytest.fixture(scope="module")
def shown(truth: np.ndarray) -> np.ndarray:
    """What the map says: a tenth of the forest as water, and no data along two sides."""
    wrong = (np.random.default_rng(1).random(truth.shape) < 0.1) & (truth == 1)
    values = np.where(wrong, 2, truth).astype(np.uint8)
    values[-20:], values[:, -20:] = 0, 0
    return values


@pytest.fixture(scope="module")
def class_map(shown: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The map as GeoFM writes it, with an attribute table."""
    path = tmp_path_factory.mktemp("map") / "map.tif"
    return written(path, shown, CRS, 20.0)


def written(path: Path, values: np.ndarray, crs: str, size: float, classes: Any = CLASSES) -> Path:
    rows, cols = values.shape
    wkt = rasterio.crs.CRS.from_user_input(crs).to_wkt()
    origin = ORIGIN if size > 1 else (10.0, 70.0)
    grid = Grid(cols, rows, (size, 0.0, origin[0], 0.0, -size, origin[1]), wkt)
    settings = {"bands": 1, "dtype": "uint8", "nodata": 0, "classes": classes, "provenance": {}}
    with RasterWriter(path, grid, **settings) as target:
        target.write(grid.window, values[None])
    return path


def drawn(run: Runner, path: Path, out: Path, **fields: Any) -> Result:
    return run(Job(Task.CHECKPOINTS, (RasterRef(str(path)),), str(out), **{"count": 150, **fields}))


def table(path: Path) -> dict[str, np.ndarray]:
    meta, _, geometry, data = pyogrio.raw.read(path)
    points = shapely.from_wkb(geometry)
    found = dict(zip(meta["fields"].tolist(), data, strict=True))
    return {**found, "x": shapely.get_x(points), "y": shapely.get_y(points), "crs": meta["crs"]}


def at(points: dict[str, np.ndarray], values: np.ndarray, size: float = 20.0) -> np.ndarray:
    rows, cols = (ORIGIN[1] - points["y"]) / size, (points["x"] - ORIGIN[0]) / size
    return values[np.floor(rows).astype(int), np.floor(cols).astype(int)]


def answered(source: Path, out: Path, texts: Any, crs: str = CRS, **more: Any) -> Path:
    """The points with what somebody says is there."""
    points = table(source)
    names = ["reference", "stratum", "stratum_m2"]
    columns = [np.array(texts, object), points["stratum"], points["stratum_m2"]]
    if more.pop("design", True) is False:
        names, columns = names[:1], columns[:1]
    geometry = shapely.to_wkb(shapely.points(points["x"], points["y"]))
    pyogrio.raw.write(out, geometry, columns, names, geometry_type="Point", crs=crs, layer="points")
    return out


def named(values: np.ndarray) -> list[str]:
    names = {info.value: info.name for info in CLASSES}
    return [names[int(value)] for value in values]


def assessed(run: Runner, path: Path, reference: Path, out: Path, **fields: Any) -> dict[str, Any]:
    field = fields.pop("field", "reference")
    job = Job(
        Task.ASSESS,
        (RasterRef(str(path)),),
        str(out),
        samples=SampleRef(str(reference), field=field),
        report=str(out.with_suffix(".html")),
        **fields,
    )
    result = run(job)
    assert result.outputs == {"JSON": str(out), "REPORT": str(out.with_suffix(".html"))}
    return json.loads(out.read_text(encoding="utf-8"))


# --- drawing ------------------------------------------------------------------------------------


def test_points_are_drawn_within_the_classes(run, class_map, shown, tmp_path) -> None:
    result = drawn(run, class_map, tmp_path / "points.gpkg")
    points = table(tmp_path / "points.gpkg")
    assert points["id"].tolist() == list(range(1, 151))
    assert (at(points, shown) == points["stratum"]).all()
    assert len(set(zip(points["x"].tolist(), points["y"].tolist(), strict=True))) == 150
    assert all(value is None for value in points["reference"])
    # The burnt place is a hundredth of the map; it gets a fair share all the same.
    assert (points["stratum"] == 3).sum() == 25
    areas = {value: float((shown == value).sum() * 400) for value in (1, 2, 3)}
    assert {v: points["stratum_m2"][points["stratum"] == v][0] for v in areas} == pytest.approx(areas)
    assert [one["points"] for one in result.facts["strata"]] == [
        int((points["stratum"] == value).sum()) for value in (1, 2, 3)
    ]
    assert [info.name for info in result.classes] == ["forest", "water", "burnt"]


def test_a_blind_checker_is_told_nothing_by_order_or_name(run, class_map, tmp_path) -> None:
    drawn(run, class_map, tmp_path / "blind.gpkg")
    drawn(run, class_map, tmp_path / "open.gpkg", blind=False)
    blind, seeing = table(tmp_path / "blind.gpkg"), table(tmp_path / "open.gpkg")
    assert "map_class" not in blind
    assert seeing["map_class"].tolist() == named(seeing["stratum"])
    changes = (np.diff(blind["stratum"]) != 0).sum()
    assert changes > 60


def test_the_same_seed_draws_the_same_points_whatever_the_map_file(run, class_map, tmp_path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        drawn(run, class_map, tmp_path / f"{name}.gpkg", seed=seed)
    bytes_of = {name: (tmp_path / f"{name}.gpkg").read_bytes() for name in "abc"}
    first, again, other = (table(tmp_path / f"{name}.gpkg") for name in "abc")
    assert first["x"].tolist() == again["x"].tolist()
    assert first["x"].tolist() != other["x"].tolist()
    assert len(bytes_of["a"]) > 0


def test_every_pixel_of_a_class_is_as_likely_as_any_other(run, tmp_path) -> None:
    values = np.ones((520, 600), np.uint8)
    values[:, 300:] = 2
    path = written(tmp_path / "halves.tif", values, CRS, 20.0)
    drawn(run, path, tmp_path / "p.gpkg", count=6000)
    points = table(tmp_path / "p.gpkg")
    # Blocks of 512 lines: the last 8 rows are a block of their own.
    rows = np.floor((ORIGIN[1] - points["y"]) / 20)
    expected = 6000 * 8 / 520
    assert abs((rows >= 512).sum() - expected) < 4 * np.sqrt(expected)
    left = (points["stratum"] == 1) & (points["x"] < ORIGIN[0] + 150 * 20)
    assert abs(left.sum() - 1500) < 4 * np.sqrt(750)


def test_in_degrees_ground_counts_and_not_pixels(run, tmp_path) -> None:
    """From 70 to 10 degrees north: a pixel at the southern end is almost three times as large."""
    values = np.ones((600, 40), np.uint8)
    values[:, 20:] = 2
    path = written(tmp_path / "degrees.tif", values, "EPSG:4326", 0.1)
    drawn(run, path, tmp_path / "p.gpkg", count=4000)
    points = table(tmp_path / "p.gpkg")
    south = (points["y"] < 40).mean()
    wanted = (np.sin(np.radians(40)) - np.sin(np.radians(10))) / (
        np.sin(np.radians(70)) - np.sin(np.radians(10))
    )
    assert south == pytest.approx(wanted, abs=0.03)
    assert wanted > 0.55


@pytest.mark.parametrize("allocation", ["equal", "proportional", "mixed"])
def test_how_points_are_shared_out(run, class_map, shown, tmp_path, allocation) -> None:
    drawn(run, class_map, tmp_path / "p.gpkg", allocation=allocation)
    counts = np.bincount(table(tmp_path / "p.gpkg")["stratum"], minlength=4)[1:]
    assert counts.sum() == 150
    shares = np.bincount(shown[shown > 0], minlength=4)[1:] / (shown > 0).sum()
    # The burnt place is too small for two points by its share; "mixed" spends half of all on such classes.
    least = {"equal": 50, "proportional": 2, "mixed": 25}[allocation]
    common = (150 - least) * shares[:2] / shares[:2].sum()
    wanted = [50, 50, 50] if allocation == "equal" else [*common, least]
    assert np.abs(counts - wanted).max() < 1


def test_a_standard_error_decides_on_the_count(run, class_map, tmp_path) -> None:
    result = drawn(run, class_map, tmp_path / "p.gpkg", count=0, standard_error=0.04, expected=0.8)
    assert result.facts["points"] == 100
    assert 0.03 < result.facts["expected_error"] < 0.07


def test_too_few_points_for_the_classes(run, class_map, tmp_path) -> None:
    with pytest.raises(UnsupportedInput, match="5 points are too few for the 3 classes"):
        drawn(run, class_map, tmp_path / "p.gpkg", count=5)
    assert list(tmp_path.iterdir()) == []


def test_a_class_of_three_pixels_gives_all_it_has(run, tmp_path) -> None:
    values = np.ones((100, 100), np.uint8)
    values[4, 4:7] = 2
    path = written(tmp_path / "m.tif", values, CRS, 20.0, CLASSES[:2])
    result = drawn(run, path, tmp_path / "p.gpkg", count=40, allocation="equal")
    assert (table(tmp_path / "p.gpkg")["stratum"] == 2).sum() == 3
    assert any("fewer pixels of water" in warning for warning in result.warnings)


def test_only_the_area_asked_for_is_drawn_from(run, class_map, tmp_path) -> None:
    box = shapely.box(ORIGIN[0], ORIGIN[1] - 6000, ORIGIN[0] + 6000, ORIGIN[1])
    pyogrio.raw.write(
        tmp_path / "area.gpkg", shapely.to_wkb([box]), [], [], geometry_type="Polygon", crs=CRS
    )
    drawn(run, class_map, tmp_path / "p.gpkg", count=60, area=SampleRef(str(tmp_path / "area.gpkg")))
    points = table(tmp_path / "p.gpkg")
    assert (points["x"] < ORIGIN[0] + 6000).all()
    assert (points["y"] > ORIGIN[1] - 6000).all()


def test_measurements_are_no_classes(run, tmp_path) -> None:
    path = tmp_path / "heights.tif"
    profile = {"driver": "GTiff", "width": 50, "height": 50, "count": 1, "dtype": "float32", "crs": CRS}
    with rasterio.open(path, "w", **profile, transform=from_origin(*ORIGIN, 20, 20)) as target:
        target.write(np.random.default_rng(0).random((1, 50, 50), np.float32))
    with pytest.raises(UnsupportedInput, match="holds measurements, not classes"):
        drawn(run, path, tmp_path / "p.gpkg")


# --- assessing ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def checked(run, class_map, truth, tmp_path_factory) -> Path:
    """Six hundred check points, each answered with the truth."""
    folder = tmp_path_factory.mktemp("checked")
    drawn(run, class_map, folder / "points.gpkg", count=600)
    points = table(folder / "points.gpkg")
    return answered(folder / "points.gpkg", folder / "answers.gpkg", named(at(points, truth)))


def test_the_truth_lies_in_the_intervals(run, class_map, checked, truth, shown, tmp_path) -> None:
    found = assessed(run, class_map, checked, tmp_path / "a.json")
    seen = shown > 0
    right = (truth == shown)[seen].mean()
    assert found["overall"]["low"] < right < found["overall"]["high"]
    assert found["overall"]["value"] == pytest.approx(right, abs=0.04)
    total = seen.sum() * 400.0
    assert found["total_m2"] == pytest.approx(total)
    for info, row in zip(CLASSES, found["classes"], strict=True):
        really = ((truth == info.value) & seen).sum() * 400.0
        assert row["mapped_m2"] == pytest.approx((shown == info.value).sum() * 400.0)
        assert row["adjusted_m2"]["low"] <= really <= row["adjusted_m2"]["high"], row
    assert "stratified random sample" in found["sampling"]
    assert found["warnings"] == []


def test_the_map_overstates_water_and_the_sample_says_so(run, class_map, checked, tmp_path) -> None:
    water = assessed(run, class_map, checked, tmp_path / "a.json")["classes"][1]
    assert water["adjusted_m2"]["high"] < water["mapped_m2"]
    assert water["producers"]["value"] == 1.0
    assert water["users"]["value"] < 0.85


def test_answers_by_value_count_like_names(run, class_map, checked, truth, tmp_path) -> None:
    points = table(checked)
    values = [str(value) for value in at(points, truth)]
    by_value = answered(checked, tmp_path / "values.gpkg", values)
    wanted = assessed(run, class_map, checked, tmp_path / "a.json")
    assert assessed(run, class_map, by_value, tmp_path / "b.json")["matrix"] == wanted["matrix"]


def test_a_reference_of_another_crs_is_moved(run, class_map, checked, tmp_path) -> None:
    points = table(checked)
    lon, lat = (
        np.array(side) for side in rasterio.warp.transform(CRS, "EPSG:4326", points["x"], points["y"])
    )
    columns = [points[name] for name in ("reference", "stratum", "stratum_m2")]
    geometry = shapely.to_wkb(shapely.points(lon, lat))
    pyogrio.raw.write(
        tmp_path / "far.gpkg", geometry, columns, ["reference", "stratum", "stratum_m2"],
        geometry_type="Point", crs="EPSG:4326",
    )
    wanted = assessed(run, class_map, checked, tmp_path / "a.json")
    assert assessed(run, class_map, tmp_path / "far.gpkg", tmp_path / "b.json")["matrix"] == wanted["matrix"]


def test_what_cannot_be_compared_is_said(run, class_map, checked, truth, tmp_path) -> None:
    points = table(checked)
    texts = named(at(points, truth))
    texts[:10], texts[10:13], texts[13] = [None] * 10, ["swamp"] * 3, "Forest"
    moved = {**points, "x": points["x"].copy(), "y": points["y"].copy()}
    moved["x"][20:24] -= 1e6
    # Into the rows without data at the southern end.
    moved["y"][30:35] = ORIGIN[1] - (SIDE - 5) * 20
    geometry = shapely.to_wkb(shapely.points(moved["x"], moved["y"]))
    columns = [np.array(texts, object), points["stratum"], points["stratum_m2"]]
    pyogrio.raw.write(
        tmp_path / "r.gpkg", geometry, columns, ["reference", "stratum", "stratum_m2"],
        geometry_type="Point", crs=CRS,
    )
    found = assessed(run, class_map, tmp_path / "r.gpkg", tmp_path / "a.json")
    assert found["places"] == {
        "compared": 578, "unanswered": 10, "unknown": 3, "outside": 4, "no_data": 5,
    }
    said = " ".join(found["warnings"])
    assert "10 of 600 places have no reference class yet." in said
    assert "left out: swamp (3)." in said
    assert "4 of 600 places lie off the map" in said
    assert "5 of 600 places lie where the map has no class." in said


def test_points_of_unknown_origin_are_said_to_be_so(run, class_map, checked, truth, tmp_path) -> None:
    points = table(checked)
    plain = answered(checked, tmp_path / "p.gpkg", named(at(points, truth)), design=False)
    found = assessed(run, class_map, plain, tmp_path / "a.json")
    assert found["random"] is False
    assert found["total_m2"] is None
    assert found["classes"][0]["adjusted_m2"] is None
    assert any("Nothing says that these places were drawn at random" in note for note in found["notes"])
    matrix = np.array(found["matrix"])
    assert found["overall"]["value"] == pytest.approx(np.trace(matrix) / matrix.sum(), abs=1e-6)
    # The user may know better: then the map's own classes weigh the points.
    said = assessed(run, class_map, plain, tmp_path / "b.json", sampling="random")
    wanted = assessed(run, class_map, checked, tmp_path / "c.json")
    assert said["overall"] == wanted["overall"]
    assert said["total_m2"] == pytest.approx(wanted["total_m2"])


def test_points_of_an_earlier_map_are_still_good(run, class_map, checked, truth, shown, tmp_path) -> None:
    better = np.where(np.random.default_rng(5).random(shown.shape) < 0.5, truth, shown).astype(np.uint8)
    better[shown == 0] = 0
    path = written(tmp_path / "better.tif", better, CRS, 20.0)
    found = assessed(run, path, checked, tmp_path / "a.json")
    seen = shown > 0
    assert found["overall"]["low"] < (truth == better)[seen].mean() < found["overall"]["high"]
    assert "an earlier state" in found["sampling"]
    water = found["classes"][1]["adjusted_m2"]
    assert water["low"] <= ((truth == 2) & seen).sum() * 400.0 <= water["high"]


def test_polygons_are_compared_by_pixels_and_counted_whole(run, class_map, truth, shown, tmp_path) -> None:
    boxes, names = [], []
    for row in range(10, 560, 30):
        for col in range(10, 560, 30):
            part = truth[row : row + 6, col : col + 6]
            if (part == part[0, 0]).all():
                left, top = ORIGIN[0] + col * 20, ORIGIN[1] - row * 20
                boxes.append(shapely.box(left, top - 120, left + 120, top))
                names.append(named(part[0, :1])[0])
    pyogrio.raw.write(
        tmp_path / "r.gpkg", shapely.to_wkb(boxes), [np.array(names, object)], ["kind"],
        geometry_type="Polygon", crs=CRS,
    )
    found = assessed(run, class_map, tmp_path / "r.gpkg", tmp_path / "a.json", field="kind")
    assert np.sum(found["matrix"]) == 36 * len(boxes)
    assert found["unit"] == "feature"
    assert any("Pixels of one polygon are not independent" in note for note in found["notes"])
    naive = np.sqrt(0.92 * 0.08 / (36 * len(boxes)))
    assert found["overall"]["error"] > naive
    assert found["overall"]["value"] == pytest.approx(0.92, abs=0.03)


def test_names_from_a_colour_table_alone_are_numbers(run, shown, checked, truth, tmp_path) -> None:
    path = tmp_path / "plain.tif"
    profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 1, "dtype": "uint8", "crs": CRS}
    with rasterio.open(path, "w", **profile, nodata=0, transform=from_origin(*ORIGIN, 20, 20)) as target:
        target.write(shown[None])
        target.write_colormap(1, {1: (31, 107, 53, 255), 2: (42, 111, 187, 255), 3: (91, 44, 29, 255)})
    points = table(checked)
    numbers = answered(checked, tmp_path / "n.gpkg", [str(value) for value in at(points, truth)])
    found = assessed(run, path, numbers, tmp_path / "a.json")
    assert [(row["name"], row["color"]) for row in found["classes"]] == [
        ("1", "#1f6b35"), ("2", "#2a6fbb"), ("3", "#5b2c1d"),
    ]


def test_a_reference_of_other_names_fails_in_one_sentence(run, class_map, checked, tmp_path) -> None:
    other = answered(checked, tmp_path / "o.gpkg", ["a"] * 300 + ["b"] * 300)
    with pytest.raises(UnsupportedInput, match="Nothing of o.gpkg can be compared") as refusal:
        assessed(run, class_map, other, tmp_path / "a.json")
    assert "a (300), b (300)" in str(refusal.value)
    assert not (tmp_path / "a.html").exists()


def test_the_report_shows_every_number_and_needs_nothing(run, class_map, checked, tmp_path) -> None:
    found = assessed(run, class_map, checked, tmp_path / "a.json")
    html = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "")
    for row in found["classes"]:
        assert row["name"] in html
        assert f"{row['users']['value']:.1%}".replace("%", " %") in html
        assert f"{row['f1']['value']:.2f}" in html
        assert f"{row['adjusted_m2']['value'] / 1e4:,.0f}" in html
    assert html.count("<svg role") == 2
    assert "prefers-color-scheme: dark" in html


def test_a_job_needs_its_field_and_an_honest_design() -> None:
    job = Job(Task.ASSESS, (RasterRef("m.tif"),), "a.json", samples=SampleRef("r.gpkg", field="c"))
    with pytest.raises(InvalidRequest, match="An assessment needs the field"):
        replace(job, samples=SampleRef("r.gpkg"))
    with pytest.raises(InvalidRequest, match="Unknown sampling"):
        replace(job, sampling="lucky")
    draw = Job(Task.CHECKPOINTS, (RasterRef("m.tif"),), "p.gpkg", count=10)
    for change in ({"count": 0}, {"standard_error": 0.1}, {"allocation": "fair"}, {"least": -1}):
        with pytest.raises(InvalidRequest):
            replace(draw, **change)
    with pytest.raises(InvalidRequest, match="shares"):
        replace(draw, count=0, standard_error=0.7)


def test_a_cancelled_assessment_leaves_nothing(class_map, checked, tmp_path) -> None:
    store = Store(data_home(), models_folders(), offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))

    def stop() -> None:
        raise Cancelled("The run was cancelled.")

    job = Job(
        Task.ASSESS, (RasterRef(str(class_map)),), str(tmp_path / "a.json"),
        samples=SampleRef(str(checked), field="reference"),
    )
    with pytest.raises(Cancelled):
        run_job(job, services, Context(lambda *told: None, stop))
    assert list(tmp_path.iterdir()) == []


def test_ground_without_a_class_is_missed_and_is_no_class_of_the_truth(run, truth, shown, tmp_path) -> None:
    """A map that refused to guess: its "unknown" is nothing that can be seen on the ground."""
    refused = shown.copy()
    refused[:100, :300] = 254
    classes = (*CLASSES, ClassInfo(254, "unknown", "#d9d9d9"))
    path = written(tmp_path / "refused.tif", refused, CRS, 20.0, classes)
    drawn(run, path, tmp_path / "p.gpkg", count=400)
    points = table(tmp_path / "p.gpkg")
    texts = named(at(points, truth))
    # A checker who could not tell has said nothing of the ground.
    texts[0] = "unknown"
    reference = answered(tmp_path / "p.gpkg", tmp_path / "r.gpkg", texts)
    found = assessed(run, path, reference, tmp_path / "a.json")
    rows = {row["name"]: row for row in found["classes"]}
    assert rows["unknown"]["unclassified"]
    assert not rows["forest"]["unclassified"]
    for figure in ("users", "producers", "f1"):
        assert rows["unknown"][figure]["value"] is None
    assert rows["unknown"]["adjusted_m2"]["value"] == 0
    ground = (refused > 0).sum()
    share = (refused == 254).sum() / ground
    assert rows["unknown"]["mapped_m2"] == pytest.approx((refused == 254).sum() * 400)
    assert any(f"{100 * share:.1f} % of the ground no class (unknown)" in note for note in found["notes"])
    assert found["places"]["unknown"] == 1
    assert any("unknown" in warning for warning in found["warnings"])
    assert not any("No reference" in note for note in found["notes"])
    # All of it is forest or lake that the map misses.
    right = ((refused == truth) & (refused > 0)).sum() / ground
    overall = found["overall"]
    assert abs(overall["value"] - right) < 3 * overall["error"]
    missed = ((truth == 1) & (refused == 1)).sum() / ((truth == 1) & (refused > 0)).sum()
    producers = rows["forest"]["producers"]
    assert abs(producers["value"] - missed) < 3 * producers["error"]
    # What it does call forest is forest.
    assert rows["forest"]["users"]["value"] == 1
    assert "nan" not in (tmp_path / "a.html").read_text(encoding="utf-8")
