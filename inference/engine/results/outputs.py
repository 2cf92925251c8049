"""Raster results: written block by block, then made a Cloud Optimized GeoTIFF, all or nothing.

Blocks land in a file of the run's journal. When all are there, GDAL's COG driver writes the real
file from it (a COG cannot be written piecemeal) with a hidden name beside the result, which is
opened once to see that it is whole and then renamed. Nothing half-made ever bears the final name,
and the bytes depend neither on the order in which blocks came nor on the run that made them.
"""

from __future__ import annotations

import errno
import os
import warnings
import xml.etree.ElementTree as ElementTree  # nosec B405
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
import torch
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import DatasetWriter
from rasterio.windows import Window as RasterioWindow

from ...errors import present
from ...jobs import ClassInfo
from ..crs import GDAL_FAILURES, parse_crs
from ..flow import answer_after
from ..grid import Grid, Window
from ..journal import Journal
from ..tiles import CutFile, Form, TileFile
from .destinations import cannot_write, check_place, refused_by_disk

_SUFFIXES = (".tif", ".tiff", ".gtif")
# Bytes of blocks that GDAL may keep while it builds the COG. It goes through the file from top to
# bottom and needs few of them, but takes some memory for each column beside.
_BUILD_CACHE = 32 * 1024**2
# What an earlier file of the same name may have left: statistics, overviews, a mask of other pixels.
_STALE = (".aux.xml", ".ovr", ".msk")
# GDAL's numbers for the use and type of an attribute table's columns (GFU_*, GFT_*).
_COLUMNS = (("Value", 0, 5), ("Class", 2, 2), ("Red", 0, 6), ("Green", 0, 7), ("Blue", 0, 8))


