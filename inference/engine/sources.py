"""One raster file: opening it, refusing what is no raster, and what it says of itself."""

from __future__ import annotations

import datetime
import os
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree  # nosec B405

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioIOError
from rasterio.io import DatasetReader, MemoryFile
from rasterio.shutil import copy
from rasterio.windows import Window as RasterioWindow

from ..errors import InvalidRequest, UnsupportedInput
from ..jobs import RasterRef
from ..labels import BandTags, Labels
from .base import Mask
from .crs import GDAL_FAILURES, parse_crs
from .grid import Grid

Stored = NDArray[np.generic]
Element = ElementTree.Element

# A sample of a large file is this many windows a side, each of so many pixels a side.
_SAMPLE_WINDOWS, _SAMPLE_SIDE = 4, 64
_WHOLE_SAMPLE = 512
_ENDLESS = 3.4e38
# GDAL's code of a table's column with the names of the classes (GFU_Name).
_NAME_COLUMN = "2"


def open_source(ref: RasterRef) -> DatasetReader:
    """Open a raster and refuse what cannot be read as one.

    Raises:
        UnsupportedInput: missing or unreadable file, no bands, complex numbers, no grid.
        InvalidRequest: a band number the file does not have, or names that do not go with the bands.
    """
    name = Path(ref.path).name or ref.path
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            dataset = rasterio.open(ref.path)
    except RasterioIOError as error:
        if _is_plain_path(ref.path) and not os.path.exists(ref.path):
            raise UnsupportedInput(f"The raster {ref.path} does not exist.", "Check its path.") from error
        raise UnsupportedInput(
            f"{name} cannot be opened as a raster.",
            "It may be damaged, incomplete or of a format the engine does not read: make it a GeoTIFF.",
            str(error),
        ) from error
    try:
        _refuse(dataset, ref, name)
    except Exception:
        dataset.close()
        raise
    return dataset


def _is_plain_path(path: str) -> bool:
    """Whether a path is a file's, not a GDAL connection string such as ``NETCDF:x.nc:band``."""
    return not path.startswith("/vsi") and re.match(r"[A-Za-z0-9_]{2,}:", path) is None


def _refuse(dataset: DatasetReader, ref: RasterRef, name: str) -> None:
    if dataset.count == 0:
        inside = ", ".join(dataset.subdatasets[:4])
        hint = f"It holds several datasets; choose one, such as {inside}." if inside else ""
        raise UnsupportedInput(f"{name} has no bands.", hint or "Choose another file.")
    beyond = [number for number in ref.bands if number > dataset.count]
    if beyond:
        raise InvalidRequest(f"{name} has {dataset.count} bands; band {beyond[0]} is not among them.")
    if ref.scale == 0 or not all(np.isfinite(v) for v in (ref.scale, ref.offset) if v is not None):
        raise InvalidRequest(
            f"The scale and offset of {name} would leave no values.",
            "Give finite numbers and a scale other than 0, such as 0.0001.",
        )
    indexes = used_bands(dataset, ref)
    if ref.names and len(ref.names) != len(indexes):
        raise InvalidRequest(
            f"{name} has {len(indexes)} bands in use, but {len(ref.names)} band names were given.",
            "Give one name a band, and - for a band to leave unnamed.",
        )
    if any("complex" in dataset.dtypes[index - 1] for index in indexes):
        raise UnsupportedInput(
            f"{name} holds complex numbers.", "Convert it to amplitude or intensity first."
        )
    if dataset.transform.is_identity and (dataset.gcps[0] or dataset.rpcs):
        raise UnsupportedInput(
            f"{name} is placed by ground control points or a sensor model, not by a grid.",
            "Warp it (Raster > Projections > Warp) and use the result.",
        )
    if dataset.transform.determinant == 0:
        raise UnsupportedInput(f"The georeference of {name} gives its pixels no area.", "Assign a new one.")


def used_bands(dataset: DatasetReader, ref: RasterRef) -> tuple[int, ...]:
    """1-based numbers of the bands in use: those asked for, else all but an alpha band."""
    alpha = alpha_band(dataset)
    return tuple(ref.bands) or tuple(index for index in dataset.indexes if index != alpha)


def by_date(ref: RasterRef) -> list[RasterRef]:
    """A raster as one for each day that its bands were seen on, if they tell several; else as it is.

    Raises:
        InvalidRequest, UnsupportedInput: as :func:`open_source`.
    """
    with open_source(ref) as dataset:
        labels = labels_of(dataset, ref)
        if ref.acquired or not labels.is_series:
            return [ref]
        indexes = used_bands(dataset, ref)
        days = labels.days(indexes)
    told = sorted({day for day in days if day is not None})
    parts = []
    for day in (*told, *([None] if None in days else [])):
        own = [place for place, found in enumerate(days) if found == day]
        parts.append(
            replace(
                ref,
                bands=tuple(indexes[place] for place in own),
                names=tuple(ref.names[place] for place in own) if ref.names else (),
                acquired=day.isoformat() if day else "",
            )
        )
    return parts


