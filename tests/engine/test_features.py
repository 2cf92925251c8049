"""The feature space on real scenes: windows, weights, files, other rasters, two dates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

import geofm
from geofm.inference.bands import PRESETS
from geofm.inference.catalog import load_card
from geofm.inference.engine.backbones.galileo import Galileo
from geofm.inference.engine.backbones.spectral_texture import SpectralTexture
from geofm.inference.engine.base import F32, Context, Encoder, WindowBatch
from geofm.inference.engine.features.encodings import Encodings, windows_a_batch
from geofm.inference.engine.features.guided import cell_mean, guided_upsample
from geofm.inference.engine.features.space import FeatureSpace, encode_area, fitted
from geofm.inference.engine.features.standard import Moments, Standard
from geofm.inference.engine.grid import Window
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.regions import spread_windows
from geofm.inference.engine.tasks.embed import _block
from geofm.inference.errors import Cancelled, UnsupportedInput
from geofm.inference.jobs import RasterRef

S2 = PRESETS["sentinel2-l2a"]
CHIPS = "sentinel2-chips"
WINDOWS = (Window(37, 50, 61, 43), Window(0, 0, 10, 12), Window(118, 90, 10, 70), Window(64, 96, 1, 1))
QUIET = Context(lambda stage, done, total, message: None, lambda: None)
Maker = Callable[..., Path]


@pytest.fixture(scope="module")
def galileo(models: Path) -> Galileo:
    card = load_card(Path(geofm.__file__).parent / "resources" / "models" / "galileo-nano.json")
    return Galileo.load(card, models / "galileo-nano" / "encoder.pt", "cpu")


@pytest.fixture(scope="module", params=["spectral-texture", "galileo-nano"])
def encoder(request: pytest.FixtureRequest) -> Encoder | None:
    return request.getfixturevalue("galileo") if request.param == "galileo-nano" else None


@pytest.fixture
def write(tmp_path: Path) -> Maker:
    """Writes pixels of Sentinel-2's twelve bands, by default in their usual order."""

    def write(name: str, pixels: np.ndarray, bands: tuple[str, ...] = S2, **profile: object) -> Path:
        count, rows, cols = pixels.shape
        settings = {"driver": "GTiff", "count": count, "height": rows, "width": cols, "nodata": 0}
        place = {"crs": "EPSG:32632", "transform": from_origin(500000, 5200000, 10, 10)}
        with rasterio.open(
            tmp_path / name, "w", **{**settings, **place, "dtype": pixels.dtype, **profile}
        ) as target:
            target.write(pixels)
            for index, band in enumerate(bands, 1):
                target.set_band_description(index, band)
        return tmp_path / name

    return write


def crop(samples: Path, chip: str = "patch_61808.tif", rows: int = 160, cols: int = 130) -> np.ndarray:
    """A part of a real scene, (12, rows, cols) uint16; neither side is whole windows of Galileo."""
    with rasterio.open(samples / CHIPS / chip) as source:
        return source.read()[:, :rows, :cols]


def opened(*paths: Path) -> Iterator[Stack]:
    return Stack.open([RasterRef(str(path), acquired="2021-07-01") for path in paths])


def at(whole: np.ndarray, window: Window) -> np.ndarray:
    return whole[..., window.rows, window.cols]


def tokens_of(encoder: Encoder | None, batch: int = 0) -> list[Encodings]:
    """What a space is made of beside the hand-made features."""
    return [] if encoder is None else [Encodings(encoder, batch)]


def rounding(encoder: Encoder | None) -> float:
    """What may differ: the hand-made part nothing; an encoder rounds with the size of its batch."""
    return 0.0 if encoder is None else 5e-6


def gaps(pixels: np.ndarray) -> np.ndarray:
    """The pixels with clouds cut out of them: 0, which the files call nodata."""
    result = np.maximum(pixels, 1)
    result[:, 40:75, 30:90] = 0
    result[:, 100:, 100:] = 0
    result[:, np.random.default_rng(0).random(pixels.shape[1:]) < 0.02] = 0
    return result


# --- one scene -------------------------------------------------------------------------------------


