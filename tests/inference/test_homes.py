"""Which folder can hold GeoFM's data: each platform's rules, on recorded facts; folders of this machine."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from geofm.inference import environment, places
from geofm.inference.environment import homes
from geofm.inference.environment.homes import Place
from geofm.inference.environment.platforms import Platform, this_platform

ROOT = Path(__file__).resolve().parents[2]
LINUX, WINDOWS, MACOS = (
    Platform("linux", "x86_64"), Platform("windows", "x86_64"), Platform("macos", "aarch64"),
)  # fmt: skip
WINDOWS_PROFILE = r"C:\Users\Ana\AppData\Roaming\QGIS\QGIS3\profiles\default\python"

MOUNTINFO = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 27 0:40 / /home rw,relatime - nfs4 server:/home rw,vers=4.2
41 40 254:1 / /home/ana/local rw - xfs /dev/vdb rw
42 27 0:42 / /media/my\040maps rw - cifs //server/maps rw
"""
MOUNT = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
//ana@server/maps on /Volumes/my maps (smbfs, nodev, nosuid, mounted by ana)
"""


@pytest.mark.parametrize(
    ("place", "platform", "words"),
    [
        (Place("/home/ana/geofm"), LINUX, ""),
        (Place("/Users/ana/Library/Application Support/geofm"), MACOS, ""),
        (Place(r"D:\geofm", long_paths=False), WINDOWS, ""),
        (Place(r"C:\Users\maximilian.mustermann\AppData\Local\geofm", long_paths=False), WINDOWS, "has 50"),
        (Place("geofm"), LINUX, "geofm is no whole path."),
        (Place(r"maps\geofm"), WINDOWS, "is no whole path."),
        (Place("/etc/hosts", is_file=True), LINUX, "is a file and no folder."),
        (Place("/usr/geofm", writable=False), LINUX, "The data folder /usr/geofm cannot be written."),
        (Place("D:\\" + 60 * "m", long_paths=False), WINDOWS, "the engine's files leave 48"),
        (Place("D:\\" + 60 * "m", long_paths=True), WINDOWS, ""),
        (Place("/" + 200 * "m", long_paths=True), LINUX, ""),
        (Place(WINDOWS_PROFILE), WINDOWS, "which QGIS looks after"),
        (Place(WINDOWS_PROFILE.upper() + r"\plugins\geofm\data"), WINDOWS, "which QGIS looks after"),
        (Place(WINDOWS_PROFILE.replace("\\", "/") + "/../python/geofm"), WINDOWS, "which QGIS looks after"),
        (Place(WINDOWS_PROFILE + "-data"), WINDOWS, ""),
    ],
)
def test_each_platform_has_its_rules(place: Place, platform: Platform, words: str) -> None:
    found = homes.faults(place, platform, [WINDOWS_PROFILE])
    assert bool(found) == bool(words)
    for sentence, hint in found:
        assert words in sentence
        assert sentence.endswith(".")
        assert hint


def test_the_longest_path_is_that_of_a_real_engine(engine_python: Path) -> None:
    """Spelt as on Windows, where the folder of a second environment of the same name is longer by two."""
    site = next(engine_python.parents[1].glob("lib/python3*/site-packages"), None)
    if site is None:
        pytest.skip("needs an engine that GeoFM made")
    before = len("/engines/py311-00000000-2/Lib/site-packages/")
    inside = (str(path.relative_to(site)).replace("+cpu", "") for path in site.rglob("*"))
    longest = max(before + len(path) for path in inside if "__pycache__" not in path)
    assert homes.LONGEST - 8 <= longest <= homes.LONGEST


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"), ("/homely", "ext4"), ("/home", "nfs4"), ("/home/ana/geofm", "nfs4"),
        ("/home/ana/local/geofm", "xfs"), ("/media/my maps/geofm", "cifs"), ("/proc", "proc"),
    ],
)  # fmt: skip
def test_the_kind_of_drive_is_that_of_the_nearest_mount(path: str, kind: str) -> None:
    assert homes.kind_of(path, homes.mounts_of_linux(MOUNTINFO)) == kind


def test_drives_of_macos() -> None:
    mounts = homes.mounts_of_macos(MOUNT)
    assert homes.kind_of("/Volumes/my maps/geofm", mounts) == "smbfs"
    assert homes.kind_of("/Users/ana", mounts) == "apfs"
    assert homes.mounts_of_macos("nonsense\n") == []


def test_a_network_drive_is_told_and_not_refused() -> None:
    place = Place("/home/ana", network="nfs4")
    assert homes.faults(place, LINUX) == ()
    assert "network drive (nfs4)" in homes.caution(place)
    assert homes.caution(dataclasses.replace(place, network="")) == ""
    assert homes._network(r"\\server\share\geofm", WINDOWS) == "remote"
    assert homes._network(r"C:\geofm", WINDOWS) == ""


def test_folders_of_this_machine(tmp_path: Path) -> None:
    here = this_platform()
    assert homes.faults(homes.look(tmp_path / "new" / "deep", here), here, homes.own_folders()) == ()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(ROOT / "resources")
    for name, words in (
        (str(tmp_path / "file"), "is a file"),
        (str(tmp_path / "file" / "below"), "cannot be written"),
        ("/proc/geofm", "cannot be written"),
        (str(ROOT / "resources" / "data"), "which QGIS looks after"),
        (str(tmp_path / "link" / "data"), "which QGIS looks after"),
        ("relative", "no whole path"),
    ):
        ((sentence, _),) = homes.faults(homes.look(name, here), here, homes.own_folders())
        assert words in sentence


def test_a_checkout_builds_in_its_own_folder_and_an_installed_plugin_holds_no_data(tmp_path: Path) -> None:
    here, plugin = this_platform(), tmp_path / "python" / "plugins" / "geofm"
    (plugin / "ui").mkdir(parents=True)
    for inside in (plugin / "build" / "home", plugin / "ui", plugin.parent):
        assert homes.faults(homes.look(inside, here), here, homes.own_folders(plugin))
    checkout = tmp_path / "checkout"
    (checkout / "ui").mkdir(parents=True)
    (checkout / "Makefile").touch()
    own = homes.own_folders(checkout)
    assert homes.faults(homes.look(checkout / "ui" / "data", here), here, own)
    assert homes.faults(homes.look(checkout / "build" / "home", here), here, own) == ()


def test_a_bad_place_is_told_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    monkeypatch.setenv("GEOFM_HOME", "/proc/geofm")
    planned = environment.plan()
    assert planned.problems[0] == "The data folder /proc/geofm cannot be written."
    assert "GEOFM_HOME" in planned.hint


def test_the_variable_goes_before_what_was_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(places, "_chosen_home", str)
    monkeypatch.setenv("GEOFM_HOME", str(tmp_path / "stated"))
    places.home_from(lambda: str(tmp_path / "chosen"))
    assert places.data_home() == tmp_path / "stated"
    assert places.home_variables() == {}
    monkeypatch.delenv("GEOFM_HOME")
    assert places.data_home() == tmp_path / "chosen"
    assert places.engines_folder() == tmp_path / "chosen" / "engines"
    assert places.home_variables() == {"GEOFM_HOME": str(tmp_path / "chosen")}
    places.home_from(str)
    assert places.data_home() == places.default_home()
    assert places.home_variables() == {}


def test_what_lies_in_a_folder_is_named(tmp_path: Path) -> None:
    assert homes.contents(tmp_path) == ()
    for name in ("models/galileo-nano", "labels", "engines/py311-0", "other"):
        (tmp_path / name).mkdir(parents=True)
    assert homes.contents(tmp_path) == ("engines", "models")
