"""Measures Galileo's windows and number formats; `make bench` runs it in the engine's Python.

usage: bench_precision.py FOLDER-OF-SAMPLES WEIGHTS; prints a section of docs/benchmarks.md. All
times are taken in turns in one run, the shortest of each counts: compare the ratios, on a machine
that does nothing else.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
import torch
from sklearn.cluster import KMeans

from geofm.inference.bands import PRESETS
from geofm.inference.catalog import default_catalog
from geofm.inference.engine.backbones.galileo import Galileo
from geofm.inference.engine.base import Context
from geofm.inference.engine.features.encodings import Encodings
from geofm.inference.engine.features.space import FeatureSpace
from geofm.inference.engine.grid import Window
from geofm.inference.engine.heads import make_head
from geofm.inference.engine.precision import BFLOAT16, FLOAT32, bf16_units, compare
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.regions import Region
from geofm.inference.engine.samples import read_samples
from geofm.inference.jobs import RasterRef, SampleRef

SIDE = 512
ROUNDS = 2
WINDOWS = (16, 32, 64)
SHIFTS = ((0, 0), (5, 11))
SPLITS = 15
BATCH = 64
LABELLED = Window(40, 40, 64, 64)  # of the chip on which labels are compared: emulated bf16 is slow
QUIET = Context(progress=lambda *_: None, check=lambda: None)


def scene(chip: Path) -> Region:
    """A Sentinel-2 chip repeated to SIDE x SIDE pixels."""
    with Stack.open([RasterRef(str(chip), names=PRESETS["sentinel2-l2a"], scale=1e-4)]) as stack:
        part = Region.read(stack, stack.grid.window, range(len(stack.bands)))
    times = -(-SIDE // part.valid.shape[0])
    pixels, valid = (np.tile(array, (times, times))[..., :SIDE, :SIDE] for array in (part.pixels, part.valid))
    return Region(Window(0, 0, SIDE, SIDE), pixels, valid, part.bands, part.scene, part.source)


def seconds(encoder: Galileo, region: Region, side: int, batch: int) -> float:
    """Wall time to encode the whole scene in windows of ``side`` pixels, a divisor of SIDE."""
    starts = range(0, SIDE, side)
    places = [Window(col, row, side, side) for row in starts for col in starts]
    chosen = encoder.select(region.bands)
    start = time.perf_counter()
    for first in range(0, len(places), batch):
        encoder.encode(region.batch(places[first : first + batch], chosen))
    return time.perf_counter() - start


def held_out(groups: np.ndarray, labels: np.ndarray, seed: int) -> np.ndarray:
    """Samples of a third of the polygons of each class."""
    chance = np.random.default_rng(seed)
    asked = np.zeros(len(groups), bool)
    for label in np.unique(labels):
        places = chance.permutation(np.unique(groups[labels == label]))
        asked |= np.isin(groups, places[: max(1, round(len(places) / 3))])
    return asked


def f1(truth: np.ndarray, found: np.ndarray) -> float:
    scores = []
    for label in np.unique(truth):
        of, to = truth == label, found == label
        scores.append(2 * (of & to).sum() / max(of.sum() + to.sum(), 1))
    return float(np.mean(scores))


def cropped(source: Path, target: Path, shift: tuple[int, int]) -> RasterRef:
    """The Landsat scene without its first columns and rows: windows fall on other ground."""
    with rasterio.open(source) as given:
        col, row = shift
        window = rasterio.windows.Window(col, row, given.width - col, given.height - row)
        profile = {"driver": "GTiff", "dtype": given.dtypes[0], "count": 6, "crs": given.crs}
        place = {"width": window.width, "height": window.height, "transform": given.window_transform(window)}
        with rasterio.open(target, "w", **profile, **place, nodata=given.nodata) as made:
            made.write(given.read(range(1, 7), window=window))
    names = ("blue", "green", "red", "nir", "swir16", "swir22")
    return RasterRef(str(target), names=names, scale=1e-4, acquired="1999-11-18")


def accuracies(encoder: Galileo, folder: Path, scratch: Path) -> np.ndarray:
    """F1 of a head on spectral-texture with the tokens joined: one for each shift and split of polygons."""
    polygons = SampleRef(str(folder / "training_data.shp"), field="class")
    found = []
    for shift in SHIFTS:
        ref = cropped(folder / "LE70220491999322EDC01_stack.gtif", scratch / "scene.tif", shift)
        with Stack.open([ref]) as stack:
            known = read_samples(polygons, stack.grid, stack.grid.window)
            space = FeatureSpace.learn(stack, [Encodings(encoder)], QUIET)
            features = space.features(stack, stack.grid.window, QUIET)[0][:, known.rows, known.cols].T
        for seed in range(SPLITS):
            asked = held_out(known.groups, known.labels, seed)
            head = make_head("fast", 0)
            head.fit(features[~asked], known.labels[~asked])
            found.append(f1(known.labels[asked], head.predict(features[asked]).argmax(axis=1)))
    return np.array(found)


def agreement(plain: Galileo, low: Galileo, chip: Path) -> tuple[float, float]:
    """Mean cosine of tokens in bf16 with those in float32, and the share of pixels of a part of a
    Sentinel-2 chip to which a head taught in float32 gives the same label in both.
    """
    with Stack.open([RasterRef(str(chip), names=PRESETS["sentinel2-l2a"], scale=1e-4)]) as stack:
        space = FeatureSpace.learn(stack, [Encodings(plain)], QUIET)
        other = FeatureSpace.restore(space.describe(), space.arrays(), [Encodings(low)])
        first, second = (
            s.features(stack, LABELLED, QUIET)[0].reshape(space.dim, -1).T for s in (space, other)
        )
        part = Region.read(stack, Window(0, 0, 64, 64), plain.select(stack.bands))
    places = [Window(col, row, 16, 16) for row in range(0, 64, 16) for col in range(0, 64, 16)]
    cosine, _ = compare(plain.encode(part.batch(places)), low.encode(part.batch(places)))
    groups = KMeans(5, n_init=2, random_state=0).fit_predict(first)
    head = make_head("fast", 0)
    head.fit(first[::31], groups[::31])
    same = head.predict(first).argmax(axis=1) == head.predict(second).argmax(axis=1)
    return cosine, float(same.mean())


TEXT = """## Windows and precision of Galileo