class RasterWriter:
    """A raster result under way; a context manager.

    Args:
        path: final name, ending in ``.tif``.
        grid: size and place of the result.
        bands: number of bands.
        dtype: numpy name of the pixels' type.
        nodata: number that means "no data", also where nothing is written; None for none.
        descriptions: one text a band; empty for none.
        units: of the values, one text a band; empty for none.
        scale: what a stored number is multiplied by to get the value.
        classes: what the values of a one-band ``uint8`` raster mean.
        provenance: texts kept in the file's metadata.
        check: raises if the run was cancelled; asked while the last step, the COG, takes its time.
        journal: keeps the blocks for a later run; None keeps them no longer than this writer.

    Raises:
        InvalidRequest: on entering, if the name or the folder is no place for a GeoTIFF.
        UnsupportedInput: on entering, writing or leaving, if the disk does not take it.
    """

    # Where the COG, and GDAL's overviews on the way to it, come to be.
    _whole: Path
    _overviews: Path

    def __init__(
        self,
        path: str | os.PathLike[str],
        grid: Grid,
        *,
        bands: int,
        dtype: str,
        nodata: float | None,
        descriptions: Sequence[str] = (),
        units: Sequence[str] = (),
        scale: float = 1.0,
        classes: Sequence[ClassInfo] = (),
        provenance: Mapping[str, str],
        check: Callable[[], None] = lambda: None,
        journal: Journal | None = None,
    ) -> None:
        if classes and (bands != 1 or dtype != "uint8"):
            raise ValueError("a class raster has one uint8 band")
        self.path = Path(path)
        self._form = Form(grid.width, grid.height, bands, dtype, nodata)
        self._grid = grid
        self._classes = tuple(classes)
        self._descriptions = tuple(descriptions)
        self._units = tuple(units)
        self._scale = scale
        self._provenance = dict(provenance)
        self._check = check
        self._journal = journal
        self._files = ExitStack()
        self._tiles: TileFile | None = None

    def __enter__(self) -> RasterWriter:
        check_place(self.path, _SUFFIXES)
        with ExitStack() as files, refused_by_disk(self.path):
            if self._journal is None:
                folder = TemporaryDirectory(prefix=".geofm-", dir=self.path.parent)
                self._journal = Journal(Path(files.enter_context(folder)))
                files.callback(self._journal.close)
            self._tiles = self._journal.raster(self._form)
            self._files = files.pop_all()
        # Two runs may be about to make the same file: each has names of its own on the way.
        token = self._journal.folder.name.lstrip(".")
        self._whole = self.path.with_name(f".{self.path.name}.whole.{token}.tif")
        # GDAL's own name for them.
        self._overviews = Path(f"{self._whole}.ovr.tmp")
        return self

    def write(self, window: Window, array: NDArray[Any]) -> None:
        """Write one block.

        Args:
            window: its place in the writer's grid, wholly inside.
            array: (bands, rows, cols) of the window's size, in the raster's type.
        """
        if self._journal is None or self._tiles is None:
            raise ValueError("the raster is not open for writing")
        form = self._form
        expected = form.bands, window.height, window.width
        if array.shape != expected or array.dtype != form.dtype:
            raise ValueError(f"expected {form.dtype} {expected}, got {array.dtype} {array.shape}")
        if window.intersect(form.window) != window:
            raise ValueError(f"{window} reaches beyond the raster")
        with refused_by_disk(self.path, self._journal.folder.parent):
            self._journal.write(self._tiles, window, array)

    def note(self, name: str, text: str) -> None:
        """Add to what the file says of itself, as soon as it is known."""
        self._provenance[name] = text

    def read(self, window: Window) -> NDArray[Any]:
        """What was written to a window, now or by the run that this one continues."""
        return present(self._tiles).read(window)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        with self._files:
            try:
                if error is None:
                    self._finish()
            finally:
                self._discard()

    def _finish(self) -> None:
        tiles, journal = present(self._tiles), present(self._journal)
        try:
            with refused_by_disk(self.path, journal.folder.parent):
                self._seal(tiles)
            self._build(tiles.path)
            self._verify()
            self._publish(self._sidecar())
        except (*GDAL_FAILURES, OSError) as error:
            raise cannot_write(self.path, error) from error

    def _seal(self, tiles: TileFile) -> None:
        """Make the blocks a GeoTIFF with all that the result shall say."""
        Path(f"{tiles.path}.aux.xml").unlink(missing_ok=True)
        tiles.seal(self._check, overviews=bool(self._classes))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            dataset = rasterio.open(tiles.path, "r+")
        with dataset:
            if self._grid.crs:
                dataset.crs = parse_crs(self._grid.crs)
            dataset.transform = Affine(*self._grid.transform)
            if self._form.nodata is not None:
                dataset.nodata = self._form.nodata
            self._describe(dataset)

    def _build(self, source: Path) -> None:
        """Make the COG; GDAL does it in one call, during which cancelling must still work."""
        reading: list[CutFile] = []

        def opened(path: str, mode: str = "rb") -> CutFile:
            reading.append(CutFile(source.with_name(PurePath(path).name)))
            return reading[-1]

        def copy() -> None:
            # All on one thread: rasterio looks openers up by thread.
            try:
                with rasterio.open(source, opener=opened) as dataset:
                    rasterio.shutil.copy(dataset, self._whole, driver="COG", **self._cog_options())
            finally:
                for file in reading:
                    file.close()

        with rasterio.Env(GDAL_CACHEMAX=_BUILD_CACHE), ThreadPoolExecutor(1, "cog") as pool:
            copying = pool.submit(copy)
            try:
                answer_after(copying, self._check)
            except BaseException:
                # The call cannot be told to stop, but it does when it can read no further.
                for file in reading:
                    file.cut()
                if self._overviews.exists():
                    os.truncate(self._overviews, 0)
                raise
        copying.result()

    def _describe(self, dataset: DatasetWriter) -> None:
        dataset.update_tags(**self._provenance)
        for index, text in enumerate(self._descriptions, start=1):
            dataset.set_band_description(index, text)
        if self._scale != 1.0:
            dataset.scales = [self._scale] * self._form.bands
        if any(self._units):
            dataset.units = self._units
        if self._classes:
            colors = {info.value: (*_rgb(info.color), 255) for info in self._classes}
            if self._form.nodata is not None:
                colors[int(self._form.nodata)] = (0, 0, 0, 0)
            dataset.write_colormap(1, colors)
        else:
            # Else GDAL takes three or four Byte bands for a picture with an alpha band.
            dataset.colorinterp = [ColorInterp.gray] + [ColorInterp.undefined] * (self._form.bands - 1)

    def _cog_options(self) -> dict[str, Any]:
        whole = np.dtype(self._form.dtype).kind in "iu"
        predictor = "NO" if self._classes else "STANDARD" if whole else "FLOATING_POINT"
        return {
            "BLOCKSIZE": self._form.tile,
            "COMPRESS": "DEFLATE",
            "PREDICTOR": predictor,
            "BIGTIFF": "IF_SAFER",
            # Class rasters bring their overviews.
            "OVERVIEW_RESAMPLING": "AVERAGE",
            # Tiles without data, of which a part of a raster may have many, are neither copied nor kept.
            "SPARSE_OK": "YES",
            # Tiles are compressed side by side, and come out the same.
            "NUM_THREADS": str(torch.get_num_threads()),
        }

    def _verify(self) -> None:
        """Read the first and the last block: GDAL notices a full disk only when it closes a file."""
        with rasterio.open(self._whole) as dataset:
            width, height = self._form.width, self._form.height
            if dataset.shape != (height, width) or dataset.count != self._form.bands:
                raise OSError(errno.EIO, "the file came out with another size")
            for col, row in ((0, 0), (width - 1, height - 1)):
                dataset.read(window=RasterioWindow(col, row, 1, 1))

    def _sidecar(self) -> bytes | None:
        """The text of ``.aux.xml``: what GDAL could not put into the file, and the classes."""
        left = Path(f"{self._whole}.aux.xml")
        root = ElementTree.Element("PAMDataset")
        if left.exists():
            # No entities are in there: GDAL wrote it a moment ago.
            root = ElementTree.fromstring(left.read_bytes())  # nosec B314
        if self._classes:
            nodata = None if self._form.nodata is None else int(self._form.nodata)
            for old in root.findall("PAMRasterBand"):
                root.remove(old)
            root.append(_class_element(self._classes, nodata))
        elif not left.exists():
            return None
        ElementTree.indent(root)
        # Without an XML declaration: GDAL before 3.7 looks for the root on the first line only.
        return ElementTree.tostring(root, encoding="utf-8", xml_declaration=False) + b"\n"

    def _publish(self, aux: bytes | None) -> None:
        for suffix in _STALE:
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        if aux is not None:
            part = Path(f"{self._whole}.aux.xml")
            part.write_bytes(aux)
            os.replace(part, f"{self.path}.aux.xml")
        os.replace(self._whole, self.path)

    def _discard(self) -> None:
        """Remove whatever bears a temporary name."""
        for path in (self._whole, Path(f"{self._whole}.aux.xml"), self._overviews):
            path.unlink(missing_ok=True)


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _class_element(classes: Sequence[ClassInfo], nodata: int | None) -> ElementTree.Element:
    """Names, colours and attribute table of a class raster as GDAL's PAM format has them.

    The colours are in the GeoTIFF too, but a GeoTIFF always has 256 of them, and QGIS would list
    them all; these, which come first for GDAL, end with the last class.
    """
    by_value = {info.value: info for info in classes}
    band = ElementTree.Element("PAMRasterBand", band="1")
    ElementTree.SubElement(band, "ColorInterp").text = "Palette"
    names = ElementTree.Element("CategoryNames")
    table = ElementTree.SubElement(band, "ColorTable")
    band.append(names)
    for value in range(max(by_value) + 1):
        info = by_value.get(value)
        color = (*_rgb(info.color), 255) if info else (0, 0, 0, 0)
        ElementTree.SubElement(table, "Entry", {f"c{i + 1}": str(part) for i, part in enumerate(color)})
        name = info.name if info else "no data" if value == nodata else ""
        ElementTree.SubElement(names, "Category").text = name
    band.append(_attribute_table(sorted(classes, key=lambda info: info.value)))
    return band


def _attribute_table(classes: Sequence[ClassInfo]) -> ElementTree.Element:
    table = ElementTree.Element("GDALRasterAttributeTable", tableType="thematic")
    for index, (name, kind, usage) in enumerate(_COLUMNS):
        column = ElementTree.SubElement(table, "FieldDefn", index=str(index))
        ElementTree.SubElement(column, "Name").text = name
        ElementTree.SubElement(column, "Type").text = str(kind)
        ElementTree.SubElement(column, "Usage").text = str(usage)
    for index, info in enumerate(classes):
        row = ElementTree.SubElement(table, "Row", index=str(index))
        for text in (info.value, info.name, *_rgb(info.color)):
            ElementTree.SubElement(row, "F").text = str(text)
    return table
