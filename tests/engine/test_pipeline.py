"""Jobs from end to end inside one process: real rasters in, finished maps out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from geofm.inference.catalog import default_catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import Cancelled, UnsupportedInput
from geofm.inference.job_files import read_job_file
from geofm.inference.jobs import Extent, Job, RasterRef, Result, SampleRef, Task
from geofm.inference.magnitudes import TAG, Magnitudes
from geofm.inference.places import data_home, models_folders

S2 = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
Runner = Callable[[Job], Result]


def _context() -> Context:
    return Context(lambda stage, done, total, message: None, lambda: None)


@pytest.fixture(scope="module")
def run() -> Runner:
    store = Store(data_home(), models_folders(), offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))
    return lambda job: run_job(job, services, _context())


def write(path: Path, pixels: np.ndarray, names: tuple[str, ...] = (), **profile: object) -> Path:
    bands, rows, cols = pixels.shape
    settings = {
        "driver": "GTiff",
        "count": bands,
        "height": rows,
        "width": cols,
        "dtype": pixels.dtype,
        "crs": "EPSG:32632",
        "transform": from_origin(500000, 5200000, 10, 10),
        **profile,
    }
    with rasterio.open(path, "w", **settings) as target:
        target.write(pixels)
        for index, name in enumerate(names, 1):
            target.set_band_description(index, name)
    return path


def scene(rows: int = 120, cols: int = 150, seed: int = 0) -> np.ndarray:
    """Four kinds of surface in smooth patches: 10 bands of reflectance x 10,000."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 4, (rows // 20 + 1, cols // 20 + 1))
    kinds = np.kron(coarse, np.ones((20, 20), int))[:rows, :cols]
    spectra = rng.integers(300, 4500, (4, len(S2)))
    noise = rng.normal(0, 60, (len(S2), rows, cols))
    return np.clip(spectra[kinds].transpose(2, 0, 1) + noise, 1, None).astype(np.uint16)


def read(path: str | Path) -> np.ndarray:
    with rasterio.open(path) as source:
        return source.read()


@pytest.mark.parametrize("model", ["spectral-texture", "galileo-nano"])
def test_clusters_find_the_patches(run: Runner, models: Path, tmp_path: Path, model: str) -> None:
    path = write(tmp_path / "scene.tif", scene(), S2)
    out = str(tmp_path / "out.tif")
    result = run(Job(Task.CLUSTER, (RasterRef(str(path)),), out, model=model, classes=4))
    with rasterio.open(out) as source, rasterio.open(path) as before:
        assert (source.width, source.height) == (before.width, before.height)
        assert source.transform == before.transform
        assert source.crs == before.crs
        labels = source.read(1)
        assert source.tags()["GEOFM_MODEL"] == model
    assert sorted(np.unique(labels)) == [1, 2, 3, 4]
    assert len(result.classes) == 4
    assert result.pixels == labels.size
    assert "CPU" in result.device
    # A patch's inner part belongs to one cluster.
    corners = [(row, col) for row in (5, 45) for col in (5, 65)]
    agree = [np.bincount(labels[r : r + 10, c : c + 10].ravel()).max() for r, c in corners]
    assert min(agree) >= 90


def test_the_order_of_bands_does_not_matter(run: Runner, models: Path, tmp_path: Path) -> None:
    pixels = scene()
    straight = write(tmp_path / "straight.tif", pixels, S2)
    shuffled = write(tmp_path / "shuffled.tif", pixels[::-1], S2[::-1])
    for path in (straight, shuffled):
        out = str(path.with_suffix(".out.tif"))
        run(Job(Task.EMBED, (RasterRef(str(path)),), out, model="galileo-nano"))
    first, second = read(tmp_path / "straight.out.tif"), read(tmp_path / "shuffled.out.tif")
    assert first.std() > 0.01
    np.testing.assert_array_equal(first, second)


def test_a_missing_band_is_one_sentence(run: Runner, models: Path, tmp_path: Path) -> None:
    keep = [i for i, name in enumerate(S2) if name != "B04"]
    path = write(tmp_path / "nored.tif", scene()[keep], tuple(S2[i] for i in keep))
    job = Job(Task.EMBED, (RasterRef(str(path)),), str(tmp_path / "o.tif"), model="galileo-nano")
    with pytest.raises(UnsupportedInput, match="B04|red") as caught:
        run(job)
    assert caught.value.hint
    assert not list(tmp_path.glob("*o.tif*"))


