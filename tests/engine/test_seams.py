"""A tiled run against the same network on the whole image: the same labels, and no line between tiles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from scipy.ndimage import gaussian_filter

from geofm.inference.engine import mosaic
from geofm.inference.engine.backbones.onnx_network import OnnxNetwork

SCALING = (120.0, 50.0)


@pytest.fixture(scope="module")
def bench(script: Callable[[str], ModuleType]) -> ModuleType:
    """scripts/bench_seams.py, which builds the networks and compares the maps."""
    return script("bench_seams")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Soft blots of two sizes; neither side is a multiple of a tile."""
    rng = np.random.default_rng(5)
    rows, cols = 592, 656
    pixels = np.full((3, rows, cols), 120.0)
    for size, weight in ((4, 20), (16, 30)):
        blots = gaussian_filter(rng.normal(0, 1, (3, rows, cols)), size, axes=(1, 2))
        pixels += weight * blots / blots.std()
    path = tmp_path_factory.mktemp("image") / "image.tif"
    settings = {"driver": "GTiff", "height": rows, "width": cols, "count": 3, "dtype": "uint8"}
    with rasterio.open(
        path, "w", crs="EPSG:32632", transform=from_origin(5e5, 5.2e6, 10, 10), **settings
    ) as target:
        target.write(pixels.clip(1, 250).astype(np.uint8))
    return path


@pytest.fixture
def compared(bench: ModuleType, image: Path, tmp_path: Path):
    """How a tiled run differs from the whole image, and labels of both."""

    def compare(layers, **facts: int):
        models = tmp_path / f"models{len(list(tmp_path.iterdir()))}"
        bench.write_card(models, "m", layers, SCALING, **facts)
        made = bench.tiled(bench.services_of(models), "m", image, tmp_path / "out.tif")
        truth = bench.whole(layers, image, SCALING)
        assert len(np.unique(truth)) == 4
        return bench.difference(made, truth, bench.WINDOW - 2 * facts["halo"]), made, truth

    return compare


def test_a_halo_that_covers_what_the_network_sees_makes_tiles_invisible(bench: ModuleType, compared) -> None:
    """63 pixels are seen, the halo is 32: the raster's own borders included, only rounding is left."""
    found, _, _ = compared(bench.near_sighted(), halo=32, receptive_field=63)
    assert found.overall < 1e-5


def test_a_halo_that_is_too_small_is_found_out(bench: ModuleType, compared) -> None:
    """So that the test above can fail."""
    found, _, _ = compared(bench.near_sighted(), halo=16, receptive_field=33)
    assert found.overall > 1e-2
    assert found.beside > 5 * found.elsewhere


def test_blending_shows_no_line_where_the_network_sees_beyond_the_halo(bench: ModuleType, compared) -> None:
    found, made, truth = compared(bench.far_sighted(), halo=32, stride=16)
    lines = bench.jumps(made, 192) / bench.jumps(truth, 192)
    assert found.overall < 0.02
    assert 0.8 < lines < 1.1


def test_without_blending_the_lines_show(bench: ModuleType, compared) -> None:
    """So that the test above can fail."""
    _, made, truth = compared(bench.far_sighted(), halo=32, stride=16, receptive_field=65)
    assert bench.jumps(made, 192) > 1.5 * bench.jumps(truth, 192)


def test_blended_windows_are_computed_once_and_what_is_remembered_changes_nothing(
    bench: ModuleType, compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []
    predict = OnnxNetwork.predict

    def counting(self: OnnxNetwork, batch):
        counted.append(len(batch.valid))
        return predict(self, batch)

    monkeypatch.setattr(OnnxNetwork, "predict", counting)
    _, made, _ = compared(bench.far_sighted(2, 4), halo=80, stride=4)
    # Tiles of 96 pixels: seven by seven, of which the last two a side share a window.
    assert sum(counted) == 6 * 6
    monkeypatch.setattr(mosaic, "_REMEMBERED", 0)
    _, again, _ = compared(bench.far_sighted(2, 4), halo=80, stride=4)
    assert sum(counted) > 2.5 * 6 * 6
    assert (again == made).all()
