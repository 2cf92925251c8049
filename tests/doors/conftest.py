"""What the tests of the doors share: painted scenes, the toolbox, and qgis_process as a user has it.

A painted scene has three upright strips (water, forest, town), so that every test knows the right
map. Only tests that measure accuracy, or need a real sensor's bands, take the sample imagery.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal, ogr, osr
from qgis.core import QgsProcessingException, QgsProject

from geofm.algorithms.provider import register, unregister
from geofm.inference.client import close_shared_engine

ROOT = Path(__file__).resolve().parents[2]
COVERS = ("water", "forest", "town")
# Reflectance times 10000 of the three covers.
COLOURS = {
    "B02": (700, 250, 1600), "B03": (500, 450, 1700), "B04": (300, 300, 1900), "B08": (150, 3200, 2300),
}
NOISE = (20, 60, 250)
UTM = (500000.0, 10.0, 0.0, 5400000.0, 0.0, -10.0)


def _srs(code: int) -> osr.SpatialReference:
    made = osr.SpatialReference()
    made.ImportFromEPSG(code)
    made.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return made


def _strips(columns: int, rows: int) -> np.ndarray:
    """Which cover each pixel has: (rows, columns) of 0, 1, 2."""
    return np.broadcast_to(np.arange(columns) * len(COVERS) // columns, (rows, columns))


def _inside(box: tuple[int, int, int, int]) -> tuple[slice, slice]:
    """Rows and columns of (left, top, width, height)."""
    left, top, width, height = box
    return slice(top, top + height), slice(left, left + width)


Paint = Callable[..., Path]


@pytest.fixture(scope="session")
def paint() -> Paint:
    """``paint(path, ...)`` writes a scene; a band looks the same in whichever place it stands."""

    def write(
        path: Path, bands: tuple[str, ...] = tuple(COLOURS), size: tuple[int, int] = (120, 90),
        epsg: int = 32633, transform: tuple[float, ...] = UTM, nodata: int | None = None,
        hole: tuple[int, int, int, int] | None = None, built: tuple[int, int, int, int] | None = None,
    ) -> Path:
        columns, rows = size
        made = gdal.GetDriverByName("GTiff").Create(str(path), columns, rows, len(bands), gdal.GDT_UInt16)
        made.SetGeoTransform(transform)
        if epsg:
            made.SetSpatialRef(_srs(epsg))
        strips = _strips(columns, rows).copy()
        if built is not None:
            strips[_inside(built)] = COVERS.index("town")
        for index, name in enumerate(bands, 1):
            noise = np.random.default_rng(zlib.crc32(name.encode())).normal(0, 1, (rows, columns))
            values = np.take(COLOURS[name], strips) + noise * np.take(NOISE, strips)
            if hole is not None:
                values[_inside(hole)] = nodata
            band = made.GetRasterBand(index)
            band.SetDescription(name)
            if nodata is not None:
                band.SetNoDataValue(nodata)
            # Not WriteArray: QGIS's gdal_array and the tests' NumPy may not get on.
            band.WriteRaster(0, 0, columns, rows, values.round().clip(1).astype("<u2").tobytes())
        return path

    return write


@pytest.fixture(scope="session")
def points() -> Callable[[Path, Path], Path]:
    """``points(path, scene)`` writes labelled points: twelve of each cover, from all over its strip."""

    def write(path: Path, scene: Path) -> Path:
        data = gdal.Open(str(scene))
        strips = _strips(data.RasterXSize, data.RasterYSize)
        made = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
        layer = made.CreateLayer("points", data.GetSpatialRef(), ogr.wkbPoint)
        layer.CreateField(ogr.FieldDefn("cover", ogr.OFTString))
        chosen = np.random.default_rng(7)
        for index, cover in enumerate(COVERS):
            for spot in chosen.choice(np.flatnonzero(strips == index), 12, replace=False):
                row, column = divmod(int(spot), data.RasterXSize)
                x, y = gdal.ApplyGeoTransform(data.GetGeoTransform(), column + 0.5, row + 0.5)
                feature = ogr.Feature(layer.GetLayerDefn())
                feature.SetField("cover", cover)
                feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POINT ({x} {y})"))
                layer.CreateFeature(feature)
        return path

    return write


@dataclass(frozen=True)
class ClassMap:
    """A class map as it lies on the disk.

    Attributes:
        names: name of each value.
        values: (rows, columns).
        grid: transform and EPSG code (None for no CRS).
        nodata: the declared value.
    """

    names: tuple[str, ...]
    values: np.ndarray
    grid: tuple[tuple[float, ...], str | None]
    nodata: float

    def right(self) -> float:
        """Share of the pixels with data that show what was painted there."""
        rows, columns = self.values.shape
        shown = np.array(self.names, object)[self.values]
        seen = self.values != self.nodata
        return float((shown == np.take(COVERS, _strips(columns, rows)))[seen].mean())


@pytest.fixture(scope="session")
def read_map() -> Callable[[str | Path], ClassMap]:
    def read(path: str | Path) -> ClassMap:
        data = gdal.Open(str(path))
        data.GetMetadata()  # GDAL 3.6 reads the names only after something else was asked for
        band = data.GetRasterBand(1)
        values = np.frombuffer(data.ReadRaster(), np.uint8).reshape(data.RasterYSize, data.RasterXSize)
        crs = data.GetSpatialRef()
        grid = data.GetGeoTransform(), crs.GetAuthorityCode(None) if crs else None
        return ClassMap(tuple(band.GetCategoryNames() or ()), values, grid, band.GetNoDataValue())

    return read


@pytest.fixture(scope="session", autouse=True)
def nothing_outlives_qgis(qgis_app: Any) -> Iterator[None]:
    """What errors remember of where they were raised holds layers, which go while QGIS is still there."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def processing(qgis_processing: Any, engine_python: Path) -> Iterator[Any]:
    """QGIS's own ``processing`` with our provider, and one warm engine for the whole file."""
    import processing
    from processing.gui import Postprocessing

    provider = register()
    with pytest.MonkeyPatch.context() as patch:
        # The interface that pytest-qgis makes has no tree of layers, which newer QGIS would take.
        patch.setattr(Postprocessing, "iface", None, raising=False)
        yield processing
    close_shared_engine()
    unregister(provider)


