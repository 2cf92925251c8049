"""Windows of a network: each pixel answered once and in full, by a window that saw enough around it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geofm.inference.engine.grid import Window, blocks
from geofm.inference.engine.regions import within
from geofm.inference.engine.tiling import Tiling


@st.composite
def tilings(draw: st.DrawFn) -> Tiling:
    """Any grid from one pixel on, any window, halo and stride."""
    halo, inner = draw(st.integers(0, 9)), draw(st.integers(1, 20))
    size = draw(st.tuples(st.integers(1, 70), st.integers(1, 70)))
    stride = draw(st.sampled_from([1, 2, 4]))
    return Tiling(Window(0, 0, *size), inner + 2 * halo, halo, stride, draw(st.booleans()))


@given(tilings(), st.integers(5, 40))
def test_the_shares_of_all_windows_sum_to_one_at_every_pixel(tiling: Tiling, size: int) -> None:
    for block in blocks(tiling.grid, size):
        sums = np.zeros((block.height, block.width))
        for tile in tiling.tiles(block):
            pixels = tiling.reach(tile, block)
            shares = tiling.weights(tile, pixels)
            assert (shares >= 0).all()
            sums[within(pixels, block)] += shares
        np.testing.assert_allclose(sums, 1, atol=1e-6)


@given(tilings(), st.integers(5, 40))
def test_a_pixel_gets_the_same_shares_whichever_block_asks(tiling: Tiling, size: int) -> None:
    whole = {tile: tiling.weights(tile, tiling.grid) for tile in tiling.tiles(tiling.grid)}
    for block in blocks(tiling.grid, size):
        asked = set(tiling.tiles(block))
        for tile, shares in whole.items():
            if tile not in asked:
                assert not tiling.ramp or not shares[within(block, tiling.grid)].any()
                continue
            pixels = tiling.reach(tile, block)
            assert (tiling.weights(tile, pixels) == shares[within(pixels, tiling.grid)]).all()


@given(tilings())
def test_a_window_holds_what_it_answers_for_with_the_halo_it_needs(tiling: Tiling) -> None:
    for tile in tiling.tiles(tiling.grid):
        place = tiling.place(tile)
        pixels = tiling.reach(tile, tiling.grid)
        assert pixels.intersect(place) == pixels
        # Beyond the halo there is either more of the window or the end of the grid.
        core = tile.intersect(tiling.grid)
        assert core is not None
        needed = core.expand(tiling.halo).intersect(tiling.grid)
        assert needed is not None
        assert needed.intersect(place) == needed


@given(tilings())
def test_windows_stay_on_the_grid_where_it_is_large_enough(tiling: Tiling) -> None:
    for tile in tiling.tiles(tiling.grid):
        place = tiling.place(tile)
        assert place.col >= 0
        assert place.row >= 0
        for stop, size in ((place.right, tiling.grid.width), (place.bottom, tiling.grid.height)):
            # A grid of whole strides is never left; of another, the last stride is filled up.
            assert stop <= max(-(-size // tiling.stride) * tiling.stride, tiling.window)


@given(tilings(), st.integers(5, 40))
def test_no_window_is_asked_for_without_need(tiling: Tiling, size: int) -> None:
    for block in blocks(tiling.grid, size):
        tiles = list(tiling.tiles(block))
        assert len(set(tiles)) == len(tiles)
        around = tiling.around(block)
        for tile in tiles:
            place = tiling.place(tile)
            assert place.intersect(around) == place
            pixels = tiling.reach(tile, block)
            assert pixels.width > 0
            assert pixels.height > 0
        if not tiling.blend:
            assert all(tile.intersect(block) for tile in tiles)
