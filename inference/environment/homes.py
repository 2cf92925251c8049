"""Whether a folder can hold GeoFM's data, and what lies in one. Standard library alone.

What is known of a folder comes in as data (:class:`Place`), so that every platform's decisions can be tried
on any other. Nothing is made: a file without a name tells whether a folder can be written.
"""

from __future__ import annotations

import ctypes
import os
import subprocess  # nosec B404
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .platforms import Platform
from .pythons import NO_WINDOW

# Characters of the longest path below the data folder, the folder of a second environment of one name in it:
# a licence among those of PyTorch 2.13's dependencies.
LONGEST = 211
# Of a path on Windows with its drive, without the null at its end (MAX_PATH).
_MAX_PATH = 259
_NETWORK = {
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "webdav", "davfs", "davfs2", "afs", "ncpfs", "9p",
    "fuse.sshfs", "fuse.rclone", "fuse.davfs", "fuse.smbnetfs", "remote",
}  # fmt: skip
_DRIVE_REMOTE = 4  # of GetDriveTypeW
_KINDS = ("engines", "models", "labels", "areas", "runs", "encodings")
_ANOTHER = "Choose another data folder in the set-up's options, or set GEOFM_HOME to one."

_ROOT = Path(__file__).absolute().parents[2]

Fault = tuple[str, str]


@dataclass(frozen=True)
class Place:
    """What is known of a folder.

    Attributes:
        path: as a person wrote it, ``~`` expanded.
        writable: whether something can be made in it, or where it is not there yet in the one above it.
        is_file: whether a file has that name.
        network: the kind of file system where it lies on another machine; empty where it does not.
        long_paths: whether the system takes paths of any length.
    """

    path: str
    writable: bool = True
    is_file: bool = False
    network: str = ""
    long_paths: bool = True


def faults(
    place: Place, platform: Platform, apart: Iterable[str | os.PathLike[str]] = ()
) -> tuple[Fault, ...]:
    """Why a folder cannot hold GeoFM's data, a sentence and a hint each; empty if it can.

    Args:
        place: the folder.
        platform: of whose paths it is one.
        apart: folders that belong to others.
    """
    path, paths = place.path, platform.paths
    if not paths.isabs(path):
        return ((f"{path} is no whole path.", "Name the data folder from the root or the drive on."),)
    for folder in (os.fspath(given) for given in apart):
        if _inside(path, folder, platform):
            sentence = f"The data folder {path} lies in {folder}, which QGIS looks after."
            return ((sentence, "Choose one outside: updates of the plugin delete what lies in there."),)
    if place.is_file:
        return ((f"{path} is a file and no folder.", _ANOTHER),)
    if not place.writable:
        return ((f"The data folder {path} cannot be written.", _ANOTHER),)
    spare = _MAX_PATH - LONGEST
    if platform.system == "windows" and not place.long_paths and len(path) > spare:
        sentence = f"The data folder's path has {len(path)} characters; the engine's files leave {spare}."
        return ((sentence, "Choose a shorter one such as C:\\geofm, or let Windows allow long paths."),)
    return ()


def caution(place: Place) -> str:
    """What to know of a folder that can be used all the same; empty if nothing."""
    if not place.network:
        return ""
    return (
        f"The data folder {place.path} lies on a network drive ({place.network}): the engine starts slowly "
        "from there, and cannot run without it."
    )


def look(folder: str | os.PathLike[str], platform: Platform) -> Place:
    """What is known of a folder of this machine, whether it is there or not."""
    path = os.path.expanduser(os.fspath(folder))
    if not os.path.isabs(path):
        return Place(path)
    there = next(one for one in (Path(path), *Path(path).parents) if one.exists() or one == one.parent)
    return Place(
        path=path,
        writable=there.is_dir() and _writable(there),
        is_file=os.path.isfile(path),
        network=_network(str(there.resolve()), platform),
        long_paths=_long_paths(),
    )


