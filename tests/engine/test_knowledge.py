"""Maps with priors and rules applied: which pixels change, to what, and what is said of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from geofm.inference.catalog import default_catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.grid import Grid
from geofm.inference.engine.knowledge.slope import slope
from geofm.inference.engine.legend import Legend
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.results.outputs import RasterWriter
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import Cancelled, InvalidRequest, UnsupportedInput
from geofm.inference.jobs import ClassInfo, Job, RasterRef, Result, SampleRef, Task, job_from_dict
from geofm.inference.knowledge import Knowledge, Rule
from geofm.inference.places import data_home, models_folders

CRS = "EPSG:32633"
ORIGIN = 500_000.0, 5_400_000.0
CLASSES = (
    ClassInfo(1, "forest", "#1f6b35"),
    ClassInfo(2, "water", "#2a6fbb"),
    ClassInfo(5, "shadow", "#4a4a5a"),
)
SIDE = 700  # two blocks a side
Runner = Callable[[Job], Result]


def number(name: str, call: str, value: float) -> dict[str, Any]:
    return {"call": call, "of": [{"column": name}, {"value": value}]}


STEEP = Rule(number("slope", ">", 8), of="water", text='"slope" > 8')


@pytest.fixture(scope="module")
def run() -> Runner:
    store = Store(data_home(), models_folders(), offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))
    context = Context(lambda stage, done, total, message: None, lambda: None)
    return lambda job: run_job(job, services, context)


def written(path: Path, values: np.ndarray, size: float = 20.0, classes: Any = CLASSES, **more: Any) -> Path:
    """A raster of ours: (rows, cols) classes, or (bands, rows, cols) numbers."""
    bands = values if values.ndim == 3 else values[None]
    wkt = rasterio.crs.CRS.from_user_input(CRS).to_wkt()
    grid = Grid(*bands.shape[:0:-1], (size, 0.0, ORIGIN[0], 0.0, -size, ORIGIN[1]), wkt)
    settings: dict[str, Any] = {"dtype": str(bands.dtype), "nodata": 0, "provenance": {}, **more}
    if values.ndim == 2 and bands.dtype == np.uint8:
        settings["classes"] = classes
    with RasterWriter(path, grid, bands=len(bands), **settings) as target:
        target.write(grid.window, bands)
    return path


@pytest.fixture(scope="module")
def shown() -> np.ndarray:
    """Water left, forest right, shadow below, and no data in a corner."""
    values = np.ones((SIDE, SIDE), np.uint8)
    values[:, :300] = 2
    values[600:] = 5
    values[:40, :40] = 0
    return values


@pytest.fixture(scope="module")
def folder(shown: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The map, the slope (steep in the upper half, unknown in a stripe) and the probabilities."""
    folder = tmp_path_factory.mktemp("place")
    written(folder / "map.tif", shown)
    steep = np.full((SIDE, SIDE), 2.0, np.float32)
    steep[:350] = 20.0
    steep[100:120] = -9999
    written(folder / "slope.tif", steep, nodata=-9999)
    shares = np.zeros((3, SIDE, SIDE), np.uint16)
    shares[0], shares[1], shares[2] = 15000, 30000, 5000
    shares[:, :, 300:] = np.array([40000, 8000, 2000])[:, None, None]
    shares[:, 600:] = np.array([10000, 10000, 30000])[:, None, None]
    # Here the shadow is second.
    shares[:, 200:300, :300] = np.array([5000, 30000, 15000])[:, None, None]
    # Here nothing but "never" speaks against water.
    shares[:, 400:450, :300] = np.array([40, 49950, 10])[:, None, None]
    shares[:, :40, :40] = 65535
    names = tuple(info.name for info in CLASSES)
    written(folder / "shares.tif", shares, nodata=65535, descriptions=names)
    return folder


def job(folder: Path, out: Path, known: Knowledge, *more: str, **fields: Any) -> Job:
    """A refinement of the map by rasters of the folder, in the order of a job's inputs."""
    inputs = tuple(RasterRef(str(folder / name)) for name in ("map.tif", *more))
    paths = {"output": str(out / "refined.tif"), "changed": str(out / "changed.tif")}
    return Job(Task.REFINE, inputs, knowledge=known, **{**paths, **fields})


