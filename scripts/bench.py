"""Measures accuracy and speed through the real doors into docs/benchmarks.md: `make bench`.

Accuracy: `qgis_process run geofm:trainclassifier` and `geofm:classify` on the Landsat scene with
labelled polygons, a third of the polygons of each class left out, five times. Change: see
bench_change.py. Windows and number formats of Galileo: see bench_precision.py. Speed: the whole
path from file to file, and the bare encoder fed from memory as the bound.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from osgeo import gdal, ogr

gdal.UseExceptions()

ROOT = Path(__file__).resolve().parents[1]
SEEDS = (0, 1, 2, 3, 4)
MODELS = ("spectral-texture", "galileo-nano")
SIDE = 1024  # of the scene for the speed, in pixels
REPEATS = 3

BARE_ENCODER = """
import sys, time
import numpy as np, torch
from geofm.inference.bands import SENTINEL2
from geofm.inference.catalog import default_catalog
from geofm.inference.engine.backbones.galileo import Galileo
from geofm.inference.engine.base import Scene, WindowBatch
from pathlib import Path
weights, windows, repeats = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
encoder = Galileo.load(default_catalog().get("galileo-nano"), weights, "cpu")
names = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
bands = tuple(SENTINEL2[name] for name in names)
side, batch = encoder.window, 64
pixels = np.random.default_rng(0).uniform(0, 0.5, (batch, len(bands), side, side)).astype(np.float32)
chosen = encoder.select(bands)
given = WindowBatch(pixels[:, list(chosen)], np.ones((batch, side, side), bool),
                    tuple(bands[i] for i in chosen), Scene(10.0))
