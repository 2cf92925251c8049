"""The synthetic scene of the benchmarks: its truth is true, its spectra are of what they say, seeds hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import rasterio

from geofm.inference.engine.rasters import Stack
from geofm.inference.jobs import RasterRef


@pytest.fixture(scope="module")
def synthetic(script: Callable[[str], ModuleType]) -> ModuleType:
    """scripts/synthetic_scene.py"""
    return script("synthetic_scene")


def pure(scene, name: str) -> np.ndarray:
    """Mean spectrum of the pixels that one class covers alone, by band."""
    inside = (scene.truth == scene.names.index(name) + 1) & (scene.share > 0.99)
    assert inside.sum() > 20
    return scene.pixels[:, inside].mean(axis=1)


def test_the_same_seed_gives_the_same_scene_and_another_one_another(synthetic: ModuleType) -> None:
    first, again, other = (synthetic.make_scene(64, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.pixels, again.pixels)
    np.testing.assert_array_equal(first.truth, again.truth)
    assert (first.truth != other.truth).mean() > 0.5
    assert first.pixels.shape == (len(synthetic.BANDS), 64, 64)


def test_classes_have_their_shares_and_borders_are_mixed(synthetic: ModuleType) -> None:
    scene = synthetic.make_scene(160, 1)
    found = np.bincount(scene.truth.ravel(), minlength=len(scene.names) + 1)[1:] / scene.truth.size
    np.testing.assert_allclose(found, list(synthetic.PRIOR.values()), atol=0.02)
    assert 0.4 < (scene.share > 0.99).mean() < 0.9
    assert 1 / 9 < scene.share.min() < 0.5


def test_a_prior_of_some_classes_leaves_the_others_out(synthetic: ModuleType) -> None:
    scene = synthetic.make_scene(64, 0, prior={"forest": 3, "clear water": 1})
    assert scene.names == ("forest", "clear water")
    assert set(np.unique(scene.truth)) == {1, 2}
    assert (scene.truth == 1).mean() == pytest.approx(0.75, abs=0.03)


def test_materials_look_like_themselves(synthetic: ModuleType) -> None:
    scene = synthetic.make_scene(192, 2, haze=0.0)
    band = {name: index for index, name in enumerate(synthetic.BANDS)}
    spectra = {name: pure(scene, name) for name in scene.names}

    def ndvi(name: str) -> float:
        red, nir = spectra[name][band["B04"]], spectra[name][band["B08"]]
        return (nir - red) / (nir + red)

    assert ndvi("green crop") > 0.7
    assert ndvi("forest") > 0.7
    assert 0.05 < ndvi("senescent crop") < 0.45
    assert ndvi("clear water") < 0
    for water in ("clear water", "turbid water"):
        assert spectra[water][band["B11"]] < 0.06
    assert spectra["turbid water"][band["B04"]] > 3 * spectra["clear water"][band["B04"]]
    assert (spectra["wet soil"] < spectra["dry soil"]).all()
    assert spectra["asphalt"][band["B03"]] < 0.6 * spectra["concrete"][band["B03"]]


def test_haze_brightens_the_blue_of_the_dark_and_noise_is_noise(synthetic: ModuleType) -> None:
    prior = {"clear water": 1.0, "turbid water": 1.0}
    bare = synthetic.make_scene(64, 0, prior=prior, haze=0, noise=0, spread=0)
    hazy = synthetic.make_scene(64, 0, prior=prior, haze=1, noise=0, spread=0)
    noisy = synthetic.make_scene(64, 0, prior=prior, haze=0, noise=1, spread=0)
    veil = (hazy.pixels - bare.pixels).mean(axis=(1, 2))
    assert veil[0] > 2 * veil[4] > 0
    swir = synthetic.BANDS.index("B12")
    assert (noisy.pixels - bare.pixels)[swir].std() == pytest.approx(0.003, rel=0.1)
    np.testing.assert_array_equal(hazy.truth, bare.truth)


def test_written_scenes_are_read_as_sentinel_2(synthetic: ModuleType, tmp_path: Path) -> None:
    scene = synthetic.make_scene(64, 5)
    image, truth = synthetic.write_scene(tmp_path, scene, "_5")
    with Stack.open([RasterRef(str(image))]) as stack:
        assert [band.name for band in stack.bands] == list(synthetic.BANDS)
        assert all(band.known and band.units == "reflectance" for band in stack.bands)
        pixels, valid = stack.read(stack.grid.window, range(len(stack.bands)))
    assert valid.all()
    np.testing.assert_allclose(pixels, np.maximum(scene.pixels, 1e-4), atol=6e-5)
    with rasterio.open(truth) as file:
        np.testing.assert_array_equal(file.read(1), scene.truth)
        assert file.tags(1)["class_3"] == "forest"
        assert file.colormap(1)[3][:3] == (0, 109, 44)
