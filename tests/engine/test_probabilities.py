"""The probabilities of all classes beside a map, and how priors and rules go on from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from geofm.inference.catalog import default_catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import Cancelled
from geofm.inference.jobs import Job, RasterRef, Result, SampleRef, Task
from geofm.inference.knowledge import Knowledge, Rule
from geofm.inference.places import data_home, models_folders

Runner = Callable[..., Result]
QUIET = Context(lambda *unused: None, lambda: None)


@pytest.fixture(scope="module")
def run() -> Runner:
    store = Store(data_home(), models_folders(), offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))
    return lambda job, context=QUIET: run_job(job, services, context)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four kinds of ground in stripes of three bands, with noise that mixes them, and no data on top."""
    random = np.random.default_rng(0)
    means = np.array([[300, 200, 150], [500, 400, 2500], [900, 1100, 2100], [700, 800, 1500]])
    kinds = np.arange(600)[None] * 4 // 600 + np.zeros((530, 1), int)
    pixels = means[kinds].transpose(2, 0, 1) * random.normal(1, 0.4, (3, 530, 600))
    pixels = pixels.clip(1).astype(np.uint16)
    pixels[:, :20] = 0
    path = tmp_path_factory.mktemp("scene") / "scene.tif"
    settings = {"driver": "GTiff", "height": 530, "width": 600, "count": 3, "dtype": "uint16", "nodata": 0}
    settings |= {"crs": "EPSG:32632", "transform": rasterio.Affine(10, 0, 500000, 0, -10, 5200000)}
    with rasterio.open(path, "w", **settings) as target:
        target.write(pixels)
        target.descriptions = ("green", "red", "nir")
    return path


