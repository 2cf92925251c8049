"""Measures what keeping tokens costs and saves; prints a section of docs/benchmarks.md.

usage: bench_encodings.py FOLDER-OF-SAMPLES   (run with the developer's Python)

Forms: tokens are rounded to each before anything is learned of them, and a head is cross-validated.
Times are processor times of one process, so that ratios hold on a busy machine too.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import rasterio

from geofm.inference.bands import PRESETS
from geofm.inference.catalog import default_catalog
from geofm.inference.engine.base import Context, WindowBatch
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.features import encodings
from geofm.inference.engine.features.space import FeatureSpace
from geofm.inference.engine.features.token_store import TokenStore
from geofm.inference.engine.grid import Window, lattice
from geofm.inference.engine.heads import make_head
from geofm.inference.engine.learning.accuracy import cross_validate
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.regions import Region
from geofm.inference.engine.samples import read_samples
from geofm.inference.engine.weights.store import Store
from geofm.inference.jobs import Job, RasterRef, SampleRef, Task
from geofm.inference.places import data_home, models_folders

MODELS = ("galileo-nano", "presto")
SEEDS = range(10)
FOLDS = 5
SIDE, BLOCK = 1024, 512
ROUNDS = 3
# The bands that both scenes have.
COMMON = ("blue", "green", "red", "nir", "swir16", "swir22")
SENTINEL = ("B02", "B03", "B04", "B08", "B11", "B12")
QUIET = Context(lambda *_: None, lambda: None)
KEPT = encodings.Form
Rounding = Callable[[np.ndarray], np.ndarray]


def chosen(tokens: np.ndarray) -> np.ndarray:
    """In the form in which tokens are kept."""
    form = KEPT(tokens.shape[1:])
    return form.unpacked(form.packed(tokens)[0])


def levels(bits: int) -> Rounding:
    """``bits`` a number, with the least and the step of each window and feature."""
    most = np.float32(2**bits - 1)

    def rounded(tokens: np.ndarray) -> np.ndarray:
        least = tokens.min(axis=(2, 3), keepdims=True)
        step = (tokens.max(axis=(2, 3), keepdims=True) - least) / most
        codes = np.rint((tokens - least) / np.where(step > 0, step, np.float32(1)))
        return (least + codes * step).astype(np.float32)

    return rounded


# By name: what it does to tokens, and bytes for each number and for each window and feature.
FORMS: dict[str, tuple[Rounding, float, int]] = {
    "float32": (lambda tokens: tokens, 4, 0),
    "float16": (lambda tokens: tokens.astype(np.float16).astype(np.float32), 2, 0),
    "8 bits (kept so)": (chosen, 1, 8),
    "6 bits": (levels(6), 0.75, 8),
    "4 bits": (levels(4), 0.5, 8),
}


class Whole(encodings.Form):
    """Rounds nothing: what a form loses is measured against what the model gave."""

    def packed(self, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((len(tokens), self.size), np.uint8), np.zeros(len(tokens), bool)


class Rounded:
    """An encoder whose tokens are rounded; each window is computed once for all forms."""

    def __init__(self, encoder: object, rounding: Rounding, known: dict[bytes, np.ndarray]) -> None:
        self._encoder, self._rounding, self._known = encoder, rounding, known

    def __getattr__(self, name: str) -> object:
        return getattr(self._encoder, name)

    def encode(self, batch: WindowBatch) -> np.ndarray:
        key = batch.pixels.tobytes() + batch.valid.tobytes()
        if key not in self._known:
            self._known[key] = self._encoder.encode(batch)
        return self._rounding(self._known[key])


def engine(scratch: Path) -> Services:
    """As the engine makes it, with its tokens in a folder of their own."""
    store = Store(data_home(), models_folders(), offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))
    return replace(services, tokens=TokenStore(scratch / "tokens", 10**10))


def model_of(services: Services, name: str) -> object:
    return services.models.get(services.store.settled(services.catalog.get(name), QUIET), QUIET)


def scores(encoder: object, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """(seeds, 2) overall accuracy and mean F1 of polygons left out, and the block's features."""
    polygons = SampleRef(str(folder / "training_data.shp"), field="class")
    with Stack.open([RasterRef(str(folder / "LE70220491999322EDC01_stack.gtif"))]) as stack:
        known = read_samples(polygons, stack.grid, stack.grid.window)
        space = FeatureSpace.learn(stack, [encodings.Encodings(encoder)], QUIET)
        features, valid = space.features(stack, stack.grid.window, QUIET)
    at = valid[known.rows, known.cols]
    samples = features[:, known.rows, known.cols].T[at], known.labels[at], known.groups[at]
    names = [info.name for info in known.classes]
    found = []
    for seed in SEEDS:
        checked = cross_validate(*samples, names, lambda: make_head("fast", 0), QUIET, FOLDS, seed)
        found.append((checked.accuracy.overall, checked.accuracy.macro_f1))
    return np.array(found), features[-space.blocks[-1] :, valid] * space.blocks[-1] ** 0.5


def form_rows(services: Services, folder: Path) -> list[str]:
    """A line for each model and form."""
    encodings.Form = Whole
    lines = []
    for name in MODELS:
        encoder = model_of(services, name)
        side = encodings.lattice_side(encoder)
        known: dict[bytes, np.ndarray] = {}
        plain, exact = scores(Rounded(encoder, FORMS["float32"][0], known), folder)
        for title, (rounding, a_number, a_feature) in FORMS.items():
            found, features = scores(Rounded(encoder, rounding, known), folder)
            size = encoder.dim * (a_number / encoder.stride**2 + a_feature / side**2)
            off = np.sqrt(((features - exact) ** 2).mean(axis=1))
            more = (found - plain)[:, 1]
            lines.append(
                f"| {name} | {title} | {size:.1f} | {np.median(off):.4f} ({off.max():.4f}) "
                f"| {found[:, 0].mean():.4f} | {found[:, 1].mean():.4f} "
                f"| {more.mean():+.4f} ± {more.std() / len(more) ** 0.5:.4f} |"
            )
            print(lines[-1], file=sys.stderr)
    encodings.Form = KEPT
    return lines


