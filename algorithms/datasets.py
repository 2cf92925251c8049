"""Opens files with GDAL, whether or not it raises.

From 3.38 on Processing tells GDAL to raise exceptions, which then holds for the whole session of QGIS.
"""

from __future__ import annotations

from collections.abc import Sequence

from osgeo import gdal


def open_or_none(
    path: str, flags: int = gdal.OF_RASTER | gdal.OF_VERBOSE_ERROR, drivers: Sequence[str] = ()
) -> gdal.Dataset | None:
    """The dataset, None if the file cannot be opened.

    Args:
        flags: of ``gdal.OpenEx``.
        drivers: short names of the only drivers to try; empty for all.
    """
    try:
        return gdal.OpenEx(path, flags, list(drivers)) if drivers else gdal.OpenEx(path, flags)
    except RuntimeError:
        return None
