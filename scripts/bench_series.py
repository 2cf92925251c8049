"""Measures maps and breaks from series of dates; `make bench` runs it in the engine's Python.

usage: bench_series.py FOLDER-OF-SENTINEL-2-CHIPS FOLDER-OF-WEIGHTS; prints a section of docs/benchmarks.md.
"""

from __future__ import annotations

import datetime
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
import shapely
from affine import Affine
from sklearn.metrics import f1_score

from geofm.inference.catalog import default_catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.series.breaks import BreakTest
from geofm.inference.engine.series.dates import series_of
from geofm.inference.engine.series.season_stack import SeasonStack
from geofm.inference.engine.weights.store import Store
from geofm.inference.jobs import Job, RasterRef, SampleRef, Task

CHIP = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
NAMES = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
QUIET = Context(progress=lambda *_: None, check=lambda: None)
FIELD, FIELDS = 8, 14
TAUGHT = 6
SEEDS = (1, 2)
MONTHS = 12
# Day of the year and half width in days of each crop's green; all are green for as long.
CROPS = {
    "early": ((125, 38),),
    "middle": ((175, 38),),
    "late": ((230, 38),),
    "twice": ((110, 19), (240, 19)),
}


@dataclass(frozen=True)
class Scene:
    """A landscape of fields over a year.

    Attributes:
        refs: one raster a month.
        crops: (rows, cols) index into ``CROPS``.
        taught: (rows, cols) fields that were labelled.
        labels: a point in the middle of each of these.
    """

    refs: tuple[RasterRef, ...]
    crops: np.ndarray
    taught: np.ndarray
    labels: SampleRef


