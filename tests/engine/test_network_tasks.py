"""Bare ONNX files straight to maps: classes, values, finer pixels, vectors; held to a plain session."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from geofm.inference.catalog import default_catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.importers import bare_card, inspect
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import Cancelled, GeoFMError, ModelCorrupt, UnsupportedInput
from geofm.inference.jobs import Extent, Job, RasterRef, Result, Task
from geofm.inference.places import data_home, models_folders

Runner = Callable[..., Result]
RGB = {"photometric": "RGB"}
SCALED = {"standardization_mean": [0.4, 0.5, 0.6], "standardization_std": [0.2, 0.25, 0.3]}
MEAN, STD = (np.float32(SCALED[key])[:, None, None] for key in SCALED)
NODATA = -9999.0


def _services() -> Services:
    store = Store(data_home(), models_folders(), offline=True)
    return Services.create(default_catalog(bare_card), store, choose_device("cpu"))


@pytest.fixture
def run(tmp_path: Path) -> Runner:
    """Runs a task with a bare ONNX file; other fields of the job by name."""

    def go(task: Task, model: Path, raster: RasterRef, check=lambda: None, **fields: object) -> Result:
        output = str(tmp_path / f"{task.value}.tif")
        job = Job(task=task, inputs=(raster,), model=str(model), output=output, **fields)
        return run_job(job, _services(), Context(lambda *told: None, check))

    return go


def picture(rows: int = 32, cols: int = 32, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 256, (3, rows, cols)).astype(np.uint8)


def fed(pixels: np.ndarray, standardised: bool = True) -> np.ndarray:
    """What Deepness feeds its networks: bytes by 255, standardised."""
    values = pixels.astype(np.float32) / 255
    return ((values - MEAN) / STD if standardised else values)[None]


def read(result: Result, name: str = "OUTPUT") -> np.ndarray:
    with rasterio.open(result.outputs[name]) as dataset:
        return dataset.read()


def test_a_regression_is_what_the_plain_session_says(run: Runner, raster, networks, tmp_path: Path) -> None:
    told = {"model_type": "Regressor", "reg_output_scaling": 2.5, **SCALED, "class_names": {"0": "height"}}
    model = networks.segmenter(tmp_path / "height.onnx", channels=1, metadata=told)
    pixels = picture()
    result = run(Task.REGRESS, model, raster("a.tif", pixels, **RGB))
    np.testing.assert_allclose(read(result), networks.run_alone(model, fed(pixels))[0] * 2.5, atol=1e-5)
    with rasterio.open(result.outputs["OUTPUT"]) as dataset:
        assert dataset.nodata == NODATA
        assert dataset.descriptions == ("height",)
        assert dataset.dtypes == ("float32",)
    assert result.facts["variables"] == [{"name": "height", "unit": ""}]


def covered(model: Path, tmp_path: Path, **changes: object) -> Path:
    """The same network with a card beside it that says how far it sees."""
    from geofm.inference.adding import save_draft

    changed = dataclasses.replace(inspect(model), **changes)
    save_draft(changed, beside=True)
    return model


@pytest.mark.parametrize("task", [Task.REGRESS, Task.SUPERRESOLVE])
def test_tiles_are_invisible_where_the_halo_covers_what_is_seen(
    run: Runner, raster, networks, tmp_path: Path, task: Task
) -> None:
    kind = {
        "model_type": task.value.replace("regress", "regressor").replace("superresolve", "superresolution")
    }
    if task is Task.REGRESS:
        model = networks.segmenter(tmp_path / "n.onnx", channels=2, window="s", metadata={**kind, **SCALED})
        factor = 1
    else:
        model = networks.refiner(tmp_path / "n.onnx", window="s", factor=3, metadata={**kind, **SCALED})
        factor = 3
    model = covered(model, tmp_path, window=32, overlap=8, receptive_field=3)
    pixels = picture(101, 77)
    result = run(task, model, raster("a.tif", pixels, **RGB))
    whole = networks.run_alone(model, fed(pixels))[0]
    assert whole.shape[1:] == (101 * factor, 77 * factor)
    np.testing.assert_allclose(read(result), whole, atol=1e-5)


def test_blended_windows_stay_close_where_it_is_not_said_how_far_it_sees(
    run: Runner, raster, networks, tmp_path: Path
) -> None:
    told = {"model_type": "Superresolution", "tiles_size": 32, "tiles_overlap": 25, **SCALED}
    model = networks.refiner(tmp_path / "n.onnx", window=32, factor=2, metadata=told)
    pixels = picture(90, 70)
    answer = read(run(Task.SUPERRESOLVE, model, raster("a.tif", pixels, **RGB)))
    free = networks.refiner(tmp_path / "free.onnx", window="s", factor=2)
    np.testing.assert_allclose(answer, networks.run_alone(free, fed(pixels))[0], atol=1e-4)


def test_finer_pixels_lie_exactly_in_the_coarse_ones(run: Runner, raster, networks, tmp_path: Path) -> None:
    model = networks.refiner(
        tmp_path / "n.onnx", factor=4, metadata={"model_type": "Superresolution", **SCALED}
    )
    place = Affine(9, 2, 600000, 1, -11, 5000000)
    pixels = picture(40, 50)
    pixels[:, 10:13, 20:22] = 0
    ref = raster("a.tif", pixels, transform=place, nodata=0, **RGB)
    with rasterio.open(run(Task.SUPERRESOLVE, model, ref).outputs["OUTPUT"]) as dataset:
        assert (dataset.width, dataset.height) == (200, 160)
        assert dataset.transform.almost_equals(
            Affine(9 / 4, 2 / 4, 600000, 1 / 4, -11 / 4, 5000000), precision=1e-9
        )
        assert dataset.descriptions == ("red", "green", "blue")
        empty = dataset.read(1) == NODATA
    expected = np.zeros((40, 50), bool)
    expected[10:13, 20:22] = True
    np.testing.assert_array_equal(empty, expected.repeat(4, axis=0).repeat(4, axis=1))


def test_a_part_is_just_as_in_a_run_over_the_whole(run: Runner, raster, networks, tmp_path: Path) -> None:
    model = networks.refiner(tmp_path / "n.onnx", metadata={"model_type": "Superresolution", **SCALED})
    ref = raster("a.tif", picture(90, 70), **RGB)
    whole = read(run(Task.SUPERRESOLVE, model, ref))
    extent = Extent(600000 + 100, 5000000 - 600, 600000 + 400, 5000000 - 200, "EPSG:32633")
    part = read(run(Task.SUPERRESOLVE, model, ref, extent=extent))
    np.testing.assert_array_equal(part, whole[:, 40:120, 20:80])


@pytest.mark.parametrize("batch", [1, 8])
def test_an_answer_smaller_than_its_window_is_right_inside(
    run: Runner, raster, networks, tmp_path: Path, batch: int
) -> None:
    told = {"model_type": "Regressor", "tiles_overlap": 25, **SCALED}
    model = networks.segmenter(tmp_path / "v.onnx", channels=2, valid=True, metadata=told)
    pixels = picture(75, 66)
    answer = read(run(Task.REGRESS, model, raster("a.tif", pixels, **RGB), batch=batch))
    free = networks.segmenter(tmp_path / "free.onnx", channels=2, window="s", valid=True)
    # Beyond the raster the network sees average pixels: zeros after scaling.
    around = np.pad(fed(pixels), ((0, 0), (0, 0), (2, 2), (2, 2)))
    np.testing.assert_allclose(answer, networks.run_alone(free, around)[0], atol=1e-5)


def _deepness(raw: np.ndarray, threshold: float) -> np.ndarray:
    """The map of Deepness 0.6.5: answers below the threshold become 0; classes are numbered from 1."""
    kept = np.where(raw < threshold, 0, raw) if threshold else raw
    return (kept[:, 0] != 0) + 1 if raw.shape[1] == 1 else kept.argmax(axis=1) + 1


@pytest.mark.parametrize(
    ("end", "channels", "threshold"),
    [("Sigmoid", 1, 0.5), ("Sigmoid", 1, 0.8), ("Softmax", 4, 0.5), ("Softmax", 4, 0), ("", 4, 0)],
)
def test_maps_are_those_of_deepness(
    run: Runner, raster, networks, tmp_path: Path, end: str, channels: int, threshold: float
) -> None:
    told = {"model_type": "Segmentor", "seg_thresh": threshold, "seg_small_segment": 0, **SCALED}
    model = networks.segmenter(tmp_path / "s.onnx", channels=channels, end=end, metadata=told)
    pixels = picture()
    result = run(Task.SEGMENT, model, raster("a.tif", pixels, **RGB), confidence=str(tmp_path / "c.tif"))
    raw = networks.run_alone(model, fed(pixels))
    found = read(result)[0]
    np.testing.assert_array_equal(found, _deepness(raw, threshold)[0])
    assert len(np.unique(found)) > 1
    assert len(result.classes) == max(channels, 2)
    if end == "Softmax":
        share = np.take_along_axis(raw, found[None, None].astype(int) - 1, axis=1)[0, 0]
        np.testing.assert_array_equal(read(result, "CONFIDENCE")[0], np.rint(share * 100))


def test_what_was_decided_about_a_bare_file_is_told_with_its_result(
    run: Runner, raster, networks, tmp_path: Path
) -> None:
    told = {"model_type": "Regressor", "tiles_size": 64}
    model = networks.segmenter(tmp_path / "h.onnx", channels=1, metadata=told)
    ref = raster("a.tif", picture(), **RGB)
    warnings = run(Task.REGRESS, model, ref).warnings
    assert any("does not name its three bands" in text for text in warnings)
    assert any("tile size is said to be 64" in text for text in warnings)
    covered(model, tmp_path)
    assert not any("tile size" in text for text in run(Task.REGRESS, model, ref).warnings)


def test_labels_of_a_network_are_the_classes_of_the_map(
    run: Runner, raster, networks, tmp_path: Path
) -> None:
    told = {"model_type": "segmentor", "names": "{0: 'sea', 1: 'sand', 2: 'rock', 3: 'reed'}"}
    model = networks.segmenter(tmp_path / "s.onnx", end="ArgMax", metadata=told)
    pixels = picture()
    result = run(Task.SEGMENT, model, raster("a.tif", pixels, **RGB))
    np.testing.assert_array_equal(read(result)[0], networks.run_alone(model, fed(pixels, False))[0] + 1)
    assert [info.name for info in result.classes] == ["sea", "sand", "rock", "reed"]


def test_a_label_of_no_class_ends_the_run(run: Runner, raster, networks, tmp_path: Path) -> None:
    told = {"model_type": "Segmentor", "class_names": {"0": "sea", "1": "sand"}}
    model = networks.segmenter(tmp_path / "s.onnx", end="ArgMax", metadata=told)
    with pytest.raises(ModelCorrupt, match=r"answers class [23], of which its card says nothing"):
        run(Task.SEGMENT, model, raster("a.tif", picture(), **RGB))


def test_vectors_of_windows_become_one_cell_a_window(run: Runner, raster, networks, tmp_path: Path) -> None:
    model = networks.embedder(tmp_path / "e.onnx", metadata={"model_type": '"Recognition"', **SCALED})
    pixels = picture(32, 48)
    result = run(Task.EMBED, model, raster("a.tif", pixels, **RGB))
    answer = read(result)
    assert answer.shape == (8, 2, 3)
    alone = networks.run_alone(model, fed(pixels[:, 16:32, 32:48]))
    np.testing.assert_allclose(answer[:, 1, 2], alone[0], atol=1e-5)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_dividing_by_255_is_for_bytes_alone(run: Runner, raster, networks, tmp_path: Path, dtype) -> None:
    model = networks.segmenter(tmp_path / "s.onnx", metadata={"model_type": "Segmentor"})
    ref = raster("a.tif", picture().astype(dtype), names=("red", "green", "blue"))
    with pytest.raises(UnsupportedInput, match=f"stored as {np.dtype(dtype).name}") as caught:
        run(Task.SEGMENT, model, ref)
    assert "--scale" in caught.value.hint


def test_our_own_keys_go_before_the_rule_of_255(run: Runner, raster, networks, tmp_path: Path) -> None:
    told = {
        "model_type": "Regressor",
        "bands": ["B04", "B03", "B02"],
        "input_units": "reflectance",
        "input_scale": 10,
        "input_offset": 0.5,
        **SCALED,
    }
    model = networks.segmenter(tmp_path / "s.onnx", channels=1, metadata=told)
    stored = np.random.default_rng(0).integers(100, 5000, (3, 32, 32)).astype(np.uint16)
    ref = raster("a.tif", stored[::-1], names=("B02", "B03", "B04"))
    answer = read(run(Task.REGRESS, model, ref))
    scaled = (stored.astype(np.float32) * 1e-4 * 10 + 0.5 - MEAN) / STD
    np.testing.assert_allclose(answer, networks.run_alone(model, scaled[None])[0], rtol=1e-5, atol=1e-5)


def test_numbers_can_be_taken_as_they_are_stored(run: Runner, raster, networks, tmp_path: Path) -> None:
    told = {"model_type": "Regressor", "bands": "B04,B03,B02", "input_scale": 0.001}
    model = networks.segmenter(tmp_path / "s.onnx", channels=1, metadata=told)
    stored = np.random.default_rng(0).integers(100, 5000, (3, 32, 32)).astype(np.uint16)
    answer = read(run(Task.REGRESS, model, raster("a.tif", stored, names=("B04", "B03", "B02"))))
    alone = networks.run_alone(model, stored[None].astype(np.float32) * 0.001)
    np.testing.assert_allclose(answer, alone[0], atol=1e-5)


def test_a_run_that_was_cancelled_goes_on_to_the_same_bytes(
    run: Runner, raster, networks, tmp_path: Path
) -> None:
    model = networks.segmenter(
        tmp_path / "h.onnx", channels=1, metadata={"model_type": "Regressor", "tiles_overlap": 0, **SCALED}
    )
    ref = raster("a.tif", picture(400, 300), **RGB)
    asked = []

    def check() -> None:
        asked.append(1)
        if len(asked) > 18:
            raise Cancelled("The run was cancelled.")

    with pytest.raises(Cancelled):
        run(Task.REGRESS, model, ref, check)
    result = run(Task.REGRESS, model, ref)
    assert result.facts.get("blocks_continued", 0) > 0
    continued = Path(result.outputs["OUTPUT"]).read_bytes()
    again = run(Task.REGRESS, model, ref)
    assert "blocks_continued" not in again.facts
    assert Path(again.outputs["OUTPUT"]).read_bytes() == continued


def test_a_detector_is_refused_with_what_it_is(run: Runner, raster, networks, tmp_path: Path) -> None:
    model = networks.segmenter(tmp_path / "d.onnx", metadata={"model_type": "Detector", "det_conf": 0.4})
    with pytest.raises(GeoFMError, match="cannot be used for segment") as caught:
        run(Task.SEGMENT, model, raster("a.tif", picture(), **RGB))
    assert "later version" in caught.value.hint


def test_other_pixel_sizes_than_it_was_made_for_are_told(
    run: Runner, raster, networks, tmp_path: Path
) -> None:
    told = {"model_type": "Regressor", "resolution": 10}
    model = networks.segmenter(tmp_path / "h.onnx", channels=1, metadata=told)
    result = run(Task.REGRESS, model, raster("a.tif", picture(), **RGB))
    assert any("made for pixels of 0.05 to 0.2 m; these are 10 m" in text for text in result.warnings)
