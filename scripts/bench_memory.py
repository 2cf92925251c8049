"""Measures the memory of runs over larger and larger rasters; prints a section of docs/benchmarks.md.

usage: bench_memory.py [SIDE ...]   (default 8192 16384 32768; run with the engine's Python)

Each run is a process of its own, so that its peak is its own. Rasters are synthetic: Byte, three
bands, tiled, data in one block of eight and nothing written elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import rasterio
from onnx import TensorProto, helper, numpy_helper
from rasterio.transform import from_origin
from rasterio.windows import Window

from geofm.inference.catalog import Catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.store import Store
from geofm.inference.jobs import Job, RasterRef, Task
from geofm.inference.places import data_home

SIDES = (8192, 16384, 32768)
BANDS = ("red", "green", "blue")
CARDS = Path(__file__).resolve().parents[1] / "resources" / "models"
TILE, SHARE = 512, 8
WINDOW, HALO = 256, 16


def write_scene(path: Path, side: int) -> None:
    """Four kinds of surface in patches of 32 pixels; every eighth tile has data."""
    rng = np.random.default_rng(0)
    spectra = rng.integers(30, 220, (4, len(BANDS)))
    settings = {"driver": "GTiff", "width": side, "height": side, "count": len(BANDS), "dtype": "uint8"}
    settings |= {"tiled": True, "blockxsize": TILE, "blockysize": TILE, "interleave": "pixel"}
    settings |= {"nodata": 0, "sparse_ok": True, "BIGTIFF": "IF_SAFER", "crs": "EPSG:32632"}
    with rasterio.open(path, "w", transform=from_origin(3e5, 5.2e6, 10, 10), **settings) as target:
        for index, name in enumerate(BANDS, 1):
            target.set_band_description(index, name)
        for number in range(0, (side // TILE) ** 2, SHARE):
            row, col = divmod(number, side // TILE)
            kinds = np.kron(rng.integers(0, 4, (TILE // 32,) * 2), np.ones((32, 32), int))
            pixels = spectra[kinds].transpose(2, 0, 1) + rng.integers(-5, 5, (len(BANDS), TILE, TILE))
            # Neighbouring rows hold data in other columns.
            place = (col + 3 * row) % (side // TILE)
            target.write(pixels.astype(np.uint8), window=Window(place * TILE, row * TILE, TILE, TILE))


def write_network(folder: Path) -> None:
    """A segmenter of one 3 x 3 convolution, four classes: the reading and writing is what costs."""
    folder.mkdir(parents=True)
    weights = np.random.default_rng(1).normal(0, 1, (4, len(BANDS), 3, 3)).astype(np.float32)
    shape = ["batch", len(BANDS), WINDOW, WINDOW]
    graph = helper.make_graph(
        [helper.make_node("Conv", ["image", "kernel"], ["scores"], pads=[1, 1, 1, 1])],
        "light",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 4, WINDOW, WINDOW])],
        [numpy_helper.from_array(weights, "kernel")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    content = model.SerializeToString()
    onnx.checker.check_model(model)
    (folder / "light.onnx").write_bytes(content)
    (folder / "card.json").write_text(json.dumps(_card(content)), encoding="utf-8")


def _card(content: bytes) -> dict[str, object]:
    card = json.loads((CARDS / "ukis-csmask.json").read_text(encoding="utf-8"))
    named = [{"name": name} for name in BANDS]
    card["id"] = "light"
    facts = card["properties"]
    facts.update({"geofm:units": "", "geofm:window": WINDOW, "geofm:halo": HALO, "bands": named})
    facts["mlm:output"][0]["classification:classes"] = [
        {"value": i, "name": f"class {i}", "color_hint": f"{i}{i}{i}{i}{i}{i}"} for i in range(1, 5)
    ]
    card["assets"] = {
        "light": {
            "href": "https://example.org/light.onnx",
            "roles": ["mlm:model", "mlm:weights"],
            "file:size": len(content),
            "geofm:digest": "sha256:" + hashlib.sha256(content).hexdigest(),
            "geofm:filename": "light.onnx",
            "bands": named,
            "geofm:mean": [120.0] * len(BANDS),
            "geofm:std": [50.0] * len(BANDS),
        }
    }
    return card


def measure(side: int, task: str) -> None:
    """Run one job; print its seconds and the process's peak in MiB as JSON."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_scene(folder / "scene.tif", side)
        write_network(folder / "models" / "light")
        catalog = Catalog([CARDS, folder / "models"])
        store = Store(data_home(), [folder / "models"], offline=True)
        services = Services.create(catalog, store, choose_device("cpu"))
        refs, out = (RasterRef(str(folder / "scene.tif")),), str(folder / "out.tif")
        jobs = {
            "segment": Job(Task.SEGMENT, refs, out, model="light"),
            "cluster": Job(Task.CLUSTER, refs, out, model="spectral-texture", classes=4),
            "polygons": Job(Task.SEGMENT, refs, out, model="light", polygons=str(folder / "out.gpkg")),
        }
        start = time.perf_counter()
        run_job(jobs[task], services, Context(lambda *_: None, lambda: None))
        seconds = time.perf_counter() - start
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"seconds": seconds, "peak": peak / 1024}))


def main(sides: list[int]) -> None:
    print("| task | raster | megapixels a second | peak memory, MiB | growth from the first |")
    print("|---|---|---|---|---|")
    for task in ("segment", "cluster"):
        first = 0.0
        for side in sides:
            command = [sys.executable, __file__, "measure", str(side), task]
            answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found = json.loads(answer.stdout.splitlines()[-1])
            first = first or found["peak"]
            speed = side * side / 1e6 / found["seconds"]
            growth = f"{100 * (found['peak'] / first - 1):+.1f} %"
            print(f"| {task} | {side} x {side} | {speed:.1f} | {found['peak']:.0f} | {growth} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        measure(int(sys.argv[2]), sys.argv[3])
    else:
        main([int(text) for text in sys.argv[1:]] or list(SIDES))