def test_a_pixel_does_not_depend_on_the_window_asked(
    encoder: Encoder | None, samples: Path, write: Maker
) -> None:
    with opened(write("scene.tif", gaps(crop(samples)))) as stack:
        space = FeatureSpace.learn(stack, tokens_of(encoder), QUIET)
        whole, valid = space.features(stack, stack.grid.window, QUIET)
        assert 0.7 < valid.mean() < 0.9
        assert not whole[:, ~valid].any()
        for window in WINDOWS:
            # A space that has seen nothing yet: no window is remembered, batches are others.
            fresh = FeatureSpace.restore(space.describe(), space.arrays(), tokens_of(encoder, batch=3))
            part, seen = fresh.features(stack, window, QUIET)
            np.testing.assert_allclose(part, at(whole, window), rtol=0, atol=rounding(encoder))
            np.testing.assert_array_equal(seen, at(valid, window))


def test_a_window_beyond_the_edge_is_invalid_there(samples: Path, write: Maker) -> None:
    with opened(write("scene.tif", crop(samples))) as stack:
        space = FeatureSpace.learn(stack, (), QUIET)
        whole, _ = space.features(stack, stack.grid.window, QUIET)
        part, seen = space.features(stack, Window(120, -5, 20, 20), QUIET)
    assert seen[5:, :10].all()
    assert seen.sum() == 150
    np.testing.assert_array_equal(part[:, 5:, :10], whole[:, :15, 120:])
    assert not part[:, ~seen].any()


def test_every_block_weighs_the_same(encoder: Encoder | None, samples: Path, write: Maker) -> None:
    with opened(write("scene.tif", crop(samples, rows=256, cols=256))) as stack:
        space = FeatureSpace.learn(stack, tokens_of(encoder), QUIET)
        features, _ = space.features(stack, stack.grid.window, QUIET)
    assert space.dim == len(features) == sum(space.blocks)
    assert space.blocks == ((12, 10, 24) if encoder is None else (12, 10, 24, 24))
    assert space.around == (False, False, True, True)[: len(space.blocks)]
    starts = np.cumsum([0, *space.blocks])
    # Tokens are measured on the middle of some windows alone: their mean is known less well.
    off = (0.15, 0.15, 0.15, 0.5)
    for start, width, most in zip(starts, space.blocks, off, strict=False):
        block = features[start : start + width]
        assert (block**2).sum(axis=0).mean() == pytest.approx(1.0, abs=0.1)
        assert np.abs(block.mean(axis=(1, 2))).max() * width**0.5 < most


def test_nothing_stands_out_by_more_than_six_deviations(samples: Path, write: Maker) -> None:
    pixels = crop(samples)
    pixels[:, 20, 20] = 15000
    with opened(write("scene.tif", pixels)) as stack:
        space = FeatureSpace.learn(stack, (), QUIET)
        features, _ = space.features(stack, stack.grid.window, QUIET)
    for start, width in zip((0, 12, 22), space.blocks, strict=True):
        assert np.abs(features[start : start + width]).max() * width**0.5 <= 6.0001
    assert features[:12, 20, 20].max() * 12**0.5 == pytest.approx(6.0)


def test_tokens_add_what_the_bands_do_not_say(galileo: Galileo, samples: Path, write: Maker) -> None:
    """Two materials in equal bands: the block must come from the encoder and follow its tokens."""
    with opened(write("scene.tif", crop(samples))) as stack:
        space = FeatureSpace.learn(stack, tokens_of(galileo), QUIET)
        features, _ = space.features(stack, Window(0, 0, 128, 160), QUIET)
        tokens, known = encode_area(galileo, stack, Window(0, 0, 128, 160), QUIET)
    assert known.all()
    block = features[space.blocks[0] + space.blocks[1] + space.blocks[2] :]
    cells, _ = cell_mean(block, np.ones(block.shape[1:], bool), galileo.stride)
    design = np.concatenate([cells.reshape(24, -1), np.ones((1, cells[0].size), np.float32)]).T
    # Less what each place of a window has in common, which the block is not to show.
    cut = tokens.reshape(galileo.dim, 8, 4, 10, 4)
    flat = (cut - cut.mean(axis=(1, 3), keepdims=True)).reshape(galileo.dim, -1).T
    residual = flat - design @ np.linalg.lstsq(design, flat, rcond=None)[0]
    assert 1 - residual.var(axis=0).sum() / flat.var(axis=0).sum() > 0.3
    bands = features[:12, 2::4, 2::4].reshape(12, -1).T
    beyond = design[:, :24] - bands @ np.linalg.lstsq(bands, design[:, :24], rcond=None)[0]
    assert beyond.var(axis=0).sum() / design[:, :24].var(axis=0).sum() > 0.2


