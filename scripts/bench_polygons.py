"""Measures polygons of class maps of growing size; prints a section of docs/benchmarks.md.

usage: bench_polygons.py [SIDE ...]   (default 4096 8192 16384; run with the engine's Python)

Each run is a process of its own, so that its peak is its own; every result is read back and checked.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
import shapely
from rasterio.transform import from_origin
from rasterio.windows import Window
from scipy import ndimage

from geofm.inference.engine.base import Context
from geofm.inference.engine.grid import Grid
from geofm.inference.engine.polygons import polygonize
from geofm.inference.jobs import ClassInfo

SIDES = (4096, 8192, 16384)
PIXEL = 10.0  # metres
CLASSES = tuple(ClassInfo(value, f"class {value}", "#808080") for value in range(1, 5))
# Deepness 0.6.5 on two cores: seconds from class map to polygons of smooth maps by side, and of noise.
DEEPNESS = {("smooth", 4096): 1.5, ("smooth", 8192): 6.5, ("smooth", 16384): 32.0, ("noise", 4096): 118.0}
CHUNK = 200_000


def smooth(side: int) -> np.ndarray:
    """Four classes in patches of about 20 pixels."""
    field = ndimage.gaussian_filter(np.random.default_rng(0).random((side, side), np.float32), 8, mode="wrap")
    return np.digitize(field, np.quantile(field, [0.25, 0.5, 0.75])).astype(np.uint8) + np.uint8(1)


def write_map(path: Path, kind: str, side: int) -> None:
    """A map of tiles of at most 4096 pixels a side; smooth ones go on over their borders."""
    tile = min(side, 4096)
    rng = np.random.default_rng(1)
    patches = smooth(tile) if kind == "smooth" else None
    settings = {"driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": "uint8", "nodata": 0}
    settings |= {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate"}
    settings |= {"crs": "EPSG:32632", "transform": from_origin(3e5, 5.2e6, PIXEL, PIXEL)}
    with rasterio.open(path, "w", **settings) as target:
        for row in range(0, side, tile):
            for col in range(0, side, tile):
                pixels = rng.integers(1, 5, (tile, tile), np.uint8) if patches is None else patches
                target.write(pixels[: side - row, : side - col], 1, window=Window(col, row, tile, tile))


def run(path: str, side: str, options: str) -> None:
    """One run, in a process of its own; prints its seconds and its peak memory in MB."""
    with rasterio.open(path) as dataset:
        grid = Grid(int(side), int(side), tuple(dataset.transform)[:6], dataset.crs.to_wkt())
    asked = [time.perf_counter()]
    context = Context(lambda *_: None, lambda: asked.append(time.perf_counter()))
    polygonize(
        Path(path),
        Path(path).with_suffix(".gpkg"),
        grid,
        classes=CLASSES,
        provenance={},
        context=context,
        **json.loads(options),
    )
    seconds = time.perf_counter() - asked[0]
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    peak = next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    print(json.dumps([seconds, peak, max(np.diff(asked))]))


def check(path: Path, side: int) -> int:
    """Read a result back; answers its number of polygons.

    Raises:
        ValueError: if a polygon is invalid or ground was lost.
    """
    features, ground, drawn = pyogrio.read_info(path)["features"], 0.0, 0.0
    for first in range(0, features, CHUNK):
        wanted = f"fid > {first} AND fid <= {first + CHUNK}"
        _, _, found, (areas,) = pyogrio.raw.read(path, columns=["area_m2"], where=wanted)
        shapes = shapely.from_wkb(found)
        if not shapely.is_valid(shapes).all():
            raise ValueError(f"{path.name} has invalid polygons")
        ground, drawn = ground + areas.sum(), drawn + shapely.area(shapes).sum()
    whole = (side * PIXEL) ** 2
    if ground != whole or abs(drawn - whole) > 1e-9 * whole:
        raise ValueError(f"{path.name} covers {ground} and {drawn} instead of {whole} square metres")
    return features


def measure(folder: Path, kind: str, side: int, options: dict[str, float]) -> str:
    """A row of the table."""
    path = folder / f"{kind}{side}.tif"
    if not path.exists():
        write_map(path, kind, side)
    command = [sys.executable, __file__, "--run", str(path), str(side), json.dumps(options)]
    seconds, peak, longest = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    features = check(path.with_suffix(".gpkg"), side)
    path.with_suffix(".gpkg").unlink()
    what = ", ".join([f"{kind} {side}", *(f"{name} {value:g}" for name, value in options.items())])
    peer = DEEPNESS.get((kind, side)) if not options else None
    rate = seconds / (side * side / 1e6)
    figures = f"{features:,} | {seconds:.1f} s | {rate:.2f} s | {longest:.1f} s | {peak:.0f} MB"
    return f"| {what} | {figures} | {f'{peer:g} s' if peer else ''} |"


TEXT = """## Polygons

From a class map (four classes, tiled GeoTIFF) to a finished GeoPackage with its spatial index. *Smooth*:
patches of some 20 pixels; *noise*: each pixel by chance. `min_area` in square metres (100 a pixel),
`simplify` in pixels. Every result was read back: all polygons valid, the ground of all pixels in them, both
drawn and in the field `area_m2`. *Longest wait*: before a cancel was looked for. Peak memory of the process,
libraries and GDAL's cache included. Deepness 0.6.5: the same step on two cores, into a memory layer without
attributes or index, with 27 % of the polygons invalid.

| map | polygons | time | a million pixels | longest wait | peak memory | Deepness |
|---|---|---|---|---|---|---|"""


def main(sides: tuple[int, ...]) -> None:
    """Print the section."""
    print(TEXT)
    plain: dict[str, float] = {}
    runs = [("smooth", side, plain) for side in sides] + [("noise", sides[0], plain)]
    runs += [(kind, sides[0], {"min_area": 1000.0}) for kind in ("smooth", "noise")]
    runs.append(("smooth", sides[0], {"simplify": 2.0}))
    with tempfile.TemporaryDirectory() as scratch:
        for kind, side, options in runs:
            print(measure(Path(scratch), kind, side, options), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run(*sys.argv[2:])
    else:
        main(tuple(map(int, sys.argv[1:])) or SIDES)
