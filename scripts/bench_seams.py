"""Measures how far a tiled run differs from the same network on the whole image, and where.

usage: bench_seams.py CHIPS   (a folder; run with the engine's Python; prints a section of
docs/benchmarks.md)

The chips are Sentinel-2's, of one size and twelve bands; they are laid out as one square. Two
networks are seeded and untrained, which is hard on seams: their scores are noisy and close to each
other. The third is `ukis-csmask`, if its weights are on this machine. The whole image goes through
ONNX Runtime in one piece; the tiled run is `geofm:segment`'s own.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import rasterio
from bench_networks import BANDS, CARDS, CLASSES, WINDOW, write_network
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper
from rasterio.transform import from_origin

from geofm.inference.catalog import Catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.jobs import Job, RasterRef, Task
from geofm.inference.places import data_home

# Pixels on each side of a line between two tiles where a seam would show.
BESIDE = 8


class Layers:
    """A graph under way; each method adds a layer and answers the name of what it makes."""

    def __init__(self, seed: int) -> None:
        self.nodes: list[NodeProto] = []
        self.weights: list[TensorProto] = []
        self._rng = np.random.default_rng(seed)

    def conv(self, given: str, inside: int, outside: int, side: int = 3, dilation: int = 1) -> str:
        """A convolution of the same size, with bias, and a ReLU."""
        deviation = np.sqrt(2 / (inside * side * side))
        kernel = self._rng.normal(0, deviation, (outside, inside, side, side)).astype(np.float32)
        bias = self._rng.normal(0, 0.2, outside).astype(np.float32)
        pads = [dilation * (side // 2)] * 4
        made = self._weighted("Conv", given, [kernel, bias], pads=pads, dilations=[dilation] * 2)
        return self.add("Relu", [made])

    def scores(self, given: str, inside: int) -> None:
        """The last layer: a score a class and pixel, brought to one mean and spread on noise.

        Else one class of an untrained network would have nearly all pixels.
        """
        kernel = self._rng.normal(0, 1, (CLASSES, inside, 1, 1)).astype(np.float32)
        self._weighted("Conv", given, [kernel, np.zeros(CLASSES, np.float32)], "scores")
        noise = self._rng.normal(0, 1, (1, len(BANDS), 16, 16)).astype(np.float32)
        noise = np.kron(noise, np.ones((1, 1, 16, 16), np.float32))
        session = onnxruntime.InferenceSession(network(self, None), providers=["CPUExecutionProvider"])
        found = session.run(None, {"image": noise})[0]
        spread = found.std(axis=(0, 2, 3))
        names = [tensor.name for tensor in self.weights[-2:]]
        fitted = [kernel / spread[:, None, None, None], -found.mean(axis=(0, 2, 3)) / spread]
        self.weights[-2:] = [numpy_helper.from_array(a, n) for a, n in zip(fitted, names, strict=True)]

    def twice(self, given: str) -> str:
        """Twice the size."""
        scales = np.array([1, 1, 2, 2], np.float32)
        self.weights.append(numpy_helper.from_array(scales, f"scales{len(self.nodes)}"))
        return self.add("Resize", [given, "", self.weights[-1].name], mode="linear")

    def add(self, kind: str, given: Sequence[str], made: str = "", **settings: object) -> str:
        made = made or f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(given), [made], **settings))
        return made

    def _weighted(
        self, kind: str, given: str, arrays: Sequence[NDArray[np.float32]], made: str = "", **settings: object
    ) -> str:
        names = [f"{kind}{len(self.nodes)}_{index}" for index in range(len(arrays))]
        self.weights += [numpy_helper.from_array(a, n) for a, n in zip(arrays, names, strict=True)]
        return self.add(kind, [given, *names], made, **settings)


def near_sighted() -> Layers:
    """Five convolutions that see 63 pixels: those of dilation d add 2 d."""
    layers, made, inside = Layers(1), "image", len(BANDS)
    for dilation in (1, 2, 4, 8, 16):
        made, inside = layers.conv(made, inside, 8, dilation=dilation), 8
    layers.scores(made, inside)
    return layers


def far_sighted(levels: int = 4, width: int = 8) -> Layers:
    """A U-Net: each level halves the size; its sight is wider than its window."""
    layers, made, inside, skipped = Layers(2), "image", len(BANDS), []
    for level in range(levels):
        outside = width * 2 ** min(level, 2)
        made = layers.conv(layers.conv(made, inside, outside), outside, outside)
        skipped.append((made, outside))
        made, inside = layers.add("MaxPool", [made], kernel_shape=[2, 2], strides=[2, 2]), outside
    made = layers.conv(layers.conv(made, inside, inside), inside, inside)
    for beside, outside in reversed(skipped):
        joined = layers.add("Concat", [layers.twice(made), beside], axis=1)
        made, inside = layers.conv(joined, inside + outside, outside), outside
    layers.scores(made, inside)
    return layers


def network(layers: Layers, side: int | None) -> bytes:
    """An ONNX file; ``side`` None takes images of any size."""
    shape: list[str | int] = ["rows", "cols"] if side is None else [side, side]
    graph = helper.make_graph(
        layers.nodes,
        "segmenter",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", len(BANDS), *shape])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", CLASSES, *shape])],
        layers.weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def write_card(folder: Path, name: str, layers: Layers, scaling: tuple[float, float], **facts: int) -> None:
    """A network with its card; ``facts`` are entries of the card such as halo and receptive_field."""
    write_network(folder, name, network(layers, WINDOW), scaling, **{"stride": 1, **facts})


def services_of(folder: Path) -> Services:
    """An engine that knows the networks in a folder."""
    store = Store(data_home(), [folder], offline=True)
    return Services.create(Catalog([CARDS, folder]), store, choose_device("cpu"))


def tiled(
    services: Services, name: str, image: Path, output: Path, bands: tuple[str, ...] = BANDS
) -> NDArray[np.uint8]:
    """Labels of a run of the engine."""
    refs = (RasterRef(str(image), bands=tuple(range(1, len(bands) + 1)), names=bands, scale=1.0),)
    job = Job(Task.SEGMENT, refs, str(output), model=name)
    run_job(job, services, Context(lambda *_: None, lambda: None))
    with rasterio.open(output) as result:
        labels: NDArray[np.uint8] = result.read(1)
    return labels


def whole(layers: Layers, image: Path, scaling: tuple[float, float]) -> NDArray[np.uint8]:
    """Labels of the network on all of an image at once."""
    with rasterio.open(image) as source:
        pixels = source.read((1, 2, 3)).astype(np.float32)
    session = onnxruntime.InferenceSession(network(layers, None), providers=["CPUExecutionProvider"])
    scaled = (pixels - np.float32(scaling[0])) / np.float32(scaling[1])
    scores = session.run(None, {"image": scaled[None]})[0][0]
    return (scores.argmax(axis=0) + 1).astype(np.uint8)


@dataclass(frozen=True)
class Difference:
    """Shares of labels that differ: of all pixels, of those beside lines between tiles, elsewhere."""

    overall: float
    beside: float
    elsewhere: float


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8], inner: int) -> Difference:
    """How two maps of the same grid differ, tiles of ``inner`` pixels lying from the origin."""
    wrong = one != other
    near_row, near_col = (
        np.abs((np.arange(size) + 0.5 + inner / 2) % inner - inner / 2) < BESIDE for size in wrong.shape
    )
    # The image's own edges are no lines between tiles.
    near_row[:BESIDE] = near_col[:BESIDE] = False
    lines = near_row[:, None] | near_col
    return Difference(float(wrong.mean()), float(wrong[lines].mean()), float(wrong[~lines].mean()))


def jumps(labels: NDArray[np.uint8], inner: int) -> float:
    """How often the label changes from one side of a line between tiles to the other."""
    rows, cols = labels.shape
    down = [labels[row - 1] != labels[row] for row in range(inner, rows, inner)]
    across = [labels[:, col - 1] != labels[:, col] for col in range(inner, cols, inner)]
    return float(np.concatenate([*down, *across]).mean())


# Sentinel-2's number of each band among the chips' twelve.
NUMBERS = {"blue": 2, "green": 3, "red": 4, "nir": 8, "swir16": 11, "swir22": 12}
# Halos to try, and whether windows are blended; a wide enough receptive field says that they are not.
CHOICES = ((0, False), (16, False), (32, False), (32, True), (64, False), (64, True))
UNTRAINED = (("convolutions", "63", 1, near_sighted), ("U-Net", "> 256", 16, far_sighted))
HEAD = """## Seams