def write_scene(chip: Path, path: Path) -> RasterRef:
    """A Sentinel-2 chip repeated to SIDE x SIDE pixels."""
    with rasterio.open(chip) as source:
        times = SIDE // source.width
        profile = {**source.profile, "driver": "GTiff", "width": SIDE, "height": SIDE, "tiled": True}
        with rasterio.open(path, "w", **profile) as target:
            target.write(np.tile(source.read(), (1, times, times)))
    return RasterRef(str(path), names=PRESETS["sentinel2-l2a"], scale=1e-4, acquired="2021-07-01")


def seconds(work: Callable[[], object]) -> float:
    """Processor time of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def window_times(services: Services, ref: RasterRef) -> tuple[float, float, float]:
    """Seconds for the tokens of a block of 512 x 512: from the model, from disk, from memory."""
    encoder = model_of(services, MODELS[0])
    kept = services.kept(services.store.settled(services.catalog.get(MODELS[0]), QUIET), encoder)
    with Stack.open([ref]) as stack:
        region = Region.read(stack, Window(0, 0, BLOCK, BLOCK), encoder.select(stack.bands))
    side = encodings.lattice_side(encoder)
    windows = [region.cut(place) for place in lattice(region.window, side)]

    def asked(source: encodings.Encodings) -> float:
        return seconds(lambda: [None for _ in source.tokens(windows, QUIET)])

    rounds = []
    for _ in range(ROUNDS):
        services.tokens.clear()
        first, later = (encodings.Encodings(encoder, 0, kept) for _ in range(2))
        rounds.append((asked(first), asked(later), asked(later)))
    made, read, remembered = np.min(rounds, axis=0)
    return made, read, remembered


def run_times(services: Services, ref: RasterRef, folder: Path, scratch: Path) -> tuple[float, float, int]:
    """Seconds of a classify run with nothing kept and with everything, and bytes that are kept."""
    samples = SampleRef(str(folder / "training_data.shp"), field="class")
    scene = str(folder / "LE70220491999322EDC01_stack.gtif")
    landsat = RasterRef(scene, (1, 2, 3, 4, 5, 6), COMMON, scale=1e-4, acquired="1999-11-18")
    taught, out = str(scratch / "taught.geofm"), str(scratch / "map.tif")
    teach = Job(Task.TRAIN, (landsat,), taught, model=MODELS[0], samples=samples, method="fast")
    run_job(teach, services, QUIET)
    bands = tuple(PRESETS["sentinel2-l2a"].index(name) + 1 for name in SENTINEL)
    job = Job(Task.CLASSIFY, (replace(ref, bands=bands, names=COMMON),), out, classifier=taught)
    rounds, size = [], 0
    for _ in range(ROUNDS):
        services.tokens.clear()
        cold = seconds(lambda: run_job(job, services, QUIET))
        size = services.tokens.facts()["bytes"]
        rounds.append((cold, seconds(lambda: run_job(job, services, QUIET))))
    cold, warm = np.min(rounds, axis=0)
    return cold, warm, size


TEXT = """## Encode once

Tokens are rounded to the form in which they are kept before anybody uses them. *Bytes a pixel* on disk.
*Off*: root mean square change of the 24 features that come of the tokens, in deviations of each feature,
median and worst. Accuracy on the Landsat scene above: fast head on `spectral-texture` with the tokens
joined, {folds} folds of whole polygons left out, mean over {seeds} draws of the folds (seeds {first} to
{last}); the difference of the mean F1 to float32 with its standard error, by draw.

| model | form | bytes a pixel | off | overall accuracy | mean F1 | F1 less that of float32 |
|---|---|---|---|---|---|---|
{rows}

`galileo-nano` on a Sentinel-2 chip repeated to {side} x {side} pixels, processor time, shortest of
{rounds} rounds. The tokens of a block of {block} x {block} pixels from the model take {disk:.0f} times as
long as from disk ({memory:.0f} times as long as from memory). `classify` (fast head) with nothing kept takes
{ratio:.1f} times as long as with everything kept ({cold:.1f} s and {warm:.1f} s); {size:.1f} bytes a pixel
are on disk after it."""


def main() -> None:
    samples = Path(sys.argv[1])
    landsat = samples / "landsat7-two-dates"
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        services = engine(scratch)
        lines = form_rows(services, landsat)
        ref = write_scene(samples / "sentinel2-chips" / "patch_57755.tif", scratch / "scene.tif")
        made, read, remembered = window_times(services, ref)
        cold, warm, size = run_times(services, ref, landsat, scratch)
    facts = {"folds": FOLDS, "seeds": len(SEEDS), "first": SEEDS[0], "last": SEEDS[-1]}
    ratios = {"disk": made / read, "memory": made / remembered, "ratio": cold / warm}
    sizes = {"side": SIDE, "block": BLOCK, "rounds": ROUNDS, "size": size / SIDE**2}
    print(TEXT.format(rows="\n".join(lines), cold=cold, warm=warm, **facts, **ratios, **sizes))


if __name__ == "__main__":
    main()
