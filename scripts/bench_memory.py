"""Measures the memory of runs over larger and larger rasters; prints a section of docs/benchmarks.md.

usage: bench_memory.py [SIDE ...]   (default 8192 16384 32768; run with the developer's Python)

Each run is a process of its own, so that its peak is its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_networks import CARDS, LIGHT, Segmenter, write_scene

from geofm.inference.catalog import Catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.jobs import Job, RasterRef, Task

SIDES = (8192, 16384, 32768)
TASKS = ("segment", "polygons", "cluster")
# One tile in so many has data: it is the raster's size that counts here.
SHARE = 8
TEXT = """## Memory and the raster's size

Byte rasters of three bands, one tile in {share} with data. *segment*: the light network of the part before;
*polygons*: the same with POLYGONS; *cluster*: `spectral-texture`, 4 clusters. Peak of the engine's
process, which holds PyTorch and ONNX Runtime too; GDAL's own cache is bounded.

| task | raster | megapixels a second | peak memory, MiB | growth from the first |
|---|---|---|---|---|
{rows}"""


def measure(scene: Path, task: str, folder: Path, network: Segmenter = LIGHT) -> dict[str, float]:
    """Seconds of one job and the process's peak in MiB."""
    network.write(folder / "models")
    store = Store(folder / "home", [folder / "models"], offline=True)
    services = Services.create(Catalog([CARDS, folder / "models"]), store, choose_device("cpu"))
    refs, out, areas = (RasterRef(str(scene)),), str(folder / "out.tif"), str(folder / "out.gpkg")
    jobs = {
        "segment": Job(Task.SEGMENT, refs, out, model=network.name),
        "polygons": Job(Task.SEGMENT, refs, out, model=network.name, polygons=areas),
        "cluster": Job(Task.CLUSTER, refs, out, model="spectral-texture", classes=4),
    }
    start = time.perf_counter()
    run_job(jobs[task], services, Context(lambda *_: None, lambda: None))
    seconds = time.perf_counter() - start
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return {"seconds": seconds, "peak": peak / 1024}


def main(sides: list[int]) -> None:
    first: dict[str, float] = {}
    rows: dict[str, list[str]] = {task: [] for task in TASKS}
    for side in sides:
        with tempfile.TemporaryDirectory() as folder:
            scene = Path(folder) / "scene.tif"
            write_scene(scene, side, SHARE)
            for task in TASKS:
                command = [sys.executable, __file__, "measure", str(scene), task]
                answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
                found = json.loads(answer.stdout.splitlines()[-1])
                growth = 100 * (found["peak"] / first.setdefault(task, found["peak"]) - 1)
                speed = side * side / 1e6 / found["seconds"]
                rows[task].append(
                    f"| {task} | {side} x {side} | {speed:.1f} | {found['peak']:.0f} | {growth:+.1f} % |"
                )
                print(rows[task][-1], file=sys.stderr)
    lines = [line for task in TASKS for line in rows[task]]
    print(TEXT.format(share=SHARE, rows="\n".join(lines)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        with tempfile.TemporaryDirectory() as scratch:
            print(json.dumps(measure(Path(sys.argv[2]), sys.argv[3], Path(scratch))))
    else:
        main([int(text) for text in sys.argv[1:]] or list(SIDES))
