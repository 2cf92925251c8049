"""How far the later date lies beside the earlier one, in parts of a pixel.

Tiles spread over the common ground are matched by correlating the directions of their gradients, which
no gain, offset or haze of a band changes and to which a masked pixel adds nothing (Fitch, Kadyrov,
Christmas and Kittler 2002, Orientation correlation, BMVC). The peak is found to a fiftieth of a pixel
by a Fourier transform of its surroundings alone (Guizar-Sicairos, Thurman and Fienup 2008, Efficient
subpixel image registration algorithms, Optics Letters 33(2), 156-158). Plain phase correlation, whose
peak Foroosh, Zerubia and Berthod modelled (2002, IEEE Transactions on Image Processing 11(3),
188-200), was measured too: on real scenes with noise its errors were twice as large.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base import F32, Context, Mask
from ..grid import F64, Grid
from ..rasters import Stack
from .pairing import Bands, common_bands, common_windows, read_both

C128 = NDArray[np.complex128]

# Sides of tiles in pixels: a third of a small scene, so that there are tiles to agree.
_LEAST_SIDE, _MOST_SIDE = 32, 128
_TILES = 25
# Bands that are correlated: more add little but time.
_MOST_BANDS = 6
# Of a tile, so that there is something to match.
_LEAST_VALID = 0.5
_UPSAMPLED = 50
# Cycles a pixel; of 0.1 to 0.3 and none at all the one with the least error, half of that with none.
_PASSED = 0.2
# Of a tile's pixels: shifts that leave less in common are not compared.
_LEAST_OVERLAP = 0.02
# A peak in standard deviations of the surface around it; those of noise stay below 5 (seed 1 of
# scripts/bench_change.py), those of matching tiles lie above 8.
_LEAST_PEAK = 6.0
# Tiles agree that lie within this many pixels of their median.
_AGREE = 0.5
_LEAST_TILES = 3
_LEAST_AGREEING = 0.6
# Shifts below this many pixels are as small as the estimate's own error: moving would only smooth.
NEGLIGIBLE = 0.1


@dataclass(frozen=True)
class Shift:
    """Where the later date's ground lies beside that of the earlier one.

    Attributes:
        cols, rows: pixels by which it lies further right and further down.
        tiles: how many tiles had enough to match.
        agreeing: how many of them lie within half a pixel of their median.
        reliable: whether enough tiles agree.
    """

    cols: float = 0.0
    rows: float = 0.0
    tiles: int = 0
    agreeing: int = 0
    reliable: bool = False

    @property
    def pixels(self) -> float:
        return math.hypot(self.cols, self.rows)

    def facts(self, gsd: float) -> dict[str, Any]:
        """For the answer; plain JSON types."""
        return {
            "shift_px": [round(self.cols, 3), round(self.rows, 3)],
            "shift_m": round(self.pixels * gsd, 3),
            "tiles": self.tiles,
            "tiles_agreeing": self.agreeing,
            "reliable": self.reliable,
        }


def estimate_shift(before: Stack, after: Stack, context: Context) -> Shift:
    """Match tiles of two dates on one grid.

    Raises:
        UnsupportedInput: if no pixel is valid on both dates.
    """
    bands = _chosen(before, after)
    if not bands.first:
        return Shift()
    window = before.area.window
    side = min(max(min(window.width, window.height) // 3, _LEAST_SIDE), _MOST_SIDE)
    tiles = common_windows(before, after, side, _TILES)
    found = []
    for done, tile in enumerate(tiles):
        context.check()
        context.progress("align", done, len(tiles), "")
        first, second, valid = read_both(before, after, tile, bands.first, bands.second)
        if valid.mean() >= _LEAST_VALID:
            found.append(match(first, second, valid))
    shifts = np.array([place for place, peak in found if peak >= _LEAST_PEAK]).reshape(-1, 2)
    return _agreed(shifts)


def moved_grid(grid: Grid, shift: Shift) -> Grid:
    """The grid on which the later date has to be read to lie on the earlier one's ``grid``."""
    x, y = grid.to_map(shift.cols, shift.rows)
    a, b, _, d, e, _ = grid.transform
    return replace(grid, transform=(a, b, x, d, e, y))


