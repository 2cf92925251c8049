"""Series of dates from a folder: which of its files are rasters, and of which day each is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from osgeo import gdal

from ..inference.errors import UnsupportedInput
from ..inference.labels import BandTags, Labels
from .datasets import open_or_none
from .text import tr

# What GDAL opens as a raster and is none of a scene's.
_BESIDE = (".xml", ".ovr", ".msk", ".json", ".txt", ".geofm", ".gpkg", ".shp", ".csv", ".html", ".png")


@dataclass(frozen=True)
class Folder:
    """What a folder holds.

    Attributes:
        files: path and day of each raster that says its day, the earliest first; files of several days
            among their bands come by their first one.
        undated: paths of rasters that do not say it.
    """

    files: tuple[tuple[str, date], ...]
    undated: tuple[str, ...]

    def warnings(self) -> list[str]:
        """Sentences about files that are left out."""
        if not self.undated:
            return []
        names = ", ".join(Path(path).name for path in self.undated[:4])
        return [
            tr("{} files do not say their date in metadata or name and were left out: {}.").format(
                len(self.undated), names
            )
        ]


def dated_files(folder: str | os.PathLike[str]) -> list[tuple[str, date]]:
    """Path and day of each raster in a folder that says its day, the earliest first.

    Raises:
        UnsupportedInput: if no file does.
    """
    return list(read_folder(folder).files)


def read_folder(folder: str | os.PathLike[str]) -> Folder:
    """The rasters of a folder, not of those within it.

    Raises:
        UnsupportedInput: if no raster in it says its day.
    """
    found: list[tuple[date, str]] = []
    undated = []
    for path in sorted(Path(folder).iterdir()):
        if not path.is_file() or path.name.startswith(".") or path.name.lower().endswith(_BESIDE):
            continue
        # Files of other kinds are no errors to speak of.
        gdal.PushErrorHandler("CPLQuietErrorHandler")
        try:
            dataset = open_or_none(str(path), gdal.OF_RASTER)
        finally:
            gdal.PopErrorHandler()
        if dataset is None or not dataset.RasterCount:
            continue
        day = _day(str(path), dataset)
        if day is None:
            undated.append(str(path))
        else:
            found.append((day, str(path)))
    if not found:
        raise UnsupportedInput(
            tr("No raster in the folder {} says its date.").format(folder),
            tr("Put the date into the files' names, such as S2_20240731.tif, or give layers with dates."),
        )
    return Folder(tuple((path, day) for day, path in sorted(found)), tuple(undated))


def _day(path: str, dataset: gdal.Dataset) -> date | None:
    """The day of a file, or the first one of its bands."""
    bands = [dataset.GetRasterBand(number) for number in range(1, dataset.RasterCount + 1)]
    tags = [BandTags(b.GetDescription(), b.GetMetadata(), b.GetMetadata("IMAGERY")) for b in bands]
    domains = [dataset.GetMetadata(name) for name in ("", "ENVI", "IMAGERY")]
    labels = Labels(path, tags, *domains)
    own = [day for day in labels.days(range(1, len(tags) + 1)) if day is not None]
    return min(own) if own else labels.acquired()
