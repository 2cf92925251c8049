"""The scenes of the demo: real ones from GEOFM_SAMPLES, else one that comes with a Debian package."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from osgeo import gdal, ogr, osr

gdal.UseExceptions()

PACKAGE = "r-cran-stars"
POINTS_A_CLASS = 40
_NAMES = ("blue", "green", "red", "nir", "swir16", "swir22")
SQUARE = 14  # side of a planted change, in pixels
SEED = 7


@dataclass(frozen=True)
class Scenes:
    """What the demo maps, and what is to be said about it.

    Attributes:
        before, after: rasters of two dates on one grid.
        dates: ISO dates of the two, empty if unknown.
        names: a word for each date, for titles.
        samples, field: labelled places in ``before`` and the attribute with the class.
        clouds, cloud_model: the raster to look for clouds in, and the model fit for it.
        fmask: band of ``clouds`` with an independent cloud mask (2 shadow, 4 cloud), 0 for none.
        sentinel2: a Sentinel-2 raster with 12 bands, None if there is none.
        planted: where the second date was changed by us, 1 inside; None for a real second date.
        labels_by_rule: whether rules on spectral indices placed the labels, not people.
        remarks: sentences that must not be left unsaid.
    """

    before: Path
    after: Path
    dates: tuple[str, str]
    names: tuple[str, str]
    samples: Path
    field: str
    clouds: Path
    cloud_model: str
    fmask: int
    sentinel2: Path | None
    planted: np.ndarray | None
    labels_by_rule: bool
    remarks: tuple[str, ...]


def find(folder: Path) -> Scenes:
    """The best scenes at hand; what has to be made goes to ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = os.environ.get("GEOFM_SAMPLES", "")
    if samples and (Path(samples) / "landsat7-two-dates").is_dir():
        return _shared(Path(samples))
    return _packaged(folder)


def _shared(samples: Path) -> Scenes:
    landsat = samples / "landsat7-two-dates"
    chip = samples / "sentinel2-chips" / "patch_57755.tif"
    after = landsat / "LE70220492002106EDC00_stack.gtif"
    return Scenes(
        before=landsat / "LE70220491999322EDC01_stack.gtif",
        after=after,
        dates=("1999-11-18", "2002-04-16"),
        names=("1999", "2002"),
        samples=landsat / "training_data.shp",
        field="class",
        clouds=after,
        cloud_model="ukis-csmask",
        fmask=8,
        sentinel2=chip if chip.exists() else None,
        planted=None,
        labels_by_rule=False,
        remarks=(
            "The scenes are Landsat 7 of 1999 and 2002 and Sentinel-2, the labels 30 hand-drawn polygons.",
        ),
    )


def _packaged(folder: Path) -> Scenes:
    scene = folder / "etm_olinda.tif"
    samples, after = folder / "labels.gpkg", folder / "etm_olinda_planted.tif"
    _to_reflectance(_unpack(folder), scene)
    image = read(scene)
    _write_labels(image, scene, samples)
    planted = _plant(image, scene, after)
    return Scenes(
        before=scene,
        after=after,
        dates=("", ""),
        names=("Olinda", "Olinda with planted changes"),
        samples=samples,
        field="class",
        clouds=scene,
        cloud_model="ukis-csmask-l1c",
        fmask=0,
        sentinel2=None,
        planted=planted,
        labels_by_rule=True,
        remarks=(
            f"GEOFM_SAMPLES is not set: the scene is the Landsat 7 image of Olinda in Debian's {PACKAGE}.",
            "Its digital numbers are brought to reflectance with the nominal gains of the Landsat 7 handbook "
            "and a sun elevation of 50 degrees, which is a guess: its values are approximate.",
            f"Nobody labelled it: the {POINTS_A_CLASS} points a class that teach the map were placed by "
            "rules on spectral indices, so that the map shows how teaching works, not how right it is.",
            "There is only one date: the second was made from it by planting known changes.",
        ),
    )


def read(path: Path) -> np.ndarray:
    """All bands of a raster, (bands, rows, cols) float32."""
    return gdal.Open(str(path)).ReadAsArray().astype(np.float32)


def read_classes(path: str | Path, band: int = 1) -> np.ndarray:
    """One band of a class map, (rows, cols)."""
    raster = gdal.Open(str(path))  # kept: a band does not outlive its raster
    return raster.GetRasterBand(band).ReadAsArray()


def write_like(
    template: Path,
    target: Path,
    image: np.ndarray,
    nodata: float | None = None,
    names: Sequence[str] = (),
) -> None:
    """Write (bands, rows, cols) on the grid of ``template``, with its band names or with ``names``."""
    source = gdal.Open(str(template))
    bands, rows, cols = image.shape
    made = gdal.GetDriverByName("GTiff").Create(
        str(target), cols, rows, bands, gdal.GDT_Float32, ["COMPRESS=DEFLATE", "PREDICTOR=3"]
    )
    made.SetGeoTransform(source.GetGeoTransform())
    made.SetProjection(source.GetProjection())
    for index in range(1, bands + 1):
        band = made.GetRasterBand(index)
        band.SetDescription(names[index - 1] if names else source.GetRasterBand(index).GetDescription())
        if nodata is not None:
            band.SetNoDataValue(nodata)
        band.WriteArray(image[index - 1])
    made.FlushCache()