def _chosen(before: Stack, after: Stack) -> Bands:
    """A few common bands, spread over the spectrum."""
    bands = common_bands(before, after)
    count = len(bands.first)
    places = sorted({place * count // _MOST_BANDS for place in range(_MOST_BANDS)}) if count else []
    return Bands(tuple(bands.first[i] for i in places), tuple(bands.second[i] for i in places))


def _agreed(shifts: F64) -> Shift:
    """One shift of those of tiles, (tiles, 2) rows and columns."""
    if not len(shifts):
        return Shift()
    away = np.abs(shifts - np.median(shifts, axis=0)).max(axis=1)
    agreeing = shifts[away <= _AGREE]
    if not len(agreeing):
        return Shift(tiles=len(shifts))
    rows, cols = (float(value) for value in np.median(agreeing, axis=0))
    reliable = len(shifts) >= _LEAST_TILES and len(agreeing) >= _LEAST_AGREEING * len(shifts)
    return Shift(cols, rows, len(shifts), len(agreeing), reliable)


def match(first: F32, second: F32, valid: Mask) -> tuple[tuple[float, float], float]:
    """By how many (rows, cols) the second tile's content lies further on, and how high the peak stands.

    Args:
        first, second: (bands, rows, cols) of the same bands.
        valid: (rows, cols).

    Returns:
        the shift, and its peak in standard deviations of the correlation elsewhere.
    """
    taper = np.outer(*(np.hanning(size + 2)[1:-1] for size in valid.shape))
    surrounded = np.zeros(valid.shape, bool)
    surrounded[1:-1, 1:-1] = valid[2:, 1:-1] & valid[:-2, 1:-1] & valid[1:-1, 2:] & valid[1:-1, :-2]
    directions = (_directions(values, surrounded) * taper for values in (first, second))
    one, other = (np.fft.fft2(each) for each in directions)
    coarse = _coarse(valid.shape)
    cross: C128 = (np.conj(one) * other).sum(axis=0) * coarse
    # Whatever lies further on meets less of the other tile, which would draw the peak to the middle.
    overlap: C128 = (np.abs(np.fft.fft2(taper * surrounded)) ** 2 * coarse).astype(np.complex128)
    surface = np.fft.ifft2(cross).real / np.maximum(np.fft.ifft2(overlap).real, _LEAST_OVERLAP * valid.size)
    most = max(min(valid.shape) // 4, 1)
    near = np.fft.fftshift(surface)
    middle = tuple(size // 2 for size in near.shape)
    near = near[tuple(slice(centre - most, centre + most + 1) for centre in middle)]
    row, col = np.unravel_index(int(near.argmax()), near.shape)
    others = np.ones(near.shape, bool)
    others[max(row - 3, 0) : row + 4, max(col - 3, 0) : col + 4] = False
    spread = float(near[others].std()) if others.any() else 0.0
    peak = (float(near[row, col]) - float(near[others].mean())) / spread if spread > 0 else 0.0
    return _refined(cross, overlap, int(row) - most, int(col) - most), peak


def _coarse(shape: tuple[int, ...]) -> F64:
    """Lets pass what is wider than some pixels: what is as fine as they are pulls to whole ones."""
    down, across = (np.fft.fftfreq(size) for size in shape)
    found: F64 = np.exp(-np.add.outer(down**2, across**2) / (2 * _PASSED**2))
    return found


def _directions(values: F32, surrounded: Mask) -> C128:
    """(bands, rows, cols) central differences, right and down, as complex numbers; 0 beside masked pixels.

    Strong edges count alike, however strong, and flat ground, whose direction is noise, hardly.

    Args:
        surrounded: (rows, cols), pixels whose four neighbours are valid.
    """
    gradients = np.zeros(values.shape, np.complex128)
    down = values[:, 2:, 1:-1] - values[:, :-2, 1:-1]
    across = values[:, 1:-1, 2:] - values[:, 1:-1, :-2]
    gradients[:, 1:-1, 1:-1] = np.where(surrounded[1:-1, 1:-1], across + 1j * down, 0)
    found: C128 = gradients / (np.abs(gradients) + _usual(gradients))
    return found


def _usual(gradients: C128) -> F64:
    """(bands, 1, 1) median length of the gradients that are none by chance or mask; 1 where there is none."""
    lengths = np.abs(gradients).reshape(len(gradients), -1)
    usual = [float(np.median(each[each > 0])) if (each > 0).any() else 1.0 for each in lengths]
    return np.array(usual, np.float64)[:, None, None]


def _refined(cross: C128, overlap: C128, row: int, col: int) -> tuple[float, float]:
    """The peak of a correlation near a whole pixel, from its spectrum and that of what overlaps."""
    steps = np.arange(-_UPSAMPLED, _UPSAMPLED + 1) / _UPSAMPLED
    down, across = (np.fft.fftfreq(size) for size in cross.shape)
    left = np.exp(2j * np.pi * np.outer(row + steps, down))
    right = np.exp(2j * np.pi * np.outer(across, col + steps))
    fine = (left @ cross @ right).real / (left @ overlap @ right).real
    at = np.unravel_index(int(fine.argmax()), fine.shape)
    return row + float(steps[at[0]]), col + float(steps[at[1]])
