"""Whole jobs with an area of polygons: only its pixels come out, and only its share is paid for."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import rasterio.features
import shapely
from rasterio.transform import from_origin
from rasterio.windows import Window as RasterioWindow
from shapely import affinity

from geofm.inference.engine.backbones.onnx_network import OnnxNetwork
from geofm.inference.engine.backbones.spectral_texture import SpectralTexture
from geofm.inference.engine.base import Context
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.rasters import Stack
from geofm.inference.errors import Cancelled, InvalidRequest, UnsupportedInput
from geofm.inference.jobs import Extent, Job, RasterRef, SampleRef, Task

LEFT, TOP, PIXEL = 500000, 5200000, 10
QUIET = Context(lambda *_: None, lambda: None)
TASKS = ["segment", "embed", "cluster", "similarity", "change"]


def scene(path: Path, side: int, seed: int = 0) -> Path:
    """Three bands in patches of 16 pixels, in tiles of 128, without overviews."""
    rng = np.random.default_rng(seed)
    patches = rng.integers(30, 220, (3, side // 16, side // 16))
    pixels = np.kron(patches, np.ones((16, 16), int)) + rng.integers(0, 9, (3, side, side))
    settings = {"driver": "GTiff", "height": side, "width": side, "count": 3, "dtype": "uint8"}
    settings |= {"tiled": True, "blockxsize": 128, "blockysize": 128, "crs": "EPSG:32632"}
    with rasterio.open(path, "w", transform=from_origin(LEFT, TOP, PIXEL, PIXEL), **settings) as target:
        target.write(pixels.astype(np.uint8))
        for index, name in enumerate(("red", "green", "blue"), 1):
            target.set_band_description(index, name)
    return path


def drawn(path: Path, *shapes: shapely.Geometry, crs: str = "EPSG:32632") -> SampleRef:
    """A layer of shapes given in pixels."""
    placed = [affinity.affine_transform(s, [PIXEL, 0, 0, -PIXEL, LEFT, TOP]) for s in shapes]
    pyogrio.raw.write(path, shapely.to_wkb(placed), [], [], geometry_type="Unknown", crs=crs)
    return SampleRef(str(path))


@pytest.fixture
def jobs(tmp_path: Path) -> Callable[[int], dict[str, Job]]:
    """A job of each task over a scene of some pixels a side."""

    def make(side: int) -> dict[str, Job]:
        refs = (RasterRef(str(scene(tmp_path / "scene.tif", side))),)
        later = (RasterRef(str(scene(tmp_path / "later.tif", side, seed=1))),)
        examples = drawn(tmp_path / "examples.gpkg", shapely.Point(side / 2, side / 2))
        out, mask, model = str(tmp_path / "out.tif"), str(tmp_path / "mask.tif"), "spectral-texture"
        return {
            "segment": Job(Task.SEGMENT, refs, out, model="trifle"),
            "embed": Job(Task.EMBED, refs, out, model=model),
            "cluster": Job(Task.CLUSTER, refs, out, model=model, classes=3),
            "similarity": Job(Task.SIMILARITY, refs, out, model=model, samples=examples),
            "change": Job(Task.CHANGE, refs, out, after=later, model=model, mask=mask, threshold=1.5),
        }

    return make


RING = shapely.difference(shapely.Point(300, 260).buffer(200), shapely.Point(300, 260).buffer(120))
PARTS = [RING, shapely.box(600, 40, 660, 90), affinity.rotate(shapely.box(520, 500, 700, 530), 30)]


@pytest.mark.parametrize("task", TASKS)
def test_what_lies_outside_of_the_polygons_has_no_data(
    trifle: Services, jobs: Callable[[int], dict[str, Job]], tmp_path: Path, task: str
) -> None:
    job = replace(jobs(768)[task], area=drawn(tmp_path / "area.gpkg", *PARTS))
    run_job(job, trifle, QUIET)
    inside = rasterio.features.rasterize(PARTS, out_shape=(768, 768)).astype(bool)
    for path in filter(None, (job.output, job.mask)):
        with rasterio.open(path) as result:
            col, row = round((result.bounds.left - LEFT) / PIXEL), round((TOP - result.bounds.top) / PIXEL)
            valid = result.read(1) != result.nodata
        found = np.zeros_like(inside)
        found[row : row + valid.shape[0], col : col + valid.shape[1]] = valid
        assert (found == inside).all()
        rows, cols = np.nonzero(inside)
        # No larger than the polygons need, but for pixels that their outline just touches.
        assert valid.shape[0] <= rows.max() - rows.min() + 3
        assert valid.shape[1] <= cols.max() - cols.min() + 3


def test_a_segmented_part_is_the_whole_seen_through_the_polygons(
    trifle: Services, jobs: Callable[[int], dict[str, Job]], tmp_path: Path
) -> None:
    job = jobs(768)["segment"]
    run_job(job, trifle, QUIET)
    with rasterio.open(job.output) as result:
        whole = result.read(1)
    extent = Extent(LEFT + 1000, TOP - 6000, LEFT + 7000, TOP - 100, "EPSG:32632")
    run_job(replace(job, area=drawn(tmp_path / "area.gpkg", *PARTS), extent=extent), trifle, QUIET)
    inside = rasterio.features.rasterize(PARTS, out_shape=(768, 768)).astype(bool)
    with rasterio.open(job.output) as result:
        col = round((result.bounds.left - LEFT) / PIXEL)
        row = round((TOP - result.bounds.top) / PIXEL)
        part = result.read(1)
    assert (col, row) == (100, 40)
    window = slice(row, row + part.shape[0]), slice(col, col + part.shape[1])
    assert (part == np.where(inside[window], whole[window], 0)).all()
    assert part.any()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Pixels computed by a model, and bytes of the file's tiles that were read."""
    counts = {"computed": 0, "read": 0}
    predict, encode, gather = OnnxNetwork.predict, SpectralTexture.encode, Stack._gather

    def predicting(self: OnnxNetwork, batch):
        counts["computed"] += batch.valid.size
        return predict(self, batch)

    def encoding(self: SpectralTexture, batch):
        counts["computed"] += batch.valid.size
        return encode(self, batch)

    def gathering(self: Stack, window, bands, values, valid):
        # A thinned read of a file without overviews goes through all of its tiles.
        counts["read"] += window.width * window.height
        return gather(self, window, bands, values, valid)

    monkeypatch.setattr(OnnxNetwork, "predict", predicting)
    monkeypatch.setattr(SpectralTexture, "encode", encoding)
    monkeypatch.setattr(Stack, "_gather", gathering)
    return counts