def read(result: Result, name: str) -> np.ndarray:
    with rasterio.open(result.outputs[name]) as source:
        band: np.ndarray = source.read(1)
        return band


def changes(result: Result) -> dict[str, int]:
    return {entry["cause"]: entry["pixels"] for entry in result.facts["refined"]}


def test_water_is_not_on_steep_slopes(
    run: Runner, folder: Path, shown: np.ndarray, tmp_path: Path
) -> None:
    known = Knowledge((STEEP,), ("slope",), probabilities=True)
    table = str(tmp_path / "table.csv")
    result = run(job(folder, tmp_path, known, "shares.tif", "slope.tif", table=table))
    steep = np.zeros(shown.shape, bool)
    steep[:350] = True
    steep[100:120] = False  # unknown is not steep
    at = steep & (shown == 2)
    expected = shown.copy()
    expected[at] = 1
    expected[200:300, :300][at[200:300, :300]] = 5
    np.testing.assert_array_equal(read(result, "OUTPUT"), expected)
    np.testing.assert_array_equal(read(result, "CHANGED"), np.where(shown == 0, 255, np.where(at, 2, 0)))
    words = 'rule 1: water not where "slope" > 8'
    assert changes(result)[words] == at.sum()
    assert result.facts["refined_m2"] == pytest.approx(at.sum() * 400.0)
    rows = list(csv.DictReader(Path(table).read_text(encoding="utf-8").splitlines()))
    assert {(row["from"], row["to"], int(row["pixels"])) for row in rows} == {
        ("water", "forest", int((expected == 1)[at].sum())),
        ("water", "shadow", int((expected == 5)[at].sum())),
    }
    assert {row["cause"] for row in rows} == {words}


def test_what_changed_a_pixel_is_named_in_the_file(run: Runner, folder: Path, tmp_path: Path) -> None:
    rules = (STEEP, Rule(number("value", "=", 5), becomes="forest", text='"value" = 5'))
    known = Knowledge(rules, ("slope",), probabilities=True)
    result = run(job(folder, tmp_path, known, "shares.tif", "slope.tif"))
    told = Legend.read(RasterRef(result.outputs["CHANGED"])).classes([0, 2, 3, 4])
    assert [info.name for info in told] == [
        "unchanged",
        'rule 1: water not where "slope" > 8',
        'rule 2: any class becomes forest where "value" = 5',
        "kept against a rule: no other class is known that is allowed",
    ]
    assert len({info.color for info in told}) == 4
    with rasterio.open(result.outputs["OUTPUT"]) as source:
        assert source.nodata == 0
        assert "COG" in source.tags(ns="IMAGE_STRUCTURE").get("LAYOUT", "")
        told = json.loads(source.tags()["GEOFM_JOB"])
    assert told["knowledge"]["rules"][0]["text"] == '"slope" > 8'
    assert result.classes == CLASSES


def test_rules_follow_one_another(run: Runner, folder: Path, shown: np.ndarray, tmp_path: Path) -> None:
    """What a rule made is what the next one sees; who undoes it has changed nothing."""
    low = number("slope", "<=", 8)
    rules = (
        Rule(low, of="forest", becomes="water", text="low"),
        Rule(number("value", "=", 2), of="water", becomes="shadow", text="all water"),
        Rule(low, of="shadow", becomes="forest", text="low"),
    )
    result = run(job(folder, tmp_path, Knowledge(rules, ("slope",)), "slope.tif"))
    flat = np.zeros(shown.shape, bool)
    flat[350:] = True
    steep = ~flat
    steep[100:120] = False
    expected = shown.copy()
    expected[shown == 2] = 5
    expected[(expected == 5) & flat] = 1
    np.testing.assert_array_equal(read(result, "OUTPUT"), expected)
    cause = read(result, "CHANGED")
    assert set(np.unique(cause[(shown == 1) & flat])) == {0}
    assert set(np.unique(cause[(shown == 2) & flat])) == {4}
    assert set(np.unique(cause[(shown == 2) & steep])) == {3}


