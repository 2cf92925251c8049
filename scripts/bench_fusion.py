"""Measures what a second sensor is worth, also where it is missing; prints part of docs/benchmarks.md.

usage: bench_fusion.py FOLDER-OF-SENTINEL-2-CHIPS [CHIPS [SIDE]]   (run with the developer's Python)

The radar is synthetic (scripts/fusion_scene.py), the light is real: figures tell how fusion behaves, not how
well Sentinel-1 does on the ground.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import rasterio
from fusion_scene import CLASSES, FusionScene, make_fusion_scene

from geofm.inference.catalog import default_catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.jobs import Job, Task
from geofm.inference.places import data_home, models_folders

CHIPS = ("patch_61808.tif", "patch_70975.tif", "patch_57755.tif")
MISSING = (0.0, 0.3)
LABELS = 15
QUIET = Context(lambda *_: None, lambda: None)
# What it is called, which layers it sees, and the model.
WAYS = (
    ("light alone, hand-made features", ("optical",), "spectral-texture"),
    ("light alone, galileo-nano", ("optical",), "galileo-nano"),
    ("radar alone, hand-made features", ("radar",), "spectral-texture"),
    ("both, hand-made features of each (late)", ("optical", "radar"), "spectral-texture"),
    ("both in one network, galileo-nano (early)", ("optical", "radar"), "galileo-nano"),
    ("both, galileo-nano+presto (early and late)", ("optical", "radar"), "galileo-nano+presto"),
)


def mean_f1(scene: FusionScene, found: np.ndarray, values: dict[int, str], where: np.ndarray) -> float:
    """Over the classes, of the pixels far from labels."""
    by_name = {name: value for value, name in CLASSES.items()}
    table = np.zeros(256, int)
    for value, name in values.items():
        table[value] = by_name[name]
    judged = scene.free & where
    true, told = scene.truth[judged], table[found[judged]]
    scores = []
    for value in CLASSES:
        right = ((true == value) & (told == value)).sum()
        scores.append(2 * right / max((true == value).sum() + (told == value).sum(), 1))
    return float(np.mean(scores))


def on_the_chip(path: Path, like: Path) -> np.ndarray:
    """A map in the chip's pixels: radar alone is mapped on its own grid."""
    with rasterio.open(like) as wanted, rasterio.open(path) as source:
        if source.crs == wanted.crs:
            return source.read(1)
        with rasterio.vrt.WarpedVRT(
            source, crs=wanted.crs, transform=wanted.transform, width=wanted.width, height=wanted.height
        ) as warped:
            return warped.read(1)


def measured(scene: FusionScene, folder: Path, services: Services, layers: tuple[str, ...], model: str):
    """Mean F1 everywhere, where radar was, and where it was missing."""
    inputs = tuple(getattr(scene, layer) for layer in layers)
    classifier, output = str(folder / "c.geofm"), folder / "map.tif"
    taught = run_job(Job(Task.TRAIN, inputs, classifier, model=model, samples=scene.labels), services, QUIET)
    run_job(Job(Task.CLASSIFY, inputs, str(output), classifier=classifier), services, QUIET)
    found = on_the_chip(output, Path(scene.optical.path))
    values = {info.value: info.name for info in taught.classes}
    everywhere = np.ones(found.shape, bool)
    parts = (everywhere, scene.seen, ~scene.seen)
    return [mean_f1(scene, found, values, part) if part.any() else np.nan for part in parts]


def main(chips: Path, count: int, side: int) -> None:
    store = Store(data_home(), models_folders(), offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))
    print("## Fusion\n")
    print(
        f"Mean F1 of three classes on {count} real Sentinel-2 chips of {side} x {side} pixels with a\n"
        "synthetic radar of another coordinate system and pixel size: two classes differ in the light of\n"
        "the chip, the third was planted in the radar alone. Taught with "
        f"{LABELS} squares of 3 x 3 pixels a class,\n"
        "drawn at random; scored on all pixels further than 3 pixels from any of them. Of the radar a part\n"
        "of the scene is missing (labels lie there too): a map of radar alone has no data there, which\n"
        "counts as wrong, and nobody can see the third class there. In brackets: where the radar is there,\n"
        "and where it is missing.\n"
    )
    print("| | nothing missing | 30 % of the radar missing |\n|---|---|---|")
    for name, layers, model in WAYS:
        cells = []
        for missing in MISSING:
            scores = []
            for seed, chip in enumerate(CHIPS[:count]):
                with tempfile.TemporaryDirectory() as folder:
                    scene = make_fusion_scene(Path(folder), chips / chip, missing, seed, LABELS, side)
                    scores.append(measured(scene, Path(folder), services, layers, model))
            whole, there, gone = np.mean(scores, axis=0)
            parts = "" if np.isnan(gone) else f" ({there:.2f}, {gone:.2f})"
            cells.append(f"{whole:.3f}{parts}")
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(int(text) for text in (sys.argv[2:] + ["3", "256"][len(sys.argv) - 2 :])))