def test_unnamed_bands_are_a_question_not_a_guess(run: Runner, models: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "unnamed.tif", scene())
    job = Job(Task.EMBED, (RasterRef(str(path)),), str(tmp_path / "o.tif"), model="galileo-nano")
    with pytest.raises(UnsupportedInput):
        run(job)
    run(dataclasses.replace(job, inputs=(RasterRef(str(path), names=S2),)))
    assert (tmp_path / "o.tif").exists()


@pytest.mark.parametrize("model", ["spectral-texture", "galileo-nano"])
def test_a_raster_smaller_than_a_tile(run: Runner, models: Path, tmp_path: Path, model: str) -> None:
    path = write(tmp_path / "small.tif", scene(30, 40), S2)
    out = str(tmp_path / "o.tif")
    run(Job(Task.CLUSTER, (RasterRef(str(path)),), out, model=model, classes=3))
    labels = read(out)[0]
    assert labels.shape == (30, 40)
    assert (labels > 0).all()


def test_degrees_and_nodata_survive(run: Runner, models: Path, tmp_path: Path) -> None:
    pixels = scene()
    pixels[:, 10:50, 20:70] = 0
    path = write(
        tmp_path / "wgs84.tif",
        pixels,
        S2,
        crs="EPSG:4326",
        transform=from_origin(11.0, 46.5, 0.00013, 0.00009),
        nodata=0,
    )
    out = str(tmp_path / "o.tif")
    run(Job(Task.CLUSTER, (RasterRef(str(path)),), out, model="galileo-nano", classes=4))
    with rasterio.open(out) as source, rasterio.open(path) as before:
        assert source.crs == before.crs
        assert source.transform == before.transform
        labels = source.read(1)
        assert source.nodata == 0
    assert (labels[10:50, 20:70] == 0).all()
    outside = np.ones(labels.shape, bool)
    outside[10:50, 20:70] = False
    assert (labels[outside] > 0).all()


def test_a_part_comes_out_as_in_the_whole(run: Runner, models: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "scene.tif", scene(), S2)
    whole, part = str(tmp_path / "whole.tif"), str(tmp_path / "part.tif")
    job = Job(Task.EMBED, (RasterRef(str(path)),), whole, model="galileo-nano")
    run(job)
    extent = Extent(500400, 5199400, 500800, 5199800, "EPSG:32632")
    run(dataclasses.replace(job, output=part, extent=extent))
    np.testing.assert_allclose(read(part), read(whole)[:, 5:15, 10:20], atol=1e-5)


def test_a_job_file_repeats_the_run_to_the_byte(run: Runner, tmp_path: Path) -> None:
    path = write(tmp_path / "scene.tif", scene(), S2)
    out = tmp_path / "map.tif"
    run(Job(Task.CLUSTER, (RasterRef(str(path)),), str(out), model="spectral-texture", classes=4))
    before = out.read_bytes()
    out.unlink()
    run(read_job_file(tmp_path / "map.tif.job.json"))
    assert out.read_bytes() == before
    with rasterio.open(out) as source:
        kept = json.loads(source.tags()["GEOFM_JOB"])
    assert kept["classes"] == 4
    assert "output" not in kept


def test_cancel_leaves_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "scene.tif", scene(700, 700), S2)
    store = Store(data_home(), models_folders(), offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))
    stages: list[str] = []

    def progress(stage: str, done: int, total: int, message: str) -> None:
        stages.append(stage)

    def check() -> None:
        if "cluster" in stages:
            raise Cancelled("Cancelled.")

    out = str(tmp_path / "o.tif")
    job = Job(Task.CLUSTER, (RasterRef(str(path)),), out, model="spectral-texture", classes=4)
    with pytest.raises(Cancelled):
        run_job(job, services, Context(progress, check))
    assert {p.name for p in tmp_path.iterdir()} == {"scene.tif"}


