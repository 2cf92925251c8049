"""Tokens on disk: what is found is right, whatever happened to the files; the limit holds."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from geofm.inference.engine.features import token_store
from geofm.inference.engine.features.token_store import Entry, TokenStore, cache_limit
from geofm.inference.engine.stamps import Source, stamp
from geofm.inference.errors import InvalidRequest

SIZE = 3000
PLENTY = 10**9
NOWHERE = Source("", {}, True)
CELLS = [(col, row) for row in range(30, 34) for col in range(28, 36)]
Rows = np.ndarray


def rows_of(cells: list[tuple[int, int]], size: int = SIZE) -> Rows:
    """Bytes that belong to these windows and to no others."""
    return np.stack([np.random.default_rng(cell).integers(0, 256, size, np.uint8) for cell in cells])


def opened(root: Path, key: str = "key", limit: int = PLENTY, source: Source = NOWHERE) -> Entry:
    """As a process would that has just started."""
    return Entry(TokenStore(root, limit), key, SIZE, source, ())


def kept(root: Path, key: str = "key", cells: list[tuple[int, int]] = CELLS) -> int:
    """How many of the windows are found; those that are must be right."""
    found = opened(root, key).find(cells)
    for row, true in zip(found, rows_of(cells), strict=True):
        if row is not None:
            np.testing.assert_array_equal(row, true)
    return sum(row is not None for row in found)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A store with the 32 windows of CELLS, which lie in four files."""
    opened(tmp_path).add(CELLS, rows_of(CELLS))
    return tmp_path


def files(root: Path) -> list[Path]:
    return sorted(root.glob("*/*.tokens"))


def test_another_process_finds_what_was_kept(filled: Path) -> None:
    assert len(files(filled)) == 4
    assert kept(filled) == 32
    assert opened(filled).find([(0, 0), (28, 29), (27, 30)]) == [None] * 3
    shuffled = random.Random(0).sample(CELLS, 20)
    assert kept(filled, cells=shuffled) == 20


def test_windows_are_no_small_files(tmp_path: Path) -> None:
    many = [(col, row) for row in range(64) for col in range(64)]
    opened(tmp_path).add(many, np.zeros((len(many), SIZE), np.uint8))
    assert len(files(tmp_path)) == 4
    assert sum(path.stat().st_size for path in files(tmp_path)) < 4096 * SIZE * 1.01


def test_a_window_may_be_larger_than_a_file_is_meant_to_be(tmp_path: Path) -> None:
    big = 5 << 20
    store = TokenStore(tmp_path, PLENTY)
    Entry(store, "key", big, NOWHERE, ()).add([(1, 2)], rows_of([(1, 2)], big))
    (found,) = Entry(store, "key", big, NOWHERE, ()).find([(1, 2)])
    assert found is not None
    np.testing.assert_array_equal(found, rows_of([(1, 2)], big)[0])


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def cut_table(path: Path) -> None:
    os.truncate(path, 10)


def flip(path: Path) -> None:
    """A bit of a byte that a window has."""
    content = bytearray(path.read_bytes())
    content[-5] ^= 4
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [truncate, cut_table, flip, empty, replace_by_folder])
def test_damage_costs_windows_but_never_gives_wrong_ones(filled: Path, harm: Callable[[Path], None]) -> None:
    harm(files(filled)[0])
    left = kept(filled)
    assert 24 <= left < 32
    opened(filled).add(CELLS, rows_of(CELLS))
    assert kept(filled) == (left if harm is replace_by_folder else 32)


def test_a_window_is_not_taken_for_another(tmp_path: Path) -> None:
    cells = [(3, 0), (35, 0)]
    opened(tmp_path).add(cells, rows_of(cells))
    first, second = files(tmp_path)
    contents = first.read_bytes(), second.read_bytes()
    first.write_bytes(contents[1])
    second.write_bytes(contents[0])
    assert opened(tmp_path).find(cells) == [None, None]


def test_files_of_another_key_are_not_taken(filled: Path) -> None:
    shutil.copytree(filled / "key", filled / "other")
    assert kept(filled, "other") == 0


