"""What hides the ground on one of two dates: found by its quality band or a network, never called change."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from affine import Affine
from rasterio.features import rasterize

from geofm.inference.catalog import default_catalog
from geofm.inference.change_options import ChangeOptions
from geofm.inference.engine.base import Context
from geofm.inference.engine.changes.clear_sky import BUFFER
from geofm.inference.engine.changes.quality import Sky, coding_named, nameless
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import Cancelled, GeoFMError, UnsupportedInput
from geofm.inference.jobs import Extent, Job, RasterRef, Result, Task
from geofm.inference.places import data_home, models_folders

Write = Callable[..., RasterRef]
S2 = ("B02", "B03", "B04", "B08", "B11", "B12")
QUIET = Context(lambda *told: None, lambda: None)
SIDE = 160
CLOUD = (slice(20, 60), slice(30, 80))


@pytest.fixture(scope="module")
def services() -> Services:
    store = Store(data_home(), models_folders(), offline=True)
    return Services.create(default_catalog(), store, choose_device("cpu"))


@pytest.fixture(scope="module")
def without_weights(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """An engine that has no model's weights."""
    store = Store(tmp_path_factory.mktemp("empty"), (), offline=True)
    return Services.create(default_catalog(), store, choose_device("cpu"))


def ground(seed: int = 0) -> np.ndarray:
    """Patches of six bands of reflectance x 10,000."""
    rng = np.random.default_rng(seed)
    kinds = np.kron(rng.integers(0, 4, (SIDE // 20, SIDE // 20)), np.ones((20, 20), int))
    spectra = rng.integers(300, 3000, (4, len(S2)))
    noise = np.random.default_rng(seed + 1).normal(0, 40, (len(S2), SIDE, SIDE))
    return np.clip(spectra[kinds].transpose(2, 0, 1) + noise, 1, None).astype(np.uint16)


def clouded(pixels: np.ndarray, place: tuple[slice, slice] = CLOUD) -> np.ndarray:
    white = pixels.copy()
    white[(slice(None), *place)] = 9000
    return white


def coded(value: int, place: tuple[slice, slice] = CLOUD, clear: int = 4, dtype: str = "uint8") -> np.ndarray:
    codes = np.full((SIDE, SIDE), clear, dtype)
    codes[place] = value
    return codes


def compare(
    services: Services,
    before: tuple[RasterRef, ...],
    after: tuple[RasterRef, ...],
    out: Path,
    clouds: str = "bands",
    context: Context = QUIET,
    **fields: object,
) -> Result:
    """With corrections off, so that the dates differ by what is drawn into them alone."""
    options = ChangeOptions(normalise=False, align="off", clouds=clouds)
    paths = {"mask": str(out.with_suffix(".mask.tif")), "polygons": str(out.with_suffix(".gpkg"))}
    job = Job(Task.CHANGE, before, str(out), after=after, model="spectral-texture", change=options, **paths)
    return run_job(dataclasses.replace(job, **fields), services, context)


def read(path: str) -> np.ndarray:
    with rasterio.open(path) as source:
        return source.read(1, masked=True)


def pair(raster: Write) -> tuple[RasterRef, RasterRef]:
    later = clouded(ground())
    # A change that is none of the sky.
    later[:, 100:120, 100:130] = 2500
    return raster("before.tif", ground(), names=S2), raster("after.tif", later, names=S2)


# --- codes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("Fmask", {0: Sky.CLEAR, 1: Sky.CLEAR, 2: Sky.SHADOW, 3: Sky.SNOW, 4: Sky.CLOUD, 255: Sky.FILL}),
        ("HLS Fmask", {64: Sky.CLEAR, 66: Sky.CLOUD, 68: Sky.EDGE, 72: Sky.SHADOW, 16: Sky.SNOW}),
        (
            "SCL",
            {0: Sky.FILL, 1: Sky.FILL, 2: Sky.SHADOW, 3: Sky.SHADOW, 4: Sky.CLEAR, 6: Sky.CLEAR, 8: Sky.CLOUD,
             9: Sky.CLOUD, 10: Sky.CLOUD, 11: Sky.SNOW},
        ),
        # Values of the product guide's table 6-4.
        (
            "QA_PIXEL",
            {1: Sky.FILL, 21824: Sky.CLEAR, 21952: Sky.CLEAR, 22280: Sky.CLOUD, 23888: Sky.SHADOW,
             30048: Sky.SNOW, 54596: Sky.CLOUD, 21826: Sky.EDGE},
        ),
        ("pixel_qa", {1: Sky.FILL, 322: Sky.CLEAR, 328: Sky.SHADOW, 336: Sky.SNOW, 352: Sky.CLOUD}),
        ("QA60", {0: Sky.CLEAR, 1024: Sky.CLOUD, 2048: Sky.CLOUD}),
    ],
)  # fmt: skip
def test_products_say_it_in_codes_of_their_own(name: str, numbers: dict[int, Sky]) -> None:
    coding = coding_named(name, list(numbers))
    assert coding is not None
    found = coding.read(np.array(list(numbers), np.float32))
    assert found.tolist() == list(numbers.values())


def test_a_name_is_believed_as_far_as_the_numbers_go() -> None:
    assert coding_named("SCL", [4, 5, 117]) is None
    assert coding_named("land cover", [0, 4]) is None
    assert [nameless(name) for name in ("band 8", "Band 8", "", "class", "SCL")] == [True] * 3 + [False] * 2


# --- masks ------------------------------------------------------------------------------------


def test_nothing_is_change_where_a_quality_band_sees_a_cloud(
    services: Services, raster: Write, tmp_path: Path
) -> None:
    before, after = pair(raster)
    quality = raster("S2_SCL.tif", coded(9))
    clear = raster("T32TQM_20200101T101010_SCL_20m.tif", coded(4))
    seen = compare(services, (before,), (after,), tmp_path / "off.tif", "off")
    assert (read(seen.outputs["MASK"])[CLOUD] == 1).all(), "the cloud is what would come out as change"
    found = compare(services, (before, clear), (after, quality), tmp_path / "on.tif")
    for name in ("OUTPUT", "MASK"):
        values = read(found.outputs[name])
        assert values[CLOUD].mask.all()
        assert not np.ma.getmaskarray(values)[100:120, 100:130].any()
    mask = read(found.outputs["MASK"])
    assert mask[100:120, 100:130].mean() > 0.95
    polygons = pyogrio.raw.read(found.outputs["POLYGONS"])[2]
    assert len(polygons) > 0
    facts = found.facts["clouds"]
    assert facts["before"] == {
        "found_by": "the band 'SCL' (SCL)", "buffer_m": BUFFER, "masked_percent": 0.0, "percent": {}
    }  # fmt: skip
    assert facts["after"]["percent"]["cloud"] == round(100 * 40 * 50 / SIDE**2, 2)
    # 6 pixels of 10 m on each side, with rounded corners.
    assert 100 * 1080 < facts["after"]["percent"]["edge"] * SIDE**2 < 100 * (52 * 62 - 40 * 50)


def test_the_buffer_goes_all_around(without_weights: Services, raster: Write, tmp_path: Path) -> None:
    before, after = pair(raster)
    place = (slice(80, 81), slice(70, 71))
    quality = raster("scl.tif", coded(3, place))
    found = compare(without_weights, (before,), (after, quality), tmp_path / "o.tif", "auto")
    hidden = np.ma.getmaskarray(read(found.outputs["OUTPUT"]))
    rows, cols = np.mgrid[:SIDE, :SIDE]
    assert np.array_equal(hidden, np.hypot(rows - 80, cols - 70) <= BUFFER / 10)


def test_a_quality_band_of_larger_pixels_is_not_blended(
    without_weights: Services, raster: Write, tmp_path: Path
) -> None:
    """Halfway between 4 (vegetation) and 9 (cloud) lie water, 7 and 8."""
    before, after = pair(raster)
    codes = coded(9)[::2, ::2]
    quality = raster("scl.tif", codes, transform=Affine(20, 0, 600000, 0, -20, 5000000))
    found = compare(without_weights, (before,), (after, quality), tmp_path / "o.tif", "auto")
    assert set(found.facts["clouds"]["after"]["percent"]) == {"cloud", "edge"}
    assert read(found.outputs["MASK"])[CLOUD].mask.all()


def test_snow_and_fill_are_left_out_without_a_buffer(
    without_weights: Services, raster: Write, tmp_path: Path
) -> None:
    before, after = pair(raster)
    codes = coded(3, clear=0)
    codes[:10] = 255
    quality = raster("Fmask.tif", codes)
    found = compare(without_weights, (before, quality), (after,), tmp_path / "o.tif", "auto")
    assert set(found.facts["clouds"]["before"]["percent"]) == {"snow", "fill"}
    hidden = np.ma.getmaskarray(read(found.outputs["OUTPUT"]))
    assert np.array_equal(hidden, codes != 0)


def test_a_part_of_a_raster_is_masked_as_it_is_in_the_whole(
    without_weights: Services, raster: Write, tmp_path: Path
) -> None:
    before, after = pair(raster)
    quality = raster("scl.tif", coded(9))
    whole = compare(without_weights, (before,), (after, quality), tmp_path / "whole.tif", "auto")
    extent = Extent(600000 + 850, 5000000 - 1500, 600000 + 1400, 5000000 - 400, "EPSG:32633")
    part = compare(without_weights, (before,), (after, quality), tmp_path / "part.tif", "auto", extent=extent)
    hidden = (np.ma.getmaskarray(read(one.outputs["OUTPUT"])) for one in (whole, part))
    of_whole, of_part = hidden
    # The cloud itself lies beyond the part, its edge does not.
    assert of_part.any()
    assert np.array_equal(of_part, of_whole[40:150, 85:140])


# --- by numbers alone, or not at all ----------------------------------------------------------


def test_a_nameless_band_must_look_like_what_its_codes_say(
    services: Services, without_weights: Services, raster: Write, tmp_path: Path
) -> None:
    codes = coded(4, clear=0, dtype="uint16")
    codes[0, 0] = 2
    names = (*S2, "")
    before = raster("before.tif", np.concatenate([ground(), np.zeros_like(codes)[None]]), names=names)
    bright = raster("bright.tif", np.concatenate([clouded(ground()), codes[None]]), names=names)
    dark = raster("dark.tif", np.concatenate([ground(), codes[None]]), names=names)
    found = compare(without_weights, (before,), (bright,), tmp_path / "o.tif", "auto")
    assert found.facts["clouds"]["after"]["found_by"] == "the band 'band 7' (Fmask, by its codes)"
    assert any("taken for Fmask" in note for note in found.warnings)
    other = compare(without_weights, (before,), (dark,), tmp_path / "p.tif", "auto")
    assert set(other.facts["clouds"]) == {"before"}
    assert any("Nothing is known of clouds on the date 'after'" in note for note in other.warnings)


def test_dates_without_any_sky_are_compared_with_a_warning(
    without_weights: Services, raster: Write, tmp_path: Path
) -> None:
    before, after = pair(raster)
    found = compare(without_weights, (before,), (after,), tmp_path / "o.tif", "auto")
    assert "clouds" not in found.facts
    assert sum("Nothing is known of clouds" in note for note in found.warnings) == 2
    with pytest.raises(UnsupportedInput, match="'before' has a band that says where clouds are") as caught:
        compare(without_weights, (before,), (after,), tmp_path / "o.tif", "bands")
    assert "Fmask, SCL, QA_PIXEL" in caught.value.hint
    with pytest.raises(GeoFMError, match="ukis-csmask"):
        compare(without_weights, (before,), (after,), tmp_path / "o.tif", "model")


def test_a_date_that_is_hidden_all_over_is_refused(
    without_weights: Services, raster: Write, tmp_path: Path
) -> None:
    before, after = pair(raster)
    quality = raster("scl.tif", coded(9, (slice(None), slice(None))))
    with pytest.raises(UnsupportedInput, match="'after' shows no ground") as caught:
        compare(without_weights, (before,), (after, quality), tmp_path / "o.tif", "auto")
    assert "CLOUDS=off" in caught.value.hint
    assert not list(tmp_path.glob("o.*"))
    mostly = raster("other_scl.tif", coded(9, (slice(None), slice(0, 110))))
    found = compare(without_weights, (before,), (after, mostly), tmp_path / "o.tif", "auto")
    assert any("of the date 'after' are left out" in note for note in found.warnings)


# --- a network --------------------------------------------------------------------------------


@pytest.fixture
def chips(samples: Path, services: Services, raster: Write) -> tuple[RasterRef, RasterRef]:
    """A clear Landsat scene and the same ground under clouds, without their quality bands."""
    card = services.catalog.get("ukis-csmask")
    if any(services.store.find(card, asset) is None for asset in card.assets):
        pytest.skip("needs the weights of ukis-csmask (make setup)")
    refs = []
    for name in ("LE70220491999322EDC01_stack.gtif", "LE70220492002106EDC00_stack.gtif"):
        with rasterio.open(samples / "landsat7-two-dates" / name) as source:
            pixels, place = source.read(range(1, 7)), source.transform
        names = ("etm:B1", "etm:B2", "etm:B3", "etm:B4", "etm:B5", "etm:B7")
        ref = raster(f"{name[:16]}.tif", pixels, crs="EPSG:32615", transform=place)
        refs.append(dataclasses.replace(ref, names=names, scale=1e-4))
    return refs[0], refs[1]


def test_a_network_looks_for_clouds_where_no_band_says_them(
    services: Services, chips: tuple[RasterRef, RasterRef], samples: Path, tmp_path: Path
) -> None:
    before, after = chips
    found = compare(services, (before,), (after,), tmp_path / "o.tif", "auto")
    assert {one["found_by"] for one in found.facts["clouds"].values()} == {"the model ukis-csmask"}
    assert sum("ukis-csmask looked for them" in note for note in found.warnings) == 2
    with rasterio.open(samples / "landsat7-two-dates" / "LE70220492002106EDC00_stack.gtif") as source:
        fmask = source.read(8)
    hidden = np.ma.getmaskarray(read(found.outputs["OUTPUT"]))
    assert hidden[fmask == 4].mean() > 0.7
    assert hidden[fmask == 0].mean() < 0.2


@pytest.mark.parametrize("stage", ["clouds after", "sky after", "compare"])
def test_a_run_goes_on_with_the_sky_that_it_had(
    services: Services, chips: tuple[RasterRef, RasterRef], tmp_path: Path, stage: str
) -> None:
    before, after = chips
    whole = compare(services, (before,), (after,), tmp_path / "whole.tif", "model")

    told: list[str] = []

    def stop() -> None:
        if told and told[-1] == stage:
            raise Cancelled("The run was cancelled.")

    context = Context(lambda now, done, total, message: told.append(now), stop)
    with pytest.raises(Cancelled):
        compare(services, (before,), (after,), tmp_path / "out.tif", "model", context)
    again = compare(services, (before,), (after,), tmp_path / "out.tif", "model")
    assert again.facts.pop("blocks_continued") > 0
    assert again.facts == whole.facts
    for name in ("OUTPUT", "MASK"):
        pairs = (Path(one.outputs[name]).read_bytes() for one in (whole, again))
        assert next(pairs) == next(pairs)


# --- the real pair ----------------------------------------------------------------------------


def test_no_change_is_reported_in_masked_places_of_the_real_pair(
    services: Services, samples: Path, tmp_path: Path
) -> None:
    """Landsat 7 of 1999 and 2002, by the Fmask bands of both: nodata there in every result."""
    folder = samples / "landsat7-two-dates"
    before, after = (
        RasterRef(str(folder / name))
        for name in ("LE70220491999322EDC01_stack.gtif", "LE70220492002106EDC00_stack.gtif")
    )
    found = compare(services, (before,), (after,), tmp_path / "o.tif", "bands")
    with rasterio.open(after.path) as source:
        fmask, grid = source.read(8), source.transform
    masked = np.isin(fmask, (2, 3, 4, 255))
    assert masked.mean() > 0.2
    for name in ("OUTPUT", "MASK"):
        assert np.ma.getmaskarray(read(found.outputs[name]))[masked].all()
    assert not np.ma.getmaskarray(read(found.outputs["MASK"]))[fmask == 0].all()
    shapes = pyogrio.raw.read(found.outputs["POLYGONS"])[2]
    burned = rasterize(list(shapely.from_wkb(shapes)), out_shape=fmask.shape, transform=grid, fill=0)
    assert burned.any()
    assert not burned[masked].any()
    changed = read(found.outputs["MASK"]).filled(0) == 1
    assert np.array_equal(burned == 1, changed)
