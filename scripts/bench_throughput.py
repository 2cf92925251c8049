"""Measures a run from file to file against its bare network; prints a section of docs/benchmarks.md.

usage: bench_throughput.py [SIDE ...]   (default 4096 8192; run with the developer's Python)

Each raster and network is a process of its own, whose peak of memory is read too. Inside it the
bare network and the run take turns, and the shortest of each counts.
"""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import rasterio
import torch
from bench_networks import BANDS, CARDS, HEAVY, LIGHT, WINDOW, Segmenter, write_scene

from geofm.inference.catalog import Catalog
from geofm.inference.engine import rasters
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.jobs import Extent, Job, RasterRef, Task

SIDES = (4096, 8192)
NETWORKS = {network.name: network for network in (LIGHT, HEAVY)}
LEAST = {"light": 0.70, "heavy": 0.90}
# Seconds over those of the bare network at batch 1, of Deepness 0.6.5 on rasters of these sizes with
# two networks of 0.62 and 15.68 GFLOP a tile, tiles of 256 pixels, on 2 cores (another machine).
DEEPNESS = {(4096, "light"): "2.1 to 2.2", (4096, "heavy"): "1.1 to 1.25"}
DEEPNESS |= {(8192, "light"): "2.2", (8192, "heavy"): "1.1 to 1.2"}
# The heavy network takes minutes on the larger raster.
ROUNDS = {"light": 5, "heavy": 1}
BATCH = 8
# The bare network is timed on so many windows: each takes as long as the other.
BARE_WINDOWS = 256
SLOW_DISK = 100e6


def bare(content: bytes, windows: int, batch: int, threads: int, workers: int = 1) -> Callable[[], float]:
    """Seconds that ONNX Runtime alone would take for so many windows, fed from memory."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    image = np.random.default_rng(0).normal(0, 1, (batch, len(BANDS), WINDOW, WINDOW)).astype(np.float32)
    times = BARE_WINDOWS // batch

    def seconds() -> float:
        with ThreadPoolExecutor(workers) as pool:
            start = time.perf_counter()
            for answer in pool.map(lambda _: session.run(None, {"image": image})[0].shape, range(times)):
                assert answer[0] == batch
            return (time.perf_counter() - start) * windows / (times * batch)

    return seconds


def io_floor(scene: Path, made: Path, out: Path) -> float:
    """Seconds to read the scene and to write the finished map, by GDAL alone."""
    start = time.perf_counter()
    cache = rasterio.Env(GDAL_CACHEMAX=96 * 1024**2)
    with cache, rasterio.open(scene) as source, rasterio.open(made) as map_:
        profile = {**map_.profile, "driver": "GTiff", "BIGTIFF": "IF_SAFER"}
        with rasterio.open(out, "w", **profile) as target:
            for _, window in map_.block_windows(1):
                source.read(window=window)
                target.write(map_.read(window=window), window=window)
    return time.perf_counter() - start


class Shares(logging.Handler):
    """Keeps what the engine logs of how busy reader, network and writer were."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        found = re.search(r"reading (\d+) %, computing (\d+) %, writing (\d+) %", record.getMessage())
        if found:
            self.text = "{} / {} / {} %".format(*found.groups())


def at_most(rate: float) -> None:
    """Let every read of a stack take as long as a disk of so many bytes a second would (Byte bands)."""
    read = rasters.Stack.read

    def slowly(stack: rasters.Stack, window: object, bands: object) -> object:
        start = time.perf_counter()
        answer = read(stack, window, bands)  # type: ignore[arg-type]
        time.sleep(max(0.0, answer[0].size / rate - (time.perf_counter() - start)))
        return answer

    rasters.Stack.read = slowly  # type: ignore[assignment, method-assign]