CHILD = """
import sys
import numpy as np
sys.path[:0] = sys.argv[1:3]
from pathlib import Path
import test_token_store as t
root, limit, seed = Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
chance = np.random.default_rng(seed)
print("ready", flush=True)
while True:
    key = f"key{chance.integers(3)}"
    entry = t.opened(root, key, limit)
    cells = [tuple(map(int, cell)) for cell in chance.integers(0, 40, (20, 2))]
    rows = t.rows_of(cells)
    entry.add(cells, rows)
    for row, true in zip(entry.find(cells), rows):
        assert row is None or (row == true).all()
"""


def writer(plugins: Path, root: Path, limit: int, seed: int) -> subprocess.Popen[str]:
    """A process that keeps and finds windows until it is killed; it ends by itself only if one is wrong."""
    here = Path(__file__).parent
    command = [sys.executable, "-c", CHILD, str(plugins), str(here), str(root), str(limit), str(seed)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("limit", [PLENTY, 400_000], ids=["room", "tight"])
def test_engines_side_by_side_that_are_killed_leave_nothing_wrong(
    plugins: Path, tmp_path: Path, limit: int
) -> None:
    """In the tight store each removes what the other has just written."""
    children = [writer(plugins, tmp_path, limit, seed) for seed in (1, 2)]
    time.sleep(1.0)
    for child in children:
        assert child.poll() is None, child.communicate()[1]
        child.send_signal(signal.SIGKILL)
        child.communicate()
    everywhere = [(col, row) for row in range(40) for col in range(40)]
    found = sum(kept(tmp_path, f"key{number}", everywhere) for number in range(3))
    assert found > 10
    # A batch or two of each may be on its way when the other looks.
    assert TokenStore(tmp_path, limit).facts()["bytes"] < limit + 4 * 20 * 2 * SIZE


def test_a_full_disk_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    entry = opened(tmp_path)
    entry.add(CELLS[:4], rows_of(CELLS[:4]))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        entry.add(CELLS, rows_of(CELLS))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert 4 <= kept(tmp_path) < 32
    # The next batches are not tried at once: each would cost a look through the folder.
    entry.add(CELLS, rows_of(CELLS))
    assert kept(tmp_path) < 32
    monkeypatch.setattr(token_store, "_PAUSE", 0.0)
    entry.add(CELLS, rows_of(CELLS))
    assert kept(tmp_path) == 32


def test_a_place_that_is_no_folder_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "encodings").write_text("in the way", encoding="ascii")
    opened(tmp_path / "encodings").add(CELLS, rows_of(CELLS))
    assert kept(tmp_path / "encodings") == 0
    assert TokenStore(tmp_path / "encodings", PLENTY).facts()["bytes"] == 0
    assert TokenStore(tmp_path / "encodings", PLENTY).clear()["bytes"] == 0