def test_a_rule_that_leaves_no_class_says_so(
    run: Runner, folder: Path, shown: np.ndarray, tmp_path: Path
) -> None:
    everywhere = {"value": 1}
    rules = tuple(Rule(everywhere, of=info.name, text="true") for info in CLASSES)
    result = run(job(folder, tmp_path, Knowledge(rules, probabilities=True), "shares.tif"))
    cause = read(result, "CHANGED")
    # Two rules move a pixel on, the third finds nothing left.
    assert set(np.unique(cause[shown != 0])) == {5}
    assert any("keep a class that a rule forbids" in warning for warning in result.warnings)
    assert changes(result)[result_name(result, 5)] == int((shown != 0).sum())


def result_name(result: Result, value: int) -> str:
    return next(str(entry["cause"]) for entry in result.facts["refined"] if entry["value"] == value)


@pytest.mark.parametrize(("weight", "exclude"), [(1.0, False), (0.5, False), (1.0, True), (0.0, False)])
def test_the_prior_is_multiplied(
    run: Runner, folder: Path, shown: np.ndarray, tmp_path: Path, weight: float, exclude: bool
) -> None:
    """Against the formula, computed here by hand."""
    prior = np.array([0.7, 0.0, 0.3], np.float32)
    rows = np.broadcast_to(prior[:, None, None], (3, SIDE, SIDE)).copy()
    rows[:, :, 500:] = 0  # nothing known: equal for all
    written(folder / "prior.tif", rows, nodata=-1, descriptions=[info.name for info in CLASSES])
    known = Knowledge(probabilities=True, prior=True, weight=weight, exclude=exclude)
    result = run(job(folder, tmp_path, known, "shares.tif", "prior.tif"))
    with rasterio.open(folder / "shares.tif") as source:
        shares = source.read().astype(float)
    floored = np.maximum(prior, 0.01)
    if exclude:
        floored = np.where(prior > 0, floored, 0)
    posterior = shares * (floored**weight)[:, None, None]
    posterior[:, :, 500:] = shares[:, :, 500:]
    values = np.array([1, 2, 5], np.uint8)
    before, after = values[shares.argmax(axis=0)], values[posterior.argmax(axis=0)]
    expected = np.where((before != after) & (shown != 0), after, shown)
    np.testing.assert_array_equal(read(result, "OUTPUT"), expected)
    moved = int((expected != shown).sum())
    assert changes(result) == {"prior": moved}
    assert (moved > 0) == (weight > 0)


def polygons(path: Path, boxes: Sequence[tuple[int, int, int, int]], **columns: Sequence[Any]) -> SampleRef:
    """Rectangles of pixels (left, top, right, bottom) with fields."""
    x, y = ORIGIN
    shapes = [
        shapely.box(x + left * 20, y - bottom * 20, x + right * 20, y - top * 20)
        for left, top, right, bottom in boxes
    ]
    data = [np.array(values) for values in columns.values()]
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(shapes)), data, list(columns), geometry_type="Polygon", crs=CRS
    )
    return SampleRef(str(path))


def test_polygons_name_a_class_and_how_sure_it_is(
    run: Runner, folder: Path, shown: np.ndarray, tmp_path: Path
) -> None:
    boxes = [(0, 0, 300, 600), (100, 100, 200, 200), (300, 0, 700, 600)]
    drawn = polygons(tmp_path / "known.gpkg", boxes, cover=["forest", "water", "lava"], sure=[95, 90, 100])
    known = Knowledge(probabilities=True, share="sure")
    fields = {"samples": replace(drawn, field="cover")}
    result = run(job(folder, tmp_path, known, "shares.tif", **fields))
    expected = shown.copy()
    # The smaller one, on the larger, says water.
    expected[:600, :300] = 1
    expected[100:200, 100:200] = 2
    expected[400:450, :300] = 2
    # Of 0.6 : 0.1 a prior of 0.95 : 0.025 makes forest.
    np.testing.assert_array_equal(read(result, "OUTPUT"), np.where(shown == 0, 0, expected))
    assert any("lava" in warning for warning in result.warnings)