def contents(folder: Path) -> tuple[str, ...]:
    """What lies in a data folder, of ``engines``, ``models``, ``labels`` and so on."""
    return tuple(kind for kind in _KINDS if (folder / kind).is_dir() and any((folder / kind).iterdir()))


def own_folders(root: Path = _ROOT) -> tuple[Path, ...]:
    """The plugin's folder, and that of the profile's Python where it lies in one.

    A checkout is not what an update of QGIS replaces, and ``make`` keeps its data in the checkout's folder
    ``build``: of one, the other folders.

    Args:
        root: the folder of the plugin.
    """
    profile = root.parent.parent
    apart = (profile,) if (profile.name, root.parent.name) == ("python", "plugins") else ()
    if not (root / "Makefile").is_file():
        return (root, *apart)
    return (*sorted(path for path in root.iterdir() if path.is_dir() and path.name != "build"), *apart)


def kind_of(path: str, mounts: Iterable[tuple[str, str]]) -> str:
    """The file system on which a path lies, as the longest place of mounting says that it lies below."""
    fitting = [(len(point), kind) for point, kind in mounts if _below(path, point)]
    return max(fitting, default=(0, ""))[1]


def _below(path: str, point: str) -> bool:
    return path == point or path.startswith(point.rstrip("/") + "/")


def _inside(path: str, folder: str, platform: Platform) -> bool:
    paths = platform.paths
    # Links lead to places too, where this machine has them.
    spellings = {(path, folder)}
    if platform.paths is os.path:
        spellings.add((os.path.realpath(path), os.path.realpath(folder)))
    for one, other in spellings:
        inner, outer = (paths.normcase(paths.normpath(text)) for text in (one, other))
        if inner == outer or inner.startswith(outer.rstrip(paths.sep) + paths.sep):
            return True
    return False


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _network(path: str, platform: Platform) -> str:
    if platform.system == "windows":
        drive = platform.paths.splitdrive(path)[0]
        return "remote" if drive.startswith("\\\\") or _drive_type(drive) == _DRIVE_REMOTE else ""
    kind = kind_of(path, _mounts(platform.system))
    return kind if kind in _NETWORK else ""


def _drive_type(drive: str) -> int:
    if sys.platform != "win32":
        return 0
    return int(getattr(ctypes, "windll").kernel32.GetDriveTypeW(drive + "\\"))  # noqa: B009


def _mounts(system: str) -> list[tuple[str, str]]:
    """Places of mounting with their kind of file system."""
    try:
        if system == "linux":
            return mounts_of_linux(Path("/proc/self/mountinfo").read_text("utf-8", "replace"))
        # macOS; a program of the system, and no words.
        said = subprocess.run(  # nosec B603
            ["/sbin/mount"], capture_output=True, text=True, timeout=10, check=False,
            stdin=subprocess.DEVNULL, creationflags=NO_WINDOW,
        )  # fmt: skip
        return mounts_of_macos(said.stdout)
    except (OSError, subprocess.SubprocessError):
        return []


def mounts_of_linux(text: str) -> list[tuple[str, str]]:
    """Of ``/proc/self/mountinfo`` (proc(5)): spaces in it are written as ``\\040``."""
    found = []
    for line in text.splitlines():
        words, _, rest = line.partition(" - ")
        fields = words.split()
        if len(fields) > 4 and rest:
            point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
            found.append((point, rest.split()[0]))
    return found


def mounts_of_macos(text: str) -> list[tuple[str, str]]:
    """Of the program ``mount``: ``//me@server/maps on /Volumes/maps (smbfs, nodev)``."""
    found = []
    for line in text.splitlines():
        place, _, flags = line.rpartition(" (")
        point = place.partition(" on ")[2]
        if point:
            found.append((point, flags.rstrip(")").split(",")[0]))
    return found


def _long_paths() -> bool:
    if sys.platform != "win32":
        return True
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:
            return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])
    except OSError:
        return False