def measure(scene: Path, network: Segmenter, scratch: Path, slow: bool) -> dict[str, object]:
    """Seconds of the bare network and of the run, the run's memory and the shares of its parts."""
    shares = Shares()
    logging.basicConfig(level=logging.INFO, handlers=[shares])
    network.write(scratch / "models")
    store = Store(scratch / "home", [scratch / "models"], offline=True)
    services = Services.create(Catalog([CARDS, scratch / "models"]), store, choose_device("cpu"))
    job = Job(Task.SEGMENT, (RasterRef(str(scene)),), str(scratch / "out.tif"), model=network.name)
    quiet = Context(lambda *_: None, lambda: None)
    if slow:
        at_most(SLOW_DISK)
    with rasterio.open(scene) as dataset:
        windows = (-(-dataset.width // network.inner)) ** 2
        left, bottom, _, _ = dataset.bounds
        corner = Extent(left, bottom, left + 5000, bottom + 5000, dataset.crs.to_wkt())

    def run(polygons: str = "") -> float:
        start = time.perf_counter()
        run_job(replace(job, polygons=polygons), services, quiet)
        return time.perf_counter() - start

    # Loads the network.
    run_job(replace(job, extent=corner), services, quiet)
    content = (scratch / "models" / network.name / f"{network.name}.onnx").read_bytes()
    threads = torch.get_num_threads()
    contestants = {
        "one": bare(content, windows, 1, threads),
        "batch": bare(content, windows, BATCH, threads),
        "abreast": bare(content, windows, 1, 1, threads),
    }
    answer: dict[str, object] = {}
    rounds = []
    for _ in range(ROUNDS[network.name]):
        took = {"run": run()}
        # Before the bare network has computed in this process.
        answer.setdefault("peak", peak())
        rounds.append({**took, **{name: seconds() for name, seconds in contestants.items()}})
    answer |= {name: min(each[name] for each in rounds) for name in rounds[0]}
    if network is LIGHT:
        # The maps of both take as long to draw.
        answer["drawn"] = run(str(scratch / "out.gpkg"))
    answer["floor"] = io_floor(scene, scratch / "out.tif", scratch / "copy.tif")
    return {**answer, "shares": shares.text}


def peak() -> float:
    """Most memory this process has held, in MiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


TEXT = """## From file to file against the bare network

Two seeded convolutional segmenters ({sizes} GFLOP a window of {window} pixels, of which {halo} on each side
are not used: more than they see) on RGB Byte rasters, uncompressed, from file to finished Cloud Optimized
GeoTIFF. *Bound*: ONNX Runtime alone on as many windows, fed from memory, the fastest of batch 1, batch
{batch} and one window a thread. *Share*: the bound's seconds over the run's; asked for are 0.70 (light) and
0.90 (heavy). *Times batch 1*: the run's seconds over those of ONNX Runtime alone at batch 1, without and
with POLYGONS (once). So Deepness 0.6.5 was measured, which makes nothing but polygons, on another machine
of 2 cores with networks of 0.62 and 15.68 GFLOP. *Floor*: reading the raster and writing the map by GDAL
alone. *Busy*: reader / network / writer. Shortest of {rounds} rounds in turns (light and heavy).

| raster | network | share | times batch 1 | with polygons | Deepness | floor / run | peak, MiB | busy |
|---|---|---|---|---|---|---|---|---|
{rows}

With a reader held to 100 MB/s, the light network on 4096 x 4096: share {slow}, busy {busy}."""


def main(sides: list[int]) -> None:
    rows = []
    with tempfile.TemporaryDirectory() as name:
        scenes = {side: Path(name) / f"scene-{side}.tif" for side in sides}
        for side, scene in scenes.items():
            write_scene(scene, side)
            for network in NETWORKS:
                rows.append(row(side, network, asked(scene, network, "full")))
                print(rows[-1], file=sys.stderr)
        slow = asked(scenes[sides[0]], "light", "slow")
    sizes = " and ".join(f"{network.gflop:.2f}" for network in NETWORKS.values())
    facts = {"sizes": sizes, "window": WINDOW, "halo": LIGHT.halo, "batch": BATCH}
    facts["rounds"] = " and ".join(map(str, ROUNDS.values()))
    print(TEXT.format(rows="\n".join(rows), slow=f"{share(slow):.2f}", busy=slow["shares"], **facts))


def asked(scene: Path, network: str, pace: str) -> dict[str, float]:
    """Measure in a process of its own."""
    command = [sys.executable, __file__, "measure", str(scene), network, pace]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def share(found: dict[str, float]) -> float:
    return min(found["one"], found["batch"], found["abreast"]) / found["run"]


def row(side: int, network: str, found: dict[str, float]) -> str:
    cells = (
        f"{side} x {side}",
        network,
        f"{share(found):.2f}",
        f"{found['run'] / found['one']:.2f}",
        f"{found['drawn'] / found['one']:.2f}" if "drawn" in found else "",
        DEEPNESS.get((side, network), ""),
        f"{found['floor'] / found['run']:.2f}",
        f"{found['peak']:.0f}",
        found["shares"],
    )
    return "| " + " | ".join(map(str, cells)) + " |"


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        with tempfile.TemporaryDirectory() as folder:
            chosen = NETWORKS[sys.argv[3]]
            print(json.dumps(measure(Path(sys.argv[2]), chosen, Path(folder), sys.argv[4] == "slow")))
    else:
        main([int(text) for text in sys.argv[1:]] or list(SIDES))
