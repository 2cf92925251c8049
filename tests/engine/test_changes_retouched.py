"""Pixels changed while they are read: the same in every window, and told from the files' own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from geofm.inference.engine.area import Area
from geofm.inference.engine.base import F32, Mask
from geofm.inference.engine.grid import Window
from geofm.inference.engine.rasters import Stack
from geofm.inference.jobs import RasterRef

Write = Callable[..., RasterRef]


@dataclass(frozen=True)
class Doubled:
    """Twice the second band; what is dark in it is not valid."""

    key: str = "doubled"
    reach: int = 0

    def apply(self, window: Window, bands: Sequence[int], values: F32, valid: Mask) -> None:
        for slot, band in enumerate(bands):
            if band == 1:
                valid &= values[slot] >= 10
                values[slot] *= 2


def test_a_retouch_holds_in_windows_overviews_and_areas(raster: Write) -> None:
    pixels = np.arange(2 * 40 * 50).reshape(2, 40, 50).astype(np.uint16)
    pixels[1, 3:5, 6:9] = 2
    expected = pixels.astype(np.float32)
    expected[1] *= 2
    expected[:, 3:5, 6:9] = 0
    with Stack.open([raster("a.tif", pixels)]) as plain:
        stack = plain.retouched(Doubled())
        values, valid = stack.read(Window(0, 0, 50, 40), (0, 1))
        assert np.array_equal(values, expected)
        assert np.array_equal(~valid, (pixels[1] < 10))
        corner = stack.read(Window(5, 2, 4, 4), (1,))[0]
        assert np.array_equal(corner, expected[1:, 2:6, 5:9])
        seen = stack.limited(Area(Window(4, 2, 10, 10))).overview((1, 0), side=10)
        assert np.array_equal(seen.pixels, expected[::-1, seen.rows, seen.cols])
        assert not seen.valid.all()
        prints = {one.source.fingerprint for one in (plain, stack, stack.retouched(Doubled("again")))}
        assert len(prints) == 3
        assert np.array_equal(plain.read(Window(0, 0, 50, 40), (0, 1))[0], pixels)