def _widened(mask: np.ndarray) -> np.ndarray:
    padded = np.pad(mask, 1)
    rows, cols = mask.shape
    shifts = [padded[r : r + rows, c : c + cols] for r in range(3) for c in range(3)]
    return np.logical_or.reduce(shifts)


# --- the scene of a Debian package ------------------------------------------------------------

# Radiance at the lowest and highest digital number (W/m2/sr/um; band 4 in low gain, the others
# in high gain, as usual over land) and solar irradiance (W/m2/um): Landsat 7 Science Data Users
# Handbook, tables 11.2 and 11.3.
_RADIANCE = ((-6.2, 191.6), (-6.4, 196.5), (-5.0, 152.9), (-5.1, 241.1), (-1.0, 31.06), (-0.35, 10.80))
_IRRADIANCE = (1997.0, 1812.0, 1533.0, 1039.0, 230.8, 84.90)
_SUN_ELEVATION = 50.0


def _unpack(folder: Path) -> Path:
    found = next(folder.rglob("L7_ETMs.tif"), None)
    if found is None:
        subprocess.run(["apt-get", "-q", "download", PACKAGE], cwd=folder, check=True, capture_output=True)
        archive = next(folder.glob(f"{PACKAGE}_*.deb"))
        subprocess.run(["dpkg", "-x", str(archive), str(folder / "package")], check=True)
        archive.unlink()
        found = next(folder.rglob("L7_ETMs.tif"))
    return found


def _to_reflectance(source: Path, target: Path) -> None:
    numbers = read(source)
    image = np.empty_like(numbers)
    light = np.sin(np.radians(_SUN_ELEVATION))
    for band, ((low, high), sun) in enumerate(zip(_RADIANCE, _IRRADIANCE)):
        radiance = low + (high - low) * (numbers[band] - 1) / 254
        image[band] = np.clip(np.pi * radiance / (sun * light), 0, 1.6)
    write_like(source, target, image, names=_NAMES)


def _index(image: np.ndarray, one: str, other: str) -> np.ndarray:
    a, b = image[_NAMES.index(one)], image[_NAMES.index(other)]
    return (a - b) / np.maximum(a + b, 1e-6)


def rules(image: np.ndarray) -> dict[str, np.ndarray]:
    """Where spectral indices leave little doubt about the class; (rows, cols) a class."""
    water = _index(image, "green", "swir16")
    green = _index(image, "nir", "red")
    built = _index(image, "swir16", "nir")
    wet = image[_NAMES.index("swir16")]
    return {
        "water": water > 0.4,
        "trees": (green > 0.5) & (wet < 0.16),
        "grass and crops": (green > 0.35) & (green < 0.5) & (wet > 0.2),
        "built-up and bare": (green < 0.2) & (built > 0.0) & (water < 0.0),
    }


def _write_labels(image: np.ndarray, scene: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    raster = gdal.Open(str(scene))
    left, width, _, top, _, height = raster.GetGeoTransform()
    crs = osr.SpatialReference(raster.GetProjection())
    source = ogr.GetDriverByName("GPKG").CreateDataSource(str(target))
    layer = source.CreateLayer("labels", crs, ogr.wkbPoint)
    layer.CreateField(ogr.FieldDefn("class", ogr.OFTString))
    chance = np.random.default_rng(SEED)
    for name, mask in rules(image).items():
        core = ~_widened(~mask)
        rows, cols = np.nonzero(core if core.sum() >= POINTS_A_CLASS else mask)
        for index in chance.permutation(len(rows))[:POINTS_A_CLASS]:
            feature = ogr.Feature(layer.GetLayerDefn())
            feature.SetField("class", name)
            x, y = left + (cols[index] + 0.5) * width, top + (rows[index] + 0.5) * height
            feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POINT ({x} {y})"))
            layer.CreateFeature(feature)


def _plant(image: np.ndarray, scene: Path, target: Path) -> np.ndarray:
    """Make a second date: a little brighter and noisy all over, and changed in eight squares.

    Half of the squares turn from trees to the texture of a built-up place, the others to that
    of water.
    """
    chance = np.random.default_rng(SEED)
    later = image * 1.03 + chance.normal(0, 0.003, image.shape).astype(np.float32)
    planted = np.zeros(image.shape[1:], bool)
    found = rules(image)
    donors = []
    for name in ("built-up and bare", "water"):
        row, col = _squares(found[name], 1)[0]
        donors.append(image[:, row : row + SQUARE, col : col + SQUARE])
    for number, (row, col) in enumerate(_squares(found["trees"], 8)):
        place = np.s_[row : row + SQUARE, col : col + SQUARE]
        later[(slice(None), *place)] = donors[number % 2]
        planted[place] = True
    write_like(scene, target, np.clip(later, 0, 1.6))
    return planted


def _squares(mask: np.ndarray, count: int) -> list[tuple[int, int]]:
    """Corners of the squares with the largest share of ``mask``, well apart from one another."""
    ranked = sorted(
        (-float(mask[row : row + SQUARE, col : col + SQUARE].mean()), row, col)
        for row in range(0, mask.shape[0] - SQUARE, SQUARE)
        for col in range(0, mask.shape[1] - SQUARE, SQUARE)
    )
    chosen: list[tuple[int, int]] = []
    for _, row, col in ranked:
        if len(chosen) < count and all(max(abs(row - r), abs(col - c)) >= 3 * SQUARE for r, c in chosen):
            chosen.append((row, col))
    return chosen
