"""Measures from a click to its map in a teaching session; `make bench PARTS=live` runs it.

usage: bench_live.py FOLDER-OF-SENTINEL-2-CHIPS [MODEL...]; prints a section of docs/benchmarks.md. A real
engine process is asked over the wire, as the dock asks it. Times are wall times, not ratios: let nothing
else compute meanwhile.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio

from geofm.inference.bands import PRESETS
from geofm.inference.client import Engine, EngineSettings
from geofm.inference.jobs import ClassInfo, RasterRef
from geofm.inference.teaching import Label, Teaching

WIDTH, HEIGHT = 1000, 800
ACROSS, DOWN = 5, 4
CLASSES = tuple(ClassInfo(value, f"greenness {value}", "#208040") for value in range(1, 7))
LABELS = (5, 50, 500)
CLICKS = 30
SLICE = 200
STEPS = ("fit", "predict", "write")


def mosaic(chips: Path, path: Path) -> np.ndarray:
    """Chips side by side, mirrored where they come a second time; answers the class of each pixel.

    The classes are sixths of the range of greenness (NDVI): every class occurs, and neighbours differ.
    """
    files = sorted(chips.glob("*.tif"))
    rows = []
    for down in range(DOWN):
        tiles = []
        for across in range(ACROSS):
            number = down * ACROSS + across
            with rasterio.open(files[number % len(files)]) as source:
                pixels, profile = source.read(), source.profile
            tiles.append(np.flip(pixels, axis=1 + number % 2) if number >= len(files) else pixels)
        rows.append(np.concatenate(tiles, axis=2))
    whole = np.concatenate(rows, axis=1)
    profile.update(height=whole.shape[1], width=whole.shape[2])
    with rasterio.open(path, "w", **profile) as target:
        target.write(whole)
    red, nir = whole[3].astype(float), whole[7].astype(float)
    ndvi = (nir - red) / np.maximum(nir + red, 1)
    return 1 + np.searchsorted(np.quantile(ndvi, np.arange(1, 6) / 6), ndvi)


class Screen:
    """A part of the mosaic as large as the screen, and labels that are clicked into it."""

    def __init__(self, teaching: Teaching, truth: np.ndarray, folder: Path) -> None:
        assert teaching.opened is not None
        xmin, _, _, ymax = teaching.opened.extent
        size = teaching.opened.transform[1]
        self.extent = (xmin + 60 * size, ymax - 860 * size, xmin + 1060 * size, ymax - 60 * size)
        self._corner, self._size = (self.extent[0], self.extent[3]), size
        self._truth = truth[60:860, 60:1060]
        self._random = np.random.default_rng(0)
        self._teaching, self._folder = teaching, folder
        self._made = 0

    def clicked(self) -> Label:
        """The next label, of each class in turn."""
        value = 1 + self._made % len(CLASSES)
        at = np.argwhere(self._truth == value)
        row, col = at[self._random.integers(len(at))]
        x, y = self._corner[0] + (col + 0.5) * self._size, self._corner[1] - (row + 0.5) * self._size
        self._made += 1
        return Label(str(self._made), value, {"type": "Point", "coordinates": [x, y]})

    def encode(self) -> float:
        """Seconds until the screen is encoded."""
        start = time.perf_counter()
        while True:
            done = self._teaching.encode(self.extent, SLICE)
            if done.visible_done == done.visible_total:
                return time.perf_counter() - start

    def click(self, gone: list[str]) -> tuple[float, dict[str, float]]:
        """Milliseconds from a click to its map, and those of the engine's steps."""
        label, path = self.clicked(), self._folder / f"{self._made % 2}.tif"
        start = time.perf_counter()
        self._teaching.label(CLASSES, [label], gone)
        preview = self._teaching.preview(self.extent, WIDTH, HEIGHT, str(path), novelty=True)
        taken = (time.perf_counter() - start) * 1000
        assert (preview.width, preview.height, preview.encoded) == (WIDTH, HEIGHT, 1.0), preview
        return taken, dict(preview.milliseconds)


def measured(screen: Screen, teaching: Teaching, count: int) -> str:
    """A line of the table: so many labels, of which every click replaces one."""
    labels = [screen.clicked() for _ in range(count)]
    teaching.label(CLASSES, labels)
    screen.click([])
    taken, steps = [], []
    for label in (labels * CLICKS)[:CLICKS]:
        milliseconds, laps = screen.click([label.id])
        taken.append(milliseconds)
        steps.append([laps[name] for name in STEPS])
    middle, high = np.percentile(taken, [50, 95])
    own = " | ".join(f"{value:.0f}" for value in np.median(steps, axis=0))
    return f"{middle:.0f} | {high:.0f} | {own}"


def lines(engine: Engine, model: str, raster: Path, truth: np.ndarray, folder: Path) -> list[str]:
    """The table's lines of a model."""
    ref = RasterRef(str(raster), names=PRESETS["sentinel2-l2a"])
    found = []
    for count in LABELS:
        teaching = Teaching.open(engine, [ref], model)
        screen = Screen(teaching, truth, folder)
        seconds = screen.encode()
        assert teaching.opened is not None
        row = measured(screen, teaching, count)
        print(f"{model} {count}: {row}", file=sys.stderr)
        found.append(f"| {model} | {teaching.opened.dim} | {count} | {row} | {seconds:.1f} |")
        teaching.close()
    return found


def main(arguments: list[str]) -> int:
    chips, models = Path(arguments[0]), arguments[1:] or ["spectral-texture", "galileo-nano"]
    python = os.environ.get("GEOFM_PYTHON", sys.executable)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        truth = mosaic(chips, folder / "mosaic.tif")
        settings = EngineSettings(python=python, environment={"GEOFM_HOME": str(folder / "home")})
        with Engine(settings) as engine:
            table = [line for m in models for line in lines(engine, m, folder / "mosaic.tif", truth, folder)]
    print(
        f"""## From a click to its map

{ACROSS * DOWN} Sentinel-2 chips side by side, 12 bands, six classes (sixths of greenness), labels that are
clicks of one pixel. A canvas of {WIDTH} x {HEIGHT} pixels is encoded; then {CLICKS} times a label is given,
another taken away, and a preview asked for as the dock does: `ensemble` with confidence and hatching.
Milliseconds of wall time over the wire, median and 95th percentile, and the medians of the engine's steps;
seconds to encode the canvas, of which the second and third time of a model find its tokens on disk.

| features | dimensions | labels | click to map | 95 % | fit | predict | write | encode (s) |
|---|---|---|---|---|---|---|---|---|
"""
        + "\n".join(table)
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