SIDE = 2560
CORNERS = [(x, y) for x in range(100, SIDE, 640) for y in range(50, SIDE, 640)]
# 1 % of the scene: a square; a diagonal strip whose bounds are nearly all of it; small fields.
HUNDREDTHS = {
    "square": [shapely.box(1000, 1500, 1256, 1756)],
    "strip": [affinity.rotate(shapely.box(30, 1267, 2530, 1293), 45)],
    "fields": [shapely.box(x, y, x + 64, y + 64) for x, y in CORNERS],
}


@pytest.mark.parametrize(
    ("task", "name"),
    [
        *(("segment", name) for name in HUNDREDTHS),
        ("cluster", "strip"),
        ("change", "strip"),
        ("similarity", "square"),
        ("embed", "square"),
    ],
)
def test_a_hundredth_costs_about_a_hundredth(
    trifle: Services,
    jobs: Callable[[int], dict[str, Job]],
    tmp_path: Path,
    counted: dict[str, int],
    task: str,
    name: str,
) -> None:
    """Of pixels computed and read, learning included; blocks reach beyond what is asked of them."""
    job = replace(jobs(SIDE)[task], area=drawn(tmp_path / "area.gpkg", *HUNDREDTHS[name]))
    run_job(job, trifle, QUIET)
    side = 448 if task == "segment" else 512
    touched = blocks_touched(HUNDREDTHS[name], side)
    # What is learned costs up to 64 windows of 70 pixels, on each of two dates.
    learned = 0 if task in ("segment", "embed") else 64 * 70**2 * 4
    # Two dates are matched by 25 tiles of 128 pixels and normalised by 64 windows of 32.
    learned += 2 * (25 * 128**2 + 64 * 32**2) if task == "change" else 0
    dates = 2 if task == "change" else 1
    assert counted["computed"] <= dates * 1.4 * touched * side**2 + learned
    # Once for the statistics, once for the blocks with what lies around them.
    assert counted["read"] <= dates * 2.6 * touched * side**2 + learned