@pytest.fixture
def toolbox(processing: Any) -> Iterator[Any]:
    from processing.core.ProcessingConfig import ProcessingConfig

    # Else a layer is called by its file, unless that lies in the system's temporary folder.
    ProcessingConfig.setSettingValue(ProcessingConfig.PREFER_FILENAME_AS_LAYER_NAME, False)
    yield processing
    QgsProject.instance().clear()


@pytest.fixture
def refused(toolbox: Any, log: Any) -> Callable[..., str]:
    """The one sentence (and its hint) with which an algorithm refuses."""

    def run(algorithm: str, **values: Any) -> str:
        with pytest.raises(QgsProcessingException) as caught:
            toolbox.run(f"geofm:{algorithm}", values, feedback=log)
        sentence = str(caught.value).replace("Unable to execute algorithm\n", "")
        assert "\n" not in sentence
        assert "Traceback" not in sentence
        assert "did not expect" not in sentence
        return sentence

    return run


@pytest.fixture(scope="module")
def taught(processing: Any, paint: Paint, points: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of the three covers."""
    folder = tmp_path_factory.mktemp("taught")
    scene = paint(folder / "scene.tif")
    values = {
        "INPUT": [str(scene)], "SAMPLES": str(points(folder / "points.gpkg", scene)), "FIELD": "cover",
        "MODEL": "spectral-texture", "METHOD": "fast", "OUTPUT": str(folder / "covers.geofm"),
    }
    return Path(processing.run("geofm:trainclassifier", values)["OUTPUT"])


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
def agreement(read_map: Callable[..., ClassMap]) -> Callable[[Path, Path], float]:
    """Overall accuracy of a class map inside polygons that were not learned from."""

    def measure(class_map: Path, polygons: Path) -> float:
        mapped = gdal.Open(str(class_map))
        names = read_map(class_map).names
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
def qgis_binary() -> str:
    # Debian's script passes an empty option on, which some versions refuse.
    found = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
    return found or pytest.skip("needs qgis_process")


@pytest.fixture(scope="session")
def qgis_process(
    qgis_binary: str, door_environment: dict[str, str], engine_python: Path
) -> QgisProcess:
    """``qgis_process(*arguments)`` in a scratch profile, with the plugin enabled."""

    def call(*arguments: object) -> Answer:
        done = subprocess.run(
            [qgis_binary, *map(str, arguments)], env=door_environment, capture_output=True, text=True,
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