def test_the_place_in_a_window_does_not_show(galileo: Galileo, samples: Path, write: Maker) -> None:
    """Galileo's tokens tell where in a window they lie; of the features at most a trace may."""
    with opened(write("scene.tif", crop(samples, rows=256, cols=256))) as stack:
        space = FeatureSpace.learn(stack, tokens_of(galileo), QUIET)
        block = space.features(stack, stack.grid.window, QUIET)[0][-24:]
    place = block.reshape(24, 16, 16, 16, 16).mean(axis=(1, 3))
    assert place.var(axis=(1, 2)).sum() < 0.02 * block.var(axis=(1, 2)).sum()


def test_features_carry_over_to_another_order_of_bands(
    encoder: Encoder | None, samples: Path, write: Maker
) -> None:
    pixels = crop(samples, rows=96, cols=96)
    straight, turned = write("a.tif", pixels), write("b.tif", pixels[::-1].copy(), S2[::-1])
    with opened(straight) as stack, opened(turned) as other:
        space = FeatureSpace.learn(stack, tokens_of(encoder), QUIET)
        first, _ = space.features(stack, WINDOWS[0], QUIET)
        second, _ = space.features(other, WINDOWS[0], QUIET)
    assert first.std() > 0.05
    np.testing.assert_array_equal(first, second)


def test_bands_may_come_from_several_files(samples: Path, write: Maker) -> None:
    pixels = crop(samples, rows=64, cols=64)
    one = write("one.tif", pixels)
    parts = [write("end.tif", pixels[5:], S2[5:]), write("start.tif", pixels[:5], S2[:5])]
    with opened(one) as stack, opened(*parts) as other:
        space = FeatureSpace.learn(stack, (), QUIET)
        first, _ = space.features(stack, stack.grid.window, QUIET)
        np.testing.assert_array_equal(space.features(other, stack.grid.window, QUIET)[0], first)


def test_a_missing_band_is_a_sentence(galileo: Galileo, samples: Path, write: Maker) -> None:
    pixels = crop(samples, rows=64, cols=64)
    keep = [index for index, name in enumerate(S2) if name != "B04"]
    lacking = write("nored.tif", pixels[keep], tuple(S2[index] for index in keep))
    with opened(write("a.tif", pixels)) as stack, opened(lacking) as other:
        space = FeatureSpace.learn(stack, (), QUIET)
        with pytest.raises(UnsupportedInput, match=r"fitted to: B04\."):
            space.features(other, other.grid.window, QUIET)
        with pytest.raises(UnsupportedInput, match="B04|red"):
            FeatureSpace.learn(other, tokens_of(galileo), QUIET)


def test_nothing_valid_is_a_sentence(encoder: Encoder | None, write: Maker) -> None:
    blind = write("blind.tif", np.zeros((12, 40, 40), np.uint16))
    with opened(blind) as stack, pytest.raises(UnsupportedInput, match="no valid pixel"):
        FeatureSpace.learn(stack, tokens_of(encoder), QUIET)