def test_polygons_have_a_field_for_each_class(
    run: Runner, folder: Path, shown: np.ndarray, tmp_path: Path
) -> None:
    drawn = polygons(tmp_path / "known.gpkg", [(0, 300, 700, 600)], forest=[0.9], water=[0.1])
    result = run(job(folder, tmp_path, Knowledge(probabilities=True), "shares.tif", samples=drawn))
    expected = shown.copy()
    expected[300:600] = 1
    expected[400:450, :300] = 2
    np.testing.assert_array_equal(read(result, "OUTPUT"), expected)
    assert any("no field for shadow" in warning for warning in result.warnings)


def test_a_helper_of_another_grid(run: Runner, folder: Path, tmp_path: Path) -> None:
    """Coarser pixels, longitude and latitude: they lie where they lie on the ground."""
    west = rasterio.warp.transform(CRS, "EPSG:4326", [ORIGIN[0] + 7000], [ORIGIN[1] - 7000])
    degrees = 0.0003
    left, top = west[0][0] - 400 * degrees, west[1][0] + 400 * degrees
    with rasterio.open(
        tmp_path / "east.tif", "w", driver="GTiff", dtype="float32", count=1, width=800, height=800,
        crs="EPSG:4326",
        transform=rasterio.Affine(degrees, 0, left, 0, -degrees, top),
    ) as target:
        target.write(np.tile(np.arange(800, dtype=np.float32) - 400, (800, 1)), 1)
    rule = Rule(number("east", ">", 0), of="forest", becomes="shadow", text='"east" > 0')
    inputs = (RasterRef(str(folder / "map.tif")), RasterRef(str(tmp_path / "east.tif")))
    made = replace(job(folder, tmp_path, Knowledge((rule,), ("east",)), "x"), inputs=inputs)
    after = read(run(made), "OUTPUT")
    border = np.argmax(after[350, 300:] == 5) + 300
    assert border == pytest.approx(350, abs=2)


def test_a_part_of_the_map_is_as_in_the_whole(run: Runner, folder: Path, tmp_path: Path) -> None:
    known = Knowledge((STEEP,), ("slope",), probabilities=True)
    whole = read(run(job(folder, tmp_path, known, "shares.tif", "slope.tif")), "OUTPUT")
    part = tmp_path / "part"
    part.mkdir()
    area = polygons(tmp_path / "area.gpkg", [(150, 30, 420, 560)])
    found = read(run(job(folder, part, known, "shares.tif", "slope.tif", area=area)), "OUTPUT")
    np.testing.assert_array_equal(found, whole[30:560, 150:420])


def test_an_interrupted_run_goes_on(folder: Path, run: Runner, tmp_path: Path) -> None:
    known = Knowledge((STEEP,), ("slope",), probabilities=True)
    whole = run(job(folder, tmp_path, known, "shares.tif", "slope.tif"))
    store = Store(data_home(), models_folders(), offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))
    done: list[str] = []

    def progress(stage: str, done_pixels: int, total: int, message: str) -> None:
        if stage == "refine" and done_pixels:
            done.append(stage)

    def check() -> None:
        if done:
            raise Cancelled("Enough.")

    second = tmp_path / "second"
    second.mkdir()
    again = job(folder, second, known, "shares.tif", "slope.tif")
    with pytest.raises(Cancelled):
        run_job(again, services, Context(progress, check))
    assert not list(second.iterdir())
    result = run(again)
    assert result.facts["blocks_continued"] >= 1
    assert {k: v for k, v in result.facts.items() if k != "blocks_continued"} == whole.facts
    for name in ("OUTPUT", "CHANGED"):
        assert Path(result.outputs[name]).read_bytes() == Path(whole.outputs[name]).read_bytes()