{count} Sentinel-2 chips as one image of {side} x {side} pixels. Each network maps it in windows of 256
pixels as `geofm:segment` does, and all of it at once. *Differ*: share of the labels in which the two
disagree, of all pixels, of those within 8 pixels of a line between two tiles, and of the others. *Change at
lines*: how often the label changes from one side of such a line to the other, in the tiled map as a
multiple of the map made at once; a seam that can be seen is a number well above 1. The first two networks
are untrained. Cost: windows computed for a large raster, as a multiple of a halo of 0.

| network | sees, pixels | halo | blended | differ | beside lines | elsewhere | change at lines | cost |
|---|---|---|---|---|---|---|---|---|"""
FOOT = """
Where the halo covers what the network sees, the tiled map is the map of the whole image, at the image's
own borders too: windows are moved inwards there, so that the network fills up by itself. Where it does not,
answers of neighbouring windows are blended over half the halo on each side of a line. Over all of the halo
the lines showed as little, but more labels changed; without blending they show.

`ukis-csmask` averages over all of its window (squeeze and excitation), so that it sees without limit and
has no one answer for a pixel; it was trained on windows of 256. Its halo is 64."""


def mosaic(chips: Sequence[NDArray[np.uint16]], bands: Sequence[str], target: Path) -> Path:
    """Chips side by side in reflectance; there must be a square number of them."""
    across = math.isqrt(len(chips))
    chosen = [chip[[NUMBERS[band] - 1 for band in bands]] for chip in chips]
    lines = [np.concatenate(chosen[i : i + across], 2) for i in range(0, len(chosen), across)]
    pixels = (np.concatenate(lines, 1) / 1e4).clip(1e-4).astype(np.float32)
    profile = {"count": len(pixels), "height": pixels.shape[1], "width": pixels.shape[2], "dtype": "float32"}
    place = from_origin(5e5, 5.2e6, 10, 10)
    with rasterio.open(target, "w", driver="GTiff", crs="EPSG:32632", transform=place, **profile) as file:
        file.write(pixels)
    return target


def row(
    name: str, sees: str, choice: tuple[int, bool], made: NDArray[np.uint8], truth: NDArray[np.uint8]
) -> str:
    """One line of the table."""
    halo, blended = choice
    inner = WINDOW - 2 * halo
    found = difference(made, truth, inner)
    shares = " | ".join(f"{share:.2%}" for share in (found.overall, found.beside, found.elsewhere))
    lines = jumps(made, inner) / jumps(truth, inner)
    cells = f"{halo} | {'yes' if blended else 'no'} | {shares} | {lines:.2f} | {(WINDOW / inner) ** 2:.2f}"
    return f"| {name} | {sees} | {cells} |"


def untrained(image: Path, folder: Path) -> None:
    """The rows of the two seeded networks."""
    with rasterio.open(image) as source:
        pixels = source.read()
    scaling = float(pixels.mean()), float(pixels.std())
    for name, sees, stride, build in UNTRAINED:
        truth = whole(build(), image, scaling)
        for halo, blended in CHOICES:
            models = folder / f"{build.__name__}{halo}{blended}"
            facts = {"halo": halo, "stride": stride, "receptive_field": 0 if blended else 2 * halo + 1}
            write_card(models, "m", build(), scaling, **facts)
            made = tiled(services_of(models), "m", image, folder / "out.tif")
            print(row(name, sees, (halo, blended), made, truth), flush=True)


def trained(image: Path, weights: Path, folder: Path) -> None:
    """The rows of ukis-csmask."""
    card = json.loads((CARDS / "ukis-csmask.json").read_text(encoding="utf-8"))
    asset = card["assets"]["bands6"]
    with rasterio.open(image) as source:
        pixels = source.read()
    mean, std = (np.array(asset[f"geofm:{key}"], np.float32)[:, None, None] for key in ("mean", "std"))
    model = onnx.load(weights)
    for value in (*model.graph.input, *model.graph.output):
        for axis, name in ((2, "rows"), (3, "cols")):
            value.type.tensor_type.shape.dim[axis].dim_param = name
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    scores = session.run(None, {model.graph.input[0].name: ((pixels - mean) / std)[None]})[0][0]
    truth = (scores.argmax(axis=0) + 1).astype(np.uint8)
    for halo, blended in CHOICES[2:]:
        models = folder / f"ukis{halo}{blended}"
        card["id"] = "ukis"
        facts = {"geofm:halo": halo, "geofm:receptive_field": 0 if blended else 2 * halo + 1}
        card["properties"].update(facts)
        (models / "ukis").mkdir(parents=True)
        (models / "ukis" / "card.json").write_text(json.dumps(card), encoding="utf-8")
        shutil.copy(weights, models / "ukis")
        made = tiled(services_of(models), "ukis", image, folder / "out.tif", tuple(NUMBERS))
        print(row("ukis-csmask", "all", (halo, blended), made, truth), flush=True)


def main(chips_folder: str) -> None:
    """Print the section."""
    chips = []
    for path in sorted(Path(chips_folder).glob("*.tif")):
        with rasterio.open(path) as source:
            chips.append(source.read())
    chips = chips[: math.isqrt(len(chips)) ** 2]
    weights = data_home() / "models" / "ukis-csmask" / "model_6b_l2a.onnx"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        image = mosaic(chips, BANDS, folder / "image.tif")
        with rasterio.open(image) as source:
            print(HEAD.format(count=len(chips), side=source.width))
        untrained(image, folder)
        if weights.is_file():
            trained(mosaic(chips, tuple(NUMBERS), folder / "six.tif"), weights, folder)
    print(FOOT)


if __name__ == "__main__":
    main(sys.argv[1])
