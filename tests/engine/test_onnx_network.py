"""Networks from ONNX files: small ones made here, and the real cloud masks on real scenes."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import rasterio
from onnx import TensorProto, helper, numpy_helper

import geofm
from geofm.inference.bands import COMMON, LANDSAT_ETM, LANDSAT_OLI, SENTINEL1, SENTINEL2
from geofm.inference.catalog import Asset, load_card
from geofm.inference.engine.backbones.onnx_network import OnnxNetwork
from geofm.inference.engine.base import Scene, WindowBatch
from geofm.inference.engine.devices import Device
from geofm.inference.engine.parts.onnx_graph import Session
from geofm.inference.engine.scores import softmax
from geofm.inference.errors import ModelCorrupt, OutOfMemory, UnsupportedInput
from geofm.inference.jobs import ClassInfo

CPU = Device("CPU", "cpu", "The test asked for it.")
CARDS = Path(geofm.__file__).parent / "resources" / "models"
CLASSES = (ClassInfo(1, "dark", "#000000"), ClassInfo(2, "bright", "#ffffff"))
# Scores are sums of the scaled bands with these weights, (classes, bands).
TWO = np.array([[1.0, -2.0], [0.5, 4.0]], np.float32)
THREE = np.array([[1.0, -2.0, 0.25], [0.5, 4.0, -1.0]], np.float32)


def network_bytes(
    weights, *, side="s", batch="n", dtype=TensorProto.FLOAT, inputs=1, constant=False, mixes=True
):
    """A network that mixes its bands pixel by pixel, or hands them through."""
    kind = {TensorProto.FLOAT: np.float32, TensorProto.FLOAT16: np.float16, TensorProto.DOUBLE: np.float64}
    kernel = numpy_helper.from_array(weights[:, :, None, None].astype(kind[dtype]), "kernel")
    classes, bands = weights.shape
    names = ["image", "other"][:inputs]
    nodes = [helper.make_node("Conv", ["image", "kernel"], ["scores"])]
    if not mixes:
        nodes = [helper.make_node("Identity", ["image"], ["scores"])]
    if constant:
        nodes.insert(0, helper.make_node("Constant", [], ["kernel"], value=kernel))
    graph = helper.make_graph(
        nodes,
        "mix",
        [helper.make_tensor_value_info(name, dtype, [batch, bands, side, side]) for name in names],
        [helper.make_tensor_value_info("scores", dtype, [batch, classes, side, side])],
        [] if constant else [kernel],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 9
    return made.SerializeToString()


def asset(name, bands, mean=0.25, std=0.5):
    return Asset(
        name,
        f"{name}.onnx",
        filename=f"{name}.onnx",
        bands=tuple(bands),
        mean=tuple(mean + 0.01 * i for i in range(len(bands))),
        std=tuple(std + 0.1 * i for i in range(len(bands))),
    )


@pytest.fixture(scope="session")
def base_card():
    return load_card(CARDS / "ukis-csmask.json")


@pytest.fixture
def make(base_card, tmp_path):
    """Build a network from bytes by asset; ``fetched`` lists the assets whose file was asked for."""

    def build(files, assets, **changes):
        for name, content in files.items():
            (tmp_path / f"{name}.onnx").write_bytes(content)
        facts = {"classes": CLASSES, "window": 8, "halo": 1, "assets": tuple(assets), **changes}
        fetched = []

        def fetch(wanted):
            fetched.append(wanted.name)
            return tmp_path / wanted.filename

        network = OnnxNetwork.load(replace(base_card, **facts), fetch, CPU)
        return network, fetched

    return build


def batch_of(pixels, bands, valid=None):
    pixels = np.asarray(pixels, np.float32)
    if valid is None:
        valid = np.ones((len(pixels), *pixels.shape[2:]), bool)
    return WindowBatch(pixels, valid, tuple(bands), Scene(10.0))


def shares(network, batch):
    """Probabilities (batch, classes, rows, cols)."""
    return softmax(network.predict(batch), axis=1)


def expected_of(weights, taken, pixels):
    mean = np.array(taken.mean)[:, None, None]
    std = np.array(taken.std)[:, None, None]
    scores = np.einsum("kc,bcij->bkij", weights, (pixels - mean) / std)
    powers = np.exp(scores)
    return powers / powers.sum(axis=1, keepdims=True)


RED_NIR = asset("two", ["red", "nir"])
RED_NIR_BLUE = asset("three", ["red", "nir", "blue"])


@pytest.mark.parametrize(("sees", "blends"), [(1, False), (3, False), (4, True), (0, True)])
def test_windows_are_blended_where_the_network_sees_beyond_its_halo(make, sees: int, blends: bool) -> None:
    """The halo is 1: three pixels; 0 stands for unknown or without limit."""
    network, _ = make({}, [RED_NIR], receptive_field=sees)
    assert network.blend is blends
    assert network.stride == 32



@pytest.fixture
def both(make):
    return make({"two": network_bytes(TWO), "three": network_bytes(THREE)}, [RED_NIR, RED_NIR_BLUE])


# --- from bands to probabilities ---------------------------------------------------------------------


def test_bands_are_put_in_the_networks_order_and_scaled(both):
    network, _ = both
    bands = [SENTINEL2[name] for name in ("B02", "B03", "B04", "B08")]
    chosen = network.select(bands)
    assert chosen == (2, 3, 0)
    pixels = np.random.default_rng(0).uniform(0, 1, (3, 3, 8, 8)).astype(np.float32)
    answer = shares(network, batch_of(pixels, [bands[i] for i in chosen]))
    assert answer.dtype == np.float32
    np.testing.assert_allclose(answer, expected_of(THREE, RED_NIR_BLUE, pixels), atol=1e-6)
    shuffled = shares(network, batch_of(pixels[:, ::-1], [bands[i] for i in chosen[::-1]]))
    np.testing.assert_array_equal(shuffled, answer)


def test_the_richest_network_that_the_bands_can_feed_is_fetched_alone(both):
    network, fetched = both
    assert fetched == []
    network.select([SENTINEL2[name] for name in ("B04", "B08")])
    assert fetched == ["two"]
    bands = [SENTINEL2[name] for name in ("B08", "B04", "B02")]
    assert network.select(bands) == (1, 0, 2)
    network.select(bands)
    assert fetched == ["two", "three"]


def test_of_equally_rich_networks_the_first_of_the_card_is_taken(make):
    first, second = asset("first", ["red", "nir"]), asset("second", ["red", "nir"])
    files = {"first": network_bytes(TWO), "second": network_bytes(TWO)}
    network, fetched = make(files, [first, second])
    network.select([COMMON["red"], COMMON["nir"]])
    assert fetched == ["first"]


def test_missing_bands_are_named_with_a_hint(both):
    network, fetched = both
    with pytest.raises(UnsupportedInput, match=r"did not find these bands: nir\.") as caught:
        network.select([SENTINEL2["B04"], SENTINEL2["B02"], *SENTINEL1.values()])
    assert "BANDS" in caught.value.hint
    assert fetched == []


def test_values_that_are_not_reflectance_are_refused_before_anything_is_fetched(both):
    network, fetched = both
    with pytest.raises(UnsupportedInput, match="B08 are not reflectance") as caught:
        network.select([SENTINEL2["B04"], replace(SENTINEL2["B08"], units="")])
    assert "SCALE" in caught.value.hint
    assert fetched == []


def test_a_card_without_units_takes_raw_numbers(make):
    network, _ = make({"two": network_bytes(TWO)}, [RED_NIR], units="")
    assert network.select([replace(COMMON["red"], units=""), replace(COMMON["nir"], units="")]) == (0, 1)


def test_one_near_infrared_does_not_serve_as_two_bands(make):
    network, _ = make({"two": network_bytes(TWO)}, [asset("two", ["B08", "B8A"])])
    with pytest.raises(UnsupportedInput, match="B8A"):
        network.select(list(LANDSAT_ETM.values()))


def test_invalid_pixels_count_as_average_whatever_they_hold(both):
    network, _ = both
    bands = [COMMON["red"], COMMON["nir"]]
    pixels = np.full((1, 2, 8, 8), 0.7, np.float32)
    valid = np.ones((1, 8, 8), bool)
    valid[0, 2:5, 3] = False
    pixels[:, :, ~valid[0]] = np.nan
    answer = shares(network, batch_of(pixels, bands, valid))
    np.testing.assert_allclose(answer[:, :, ~valid[0]], 0.5, atol=1e-6)
    np.testing.assert_allclose(answer.sum(axis=1), 1, atol=1e-6)
    known = expected_of(TWO, RED_NIR, np.full((1, 2, 1, 1), 0.7))
    np.testing.assert_allclose(answer[0, :, 0, 0], known[0, :, 0, 0], atol=1e-6)


def test_large_scores_do_not_overflow(make):
    network, _ = make({"two": network_bytes(TWO * 1e4)}, [RED_NIR])
    answer = shares(network, batch_of(np.ones((1, 2, 8, 8)), [COMMON["red"], COMMON["nir"]]))
    np.testing.assert_array_equal(answer[0, :, 0, 0], [0, 1])


@pytest.mark.parametrize(
    "shape",
    [{"batch": 1}, {"side": 8}, {"batch": 1, "side": 8}, {"dtype": TensorProto.FLOAT16}],
    ids=["batch of one", "fixed side", "all fixed", "half precision"],
)
def test_exports_of_other_shapes_answer_the_same(make, shape):
    pixels = np.random.default_rng(1).uniform(0, 1, (3, 2, 8, 8)).astype(np.float32)
    network, _ = make({"two": network_bytes(TWO, **shape)}, [RED_NIR])
    answer = shares(network, batch_of(pixels, [COMMON["red"], COMMON["nir"]]))
    assert answer.dtype == np.float32
    tolerance = 5e-3 if "dtype" in shape else 1e-6
    np.testing.assert_allclose(answer, expected_of(TWO, RED_NIR, pixels), atol=tolerance)


def test_a_window_too_large_for_the_memory_is_computed_in_parts(make, monkeypatch):
    network, _ = make({"two": network_bytes(TWO)}, [RED_NIR], window=128, halo=8)
    bands = [COMMON["red"], COMMON["nir"]]
    pixels = np.random.default_rng(2).uniform(0, 1, (2, 2, 128, 128)).astype(np.float32)
    expected = network.predict(batch_of(pixels, bands))
    real, sides = Session.run, []

    def run(self, windows):
        sides.append(windows.shape[-1])
        if sides[-1] > 96:
            raise RuntimeError("Failed to allocate memory for requested buffer of size 1073741824")
        return real(self, windows)

    monkeypatch.setattr(Session, "run", run)
    np.testing.assert_allclose(network.predict(batch_of(pixels, bands)), expected, atol=1e-6)
    assert sides == [128, 128] + [96] * 8
    assert "in parts" in network.memory.notes()[-1]
    fixed, _ = make({"two": network_bytes(TWO, side=128)}, [RED_NIR], window=128, halo=8)
    with pytest.raises(OutOfMemory, match="single window"):
        fixed.predict(batch_of(pixels, bands))


# --- what is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        network_bytes(THREE),
        network_bytes(np.ones((3, 2), np.float32)),
        network_bytes(TWO, side=16),
        network_bytes(TWO, batch=4),
        network_bytes(TWO, inputs=2),
        network_bytes(TWO, dtype=TensorProto.DOUBLE, mixes=False),
    ],
    ids=["bands", "classes", "window", "batch", "inputs", "type"],
)
def test_a_network_that_its_card_does_not_describe_is_refused(make, content):
    network, _ = make({"two": content}, [RED_NIR])
    with pytest.raises(ModelCorrupt, match=r"two\.onnx is not the one that its card describes"):
        network.select([COMMON["red"], COMMON["nir"]])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 64,
        b"not a network",
        network_bytes(TWO)[:-40],
        bytes([0x3A, 0x02, 0x80, 0x80]),
        b"\x80" * 30,
    ],
    ids=["empty", "zeros", "text", "cut", "endless length", "endless key"],
)
def test_a_file_that_is_no_network_is_refused(make, content):
    network, _ = make({"two": content}, [RED_NIR])
    with pytest.raises(ModelCorrupt, match=r"two\.onnx"):
        network.select([COMMON["red"], COMMON["nir"]])


@pytest.mark.parametrize("constant", [False, True], ids=["initializer", "constant"])
@pytest.mark.parametrize("wrapped", [False, True], ids=["top", "nested"])
def test_weights_in_another_file_are_refused(make, tmp_path, monkeypatch, constant, wrapped):
    """Without the check ONNX Runtime would read weights.bin from the working folder."""
    monkeypatch.chdir(tmp_path)
    model = onnx.load_model_from_string(network_bytes(TWO, side=8, constant=constant))
    tensor = model.graph.node[0].attribute[0].t if constant else model.graph.initializer[0]
    Path("weights.bin").write_bytes(tensor.raw_data)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")
    if wrapped:
        branch = onnx.GraphProto.FromString(model.graph.SerializeToString())
        del branch.input[:]
        always = numpy_helper.from_array(np.array(True), "always")
        choice = helper.make_node("If", ["always"], ["scores"], then_branch=branch, else_branch=branch)
        del model.graph.node[:], model.graph.initializer[:]
        model.graph.node.append(choice)
        model.graph.initializer.append(always)
    network, _ = make({"two": model.SerializeToString()}, [RED_NIR])
    with pytest.raises(ModelCorrupt, match="keeps its weights in another file"):
        network.select([COMMON["red"], COMMON["nir"]])


def test_cards_that_cannot_feed_a_network_are_refused(make):
    with pytest.raises(ModelCorrupt, match="does not give bands, mean and std for two"):
        make({}, [replace(RED_NIR, mean=(0.1,))])
    with pytest.raises(ModelCorrupt, match="does not give bands, mean and std for two"):
        make({}, [replace(RED_NIR, bands=(), mean=(), std=())])
    for lack in ({"assets": ()}, {"classes": ()}, {"window": 2}):
        with pytest.raises(ModelCorrupt, match="is not that of a complete network"):
            make({}, lack.pop("assets", [RED_NIR]), **lack)


# --- the real cloud masks -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def cloud_files(request):
    """The folder with the networks, held to the digests of their cards."""
    stated = os.environ.get("GEOFM_CSMASK")
    folder = Path(stated) if stated else request.getfixturevalue("csmask")
    for wanted in load_card(CARDS / "ukis-csmask.json").assets:
        if not (folder / wanted.filename).exists():
            pytest.skip(f"needs {wanted.filename} of ukis-csmask in {folder.name}")
        assert hashlib.sha256((folder / wanted.filename).read_bytes()).hexdigest() == wanted.sha256
    return folder


@pytest.fixture(scope="session")
def clouds(cloud_files, base_card):
    return OnnxNetwork.load(base_card, lambda wanted: cloud_files / wanted.filename, CPU)


CLOUD, SHADOW = 1, 2
CHIP_BANDS = ["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12"]


def test_clouds_take_six_bands_of_landsat_and_four_of_an_image_without_swir(clouds):
    assert clouds.select(list(LANDSAT_ETM.values())) == (0, 1, 2, 3, 4, 5)
    assert clouds.select(list(LANDSAT_OLI.values())) == (1, 2, 3, 4, 5, 6)
    assert clouds.select([SENTINEL2[n] for n in ("B08", "B04", "B03", "B02")]) == (3, 2, 1, 0)


def class_map(network, data, bands, valid):
    """Class indices of a scene smaller than a window, laid into its corner."""
    rows, cols = data.shape[1:]
    pixels = np.zeros((1, len(data), 256, 256), np.float32)
    inside = np.zeros((1, 256, 256), bool)
    pixels[0, :, :rows, :cols] = data
    inside[0, :rows, :cols] = valid
    chosen = network.select(bands)
    batch = batch_of(pixels[:, list(chosen)], [bands[i] for i in chosen], inside)
    return network.predict(batch)[0].argmax(axis=0)[:rows, :cols]


@pytest.mark.parametrize(("date", "cloudy"), [("1999322", False), ("2002106", True)])
def test_clouds_of_a_landsat_scene(clouds, samples, date, cloudy):
    """Held against the product's own Fmask band: 0 clear, 2 shadow, 4 cloud with a wide margin."""
    (path,) = (samples / "landsat7-two-dates").glob(f"*{date}*_stack.gtif")
    with rasterio.open(path) as source:
        data, fmask = source.read(range(1, 7)) * 1e-4, source.read(8)
    valid = ((data > -0.1) & (data < 1.6)).all(axis=0)
    found = class_map(clouds, data, [LANDSAT_ETM[f"B{n}"] for n in (1, 2, 3, 4, 5, 7)], valid)
    assert (found[valid & (fmask == 0)] == CLOUD).mean() < 0.01
    if cloudy:
        assert (found[valid & (fmask == 4) & (data[0] > 0.2)] == CLOUD).mean() > 0.6
        assert (found[valid & (fmask == 2)] == SHADOW).mean() > 0.3
    else:
        assert (found[valid] == CLOUD).mean() < 0.01


@pytest.mark.parametrize(
    ("chip", "least", "most"),
    [
        ("patch_511198", 0.6, 0.9),
        ("patch_57755", 0, 0.01),
        ("patch_61808", 0, 0.01),
        ("patch_286743", 0, 0.01),
    ],
    ids=["clouds over forest", "fields", "village", "snow with roads"],
)
@pytest.mark.parametrize("count", [6, 4])
def test_clouds_of_a_sentinel_scene(clouds, samples, chip, least, most, count):
    with rasterio.open(samples / "sentinel2-chips" / f"{chip}.tif") as source:
        data = source.read() * 1e-4
    bands = [SENTINEL2[name] for name in CHIP_BANDS]
    used = [i for i, band in enumerate(bands) if count == 6 or not band.common.startswith("swir")]
    found = class_map(clouds, data[used], [bands[i] for i in used], True)
    assert least <= (found == CLOUD).mean() <= most
    if least:
        assert data[1][found == CLOUD].mean() > 2 * data[1][found == SHADOW].mean()