`galileo-nano` at patch 4 on {side} x {side} pixels of Sentinel-2 (10 bands), fed from memory, on {threads}
threads; the shortest of {rounds} rounds in which all take turns. *Times as fast* is against float32 at
batch 1 with windows of 64 pixels. It was trained on windows of 4 to 12 patches (16 to 48 pixels). F1: mean
over the classes of the Landsat scene above, of the fast head on `spectral-texture` with the tokens joined;
{draws} draws ({shifts} places of the lattice of windows, {splits} splits of the polygons); the difference to
windows of 32 pixels with its standard error, by draw.

| windows, pixels | precision | batch | seconds | times as fast | F1 | F1 less that of 32 |
|---|---|---|---|---|---|---|
{rows}

{bf16} Tokens of a Sentinel-2 chip in bf16 have a mean cosine of {cosine:.5f} with those in float32,
standardised; a head taught on five groups of its pixels in float32 gives {same:.2%} of them the same
label."""


def rows(encoders: dict[str, Galileo], region: Region, folder: Path, scratch: Path) -> str:
    """The table: each window in each format."""
    cases = [(64, FLOAT32, 1)]
    cases += [(side, name, BATCH) for side in WINDOWS if side != 64 for name in encoders]
    encoders[FLOAT32].encode(region.batch([Window(0, 0, 16, 16)], encoders[FLOAT32].select(region.bands)))
    times = [
        [seconds(encoders[name], region, side, batch) for side, name, batch in cases] for _ in range(ROUNDS)
    ]
    best = np.min(times, axis=0)
    scores = {}
    for side in WINDOWS:
        encoders[FLOAT32].window = side
        scores[side] = accuracies(encoders[FLOAT32], folder, scratch)
    encoders[FLOAT32].window = Galileo.window
    lines = []
    for (side, name, batch), took in zip(cases, best):
        more = scores[side] - scores[32]
        difference = f"{more.mean():+.3f} ± {more.std() / len(more) ** 0.5:.3f}"
        speed = f"{took:.2f} | {best[0] / took:.2f}"
        lines.append(f"| {side} | {name} | {batch} | {speed} | {scores[side].mean():.3f} | {difference} |")
    return "\n".join(lines)


def main() -> None:
    samples, weights = Path(sys.argv[1]), Path(sys.argv[2])
    chip = samples / "sentinel2-chips" / "patch_57755.tif"
    card = default_catalog().get("galileo-nano")
    plain, low = (Galileo.load(card, weights, "cpu", name) for name in (FLOAT32, BFLOAT16))
    units = bf16_units("cpu")
    told = f"bf16 runs on {units}." if units else "This processor has no bf16 units: bf16 is not timed."
    encoders = {FLOAT32: plain, BFLOAT16: low} if units else {FLOAT32: plain}
    with tempfile.TemporaryDirectory() as scratch:
        table = rows(encoders, scene(chip), samples / "landsat7-two-dates", Path(scratch))
    cosine, same = agreement(plain, low, chip)
    facts = {"side": SIDE, "rounds": ROUNDS, "bf16": told, "rows": table, "threads": torch.get_num_threads()}
    draws = {"draws": len(SHIFTS) * SPLITS, "shifts": len(SHIFTS), "splits": SPLITS}
    print(TEXT.format(**facts, **draws, cosine=cosine, same=same))


if __name__ == "__main__":
    main()