def alpha_band(dataset: DatasetReader) -> int | None:
    """1-based number of the alpha band, None where there is none."""
    return next((i for i in dataset.indexes if dataset.colorinterp[i - 1] == ColorInterp.alpha), None)


def described_bands(dataset: DatasetReader) -> list[Element]:
    """What GDAL writes of each band into the description of a virtual raster.

    Names of classes and attribute tables are in there, which rasterio does not read.
    """
    with MemoryFile(ext=".vrt") as made:
        copy(dataset, made.name, driver="VRT")
        # No entities are in there: GDAL writes it.
        root = ElementTree.fromstring(made.read())  # nosec B314
        return list(root.iter("VRTRasterBand"))


def class_bands(dataset: DatasetReader) -> frozenset[int]:
    """1-based numbers of whole-number bands whose classes the file names, or lists in a thematic table."""
    found = set()
    for band in described_bands(dataset):
        table = band.find("GDALRasterAttributeTable[@tableType='thematic']")
        named = table is not None and any(use.text == _NAME_COLUMN for use in table.iter("Usage"))
        index = int(band.get("band", "0"))
        whole = index and np.dtype(dataset.dtypes[index - 1]).kind in "iu"
        if whole and (named or band.find("CategoryNames/Category") is not None):
            found.add(index)
    return frozenset(found)


def grid_of(dataset: DatasetReader, ref: RasterRef) -> Grid:
    """The file's grid, with the CRS that the job gives if it gives one."""
    crs = parse_crs(ref.crs) if ref.crs else dataset.crs
    a, b, c, d, e, f = tuple(dataset.transform)[:6]
    return Grid(dataset.width, dataset.height, (a, b, c, d, e, f), crs.to_wkt() if crs else "")


def acquired(dataset: DatasetReader, ref: RasterRef) -> datetime.date | None:
    """Date of acquisition: the job's, else that of the file's tags, else that of the file's name.

    Raises:
        InvalidRequest: if the job's date is not an ISO date.
    """
    if ref.acquired:
        try:
            return datetime.date.fromisoformat(ref.acquired[:10])
        except ValueError as error:
            raise InvalidRequest(
                f"The date {ref.acquired!r} is not understood.", "Write it as 2002-04-16."
            ) from error
    return labels_of(dataset, ref).acquired()


def labels_of(dataset: DatasetReader, ref: RasterRef) -> Labels:
    """What the file says of itself."""
    bands = [
        BandTags(dataset.descriptions[i - 1] or "", dataset.tags(i), dataset.tags(i, ns="IMAGERY"), colour)
        for i, colour in zip(dataset.indexes, _colours(dataset), strict=True)
    ]
    domains = (dataset.tags(ns=domain) for domain in (None, "ENVI", "IMAGERY"))
    return Labels(ref.path, bands, *domains)


def _colours(dataset: DatasetReader) -> list[str]:
    """What each band of bytes is on the screen; empty for other bands."""
    shown = zip(dataset.colorinterp, dataset.dtypes, strict=True)
    return [colour.name if kind == "uint8" else "" for colour, kind in shown]


def nodata_of(dataset: DatasetReader, index: int, ref: RasterRef) -> tuple[float, ...]:
    """The numbers that mean "no data" in a band: the file's and the user's, where storable."""
    dtype = np.dtype(dataset.dtypes[index - 1])
    stated = (dataset.nodatavals[index - 1], ref.nodata)
    # As the band's own type holds them: 0.1 is another number in float32 than in float64.
    return tuple(
        dict.fromkeys(float(dtype.type(v)) for v in stated if v is not None and _storable(v, dtype))
    )


def _storable(value: float, dtype: np.dtype[Any]) -> bool:
    if dtype.kind == "f":
        return not np.isnan(value)  # NaN never counts as data anyway
    limits = np.iinfo(dtype)
    return bool(np.isfinite(value)) and float(value).is_integer() and limits.min <= value <= limits.max


def is_number(stored: Stored, nodata: Sequence[float]) -> Mask:
    """Which stored numbers are measurements: not NaN, not infinite, not one of ``nodata``.

    The largest numbers that floats can hold count as infinite: they are what software writes
    for "nothing here" without saying so.
    """
    floats = stored.dtype.kind == "f"
    valid: Mask = np.abs(stored) < _ENDLESS if floats else np.ones(stored.shape, bool)
    for value in nodata:
        valid &= stored != stored.dtype.type(value)
    return valid


@dataclass(frozen=True)
class View:
    """A file, or a warped view of one, and what beside nodata numbers says where it is valid.

    Attributes:
        dataset: open for reading.
        masked: whether to ask the dataset's own mask.
        alpha: 1-based number of a band that is 0 where nothing is valid, None for none.
    """

    dataset: DatasetReader
    masked: bool = False
    alpha: int | None = None