def test_no_window_is_encoded_twice_or_without_pixels(
    galileo: Galileo, samples: Path, write: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.maximum(crop(samples, rows=128, cols=160), 1)
    pixels[:, :64, :] = 0
    encoded: list[int] = []
    encode = galileo.encode

    def counting(batch: WindowBatch) -> F32:
        assert batch.valid.any(axis=(1, 2)).all()
        encoded.append(len(batch.pixels))
        return encode(batch)

    monkeypatch.setattr(galileo, "encode", counting)
    with opened(write("half.tif", pixels)) as stack:
        space = FeatureSpace.learn(stack, tokens_of(galileo), QUIET)
        fresh = FeatureSpace.restore(space.describe(), space.arrays(), tokens_of(galileo))
        assert sum(encoded) == 40
        for window in (*WINDOWS, stack.grid.window):
            space.features(stack, window, QUIET)
        assert sum(encoded) == 40
        for window in (*WINDOWS, stack.grid.window):
            fresh.features(stack, window, QUIET)
    assert sum(encoded) == 80


def test_learning_listens_to_cancel(encoder: Encoder | None, samples: Path, write: Maker) -> None:
    def check() -> None:
        raise Cancelled("stop")

    with opened(write("a.tif", crop(samples, rows=64, cols=64))) as stack, pytest.raises(Cancelled):
        FeatureSpace.learn(stack, tokens_of(encoder), Context(QUIET.progress, check))


def test_tokens_of_other_windows_are_refused(
    galileo: Galileo, samples: Path, write: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(write("scene.tif", crop(samples, rows=64, cols=64))) as stack:
        space = FeatureSpace.learn(stack, tokens_of(galileo), QUIET)
    monkeypatch.setattr(galileo, "window", 32)
    with pytest.raises(UnsupportedInput, match="other windows"):
        FeatureSpace.restore(space.describe(), space.arrays(), tokens_of(galileo))


# --- kept in a file --------------------------------------------------------------------------------


def test_a_kept_space_gives_the_same_features(encoder: Encoder | None, samples: Path, write: Maker) -> None:
    scene = write("scene.tif", gaps(crop(samples)))
    other = write("other.tif", crop(samples, "patch_8845.tif", 96, 96))
    with opened(scene) as stack, opened(other) as unseen:
        space = FeatureSpace.learn(stack, tokens_of(encoder), QUIET)
        again = FeatureSpace.restore(space.describe(), space.arrays(), tokens_of(encoder))
        assert (again.dim, again.blocks, again.bands, again.halo) == (
            space.dim,
            space.blocks,
            space.bands,
            space.halo,
        )
        for raster in (stack, unseen):
            first, valid = space.features(raster, WINDOWS[0], QUIET)
            second, seen = again.features(raster, WINDOWS[0], QUIET)
            assert valid.any()
            np.testing.assert_allclose(first, second, rtol=0, atol=rounding(encoder))
            np.testing.assert_array_equal(valid, seen)
        for name, values in space.arrays().items():
            np.testing.assert_array_equal(values, again.arrays()[name], err_msg=name)


def test_a_space_is_for_its_own_encoder(galileo: Galileo, samples: Path, write: Maker) -> None:
    with opened(write("a.tif", crop(samples, rows=64, cols=64))) as stack:
        alone, joined = (FeatureSpace.learn(stack, tokens_of(encoder), QUIET) for encoder in (None, galileo))
    with pytest.raises(UnsupportedInput, match="taught on features of spectral-texture alone"):
        FeatureSpace.restore(alone.describe(), alone.arrays(), tokens_of(galileo))
    with pytest.raises(UnsupportedInput, match="taught on features of galileo-nano"):
        FeatureSpace.restore(joined.describe(), joined.arrays())


def test_parts_that_do_not_fit_are_refused(samples: Path, write: Maker) -> None:
    with opened(write("a.tif", crop(samples, rows=64, cols=64))) as stack:
        space = FeatureSpace.learn(stack, (), QUIET)
    for name in ("mean", "gain", "spectral.soft", "spectral.logarithmic"):
        arrays = {**space.arrays(), name: space.arrays()[name][:-1]}
        with pytest.raises(ValueError, match="."):
            FeatureSpace.restore(space.describe(), arrays)


# --- an encoder's own features ---------------------------------------------------------------------


def test_an_area_is_encoded_as_in_the_whole(encoder: Encoder | None, samples: Path, write: Maker) -> None:
    with opened(write("a.tif", gaps(crop(samples)))) as stack:
        model = fitted(encoder or SpectralTexture(), stack)
        stride = model.stride
        whole, known = encode_area(model, stack, Window(0, 0, 132, 160), QUIET)
        assert whole.shape == (model.dim, 160 // stride, 132 // stride)
        part, seen = encode_area(model, stack, Window(36, 52, 48, 20), QUIET, batch=2)
    inner = (slice(52 // stride, 72 // stride), slice(36 // stride, 84 // stride))
    np.testing.assert_allclose(part, whole[:, *inner], rtol=0, atol=rounding(encoder))
    np.testing.assert_array_equal(seen, known[inner])
    assert not known.all()
    assert not whole[:, ~known].any()
    assert whole[:, known].any(axis=0).all()


# --- two dates -------------------------------------------------------------------------------------


def distances(first: Path, second: Path, encoder: Encoder | None) -> tuple[np.ndarray, np.ndarray]:
    with opened(first) as before, opened(second) as after:
        space = FeatureSpace.learn(before, tokens_of(encoder), QUIET)
        pair = space.paired(before, after, QUIET)
        (one, seen), (other, also) = (
            part.features(stack, before.grid.window, QUIET)
            for part, stack in zip(pair, (before, after), strict=True)
        )
    return np.sqrt(((one - other) ** 2).sum(axis=0)), seen & also


def another_day(pixels: np.ndarray) -> np.ndarray:
    """The same ground in other light: each band with a gain, an offset and noise of its own."""
    rng = np.random.default_rng(1)
    gain, offset = rng.uniform(0.75, 1.3, (12, 1, 1)), rng.uniform(-40, 80, (12, 1, 1))
    noise = rng.normal(0, 25, pixels.shape)
    return np.clip(pixels * gain + offset + noise, 1, None).astype(np.uint16)


def test_light_is_no_change_and_a_change_is(encoder: Encoder | None, samples: Path, write: Maker) -> None:
    before, elsewhere = crop(samples), crop(samples, "patch_8845.tif")
    after = before.copy()
    after[:, 60:90, 40:80] = elsewhere[:, 60:90, 40:80]
    truth = np.zeros(before.shape[1:], bool)
    truth[60:90, 40:80] = True
    # The place's surroundings see it through windows and local means.
    away = np.ones_like(truth)
    away[28:122, 8:112] = False
    found, valid = distances(write("a.tif", before), write("b.tif", another_day(after)), encoder)
    assert valid.all()
    usual = np.median(found[away])
    assert 0.6 < usual < 1.6
    assert np.quantile(found[away], 0.95) < 3 * usual
    assert np.median(found[truth]) > 4 * usual
    assert (found[truth] > np.quantile(found[away], 0.99)).mean() > 0.85


def test_a_gain_alone_is_nearly_nothing(encoder: Encoder | None, samples: Path, write: Maker) -> None:
    before = crop(samples)
    brighter = np.clip(before * 1.2, 1, None).astype(np.uint16)
    found, _ = distances(write("a.tif", before), write("b.tif", brighter), encoder)
    still, _ = distances(write("c.tif", before), write("d.tif", before.copy()), encoder)
    assert still.max() < 1e-3
    assert np.median(found) < 1.2


def test_noisy_features_do_not_drown_the_quiet_ones(samples: Path, write: Maker) -> None:
    """A band that is noise on the later date must not hide what the others see."""
    before = crop(samples)
    after = before.copy()
    after[:, 60:90, 40:80] = crop(samples, "patch_8845.tif")[:, 60:90, 40:80]
    after[0] = np.random.default_rng(2).integers(100, 4000, after.shape[1:])
    found, _ = distances(write("a.tif", before), write("b.tif", after), None)
    truth = np.zeros(before.shape[1:], bool)
    truth[60:90, 40:80] = True
    assert np.median(found[truth]) > 3 * np.quantile(found[~truth], 0.9)


def test_dates_that_share_no_pixel_are_a_sentence(
    encoder: Encoder | None, samples: Path, write: Maker
) -> None:
    before, after = np.maximum(crop(samples), 1), np.maximum(crop(samples), 1)
    before[:, :80] = 0
    after[:, 80:] = 0
    with opened(write("a.tif", before)) as first, opened(write("b.tif", after)) as second:
        space = FeatureSpace.learn(first, tokens_of(encoder), QUIET)
        with pytest.raises(UnsupportedInput, match="valid on both dates"):
            space.paired(first, second, QUIET)


def test_dates_may_share_a_small_part_of_a_large_scene(write: Maker) -> None:
    rng = np.random.default_rng(0)
    coarse = rng.integers(300, 4000, (12, 35, 35))
    before = np.kron(coarse, np.ones((1, 40, 40))).astype(np.uint16) + rng.integers(
        0, 50, (12, 1400, 1400), np.uint16
    )
    after = np.zeros_like(before)
    after[:, 836:866, 580:620] = before[:, 836:866, 580:620]
    with opened(write("a.tif", before)) as first, opened(write("b.tif", after)) as second:
        space = FeatureSpace.learn(first, (), QUIET)
        _, later = space.paired(first, second, QUIET)
        features, valid = later.features(second, Window(570, 826, 60, 50), QUIET)
    assert valid.sum() == 30 * 40
    assert np.isfinite(features).all()


# --- the parts -------------------------------------------------------------------------------------


def test_a_sample_of_windows_is_spread_over_the_valid_part(write: Maker) -> None:
    pixels = np.ones((12, 640, 960), np.uint16)
    pixels[:, :320] = 0
    with opened(write("half.tif", pixels)) as stack:
        every = spread_windows(stack, range(12), 64, 1000)
        some = spread_windows(stack, range(12), 64, 15)
        assert some == spread_windows(stack, range(12), 64, 15)
    assert len(every) == 5 * 15
    assert len(some) == len(set(some)) == 15
    assert set(some) <= set(every)
    assert all(window.row >= 320 for window in every)
    assert len({window.row for window in some}) == 5


def test_upsampling_follows_the_edges_of_the_guide() -> None:
    """Tokens that are the cell means of a map linear in the guide come back as that map."""
    guide = np.random.default_rng(0).normal(size=(2, 64, 64)).astype(np.float32)
    guide[0] += 3 * (np.arange(64) > 29)
    truth = np.stack([2 * guide[0] - guide[1] + 1, -guide[0]])
    valid = np.ones((64, 64), bool)
    tokens, share = cell_mean(truth, valid, 4)
    assert (share == 1).all()
    np.testing.assert_allclose(tokens[:, 3, 5], truth[:, 12:16, 20:24].mean(axis=(1, 2)), rtol=1e-5)
    fine = guided_upsample(tokens, guide, valid, 4, epsilon=1e-6)
    np.testing.assert_allclose(fine, truth, atol=2e-3)


def test_tokens_speak_for_the_middle_of_their_cell() -> None:
    """A ramp of tokens over ground without edges: the same ramp in pixels, not moved by half a token."""
    tokens = np.broadcast_to(np.arange(12, dtype=np.float32), (1, 12, 12))
    fine = guided_upsample(tokens, np.zeros((1, 48, 48), np.float32), np.ones((48, 48), bool), 4)
    expected = (np.arange(48) + 0.5) / 4 - 0.5
    np.testing.assert_allclose(fine[0, 20:28, 20:28], np.tile(expected[20:28], (8, 1)), atol=1e-4)


def test_a_feature_constant_in_the_scene_stays_silent_in_others() -> None:
    moments = Moments(2)
    moments.add(np.stack([np.full(50, 0.1), np.arange(50.0)]).astype(np.float32))
    standard = Standard.of(moments)
    features = standard.apply(np.array([0.3, 24.5], np.float32).reshape(2, 1, 1))
    np.testing.assert_allclose(features.ravel(), [0, 0], atol=1e-6)
    spread = standard.apply(np.array([0.1, 49.0], np.float32).reshape(2, 1, 1))
    np.testing.assert_allclose(spread.ravel(), [0, 24.5 / np.arange(50).std()], rtol=1e-5)


def test_upsampling_ignores_what_is_invalid() -> None:
    rng = np.random.default_rng(1)
    guide, tokens = rng.normal(size=(2, 32, 32)).astype(np.float32), rng.normal(size=(3, 8, 8))
    valid = np.ones((32, 32), bool)
    valid[8:16, 12:20] = False
    clean = np.where(valid, guide, np.float32(0))
    expected = guided_upsample(tokens.astype(np.float32), clean, valid, 4)
    tokens[:, 2:4, 3:5] = 1e4
    found = guided_upsample(tokens.astype(np.float32), clean, valid, 4)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert not found[:, ~valid].any()


@pytest.mark.parametrize(
    ("window", "stride", "batch"), [(16, 4, 64), (32, 8, 64), (224, 16, 5), (768, 16, 1), (0, 1, 2)]
)
def test_large_windows_come_in_small_batches(window: int, stride: int, batch: int) -> None:
    assert windows_a_batch(SimpleNamespace(window=window, stride=stride, halo=0)) == batch


@pytest.mark.parametrize(
    ("dim", "stride", "side"), [(128, 4, 512), (1280, 14, 504), (128, 1, 256), (46, 1, 512)]
)
def test_blocks_of_embed_are_whole_cells_of_bounded_size(dim: int, stride: int, side: int) -> None:
    assert _block(SimpleNamespace(dim=dim, stride=stride, window=0)) == side
