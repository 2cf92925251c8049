"""Measures land cover on polygons that were left out; prints a section of docs/benchmarks.md.

usage: bench_accuracy.py FOLDER-OF-SAMPLES   (run with QGIS's Python)

`qgis_process run geofm:trainclassifier` and `geofm:classify` on the Landsat scene with labelled
polygons, a third of the polygons of each class left out, five times.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from osgeo import gdal, ogr

gdal.UseExceptions()

SEEDS = (0, 1, 2, 3, 4)
MODELS = ("spectral-texture", "galileo-nano")


def qgis_process(algorithm: str, **parameters: object) -> None:
    """Run an algorithm as a user would in a shell.

    Raises:
        RuntimeError: with the end of its output.
    """
    command = ["qgis_process", "run", algorithm, "--"]
    command += [f"{name}={value}" for name, value in parameters.items()]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode or not re.search(r"^PIXELS:\t", done.stdout, re.M):
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout[-1500:]}{done.stderr[-1500:]}")


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
            found = overall(sums[model][-1])
            print(f"split {seed}, {model}: overall accuracy {found:.3f}", file=sys.stderr)
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


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        print(accuracy(Path(sys.argv[1]), Path(scratch)))