def own_view(dataset: DatasetReader) -> View:
    """A file as it is; its mask is asked only where a mask or alpha band makes one.

    A band without any flag has a mask of its own, as a VRT may give it.
    """
    by_value = {MaskFlags.all_valid, MaskFlags.nodata}
    return View(dataset, any(not by_value.intersection(flags) for flags in dataset.mask_flag_enums))


def masks_single_bands(dataset: DatasetReader) -> bool:
    """Whether a band has a mask that is not that of the whole file."""
    return any(not flags for flags in dataset.mask_flag_enums)


def read_stored(
    view: View, indexes: Sequence[int], window: RasterioWindow, size: tuple[int, int] | None = None
) -> tuple[Stored, Mask]:
    """Numbers as stored, and where the mask or alpha band lets them through.

    Args:
        view: the file.
        indexes: 1-based band numbers.
        window: inside the dataset.
        size: rows and columns of a decimated result (nearest); None for the window's own.

    Returns:
        (bands, rows, cols) numbers and the (rows, cols) mask.

    Raises:
        UnsupportedInput: naming the file, if a part of it cannot be read.
    """
    dataset = view.dataset
    rows, cols = size or (int(window.height), int(window.width))
    try:
        stored = _numbers(dataset, indexes, window, (rows, cols))
        if view.alpha is not None:
            return stored, dataset.read(view.alpha, window=window, out_shape=(rows, cols)) > 0
        if view.masked:
            shared = MaskFlags.per_dataset in dataset.mask_flag_enums[indexes[0] - 1]
            asked = list(indexes[:1] if shared else indexes)
            masks = dataset.read_masks(asked, window=window, out_shape=(len(asked), rows, cols))
            return stored, (masks > 0).all(axis=0)
        return stored, np.ones((rows, cols), bool)
    except GDAL_FAILURES as error:
        raise UnsupportedInput(
            f"A part of {Path(dataset.name).name} cannot be read.",
            "The file seems to be damaged or incomplete; copy or download it again.",
            str(error),
        ) from error


def _numbers(
    dataset: DatasetReader, indexes: Sequence[int], window: RasterioWindow, size: tuple[int, int]
) -> Stored:
    """(bands, rows, cols) in the smallest type that holds the types of all these bands."""
    kinds = [dataset.dtypes[index - 1] for index in indexes]
    shape = len(indexes), *size
    if len(set(kinds)) == 1:
        stored: Stored = dataset.read(list(indexes), window=window, out_shape=shape)
        return stored
    # rasterio reads bands of several types, as a VRT may have them, only one by one.
    mixed = np.empty(shape, np.result_type(*kinds))
    for slot, index in enumerate(indexes):
        mixed[slot] = dataset.read(index, window=window, out_shape=size)
    return mixed


@dataclass(frozen=True)
class Sample:
    """Some pixels of a file, for guesses: small files whole, of large ones corners and a lattice.

    Attributes:
        stored: one (bands, pixels) array of numbers as stored.
        valid: (bands, pixels), False for nodata.
        edge: (pixels,), True on the outermost rows and columns of the raster.
    """

    stored: Stored
    valid: Mask
    edge: Mask

    def of(self, position: int) -> Stored:
        """The valid numbers of one band."""
        return self.stored[position][self.valid[position]]


def take_sample(dataset: DatasetReader, indexes: Sequence[int], nodata: Sequence[Sequence[float]]) -> Sample:
    """Read a sample of the bands ``indexes``, whose nodata numbers are ``nodata``."""
    stored, valid, edge = [], [], []
    for window in _sample_windows(dataset):
        numbers, open_mask = read_stored(own_view(dataset), indexes, window)
        good = [is_number(band, codes) & open_mask for band, codes in zip(numbers, nodata, strict=True)]
        stored.append(numbers.reshape(len(indexes), -1))
        valid.append(np.stack(good).reshape(len(indexes), -1))
        rows = np.arange(window.row_off, window.row_off + window.height)
        cols = np.arange(window.col_off, window.col_off + window.width)
        outer_row, outer_col = np.isin(rows, (0, dataset.height - 1)), np.isin(cols, (0, dataset.width - 1))
        edge.append((outer_row[:, None] | outer_col[None]).ravel())
    return Sample(np.concatenate(stored, 1), np.concatenate(valid, 1), np.concatenate(edge))


def _sample_windows(dataset: DatasetReader) -> list[RasterioWindow]:
    height, width = dataset.height, dataset.width
    if max(height, width) <= _WHOLE_SAMPLE:
        return [RasterioWindow(0, 0, width, height)]
    wide, high = min(_SAMPLE_SIDE, width), min(_SAMPLE_SIDE, height)
    cols = np.unique(np.linspace(0, width - wide, _SAMPLE_WINDOWS).astype(int))
    rows = np.unique(np.linspace(0, height - high, _SAMPLE_WINDOWS).astype(int))
    return [RasterioWindow(int(col), int(row), wide, high) for row in rows for col in cols]