@pytest.fixture(scope="module")
def classifier(run: Runner, scene: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Taught from eight points of each kind."""
    folder = tmp_path_factory.mktemp("taught")
    names = np.repeat(np.array(["water", "wood", "field", "town"]), 8)
    cols = np.repeat(np.arange(4), 8) * 150 + 20 + np.tile(np.arange(8), 4) * 13
    rows = np.tile(np.arange(8), 4) * 55 + 60
    points = shapely.points(500005 + cols * 10.0, 5199995 - rows * 10.0)
    pyogrio.raw.write(
        folder / "points.gpkg", shapely.to_wkb(points), [names], ["class"],
        geometry_type="Point", crs="EPSG:32632",
    )
    path = folder / "taught.geofm"
    samples = SampleRef(str(folder / "points.gpkg"), field="class")
    run(Job(Task.TRAIN, (RasterRef(str(scene)),), str(path), model="spectral-texture", samples=samples))
    return path


@pytest.fixture(scope="module")
def made(run: Runner, scene: Path, classifier: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A map with its confidence and probabilities."""
    return run(classified(scene, classifier, tmp_path_factory.mktemp("made")))


def classified(scene: Path, classifier: Path, folder: Path, **fields: object) -> Job:
    paths = {name: str(folder / f"{name}.tif") for name in ("output", "confidence", "probabilities")}
    return Job(Task.CLASSIFY, (RasterRef(str(scene)),), classifier=str(classifier), **{**paths, **fields})


def test_probabilities_are_those_of_the_map(
    run: Runner, scene: Path, classifier: Path, tmp_path: Path
) -> None:
    result = run(classified(scene, classifier, tmp_path, refuse_below=60))
    with rasterio.open(result.outputs["PROBABILITIES"]) as source:
        assert source.descriptions == ("field", "town", "water", "wood")
        assert (source.dtypes[0], source.nodata, source.scales[0]) == ("uint16", 65535, 2e-5)
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        shares = source.read(masked=True) * source.scales[0]
    with rasterio.open(result.outputs["OUTPUT"]) as source:
        labels = source.read(1)
    with rasterio.open(result.outputs["CONFIDENCE"]) as source:
        sure = source.read(1, masked=True)
    np.testing.assert_array_equal(shares.mask.any(axis=0), labels == 0)
    assert labels[:20].max() == 0
    np.testing.assert_allclose(shares.sum(axis=0).compressed(), 1, atol=1e-4)
    np.testing.assert_allclose(shares.max(axis=0).compressed() * 100, sure.compressed(), atol=0.51)
    known = (labels != 0) & (labels != 254)
    assert 0 < (labels == 254).mean() < 0.9
    np.testing.assert_array_equal(shares.argmax(axis=0)[known] + 1, labels[known])


def test_a_map_is_the_same_without_them(
    run: Runner, scene: Path, classifier: Path, made: Result, tmp_path: Path
) -> None:
    plain = run(classified(scene, classifier, tmp_path, probabilities=""))
    assert Path(plain.outputs["OUTPUT"]).read_bytes() == Path(made.outputs["OUTPUT"]).read_bytes()


def test_an_interrupted_run_keeps_them(
    run: Runner, scene: Path, classifier: Path, made: Result, tmp_path: Path
) -> None:
    told: list[str] = []

    def progress(stage: str, done: int, total: int, message: str) -> None:
        if stage == "classify" and done:
            told.append(message)

    def check() -> None:
        if told:
            raise Cancelled("Enough.")

    job = classified(scene, classifier, tmp_path)
    with pytest.raises(Cancelled):
        run(job, Context(progress, check))
    again = run(job)
    assert again.facts["blocks_continued"] >= 1
    for name, path in made.outputs.items():
        assert Path(path).read_bytes() == Path(again.outputs[name]).read_bytes()


def test_a_network_gives_them_too(run: Runner, samples: Path, tmp_path: Path) -> None:
    image = RasterRef(str(samples / "sentinel2-chips" / "patch_61808.tif"), names=NAMES)
    paths = {name: str(tmp_path / f"{name}.tif") for name in ("output", "confidence", "probabilities")}
    result = run(Job(Task.SEGMENT, (image,), model="ukis-csmask", **paths))
    with rasterio.open(result.outputs["PROBABILITIES"]) as source:
        assert source.descriptions == tuple(info.name for info in result.classes)
        shares = source.read(masked=True) * source.scales[0]
    with rasterio.open(result.outputs["CONFIDENCE"]) as source:
        sure = source.read(1, masked=True)
    np.testing.assert_allclose(shares.sum(axis=0).compressed(), 1, atol=2e-4)
    np.testing.assert_allclose(shares.max(axis=0).compressed() * 100, sure.compressed(), atol=0.51)


NAMES = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")


def test_what_is_no_longer_allowed_becomes_the_second(run: Runner, made: Result, tmp_path: Path) -> None:
    """From samples to a refined map: the class that is second on its probabilities takes the place."""
    inputs = tuple(RasterRef(made.outputs[name]) for name in ("OUTPUT", "PROBABILITIES"))
    rule = Rule({"call": "<", "of": [{"column": "confidence"}, {"value": 90}]}, of="town", text="unsure")
    job = Job(
        Task.REFINE, inputs, str(tmp_path / "refined.tif"), changed=str(tmp_path / "changed.tif"),
        knowledge=Knowledge((rule,), probabilities=True),
    )
    result = run(job)
    with rasterio.open(made.outputs["PROBABILITIES"]) as source:
        shares = source.read().astype(float) / 50000
    before, after = (rasterio.open(one.outputs["OUTPUT"]).read(1) for one in (made, result))
    gone = (before == 2) & (shares[1] < 0.9)
    assert 100 < gone.sum() < (before == 2).sum()
    # Where rounding decides.
    doubtful = np.abs(shares[1] - 0.9) < 1e-4
    shares[1] = -1
    expected = np.where(gone, shares.argmax(axis=0) + 1, before)
    np.testing.assert_array_equal(after[~doubtful], expected[~doubtful])
    assert result.classes == made.classes