def test_a_read_only_folder_is_read(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the system would refuse it to a user; root may write everywhere."""

    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(13, "refused")

    for owner, name in ((os, "open"), (os, "utime"), (Path, "mkdir"), (Path, "unlink")):
        monkeypatch.setattr(owner, name, refuse)
    more = [(1, 1), (100, 100)]
    opened(filled).add(more, rows_of(more))
    opened(filled, "new").add(more, rows_of(more))
    assert kept(filled, cells=more) == 0
    assert kept(filled) == 32


# --- the limit -------------------------------------------------------------------------------------


def fill(store: TokenStore, key: str, age: float = 0.0, source: Source = NOWHERE, **more: object) -> Path:
    """An entry of about 100 kB that was last used some seconds ago."""
    entry = Entry(store, key, SIZE, source, **{"others": (), **more})  # type: ignore[arg-type]
    entry.add(CELLS, rows_of(CELLS))
    for path in entry.folder.iterdir() if entry.folder.exists() else ():
        os.utime(path, (time.time() - age,) * 2)
    return entry.folder


def taken(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.iterdir())


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each addition looks at how much there is."""
    monkeypatch.setattr(token_store, "_ADVANCE", SIZE)


@pytest.fixture
def one(tmp_path: Path) -> int:
    """Bytes on disk of an entry as :func:`fill` makes it."""
    return taken(fill(TokenStore(tmp_path / "trial", PLENTY), "key"))


def test_the_least_recently_used_goes_first(tmp_path: Path, one: int) -> None:
    store = TokenStore(tmp_path, int(3.5 * one))
    for key, age in (("a", 200), ("b", 400), ("c", 300)):
        fill(store, key, age)
    # A reader is a user too.
    opened(tmp_path, "b").find(CELLS[:1])
    fill(store, "d")
    assert sorted(path.name for path in tmp_path.glob("[abcd]")) == ["a", "b", "d"]
    fill(store, "e")
    assert sorted(path.name for path in tmp_path.glob("[abcde]")) == ["b", "d", "e"]
    assert store.facts()["bytes"] <= 3.5 * one


def test_what_was_made_from_a_changed_file_goes_before_all_others(tmp_path: Path, one: int) -> None:
    scene, vrt = tmp_path / "scene.tif", tmp_path / "scene.vrt"
    for path in (scene, vrt):
        path.write_bytes(b"pixels")
    of_scene = Source("1", {str(path): stamp(str(path)) for path in (scene, vrt)}, True)
    store = TokenStore(tmp_path / "store", int(2.5 * one))
    old, changed = fill(store, "old", 900), fill(store, "changed", 5, of_scene)
    os.utime(scene, ns=(0, 0))
    new = fill(store, "new")
    assert [path.exists() for path in (old, changed, new)] == [True, False, True]


def test_an_entry_that_nobody_can_tell_the_source_of_goes_first(tmp_path: Path, one: int) -> None:
    store = TokenStore(tmp_path, int(2.5 * one))
    old, broken = fill(store, "old", 900), fill(store, "broken")
    (broken / "about.json").write_text('{"stamps": [', encoding="ascii")
    fill(store, "new")
    assert [path.exists() for path in (old, broken)] == [True, False]


def test_a_scene_larger_than_the_limit_keeps_its_first_part(tmp_path: Path, one: int) -> None:
    store = TokenStore(tmp_path, int(0.6 * one))
    entry = Entry(store, "key", SIZE, NOWHERE, ())
    for cell in CELLS:
        entry.add([cell], rows_of([cell]))
    assert 5 < kept(tmp_path) < 32
    assert store.facts()["bytes"] <= 0.6 * one + 2 * 4096


def test_two_scenes_of_one_run_do_not_make_room_for_each_other(tmp_path: Path, one: int) -> None:
    store = TokenStore(tmp_path, int(1.5 * one))
    before = Entry(store, "before", SIZE, NOWHERE, ())
    before.add(CELLS, rows_of(CELLS))
    after = fill(store, "after", others=(before,))
    assert before.folder.exists()
    assert not after.exists()
    assert fill(store, "another run").exists()
    assert not before.folder.exists()


def test_no_more_is_taken_than_a_share_of_the_free_disk(
    tmp_path: Path, one: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = TokenStore(tmp_path, PLENTY)
    fill(store, "a", 100)
    # The disk fills up from elsewhere.
    monkeypatch.setattr(token_store.shutil, "disk_usage", lambda path: SimpleNamespace(free=4 * one))
    store = TokenStore(tmp_path, PLENTY)
    fill(store, "b")
    assert store.facts()["limit"] == (4 * one + taken(tmp_path / "b")) // 4
    assert not (tmp_path / "a").exists()
    monkeypatch.setattr(token_store.shutil, "disk_usage", lambda path: SimpleNamespace(free=0))
    assert not fill(TokenStore(tmp_path, PLENTY), "c").exists()


def test_clearing_leaves_nothing(filled: Path) -> None:
    store = TokenStore(filled, PLENTY)
    facts = store.facts()
    assert (facts["entries"], facts["setting"]) == (1, PLENTY)
    assert facts["bytes"] >= 32 * SIZE
    assert store.clear()["bytes"] == facts["bytes"]
    assert list(filled.iterdir()) == []


@pytest.mark.parametrize(("text", "limit"), [("", 10 * 10**9), ("0", 0), ("2.5", 2_500_000_000)])
def test_the_limit_is_set_in_gigabytes(text: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOFM_CACHE", text)
    assert cache_limit() == limit


@pytest.mark.parametrize("text", ["much", "-1", "nan", "inf", "1e30"])
def test_a_limit_that_is_none_is_a_sentence(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOFM_CACHE", text)
    with pytest.raises(InvalidRequest, match="GEOFM_CACHE is"):
        cache_limit()