encoder.encode(given)
times = []
for _ in range(repeats):
    start = time.perf_counter()
    for _ in range(windows // batch):
        encoder.encode(given)
    times.append(time.perf_counter() - start)
print((windows // batch) * batch * side * side / min(times), torch.get_num_threads())
"""


@dataclass(frozen=True)
class Run:
    """What one algorithm answered through qgis_process."""

    pixels: float
    seconds: float
    device: str


def qgis_process(algorithm: str, **parameters: object) -> Run:
    """Run an algorithm as a user would in a shell.

    Raises:
        RuntimeError: with the end of its output.
    """
    command = ["qgis_process", "run", algorithm, "--"]
    command += [f"{name}={value}" for name, value in parameters.items()]
    done = subprocess.run(command, capture_output=True, text=True)
    answers = dict(re.findall(r"^(\w+):\t(.*)$", done.stdout, re.M))
    if done.returncode or "PIXELS" not in answers:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
    return Run(float(answers["PIXELS"]), float(answers["SECONDS"]), answers["DEVICE_USED"])


# --- accuracy ---------------------------------------------------------------------------------


def classes_of(polygons: Path, field: str) -> dict[int, str]:
    """The class of each polygon by its feature number."""
    source = ogr.Open(str(polygons))  # kept: layers and features do not outlive it
    return {feature.GetFID(): feature.GetField(field) for feature in source.GetLayer()}


def split(polygons: Path, field: str, seed: int, folder: Path) -> tuple[Path, Path]:
    """Deal the polygons of each class into two thirds to learn from and a third to ask about."""
    known = classes_of(polygons, field)
    chance = np.random.default_rng(seed)
    asked = set()
    for name in sorted(set(known.values())):
        shuffled = chance.permutation([fid for fid in known if known[fid] == name])
        asked |= {int(fid) for fid in shuffled[: max(1, round(len(shuffled) / 3))]}
    paths = (folder / f"learn-{seed}.gpkg", folder / f"ask-{seed}.gpkg")
    for path, chosen in zip(paths, (set(known) - asked, asked)):
        listed = ",".join(map(str, sorted(chosen)))
        gdal.VectorTranslate(
            str(path), str(polygons), format="GPKG", layerName="polygons",
            SQLStatement=f'SELECT * FROM "{polygons.stem}" WHERE FID IN ({listed})',
        )
    return paths


def confusion(class_map: Path, polygons: Path, field: str, names: list[str]) -> np.ndarray:
    """Pixels by true class (rows) and mapped class (columns), of pixels inside the polygons."""
    made = gdal.Open(str(class_map))
    mapped = made.ReadAsArray()
    table = made.GetRasterBand(1).GetDefaultRAT()
    values = {table.GetValueAsString(i, 1): table.GetValueAsInt(i, 0) for i in range(table.GetRowCount())}
    matrix = np.zeros((len(names), len(names)), np.int64)
    source = ogr.Open(str(polygons))
    for row, name in enumerate(names):
        layer = source.GetLayer()
        layer.SetAttributeFilter(f"\"{field}\" = '{name}'")
        burned = gdal.GetDriverByName("MEM").Create("", made.RasterXSize, made.RasterYSize, 1, gdal.GDT_Byte)
        burned.SetGeoTransform(made.GetGeoTransform())
        burned.SetProjection(made.GetProjection())
        gdal.RasterizeLayer(burned, [1], layer, burn_values=[1])
        found = mapped[burned.ReadAsArray() == 1]
        for col, other in enumerate(names):
            matrix[row, col] += int((found == values[other]).sum())
    return matrix


def accuracy(samples: Path, folder: Path) -> str:
    """The report's section on accuracy."""
    scene = samples / "landsat7-two-dates" / "LE70220491999322EDC01_stack.gtif"
    polygons, field = samples / "landsat7-two-dates" / "training_data.shp", "class"
    names = sorted(set(classes_of(polygons, field).values()))
    sums: dict[str, list[np.ndarray]] = {model: [] for model in MODELS}
    for seed in SEEDS:
        learn, ask = split(polygons, field, seed, folder)
        for model in MODELS:
            classifier, out = folder / f"{model}-{seed}.geofm", folder / f"{model}-{seed}.tif"
            given = {"SAMPLES": learn, "FIELD": field, "MODEL": model}
            qgis_process("geofm:trainclassifier", INPUT=scene, OUTPUT=classifier, **given)
            qgis_process("geofm:classify", INPUT=scene, CLASSIFIER=classifier, OUTPUT=out)
            sums[model].append(confusion(out, ask, field, names))
            print(f"split {seed}, {model}: overall accuracy {overall(sums[model][-1]):.3f}", flush=True)
    return accuracy_text(sums, names, polygons, field)


def overall(matrix: np.ndarray) -> float:
    """Share of pixels on the diagonal."""
    return float(np.trace(matrix) / matrix.sum())


def macro_f1(matrix: np.ndarray) -> float:
    """Mean over classes of the harmonic mean of producer's and user's accuracy."""
    hits = np.diag(matrix)
    return float(np.mean(2 * hits / np.maximum(matrix.sum(0) + matrix.sum(1), 1)))


ACCURACY_TEXT = """## Land cover of a Landsat 7 scene

Scene: Landsat 7 ETM+, 18 November 1999, 250 x 250 pixels of 30 m (the six optical bands, the thermal
one and the mask band, as they come in the file). Labels: {count} hand-drawn polygons ({counts}).
A third of the polygons of each class (at least one) is left out of `geofm:trainclassifier` (default
method) and judges the map of `geofm:classify`, both through `qgis_process`. {splits} such splits, made
with the seeds {seeds}; a pixel counts if its centre lies in a polygon that was left out. The matrices
add up the splits. `galileo-nano` gets the optical bands as the Sentinel-2 bands nearest in wavelength;
it was not made for Landsat. Its features are joined to those of `spectral-texture`.

| model | overall accuracy, mean (lowest to highest split) | mean F1 of the classes |
|---|---|---|
{rows}"""


def accuracy_text(sums: dict[str, list[np.ndarray]], names: list[str], polygons: Path, field: str) -> str:
    """The splits, the accuracies and the confusion matrices as Markdown."""
    labels = list(classes_of(polygons, field).values())
    rows = []
    for model, matrices in sums.items():
        shares = [overall(matrix) for matrix in matrices]
        spread = f"{np.mean(shares):.3f} ({min(shares):.3f} to {max(shares):.3f})"
        rows.append(f"| {model} | {spread} | {np.mean([macro_f1(matrix) for matrix in matrices]):.3f} |")
    text = ACCURACY_TEXT.format(
        count=len(labels),
        counts=", ".join(f"{labels.count(name)} {name}" for name in names),
        splits=len(SEEDS),
        seeds=", ".join(map(str, SEEDS)),
        rows="\n".join(rows),
    )
    return "\n\n".join([text, *(matrix_text(model, np.sum(m, axis=0), names) for model, m in sums.items())])


def matrix_text(model: str, total: np.ndarray, names: list[str]) -> str:
    """A confusion matrix with producer's and user's accuracies as Markdown."""
    lines = [f"Confusion of {model}, pixels; rows are the truth, columns the map:", ""]
    lines += ["| | " + " | ".join(names) + " | producer's |", "|---|" + "---|" * (len(names) + 1)]
    for row, name in enumerate(names):
        share = total[row, row] / max(total[row].sum(), 1)
        lines.append(f"| {name} | " + " | ".join(map(str, total[row])) + f" | {share:.2f} |")
    users = " | ".join(f"{share:.2f}" for share in np.diag(total) / np.maximum(total.sum(0), 1))
    lines.append(f"| user's | {users} | {overall(total):.3f} |")
    return "\n".join(lines)


# --- speed ------------------------------------------------------------------------------------


def large_scene(chip: Path, target: Path) -> None:
    """Repeat a Sentinel-2 chip to a scene of SIDE x SIDE pixels with named bands."""
    source = gdal.Open(str(chip))
    pixels = source.ReadAsArray()
    times = -(-SIDE // pixels.shape[1])
    pixels = np.tile(pixels, (1, times, times))[:, :SIDE, :SIDE]
    names = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
    driver = gdal.GetDriverByName("GTiff")
    made = driver.Create(str(target), SIDE, SIDE, len(names), gdal.GDT_UInt16, ["TILED=YES"])
    made.SetGeoTransform(source.GetGeoTransform())
    made.SetProjection(source.GetProjection())
    for index, name in enumerate(names, 1):
        made.GetRasterBand(index).SetDescription(name)
        made.GetRasterBand(index).WriteArray(pixels[index - 1])


def in_the_engine(*arguments: object) -> str:
    """What a script prints that the engine's Python runs, with the package in reach.

    Raises:
        RuntimeError: with the end of its errors.
    """
    python = Path(os.environ["GEOFM_HOME"]) / "engine" / "bin" / "python"
    command = [str(python), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT / "build" / "plugins")
    if done.returncode:
        raise RuntimeError(done.stderr[-1500:])
    return done.stdout


def bare_encoder(models: Path) -> float:
    """Pixels a second of galileo-nano alone, fed from memory."""
    weights = models / "galileo-nano" / "encoder.pt"
    return float(in_the_engine("-c", BARE_ENCODER, weights, (SIDE // 16) ** 2, REPEATS).split()[0])


SPEED_TEXT = """## Speed

{side} x {side} pixels of Sentinel-2 (12 bands, 10 m), from file to finished file as the run reports it:
loading the model, reading, computing, writing; the best of {repeats}. The bound is `galileo-nano` alone
(its own windows, patch 4, float32, batch 64) fed from memory: {bound:,.0f} pixels a second on the
same cores. Compare the ratios; the rates are this machine's.

| model | task | pixels a second | of the bare galileo-nano |
|---|---|---|---|
{rows}"""


def speed(samples: Path, models: Path, folder: Path) -> str:
    """The report's section on speed."""
    scene = folder / "large.tif"
    large_scene(samples / "sentinel2-chips" / "patch_57755.tif", scene)
    bound = bare_encoder(models)
    rows = []
    for model in MODELS:
        for task, extra in (("embed", {}), ("cluster", {"CLASSES": 6})):
            given = {"INPUT": scene, "MODEL": model, **extra}
            outputs = [folder / f"{model}-{task}-{repeat}.tif" for repeat in range(REPEATS)]
            runs = [qgis_process(f"geofm:{task}", OUTPUT=output, **given) for output in outputs]
            rate = max(run.pixels / run.seconds for run in runs)
            rows.append(f"| {model} | {task} | {rate:,.0f} | {rate / bound:.2f} |")
            print(rows[-1], flush=True)
    return SPEED_TEXT.format(side=SIDE, repeats=REPEATS, bound=bound, rows="\n".join(rows))


def main() -> int:
    """Measure and write docs/benchmarks.md; needs the development data."""
    samples, models = os.environ.get("GEOFM_SAMPLES"), os.environ.get("GEOFM_MODELS")
    if not samples or not models:
        print("The benchmarks need GEOFM_SAMPLES and GEOFM_MODELS; see CONTRIBUTING.md.", file=sys.stderr)
        return 1
    weights = next(f for f in map(Path, models.split(os.pathsep)) if (f / "galileo-nano").is_dir())
    with tempfile.TemporaryDirectory() as scratch:
        parts = [
            accuracy(Path(samples), Path(scratch)),
            in_the_engine(ROOT / "scripts/bench_change.py", Path(samples) / "sentinel2-chips").strip(),
            in_the_engine(
                ROOT / "scripts/bench_precision.py", samples, weights / "galileo-nano" / "encoder.pt"
            ).strip(),
            speed(Path(samples), weights, Path(scratch)),
        ]
    head = (
        "# Benchmarks\n\n"
        f"Made by `make bench` on {os.cpu_count()} CPU cores ({platform.machine()}), without a GPU; GDAL "
        f"{gdal.__version__} on the QGIS side.\n"
    )
    (ROOT / "docs" / "benchmarks.md").write_text("\n\n".join([head.strip(), *parts]) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
