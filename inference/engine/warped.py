"""One raster file seen on another grid, through GDAL's warper.

The same pixel comes out the same whichever window asks for it. GDAL alone does not promise that:
it derives the width of its kernel from the window at hand and follows coordinates along a line
only approximately; both are fixed here for the whole grid.
"""

from __future__ import annotations

import math
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from rasterio import warp
from rasterio.enums import Resampling
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT

from ..errors import UnsupportedInput
from ..jobs import Extent, RasterRef
from .crs import GDAL_FAILURES, parse_crs
from .grid import Grid
from .sources import View, alpha_band, grid_of, masks_single_bands, own_view
from .values import Facts, Rule

# Two grids are one if their corners agree to this part of a pixel.
_SAME_PLACE = 1e-3
# Largest error of a coordinate, in pixels of the source: none that float32 values could show.
_TOLERANCE = 1e-9


def same_place(one: Grid, other: Grid) -> bool:
    """Whether two grids have the same pixels."""
    if (one.width, one.height) != (other.width, other.height):
        return False
    if one.crs and other.crs and one.crs != other.crs and parse_crs(one.crs) != parse_crs(other.crs):
        return False
    corners = np.array([(0, 0), (one.width, 0), (0, one.height)], np.float64)
    placed = np.array([one.to_map(col, row) for col, row in corners])
    cols, rows = other.to_pixels(placed[:, 0], placed[:, 1])
    return bool(np.abs(np.stack([cols, rows], 1) - corners).max() < _SAME_PLACE)


class Warped:
    """Views of one file on another grid, opened when a band first needs them.

    Args:
        ref: the file, as the job names it.
        dataset: the same, open.
        facts: what is known of its bands.
        grid: where it shall lie.
        files: closes what is opened here.

    Raises:
        UnsupportedInput: if the file has no place on the grid.
    """

    def __init__(
        self, ref: RasterRef, dataset: DatasetReader, facts: Facts, grid: Grid, files: ExitStack
    ) -> None:
        self._name = Path(ref.path).name
        self._dataset = dataset
        self._facts = facts
        self._grid = grid
        self._own = grid_of(dataset, ref)
        self._files = files
        self._views: dict[tuple[bool, tuple[float, ...]], View] = {}
        self._check_reach()

    def view(self, rule: Rule) -> View:
        """The view to read a band from: bands differ in resampling and in nodata numbers."""
        key = rule.nearest, rule.nodata
        if key not in self._views:
            try:
                self._views[key] = self._warp(*key)
            except GDAL_FAILURES as error:
                raise UnsupportedInput(
                    f"{self._name} cannot be brought onto the grid of the run.",
                    "Check the coordinate systems of both.",
                    str(error),
                ) from error
        return self._views[key]

    def _check_reach(self) -> None:
        if not self._own.crs or not self._grid.crs:
            raise UnsupportedInput(
                f"{self._name} cannot be aligned with the other rasters, because it or they have no "
                "coordinate system.",
                "Assign a coordinate system, or use rasters with the same size and position.",
            )
        if masks_single_bands(self._dataset):
            raise UnsupportedInput(
                f"{self._name} has masks of single bands and lies on another grid than the run.",
                "Warp it onto that grid first (Raster > Projections > Warp), or give it a nodata value.",
            )
        own = self._own
        corners = [own.to_map(col, row) for col in (0, own.width) for row in (0, own.height)]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        try:
            self._grid.window_of(Extent(min(xs), min(ys), max(xs), max(ys), own.crs))
        except UnsupportedInput as error:
            raise UnsupportedInput(
                f"{self._name} does not overlap the raster whose grid is used.",
                "Use rasters of one place, and check the coordinate system of both.",
                error.detail,
            ) from error

    def _warp(self, nearest: bool, nodata: tuple[float, ...]) -> View:
        across, down = self._ratios()
        options: dict[str, Any] = {
            "src_crs": parse_crs(self._own.crs),
            "crs": parse_crs(self._grid.crs),
            "transform": Affine(*self._grid.transform),
            "width": self._grid.width,
            "height": self._grid.height,
            "resampling": Resampling.nearest if nearest else Resampling.bilinear,
            "tolerance": _TOLERANCE,
            "XSCALE": f"{across:.12g}",
            "YSCALE": f"{down:.12g}",
        }
        if not nearest:
            options["dtype"] = "float32"
        source = own_view(self._dataset)
        alpha = alpha_band(self._dataset)
        if self._facts.black_fill:
            # A pixel is fill only if all bands are 0; one dark band is a measurement.
            return self._opened(source, options, 0.0, unified="YES")
        if alpha is not None:
            dataset = WarpedVRT(self._dataset, src_alpha=alpha, dst_alpha=alpha, **options)
            return View(self._files.enter_context(dataset), alpha=alpha)
        if nodata:
            return self._opened(self._one_nodata(nodata), options, nodata[-1])
        if not source.masked and np.dtype(self._dataset.dtypes[0]).kind == "f":
            return self._opened(source, options, math.nan)
        dataset = WarpedVRT(self._dataset, add_alpha=True, **options)
        return View(self._files.enter_context(dataset), alpha=self._dataset.count + 1)

    def _opened(self, source: View, options: dict[str, Any], nodata: float, unified: str = "NO") -> View:
        # rasterio's default (unified) calls a pixel missing only if all bands miss it, and blends
        # the nodata number of a single band into its neighbours.
        dataset = WarpedVRT(
            source.dataset, src_nodata=nodata, nodata=nodata, UNIFIED_SRC_NODATA=unified, **options
        )
        # What is missing reads as the nodata number, which the reader looks for in every band.
        return View(self._files.enter_context(dataset))

    def _one_nodata(self, nodata: tuple[float, ...]) -> View:
        """The file on its own grid with all nodata numbers turned into the last.

        The warper knows one nodata number; another would bleed into its neighbours.
        """
        dataset = self._dataset
        for number in nodata[:-1]:
            dataset = self._files.enter_context(
                WarpedVRT(dataset, src_nodata=number, nodata=nodata[-1], UNIFIED_SRC_NODATA="NO")
            )
        return View(dataset)

    def _ratios(self) -> tuple[float, float]:
        """Pixels of the grid per pixel of the file, along the file's columns and rows."""
        col, row = self._grid.width / 2, self._grid.height / 2
        places = np.array([self._grid.to_map(col + i, row + j) for i, j in ((0, 0), (1, 0), (0, 1))])
        xs, ys = warp.transform(parse_crs(self._grid.crs), parse_crs(self._own.crs), *places.T)
        cols, rows = self._own.to_pixels(np.asarray(xs), np.asarray(ys))
        steps = [math.hypot(side[1] - side[0], side[2] - side[0]) for side in (cols, rows)]
        if not all(math.isfinite(step) and step > 0 for step in steps):
            return 1.0, 1.0
        return 1 / steps[0], 1 / steps[1]
