"""QGIS with a story told in it; and a scene: two Landsat dates with labelled polygons, real ones if here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal, ogr, osr

PROFILE = """[PythonPlugins]
geofm=true
processing=true

[qgis]
checkVersion=false
showTips=false

[app]
minTaskLengthForSystemNotification=1000
"""

SIDE, PIXEL, WEST, NORTH = 250, 30.0, 462405.0, 1741815.0
DATES = {"LE70220491999322EDC01_stack.gtif": 1, "LE70220492002106EDC00_stack.gtif": 2}
SAMPLES = "training_data.shp"
BANDS = [f"band {number} reflectance" for number in (1, 2, 3, 4, 5, 7)] + ["band 6 temperature", "Band 8"]
# Reflectance times 10000 in the six bands, as land covers have it about.
SPECTRA = {
    "barren": (1100, 1400, 1900, 2500, 3300, 2700),
    "forest": (400, 600, 400, 3000, 1300, 500),
    "herbaceous": (600, 900, 700, 3800, 2400, 1200),
    "urban": (1400, 1600, 1800, 2200, 2300, 2000),
    "water": (700, 600, 400, 200, 100, 60),
}


# Seconds that a story may take: a full set-up takes minutes, on a busy machine many. One step of it has less.
LONGEST = 1500


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(LONGEST + 100))


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where the stories' pictures stay; those of earlier runs are gone."""
    folder = Path(__file__).resolve().parents[2] / "build" / "screenshots"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


@pytest.fixture(scope="session")
def told(
    tmp_path_factory: pytest.TempPathFactory, engine_python: Path, plugins: Path, pictures: Path
) -> Callable[..., dict[str, Any]]:
    """Start QGIS with a profile of its own, let a story be told in it, answer what it saw."""

    def tell(story: str, package: Path | None = None, **about: object) -> dict[str, Any]:
        """What a story saw; with ``package``, in a QGIS that knows nothing but this zip of the plugin.

        ``crowded`` is how many programs shared a core, at least 1: times are bounded as on a machine
        that has nothing else to do.
        """
        qgis, _ = _needs("qgis"), _needs("xdotool")
        scratch = tmp_path_factory.mktemp("desktop")
        ini = scratch / "profile" / "profiles" / "default" / "QGIS" / "QGIS3.ini"
        ini.parent.mkdir(parents=True)
        ini.write_text(PROFILE, encoding="utf-8")
        for folder in ("home", "run", "geofm"):
            (scratch / folder).mkdir(mode=0o700)
        environment = {
            **os.environ,
            "HOME": str(scratch / "home"),
            "XDG_RUNTIME_DIR": str(scratch / "run"),
            "QGIS_CUSTOM_CONFIG_PATH": str(scratch / "profile"),
            "QGIS_PLUGINPATH": str(plugins),
            "GEOFM_HOME": str(scratch / "geofm"),
            "STORY_FOLDER": str(Path(__file__).parent),
            "STORY_PICTURES": str(pictures),
            "STORY_REPORT": str(scratch / "report.json"),
            **{name: str(value) for name, value in about.items()},
        }
        environment.pop("QT_QPA_PLATFORM", None)
        if package is not None:
            with zipfile.ZipFile(package) as archive:
                archive.extractall(ini.parents[1] / "python" / "plugins")
            for name in ("QGIS_PLUGINPATH", "GEOFM_PYTHON", "GEOFM_MODELS"):
                environment.pop(name, None)
        command = [qgis, "--nologo", "--noversioncheck", "--code", str(Path(__file__).with_name(story))]
        if not environment.get("DISPLAY"):
            command = [_needs("xvfb-run"), "-a", "-s", "-screen 0 1400x900x24", *command]
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False
        )
        report = scratch / "report.json"
        assert report.exists(), f"QGIS ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}"
        seen: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        assert seen["failure"] == "", json.dumps(seen, indent=2)
        crowded = max(1.0, max(os.getloadavg()[:2]) / (os.cpu_count() or 1))
        return {**seen, "returncode": ended.returncode, "stderr": ended.stderr[-3000:], "crowded": crowded}

    return tell


def _needs(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"needs {program}: run `make setup`")
    return found


@pytest.fixture(scope="module")
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of its own with the scene, for QGIS writes its statistics beside a raster.

    Without the sample imagery it is a made scene of the same names, grid and bands.
    """
    folder = tmp_path_factory.mktemp("scene")
    try:
        found = request.getfixturevalue("samples") / "landsat7-two-dates"
    except pytest.skip.Exception:
        _make(folder)
    else:
        for name in os.listdir(found):
            shutil.copyfile(found / name, folder / name)
    return folder


def _make(folder: Path) -> None:
    random = np.random.default_rng(20)
    cover = _patches(random)
    for name, date in DATES.items():
        if date == 2:
            cover = cover.copy()
            cover[60:110, 140:200] = list(SPECTRA).index("barren")
        _write_scene(folder / name, cover, random)
    _write_samples(folder / SAMPLES, cover, random)


def _patches(random: np.random.Generator) -> np.ndarray:
    """A class for each pixel, in blocks of ten by ten."""
    coarse = random.integers(0, len(SPECTRA), (SIDE // 10, SIDE // 10))
    return np.kron(coarse, np.ones((10, 10), dtype=int))


def _write_scene(path: Path, cover: np.ndarray, random: np.random.Generator) -> None:
    raster = gdal.GetDriverByName("GTiff").Create(str(path), SIDE, SIDE, len(BANDS), gdal.GDT_Int16)
    raster.SetGeoTransform((WEST, PIXEL, 0.0, NORTH, 0.0, -PIXEL))
    raster.SetProjection(_crs().ExportToWkt())
    spectra = np.array(list(SPECTRA.values()))
    for number, title in enumerate(BANDS, 1):
        values = np.full((SIDE, SIDE), 2700 if number == 7 else 0)
        if number <= spectra.shape[1]:
            values = spectra[cover, number - 1] + random.normal(0, 60, cover.shape)
        raster.GetRasterBand(number).WriteArray(values.clip(0).astype(np.int16))
        raster.GetRasterBand(number).SetDescription(title)


def _write_samples(path: Path, cover: np.ndarray, random: np.random.Generator) -> None:
    """Six squares of four by four pixels a class."""
    source = ogr.GetDriverByName("ESRI Shapefile").CreateDataSource(str(path))
    layer = source.CreateLayer("training_data", _crs(), ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("class", ogr.OFTString))
    for index, name in enumerate(SPECTRA):
        rows, cols = np.nonzero(cover[3::10, 3::10] == index)
        for at in random.choice(len(rows), 6, replace=False):
            west, north = WEST + PIXEL * (10 * cols[at] + 3), NORTH - PIXEL * (10 * rows[at] + 3)
            east, south = west + 4 * PIXEL, north - 4 * PIXEL
            feature = ogr.Feature(layer.GetLayerDefn())
            feature.SetField("class", name)
            ring = f"{west} {north}, {east} {north}, {east} {south}, {west} {south}, {west} {north}"
            feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON (({ring}))"))
            layer.CreateFeature(feature)


def _crs() -> osr.SpatialReference:
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32615)
    return crs
