"""What the tests of the doors share: qgis_process as a user has it, and a scene split in two."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal, ogr

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Landsat:
    """The labelled scene; of each class every third polygon is left out of ``learn``."""

    scene: Path
    later: Path
    polygons: Path
    learn: Path
    ask: Path


@pytest.fixture(scope="session")
def landsat(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Landsat:
    folder = samples / "landsat7-two-dates"
    polygons = folder / "training_data.shp"
    source = ogr.Open(str(polygons))
    by_class: dict[str, list[int]] = {}
    for feature in source.GetLayer():
        by_class.setdefault(feature.GetField("class"), []).append(feature.GetFID())
    ask = {fid for members in by_class.values() for fid in members[1::3]}
    learn = {fid for members in by_class.values() for fid in members} - ask
    made = tmp_path_factory.mktemp("split")
    for name, chosen in (("learn", learn), ("ask", ask)):
        listed = ",".join(map(str, sorted(chosen)))
        gdal.VectorTranslate(
            str(made / f"{name}.gpkg"), str(polygons), format="GPKG", layerName="polygons",
            SQLStatement=f"SELECT * FROM training_data WHERE FID IN ({listed})",
        )
    return Landsat(
        folder / "LE70220491999322EDC01_stack.gtif", folder / "LE70220492002106EDC00_stack.gtif",
        polygons, made / "learn.gpkg", made / "ask.gpkg",
    )


@pytest.fixture(scope="session")
def agreement() -> Callable[[Path, Path], float]:
    """Overall accuracy of a class map inside polygons that were not learned from."""

    def measure(class_map: Path, polygons: Path) -> float:
        mapped = gdal.Open(str(class_map))
        names = mapped.GetRasterBand(1).GetCategoryNames()
        truth = gdal.GetDriverByName("MEM").Create("", mapped.RasterXSize, mapped.RasterYSize, 1)
        truth.SetGeoTransform(mapped.GetGeoTransform())
        truth.SetProjection(mapped.GetProjection())
        source = ogr.Open(str(polygons))
        for name in {feature.GetField("class") for feature in source.GetLayer()}:
            layer = source.GetLayer()
            layer.SetAttributeFilter(f"class = '{name}'")
            gdal.RasterizeLayer(truth, [1], layer, burn_values=[names.index(name)])
            layer.SetAttributeFilter(None)
        pairs = [(t, m) for t, m in zip(truth.ReadRaster(), mapped.ReadRaster()) if t]
        return sum(t == m for t, m in pairs) / len(pairs)

    return measure


@dataclass(frozen=True)
class Answer:
    """What qgis_process answered."""

    code: int
    out: str
    err: str

    @property
    def results(self) -> dict[str, Any]:
        return json.loads(self.out[self.out.index("{") :])["results"]


QgisProcess = Callable[..., Answer]


@pytest.fixture(scope="session")
def door_environment(
    plugins: Path, scratch_environment: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """A user's environment with a profile of its own, in which nothing is enabled yet."""
    home = tmp_path_factory.mktemp("home")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "QGIS_"))}
    return {
        **clean,
        "HOME": str(home),
        "QGIS_CUSTOM_CONFIG_PATH": str(home / "profile"),
        "QGIS_PLUGINPATH": str(plugins),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
    }


@pytest.fixture(scope="session")
def qgis_process(door_environment: dict[str, str], engine_python: Path) -> QgisProcess:
    """``qgis_process(*arguments)`` in a scratch profile, with the plugin enabled."""
    # Debian's script passes an empty option on, which some versions refuse.
    binary = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
    if binary is None:
        pytest.skip("needs qgis_process")

    def call(*arguments: object) -> Answer:
        done = subprocess.run(
            [binary, *map(str, arguments)], env=door_environment, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=280, check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    enabled = call("plugins", "enable", "geofm")
    assert enabled.code == 0, enabled.out + enabled.err
    return call


@pytest.fixture(scope="session")
def run_algorithm(qgis_process: QgisProcess) -> Callable[..., dict[str, Any]]:
    """Run an algorithm with ``NAME=value``; a list repeats the parameter."""

    def run(algorithm: str, **values: object) -> dict[str, Any]:
        given = [
            f"--{name}={value}"
            for name, listed in values.items()
            for value in (listed if isinstance(listed, list) else [listed])
        ]
        answer = qgis_process("--json", "run", algorithm, *given)
        assert answer.code == 0, answer.out + answer.err
        return answer.results

    return run


@pytest.fixture(scope="session")
def script(door_environment: dict[str, str], plugins: Path, engine_python: Path) -> Callable[..., Answer]:
    """Run Python code as a user's stand-alone PyQGIS script; arguments arrive in sys.argv."""

    def run(code: str, *arguments: object) -> Answer:
        paths = [str(plugins), "/usr/share/qgis/python/plugins"]
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            env={**door_environment, "PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=280, check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    return run