def test_a_job_file_repeats_it(run: Runner, folder: Path, tmp_path: Path) -> None:
    known = Knowledge((STEEP,), ("slope",), probabilities=True, weight=0.5)
    made = job(folder, tmp_path, known, "shares.tif", "slope.tif")
    run(made)
    kept = json.loads(Path(f"{made.output}.job.json").read_text(encoding="utf-8"))["job"]
    assert job_from_dict(kept) == made


def test_what_cannot_be_is_said(run: Runner, folder: Path, tmp_path: Path) -> None:
    nowhere = Rule(number("slope", ">", 8), of="lava", becomes="forest", text="steep")
    with pytest.raises(InvalidRequest, match="Rule 1 names the class lava"):
        run(job(folder, tmp_path, Knowledge((nowhere,), ("slope",)), "slope.tif"))
    second = Rule(number("slope@2", ">", 8), of="water", becomes="forest", text="band 2")
    with pytest.raises(InvalidRequest, match="slope@2"):
        run(job(folder, tmp_path, Knowledge((second,), ("slope",)), "slope.tif"))
    with pytest.raises(InvalidRequest, match="next most probable class is not known"):
        job(folder, tmp_path, Knowledge((STEEP,), ("slope",)), "slope.tif")
    with pytest.raises(InvalidRequest, match="needs the probabilities"):
        job(folder, tmp_path, Knowledge(prior=True), "slope.tif")
    written(folder / "two.tif", np.ones((2, SIDE, SIDE), np.float32))
    known = Knowledge((STEEP,), ("slope",), probabilities=True)
    with pytest.raises(UnsupportedInput, match="2 bands without names"):
        run(job(folder, tmp_path, known, "two.tif", "slope.tif"))


@pytest.mark.parametrize(
    ("crs", "origin", "size"),
    [(CRS, ORIGIN, 30.0), ("EPSG:4326", (15.0, 60.0), 2e-4), ("EPSG:3857", (1.6e6, 8.4e6), 30.0)],
)
def test_slopes_are_those_of_the_ground(crs: str, origin: tuple[float, float], size: float) -> None:
    """A plane that rises 0.2 m for each metre to the east and 0.1 to the north, whatever the map's units."""
    wkt = rasterio.crs.CRS.from_user_input(crs).to_wkt()
    grid = Grid(40, 30, (size, 0.0, origin[0], 0.0, -size, origin[1]), wkt)
    places = [grid.to_map(col - 0.5, row - 0.5) for row in range(32) for col in range(42)]
    # An azimuthal projection about the middle: there its metres are those of the ground.
    lon, lat = grid.lonlat or (0, 0)
    local = f"+proj=aeqd +lat_0={lat} +lon_0={lon} +datum=WGS84"
    east, north = rasterio.warp.transform(crs, local, *zip(*places, strict=True))
    height = (0.2 * np.array(east) + 0.1 * np.array(north)).reshape(32, 42).astype(np.float32)
    valid = np.ones(height.shape, bool)
    found = slope(height, valid, grid, grid.window)
    np.testing.assert_allclose(found, np.degrees(np.arctan(np.hypot(0.2, 0.1))), atol=0.02)
    # A border continues, and so do gaps.
    valid[0], valid[:, 0], valid[10, 10] = False, False, False
    height[~valid] = 0
    gaps = slope(height, valid, grid, grid.window)
    np.testing.assert_allclose(gaps[valid[1:-1, 1:-1]], found[0, 0], atol=0.03)


def test_the_slope_of_an_elevation_layer(
    run: Runner, folder: Path, shown: np.ndarray, tmp_path: Path
) -> None:
    rows, _ = np.indices((SIDE, SIDE))
    height = np.where(rows < 350, 5.0 * (350 - rows), 0).astype(np.float32) + 100  # 14 degrees, then flat
    written(folder / "dem.tif", height, nodata=-1)
    steep = Rule(number("dem@slope", ">", 10), of="water", text='"dem@slope" > 10')
    known = Knowledge((steep,), ("dem",), probabilities=True)
    result = run(job(folder, tmp_path, known, "shares.tif", "dem.tif"))
    gone = (shown == 2) & (rows < 350)
    np.testing.assert_array_equal((read(result, "OUTPUT") == 2), (shown == 2) & ~gone)