def blocks_touched(shapes: list[shapely.Geometry], size: int) -> int:
    """How many blocks of a lattice hold a pixel of the shapes, by looking at every pixel."""
    inside = np.argwhere(rasterio.features.rasterize(shapes, out_shape=(SIDE, SIDE)))
    return len(np.unique(inside // size, axis=0))


def test_an_extent_costs_its_share_too(
    trifle: Services, jobs: Callable[[int], dict[str, Job]], counted: dict[str, int]
) -> None:
    extent = Extent(LEFT + 10000, TOP - 12560, LEFT + 12560, TOP - 10000, "EPSG:32632")
    run_job(replace(jobs(SIDE)["cluster"], extent=extent), trifle, QUIET)
    # 256 x 256 pixels: looked over, learned from in windows of 70 for each 64, and mapped.
    assert counted["read"] < 6 * 256**2


def test_the_scene_is_looked_over_once(
    trifle: Services,
    jobs: Callable[[int], dict[str, Job]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without overviews in the file that reads all of it."""
    thinned: list[object] = []
    gather = Stack._gather

    def gathering(self: Stack, window, bands, values, known):
        thinned.extend([window] if values.shape[1:] != (window.height, window.width) else [])
        return gather(self, window, bands, values, known)

    monkeypatch.setattr(Stack, "_gather", gathering)
    made = jobs(640)
    # Of change the later date once more: what is learned to normalise it makes other pixels of it.
    for task, looks in (("cluster", 1), ("similarity", 1), ("embed", 1), ("change", 3)):
        thinned.clear()
        run_job(made[task], trifle, QUIET)
        assert len(thinned) == looks


def test_clusters_are_those_of_the_area(
    trifle: Services, jobs: Callable[[int], dict[str, Job]], tmp_path: Path
) -> None:
    """Half a scene without contrast: its clusters are those of the half that was asked for."""
    job = jobs(768)["cluster"]
    with rasterio.open(job.inputs[0].path, "r+") as dataset:
        dataset.write(np.full((3, 768, 384), 100, np.uint8), window=RasterioWindow(384, 0, 384, 768))
    run_job(replace(job, area=drawn(tmp_path / "area.gpkg", shapely.box(390, 0, 768, 768))), trifle, QUIET)
    with rasterio.open(job.output) as result:
        assert set(np.unique(result.read(1))) <= {0, 1, 2, 3}
        assert (result.read(1) == 1).mean() > 0.95


def kept_tiles(path: str) -> set[tuple[int, int]]:
    """Columns and rows of the tiles that a file holds at full resolution."""
    with rasterio.open(path) as made:
        across = range(-(-made.width // 512))
        every = itertools.product(across, across)
        return {(x, y) for x, y in every if made.get_tag_item(f"BLOCK_OFFSET_{x}_{y}", "TIFF", 1)}


def test_two_fields_far_apart_make_a_file_of_their_size(
    trifle: Services, threads: Callable[[int], None], tmp_path: Path
) -> None:
    """Of 144 tiles two: with one thread or three, at once or after a cancel, in the same bytes."""
    side, fields = 6144, ((100, 120), (5830, 5830))
    image = tmp_path / "scene.tif"
    settings = {"driver": "GTiff", "height": side, "width": side, "count": 3, "dtype": "uint8"}
    settings |= {"tiled": True, "sparse_ok": True, "crs": "EPSG:32632"}
    rng = np.random.default_rng(2)
    with rasterio.open(image, "w", transform=from_origin(LEFT, TOP, PIXEL, PIXEL), **settings) as target:
        for col, row in fields:
            pixels = rng.integers(30, 220, (3, 200, 200), np.uint8)
            target.write(pixels, window=RasterioWindow(col, row, 200, 200))
        for index, name in enumerate(("red", "green", "blue"), 1):
            target.set_band_description(index, name)
    area = drawn(tmp_path / "area.gpkg", *(shapely.box(x, y, x + 200, y + 200) for x, y in fields))
    out, confidence = str(tmp_path / "out.tif"), str(tmp_path / "confidence.tif")
    refs = (RasterRef(str(image)),)
    job = Job(Task.SEGMENT, refs, out, model="trifle", confidence=confidence, area=area)

    def bytes_of_a_run() -> list[bytes]:
        run_job(job, trifle, QUIET)
        return [Path(path).read_bytes() for path in (out, confidence)]

    done: list[int] = []

    def check() -> None:
        if done:
            raise Cancelled("enough")

    threads(1)
    whole = bytes_of_a_run()
    for path, content in zip((out, confidence), whole, strict=True):
        assert kept_tiles(path) == {(0, 0), (11, 11)}
        assert len(content) < 130_000
    threads(3)
    assert bytes_of_a_run() == whole
    with pytest.raises(Cancelled):
        run_job(job, trifle, Context(lambda stage, now, total, _: done.extend([now] if now else []), check))
    assert bytes_of_a_run() == whole


@pytest.mark.parametrize(
    ("shape", "crs", "sentence"),
    [
        (shapely.Point(5, 5), "EPSG:32632", "holds no polygon"),
        (shapely.box(900, 900, 950, 950), "EPSG:32632", "do not overlap"),
    ],
)
def test_what_is_no_area_ends_the_run_in_a_sentence(
    trifle: Services, jobs: Callable[[int], dict[str, Job]], tmp_path: Path, shape, crs: str, sentence: str
) -> None:
    job = replace(jobs(128)["segment"], area=drawn(tmp_path / "area.gpkg", shape, crs=crs))
    with pytest.raises(UnsupportedInput, match=sentence):
        run_job(job, trifle, QUIET)
    with pytest.raises(InvalidRequest, match="does not exist"):
        run_job(replace(job, area=SampleRef(str(tmp_path / "none.gpkg"))), trifle, QUIET)
    assert not Path(job.output).exists()
