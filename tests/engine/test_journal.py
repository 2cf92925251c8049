"""Blocks in files: where they are put they are found, and what was not written is no data."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.errors import NotGeoreferencedWarning

from geofm.inference.engine.grid import Window, blocks
from geofm.inference.engine.journal import NAME, Journal, State
from geofm.inference.engine.tiles import CutFile, Form, TileFile


def sealed(tiles: TileFile) -> np.ndarray:
    """What GDAL reads of them."""
    tiles.seal(lambda: None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(tiles.path) as dataset:
            assert dataset.dtypes == (tiles.form.dtype,) * tiles.form.bands
            pixels: np.ndarray = dataset.read()
            return pixels


def noise(form: Form, seed: int = 0) -> np.ndarray:
    shape = form.bands, form.height, form.width
    return np.random.default_rng(seed).uniform(1, 250, shape).astype(form.dtype)


@pytest.mark.parametrize(
    ("form", "size"),
    [
        (Form(1300, 900, 1, "uint8", 0), 512),
        (Form(1300, 900, 3, "float32", -9999.0), 448),
        (Form(40, 30, 7, "int16", None), 10),
        (Form(512, 1024, 1, "uint8", 255), 300),
        (Form(150, 170, 300, "float32", -1.0), 40),
    ],
)
def test_windows_come_back_and_gdal_reads_them(tmp_path: Path, form: Form, size: int) -> None:
    tiles, pixels = TileFile(tmp_path / "a.tif", form), noise(form)
    parts = list(blocks(form.window, size))
    np.random.default_rng(1).shuffle(parts)
    for part in parts:
        tiles.write(part, pixels[:, part.rows, part.cols])
    for part in blocks(form.window, 333):
        np.testing.assert_array_equal(tiles.read(part), pixels[:, part.rows, part.cols])
    np.testing.assert_array_equal(sealed(tiles), pixels)
    # Sealed once more, and after another block.
    tiles.write(parts[0], pixels[:, parts[0].rows, parts[0].cols] // 2)
    assert (sealed(tiles) != pixels).any()


@pytest.mark.parametrize(
    ("bands", "side"), [(1, 512), (24, 512), (128, 256), (300, 128), (1792, 64), (9999, 64)]
)
def test_the_tiles_of_many_bands_are_smaller(bands: int, side: int) -> None:
    """Each block has the tiles that it touches written anew, for every band."""
    assert Form(900, 900, bands, "float32", None).tile == side


def test_what_no_block_covers_is_nodata_whatever_lay_there(tmp_path: Path) -> None:
    form = Form(1100, 700, 2, "float32", -9999.0)
    tiles, pixels = TileFile(tmp_path / "a.tif", form), noise(form)
    tiles.write(form.window, pixels)
    tiles.close()
    window = Window(500, 100, 30, 40)
    again = TileFile(tmp_path / "a.tif", form, [window])
    expected = np.full_like(pixels, -9999)
    expected[:, window.rows, window.cols] = pixels[:, window.rows, window.cols]
    found = sealed(again)
    np.testing.assert_array_equal(found[:, :512, :1024], expected[:, :512, :1024])
    # Tiles that no block touches are not in the file.
    assert (found[:, 512:] == 0).all()
    assert (found[:, :, 1024:] == 0).all()


def test_tiles_that_are_not_written_take_no_room(tmp_path: Path) -> None:
    form = Form(20_000, 20_000, 1, "uint8", 0)
    tiles = TileFile(tmp_path / "a.tif", form)
    tiles.write(Window(9_000, 9_000, 10, 10), np.ones((1, 10, 10), np.uint8))
    tiles.seal(lambda: None)
    taken = (tmp_path / "a.tif").stat()
    if hasattr(taken, "st_blocks"):
        assert taken.st_blocks * 512 < 2_000_000


def test_a_file_that_was_cut_has_no_more_in_it(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    with CutFile(tmp_path / "a") as file:
        assert file.read(3) == b"012"
        file.seek(8)
        file.cut()
        assert file.read(1) == b""


FORM = Form(600, 600, 1, "uint8", 0)
HALVES = Window(0, 0, 600, 300), Window(0, 300, 600, 300)


def journal_of(folder: Path) -> tuple[Journal, Any]:
    folder.mkdir(exist_ok=True)
    journal = Journal(folder)
    return journal, journal.raster(FORM)


def test_a_journal_knows_what_was_written_what_was_empty_and_what_was_not(tmp_path: Path) -> None:
    journal, tiles = journal_of(tmp_path / "run")
    assert journal.empty
    pixels = noise(FORM)
    journal.write(tiles, HALVES[0], pixels[:, :300])
    journal.note_written("map", HALVES[0])
    journal.note_empty("map", Window(5, 5, 1, 1))
    journal.write(tiles, HALVES[1], pixels[:, 300:])  # and then the process was killed
    assert not journal.empty
    journal.close()
    journal, tiles = journal_of(tmp_path / "run")
    assert journal.state("map", HALVES[0]) is State.WRITTEN
    assert journal.state("map", HALVES[1]) is State.OPEN
    assert journal.state("map", Window(5, 5, 1, 1)) is State.EMPTY
    assert journal.state("mask", HALVES[0]) is State.OPEN
    assert journal.known("map", HALVES) == {HALVES[0]}
    assert journal.kept == 2
    np.testing.assert_array_equal(tiles.read(HALVES[0]), pixels[:, :300])


@pytest.mark.parametrize("bite", range(1, 60, 7))
def test_a_line_may_be_torn_anywhere(tmp_path: Path, bite: int) -> None:
    journal, tiles = journal_of(tmp_path / "run")
    for half in HALVES:
        journal.write(tiles, half, noise(FORM)[:, :300])
        journal.note_written("map", half)
    journal.close()
    path = tmp_path / "run" / NAME
    path.write_bytes(path.read_bytes()[:-bite])
    journal, tiles = journal_of(tmp_path / "run")
    assert journal.known("map", HALVES) == {HALVES[0]}
    # What is noted next stands on a line of its own.
    journal.write(tiles, HALVES[1], noise(FORM)[:, 300:])
    journal.note_written("map", HALVES[1])
    journal.close()
    journal, _ = journal_of(tmp_path / "run")
    assert [journal.state("map", half) for half in HALVES] == [State.WRITTEN] * 2


def test_pixels_that_never_reached_the_disk_are_noticed(tmp_path: Path) -> None:
    journal, tiles = journal_of(tmp_path / "run")
    journal.write(tiles, HALVES[0], noise(FORM)[:, :300])
    journal.note_written("map", HALVES[0])
    journal.close()
    tiles.path.write_bytes(b"")
    journal, _ = journal_of(tmp_path / "run")
    assert journal.state("map", HALVES[0]) is State.OPEN
    journal.close()
    # A raster of another size is another raster.
    journal = Journal(tmp_path / "run")
    journal.raster(Form(700, 600, 1, "uint8", 0))
    assert journal.state("map", HALVES[0]) is State.OPEN