def _points(folder: Path, labels: dict[tuple[int, int], str]) -> Path:
    """Labelled pixels as GeoJSON points in the scene's own coordinates."""
    features = [
        {
            "type": "Feature",
            "properties": {"kind": name},
            "geometry": {"type": "Point", "coordinates": [500000 + col * 10 + 5, 5200000 - row * 10 - 5]},
        }
        for (row, col), name in labels.items()
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32632"}}
    path = folder / "samples.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    return path


@pytest.mark.parametrize("method", ["ensemble", "fast", "knn", "forest", "mlp"])
def test_teach_then_map(run: Runner, tmp_path: Path, method: str) -> None:
    pixels = scene()
    kinds = pixels[0].astype(int) // 400
    path = write(tmp_path / "scene.tif", pixels, S2)
    values, counts = np.unique(kinds, return_counts=True)
    first, second = values[np.argsort(-counts)[:2]]
    rng = np.random.default_rng(1)
    labels: dict[tuple[int, int], str] = {}
    for kind, name in ((first, "meadow"), (second, "lake")):
        places = np.argwhere(kinds == kind)
        labels.update({(int(r), int(c)): name for r, c in rng.permutation(places)[:12]})
    samples = SampleRef(str(_points(tmp_path, labels)), field="kind")
    taught = str(tmp_path / "taught.geofm")
    refs = (RasterRef(str(path)),)
    answer = run(Job(Task.TRAIN, refs, taught, model="spectral-texture", samples=samples, method=method))
    assert [c.name for c in answer.classes] == ["lake", "meadow"]
    out, sure = str(tmp_path / "o.tif"), str(tmp_path / "sure.tif")
    mapped = run(Job(Task.CLASSIFY, refs, out, classifier=taught, confidence=sure))
    names = {c.value: c.name for c in mapped.classes}
    got = read(out)[0]
    right = [names[got[place]] == name for place, name in labels.items()]
    assert np.mean(right) > 0.9
    confidence = read(sure)[0]
    assert confidence.max() <= 100
    assert confidence[next(iter(labels))] > 50


def test_change_finds_what_was_planted(run: Runner, tmp_path: Path) -> None:
    before = scene(200, 200)
    after = before.copy()
    after[:, 60:100, 80:130] = scene(200, 200, seed=5)[:, 60:100, 80:130]
    first, second = write(tmp_path / "a.tif", before, S2), write(tmp_path / "b.tif", after, S2)
    job = Job(
        Task.CHANGE,
        (RasterRef(str(first)),),
        str(tmp_path / "m.tif"),
        after=(RasterRef(str(second)),),
        model="spectral-texture",
        mask=str(tmp_path / "mask.tif"),
        polygons=str(tmp_path / "p.gpkg"),
    )
    result = run(job)
    mask = read(job.mask)[0] == 1
    truth = np.zeros(mask.shape, bool)
    truth[60:100, 80:130] = True
    overlap = (mask & truth).sum() / (mask | truth).sum()
    assert overlap > 0.7
    assert result.facts["threshold"] > 0
    assert result.facts["threshold_method"]
    assert Path(job.polygons).exists()
    changed = result.facts["changed_m2"]
    assert changed == pytest.approx(mask.sum() * 100.0)
    with rasterio.open(job.output) as magnitude:
        told = Magnitudes.from_text(magnitude.tags()[TAG])
    assert told.total == pytest.approx(mask.size * 100.0, rel=1e-3)
    assert told.above(result.facts["threshold"]) == pytest.approx(changed, rel=0.05)


def test_similarity_ranks_the_likeness(run: Runner, tmp_path: Path) -> None:
    pixels = scene()
    kinds = pixels[0].astype(int) // 400
    path = write(tmp_path / "scene.tif", pixels, S2)
    wanted = kinds[30, 30]
    samples = SampleRef(str(_points(tmp_path, {(30, 30): "x", (32, 31): "x"})))
    out = str(tmp_path / "o.tif")
    run(Job(Task.SIMILARITY, (RasterRef(str(path)),), out, model="spectral-texture", samples=samples))
    likeness = read(out)[0]
    assert likeness.min() >= -1.0001
    assert likeness.max() <= 1.0001
    assert likeness[kinds == wanted].mean() > likeness[kinds != wanted].mean() + 0.3


def test_clouds_where_fmask_saw_them(run: Runner, csmask: Path, samples: Path, tmp_path: Path) -> None:
    """A real cloudy scene against the mask that its provider delivered with it."""
    path = samples / "landsat7-two-dates" / "LE70220492002106EDC00_stack.gtif"
    out = str(tmp_path / "clouds.tif")
    result = run(Job(Task.SEGMENT, (RasterRef(str(path)),), out, model="ukis-csmask"))
    assert [c.name for c in result.classes] == ["clear", "cloud", "cloud shadow"]
    labels, fmask = read(out)[0], read(path)[7]
    clear, cloud = (c.value for c in result.classes[:2])
    assert (fmask[labels == cloud] == 4).mean() > 0.9
    # Fmask grows its clouds by a few pixels on purpose: it marks more than the network.
    assert (labels[fmask == 4] == cloud).mean() > 0.3
    assert (labels[fmask == 0] == clear).mean() > 0.95
