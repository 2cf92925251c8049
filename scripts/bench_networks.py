"""Seeded networks with their cards, and the rasters they are fed: what the benchmarks of speed share.

Run with the developer's Python (build/dev): networks are built with the onnx package.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import rasterio
from onnx import TensorProto, helper, numpy_helper
from rasterio.transform import from_origin
from rasterio.windows import Window

CARDS = Path(__file__).resolve().parents[1] / "resources" / "models"
BANDS = ("red", "green", "blue")
CLASSES = 4
WINDOW = 256


@dataclass(frozen=True)
class Segmenter:
    """Convolutions of 3 x 3 at a fraction of the image's resolution, brought back by interpolation.

    Attributes:
        name: of the network and of its card.
        halvings: how often the first convolutions halve the resolution.
        width: channels.
        depth: convolutions at the low resolution.
        halo: pixels at the sides of a window whose answer is not used.
    """

    name: str
    halvings: int
    width: int
    depth: int
    halo: int

    @property
    def inner(self) -> int:
        """Side of the part of a window whose answer is used."""
        return WINDOW - 2 * self.halo

    @property
    def receptive_field(self) -> int:
        """Side in pixels of the square that an answer depends on."""
        low = 1 << self.halvings
        # Strided convolutions, those at the low resolution, and its interpolation.
        return 1 + 2 * (low - 1) + 2 * low * self.depth + (2 * low if low > 1 else 0)

    @property
    def gflop(self) -> float:
        """Billions of multiplications and additions a window."""
        total, channels = 0, len(BANDS)
        for level in range(1, self.halvings + 1):
            total += 2 * 9 * channels * self.width * (WINDOW >> level) ** 2
            channels = self.width
        side = WINDOW >> self.halvings
        return (total + self.depth * 2 * 9 * self.width**2 * side**2) / 1e9

    def write(self, folder: Path) -> None:
        """Save ``card.json`` and the network in a folder of its own name."""
        write_network(
            folder,
            self.name,
            self._model().SerializeToString(),
            halo=self.halo,
            receptive_field=self.receptive_field,
        )

    def _model(self) -> onnx.ModelProto:
        rng = np.random.default_rng(1)
        nodes, kernels, last, channels = [], [], "image", len(BANDS)
        steps = [2] * self.halvings + [1] * self.depth
        for index, stride in enumerate(steps):
            name = f"kernel{index}"
            # Of this spread the values neither die nor explode from layer to layer (He et al. 2015).
            spread = np.sqrt(2 / (9 * channels))
            kernel = rng.normal(0, spread, (self.width, channels, 3, 3)).astype(np.float32)
            kernels.append(numpy_helper.from_array(kernel, name))
            sides = {"strides": [stride, stride], "pads": [1, 1, 1, 1]}
            nodes.append(helper.make_node("Conv", [last, name], [f"sum{index}"], **sides))
            nodes.append(helper.make_node("Relu", [f"sum{index}"], [f"level{index}"]))
            last, channels = f"level{index}", self.width
        final = rng.normal(0, 1, (CLASSES, channels, 1, 1)).astype(np.float32)
        # Classes of random weights would leave one to win nearly everywhere: centred they share the map.
        final -= final.mean(axis=1, keepdims=True)
        scales = np.array([1, 1, 1 << self.halvings, 1 << self.halvings], np.float32)
        kernels += [numpy_helper.from_array(final, "final"), numpy_helper.from_array(scales, "scales")]
        nodes.append(helper.make_node("Conv", [last, "final"], ["small"]))
        nodes.append(helper.make_node("Resize", ["small", "", "scales"], ["scores"], mode="linear"))
        image, scores = (["batch", count, WINDOW, WINDOW] for count in (len(BANDS), CLASSES))
        graph = helper.make_graph(
            nodes,
            self.name,
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, image)],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, scores)],
            kernels,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        onnx.checker.check_model(model)
        return model


def write_network(
    folder: Path, name: str, content: bytes, scaling: tuple[float, float] = (120.0, 50.0), **facts: int
) -> None:
    """Save a segmenter of ``BANDS`` and its ``card.json`` in a folder of its own name.

    Args:
        scaling: mean and standard deviation of its bands.
        facts: entries of the card such as halo and receptive_field.
    """
    home = folder / name
    home.mkdir(parents=True)
    (home / f"{name}.onnx").write_bytes(content)
    card = json.loads((CARDS / "ukis-csmask.json").read_text(encoding="utf-8"))
    named = [{"name": band} for band in BANDS]
    card["id"] = name
    properties = card["properties"]
    properties.update({"geofm:units": "", "geofm:window": WINDOW, "bands": named})
    properties.update({f"geofm:{key}": value for key, value in facts.items()})
    properties["mlm:output"][0]["classification:classes"] = [
        {"value": i, "name": f"class {i}", "color_hint": f"{i}" * 6} for i in range(1, CLASSES + 1)
    ]
    card["assets"] = {
        name: {
            "href": f"https://example.org/{name}.onnx",
            "roles": ["mlm:model", "mlm:weights"],
            "file:size": len(content),
            "geofm:digest": "sha256:" + hashlib.sha256(content).hexdigest(),
            "geofm:filename": f"{name}.onnx",
            "bands": named,
            "geofm:mean": [scaling[0]] * len(BANDS),
            "geofm:std": [scaling[1]] * len(BANDS),
        }
    }
    (home / "card.json").write_text(json.dumps(card), encoding="utf-8")


LIGHT = Segmenter("light", halvings=2, width=36, depth=5, halo=32)
HEAVY = Segmenter("heavy", halvings=1, width=64, depth=12, halo=32)
# Next to no work: with it, the reading and writing is what takes the time.
TRIFLE = Segmenter("trifle", halvings=0, width=8, depth=1, halo=16)


def write_scene(path: Path, side: int, share: int = 1, tile: int = 512) -> None:
    """A synthetic RGB Byte raster: four kinds of surface in patches of 32 pixels, uncompressed.

    Args:
        share: one tile in so many has data; the others are not even in the file.
    """
    rng = np.random.default_rng(0)
    spectra = rng.integers(30, 220, (4, len(BANDS)))
    settings = {"driver": "GTiff", "width": side, "height": side, "count": len(BANDS), "dtype": "uint8"}
    settings |= {"tiled": True, "blockxsize": tile, "blockysize": tile, "interleave": "pixel"}
    settings |= {"nodata": 0, "sparse_ok": True, "BIGTIFF": "IF_SAFER", "crs": "EPSG:32632"}
    across = -(-side // tile)
    with rasterio.open(path, "w", transform=from_origin(3e5, 5.2e6, 10, 10), **settings) as target:
        for index, name in enumerate(BANDS, 1):
            target.set_band_description(index, name)
        for number in range(0, across**2, share):
            row, col = divmod(number, across)
            kinds = np.kron(rng.integers(0, 4, (tile // 32,) * 2), np.ones((32, 32), int))
            pixels = spectra[kinds].transpose(2, 0, 1) + rng.integers(-5, 5, (len(BANDS), tile, tile))
            # Where not every tile has data, neighbouring rows have theirs in other columns.
            place = (col + 3 * row) % across
            width, height = min(tile, side - place * tile), min(tile, side - row * tile)
            window = Window(place * tile, row * tile, width, height)
            target.write(pixels[:, :height, :width].astype(np.uint8), window=window)