def spectra(chips: Path, chance: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Spectra of single real pixels, bare and green: two arrays (count, bands)."""
    bare, green = [], []
    for path in sorted(chips.glob("*.tif")):
        with rasterio.open(path) as source:
            pixels = source.read().reshape(len(CHIP), -1).astype(float) / 10000
        picked = pixels[[CHIP.index(name) for name in NAMES]]
        red, nir = picked[2], picked[6]
        ndvi = (nir - red) / np.maximum(nir + red, 1e-6)
        land = (nir > 0.12) & (picked[0] < 0.2)
        bare.append(picked[:, land & (ndvi > 0.05) & (ndvi < 0.3)])
        green.append(picked[:, land & (ndvi > 0.75)])
    kinds = [np.concatenate(kind, axis=1).T for kind in (bare, green)]
    first, second = (kind[chance.integers(0, len(kind), count)] for kind in kinds)
    return first, second


def scene(chips: Path, folder: Path, seed: int) -> Scene:
    """Fields whose crops differ in when they are green, and in nothing else."""
    chance = np.random.default_rng(seed)
    fields = FIELDS**2
    crop = chance.permutation(np.arange(fields) % len(CROPS))
    bare, green = spectra(chips, chance, fields)
    late = chance.normal(0, 8, fields)
    side = FIELD * FIELDS
    number = np.arange(side) // FIELD
    of_pixel = number[:, None] * FIELDS + number[None]
    refs = []
    for month in range(MONTHS):
        day = datetime.date(2021, month + 1, int(chance.integers(5, 25)))
        share = np.zeros(fields)
        for index, waves in enumerate(CROPS.values()):
            for peak, width in waves:
                days = day.timetuple().tm_yday - peak - late
                share += (crop == index) * np.exp(-((days / width) ** 2))
        mixed = bare + (green - bare) * np.clip(share, 0, 1)[:, None]
        pixels = mixed[of_pixel] * (1 + 0.05 * chance.normal(size=(side, side, 1)))
        pixels = pixels * chance.normal(1, 0.04) + 0.006 * chance.normal(size=(side, side, len(NAMES)))
        stored = np.clip(pixels * 10000, 1, 10000).astype(np.uint16)
        stored[clouds(chance, side)] = 0
        refs.append(written(folder / f"S2_{day:%Y%m%d}.tif", np.moveaxis(stored, -1, 0)))
    of_crop = [np.flatnonzero(crop == number) for number in range(len(CROPS))]
    shown = np.concatenate([chance.permutation(found)[:TAUGHT] for found in of_crop])
    labels = points(folder / "labels.gpkg", shown, crop[shown])
    return Scene(tuple(refs), crop[of_pixel], np.isin(of_pixel, shown), labels)


def clouds(chance: np.random.Generator, side: int) -> np.ndarray:
    """(rows, cols) of a few discs, a quarter of the scene on average, masked out as a cloud mask would."""
    row, col = np.ogrid[:side, :side]
    hidden = np.zeros((side, side), bool)
    for _ in range(chance.poisson(2.2)):
        y, x, radius = chance.uniform(0, side, 2).tolist() + [chance.uniform(0.1, 0.3) * side]
        hidden |= (row - y) ** 2 + (col - x) ** 2 < radius**2
    return hidden


def written(path: Path, pixels: np.ndarray) -> RasterRef:
    profile = {"driver": "GTiff", "crs": "EPSG:32633", "transform": Affine(10, 0, 5e5, 0, -10, 5.3e6)}
    count, rows, cols = pixels.shape
    with rasterio.open(
        path, "w", dtype="uint16", count=count, height=rows, width=cols, nodata=0, **profile
    ) as target:
        target.write(pixels)
        for index, name in enumerate(NAMES, 1):
            target.set_band_description(index, name)
    return RasterRef(str(path))


def points(path: Path, fields: np.ndarray, crop: np.ndarray) -> SampleRef:
    row, col = np.divmod(fields, FIELDS)
    middle = FIELD * 10 / 2
    shapes = shapely.points(5e5 + col * FIELD * 10 + middle, 5.3e6 - row * FIELD * 10 - middle)
    names = np.array(list(CROPS), object)[crop]
    pyogrio.raw.write(
        path, shapely.to_wkb(shapes), [names], ["crop"], crs="EPSG:32633", geometry_type="Point",
        driver="GPKG", layer="labels",
    )  # fmt: skip
    return SampleRef(str(path), field="crop")


def score(services: Services, made: Scene, refs: Sequence[RasterRef], model: str, folder: Path) -> float:
    """Macro-F1 of the map of the fields that were not taught, where it has one."""
    taught, out = str(folder / "crops.geofm"), str(folder / "map.tif")
    run_job(Job(Task.TRAIN, tuple(refs), taught, model=model, samples=made.labels), services, QUIET)
    result = run_job(Job(Task.CLASSIFY, tuple(refs), out, classifier=taught), services, QUIET)
    values = [next(i.value for i in result.classes if i.name == name) for name in CROPS]
    with rasterio.open(out) as source:
        found = source.read(1)
    asked = ~made.taught & (found > 0)
    return float(f1_score(np.array(values)[made.crops[asked]], found[asked], average="macro"))


def composite(refs: Sequence[RasterRef], path: Path) -> RasterRef:
    """The median of the dates as a file."""
    with Stack.open(refs) as stack:
        series = series_of(stack.bands)
        assert series is not None
        values, valid = SeasonStack(stack, series).read(stack.grid.window, range(len(NAMES)))
    return written(path, np.where(valid, values * 10000, 0).astype(np.uint16))


def crop_table(chips: Path, services: Services) -> list[str]:
    """Macro-F1 by what a model was given."""
    scores: dict[str, list[float]] = {}
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            made = scene(chips, folder, seed)
            single = [score(services, made, [ref], "spectral-texture", folder) for ref in made.refs]
            scores.setdefault("one date, the middle one of 12", []).append(float(np.median(single)))
            scores.setdefault("one date, the best of 12", []).append(max(single))
            median = composite(made.refs, folder / "median.tif")
            for model in ("spectral-texture", "presto", "galileo-nano"):
                of_median = score(services, made, [median], model, folder)
                scores.setdefault(f"median of 12 dates, `{model}`", []).append(of_median)
            for model, what in (
                ("spectral-texture", "series, season features alone"),
                ("presto", "series, season features and `presto` of all months"),
                ("galileo-nano", "series, season features and `galileo-nano` of all dates"),
            ):
                scores.setdefault(what, []).append(score(services, made, made.refs, model, folder))
    rows = [f"| {what} | {' | '.join(f'{one:.3f}' for one in found)} |" for what, found in scores.items()]
    head = ["| given | " + " | ".join(f"macro-F1, scene {seed}" for seed in SEEDS) + " |"]
    return [*head, "|---|" + "---|" * len(SEEDS), *rows]


def break_table() -> list[str]:
    """What of planted breaks is found, by the size of the step in deviations of the noise."""
    rows = [
        "| dates | gaps | step / noise | found | date right | median error, days | false alarms |",
        "|---|---|---|---|---|---|---|",
    ]
    chance = np.random.default_rng(0)
    places = 4000
    for count, step in ((24, 30), (36, 30), (92, 16)):
        jitter = chance.integers(-3, 4, count)
        start = datetime.date(2018, 1, 8)
        days = [start + datetime.timedelta(days=int(step * n + jitter[n])) for n in range(count)]
        numbers = np.array([day.toordinal() for day in days])
        season = np.cos(2 * np.pi * (np.array([d.timetuple().tm_yday for d in days]) - 190) / 365.25)
        test = BreakTest(days, 1)
        for gaps in (0.0, 0.3):
            noise = chance.normal(0, 0.04, (count, places))
            seen = chance.random(noise.shape) >= gaps
            still = 0.55 + 0.2 * season[:, None] + noise
            false = float((test.find(still.astype(np.float32), seen).chance < 0.01).mean())
            for size in (2, 4, 8):
                at = chance.integers(count // 5, count - count // 5, places)
                broken = still - size * 0.04 * (np.arange(count)[:, None] >= at)
                found = test.find(broken.astype(np.float32), seen)
                sure = found.chance < 0.01
                # The first date on which a pixel was seen after its break is the right one.
                first = np.argmax(seen & (np.arange(count)[:, None] >= at), axis=0)
                off = np.abs(numbers[found.at] - numbers[first])[sure]
                cells = (count, f"{gaps:.0%}", size, f"{sure.mean():.1%}", f"{(off == 0).mean():.1%}")
                told = [*map(str, cells), f"{np.median(off):.0f}", f"{false:.2%}"]
                rows.append("| " + " | ".join(told) + " |")
    return rows


def main(chips: Path, weights: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(GEOFM_HOME=home, GEOFM_CACHE="0", GEOFM_PRECISION="float32")
        store = Store(Path(home), [weights], offline=True)
        services = Services.create(default_catalog(), store, choose_device("cpu"))
        crops = crop_table(chips, services)
    print(TEXT.format(crops="\n".join(crops), breaks="\n".join(break_table()), taught=TAUGHT))


TEXT = """## Many dates

Made-up fields of real spectra: each of {taught} x 4 taught and some 170 other fields mixes the spectrum
of one real bare pixel with that of one real green pixel of the Sentinel-2 chips, by how green its crop is
on that day. The four crops are green for equally long, at other times, and one of them twice, so that
their medians are alike. Fields are some days early or late; every date has light of its own, noise and
clouds, which are masked. Taught: one point in each of {taught} fields a crop; asked: all other fields
(`geofm:trainclassifier` with the default head, then `geofm:classify`). Of a single date, where it shows
something.

{crops}

Breaks (`geofm:breaks`, one harmonic, significance 0.01) of a step planted into a season with white noise of
0.04 and nothing else. *Date right*: of those found, the first date after the step on which the pixel was
seen. *False alarms*: of pixels without a step.

{breaks}"""

if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
