"""Values of another size than a model knows are told; those of its own kind are not doubted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from geofm.inference.bands import Band
from geofm.inference.catalog import default_catalog, load_card
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.expectations import doubts, network_doubts
from geofm.inference.engine.features.space import FeatureSpace
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.weights.store import Store
from geofm.inference.jobs import Job, RasterRef, Task
from geofm.inference.places import data_home, models_folders

Write = Callable[..., RasterRef]
CARD = load_card(Path(__file__).resolve().parents[2] / "resources" / "models" / "ukis-csmask.json")
QUIET = Context(lambda stage, done, total, message: None, lambda: None)
RED, NIR = Band("red", known=True), Band("nir", known=True)


def said(distances: Any) -> list[str]:
    table = np.asarray(distances, np.float32).T
    return doubts("the model", [RED, NIR], table * 100, table)


def test_far_values_are_named_with_their_range() -> None:
    (text,) = said([[6, 7, 8], [-1, 0, 1]])
    assert "red (mostly 600 to 800)" in text
    assert "nir" not in text
    assert "scale" in text
    assert said([[-9, -8, -7], [-1, 0, 1]])


def test_values_that_hardly_vary_in_any_band_are_doubted() -> None:
    assert said([[-1.0, -0.999, -0.998], [-1.0, -0.999, -0.998]])
    assert not said([[-1.0, -0.999, -0.998], [-1.0, 0.0, 0.5]])


def test_bands_without_a_valid_pixel_say_nothing() -> None:
    assert not said([[np.nan] * 3, [np.nan] * 3])
    assert said([[np.nan] * 3, [7, 8, 9]])
    assert said([[np.nan] * 3, [-1.0, -0.999, -0.998]])


def test_quartiles_are_those_of_the_valid_values(raster: Write) -> None:
    pixels = np.arange(1, 1201, dtype="uint16").reshape(30, 40)
    pixels[:5] = 0
    ref = raster("a.tif", np.stack([pixels, pixels * 2]), nodata=0)
    with Stack.open([RasterRef(ref.path, scale=0.5, offset=3.0)]) as stack:
        quartiles = stack.quartiles
    seen = pixels[5:].astype(float)
    for band, factor in enumerate((1, 2)):
        wanted = np.percentile(seen * factor * 0.5 + 3.0, (25, 50, 75))
        assert quartiles[:, band] == pytest.approx(wanted)


def test_real_scenes_are_not_doubted(samples: Path) -> None:
    names = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
    for path in sorted((samples / "sentinel2-chips").glob("*.tif")):
        with Stack.open([RasterRef(str(path), names=names)]) as stack:
            by_name = {band.name: index for index, band in enumerate(stack.bands)}
            chosen = [by_name[name] for name in ("B02", "B03", "B04", "B08", "B11", "B12")]
            assert not network_doubts(CARD, stack, chosen), path.name


@pytest.mark.parametrize("factor", [255.0, 10000.0])
def test_a_network_made_for_other_units_is_doubted(samples: Path, factor: float) -> None:
    chip = sorted((samples / "sentinel2-chips").glob("*.tif"))[0]
    assets = tuple(
        replace(asset, mean=tuple(m * factor for m in asset.mean), std=tuple(s * factor for s in asset.std))
        for asset in CARD.assets
    )
    with Stack.open([RasterRef(str(chip), bands=(2, 3, 4, 8, 11, 12))]) as stack:
        raw = stack.quartiles
        assert raw[1].min() > 50
        assert network_doubts(CARD, stack, range(6))
    with Stack.open([RasterRef(str(chip), bands=(2, 3, 4, 8, 11, 12), scale=1e-4)]) as stack:
        assert network_doubts(replace(CARD, assets=assets), stack, range(6))


def test_a_classifier_taught_on_other_numbers_is_doubted(raster: Write) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(100, 2000, (3, 60, 70)).astype("uint16")
    taught, same, larger = (
        raster("taught.tif", pixels),
        raster("same.tif", rng.permutation(pixels, axis=1)),
        raster("larger.tif", pixels.astype("float32") * 1e4),
    )
    with Stack.open([taught]) as stack:
        space = FeatureSpace.learn(stack, (), QUIET)
    with Stack.open([same]) as stack:
        assert not space.doubts("the classifier", stack)
    with Stack.open([larger]) as stack:
        (text,) = space.doubts("the classifier", stack)
    assert "band 1 (mostly" in text


@pytest.mark.parametrize(("pixels", "doubted"), [(0.3, True), (120.0, False)])
def test_a_run_tells_that_values_do_not_fit(
    raster: Write, tmp_path: Path, pixels: float, doubted: bool
) -> None:
    """A network for bytes of a photograph, fed with reflectance and with what it knows."""
    noise = np.random.default_rng(0).normal(1, 0.2, (3, 40, 50))
    photo = raster("photo.tif", (noise * pixels).astype("float32"))
    refs = (RasterRef(photo.path, names=("red", "green", "blue")),)
    store = Store(data_home(), models_folders(), offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))
    job = Job(Task.SEGMENT, refs, str(tmp_path / "out.tif"), model=str(photo_network(tmp_path)))
    told = [text for text in run_job(job, services, QUIET).warnings if "not of the size" in text]
    assert len(told) == doubted
    assert not doubted or "red" in told[0]


def photo_network(folder: Path) -> Path:
    """The card of a network of one convolution for the three bands of a Byte photograph."""
    kernel = numpy_helper.from_array(np.eye(3, dtype=np.float32)[:, :, None, None], "kernel")
    shape = ["n", 3, "rows", "cols"]
    graph = helper.make_graph(
        [helper.make_node("Conv", ["image", "kernel"], ["scores"])],
        "photo",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, shape)],
        [kernel],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    content = model.SerializeToString()
    (folder / "photo.onnx").write_bytes(content)
    card = dict(CARD.raw, id="photo")
    card["properties"] = dict(card["properties"], **{"geofm:units": "", "geofm:min_bands": []})
    card["assets"] = {
        "photo": {
            "href": "photo.onnx",
            "roles": ["mlm:model"],
            "geofm:digest": "sha256:" + hashlib.sha256(content).hexdigest(),
            "bands": [{"name": name} for name in ("red", "green", "blue")],
            "geofm:mean": [120.0, 115.0, 110.0],
            "geofm:std": [60.0, 60.0, 60.0],
        }
    }
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return folder / "card.json"
