"""Where Pythons lie on each platform, in the order in which they are looked at. Standard library alone.

Nothing is started and nothing looked up here but by the function that is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .platforms import Platform

# What came with such a QGIS is replaced together with it, and environments made of it stop working.
_REPLACED = {
    "msi": "QGIS's own Python",
    "flatpak": "the Python of the Flatpak runtime",
    "snap": "the Python of the snap",
}
_OWN = {"osgeo4w": "OSGeo4W's Python", "conda": "the Python of this conda environment"}
# Beyond the path: programs that are started from a menu get a short one on macOS.
_UNIX_FOLDERS = {
    "macos": ("/opt/homebrew/bin", "/usr/local/bin", "/opt/local/bin"),
    "linux": ("/usr/bin", "/usr/local/bin"),
}
_FRAMEWORK = "/Library/Frameworks/Python.framework/Versions/3.{minor}/bin/python3"


@dataclass(frozen=True)
class Candidate:
    """A Python to look at.

    Attributes:
        path: where it would lie.
        why: what it is, in words.
        lasts: False for one that goes when QGIS is updated.
    """

    path: str
    why: str
    lasts: bool = True


def candidates(platform: Platform, which: Callable[[str], str], minors: list[int]) -> Iterator[Candidate]:
    """The Pythons of a platform, best first, each once.

    Args:
        which: where a program lies on the path; empty if it does not.
        minors: the minor versions of Python 3 that serve, best first.
    """
    seen = set()
    for candidate in (*_running(platform), *_on_path(which, minors), *_elsewhere(platform, minors)):
        path = platform.paths.normpath(candidate.path)
        # Windows takes upper and lower case for the same.
        key = path.lower() if platform.system == "windows" else path
        if key not in seen:
            seen.add(key)
            yield Candidate(path, candidate.why, candidate.lasts)


def _running(platform: Platform) -> Iterator[Candidate]:
    """The Python that this runs in.

    Inside QGIS on Windows and macOS ``sys.executable`` is QGIS itself: the interpreter lies beside the
    standard library. OSGeo4W has copies of it in ``bin``, which only find their library by PYTHONHOME.
    """
    join, prefix = platform.paths.join, platform.prefix
    lasts = platform.bundle not in _REPLACED
    why = _REPLACED.get(platform.bundle) or _OWN.get(platform.bundle, "the Python that runs GeoFM")
    if platform.system == "windows":
        yield Candidate(join(prefix, "python.exe"), why, lasts)
        return
    if platform.executable and platform.bundle != "app":
        yield Candidate(platform.executable, why, lasts)
    yield Candidate(join(prefix, "bin", f"python{platform.version[0]}.{platform.version[1]}"), why, lasts)
    yield Candidate(join(prefix, "bin", "python3"), why, lasts)


def _on_path(which: Callable[[str], str], minors: list[int]) -> Iterator[Candidate]:
    for name in (*(f"python3.{minor}" for minor in minors), "python3", "python"):
        found = which(name)
        if found:
            yield Candidate(found, f"{name} on the path")


def _elsewhere(platform: Platform, minors: list[int]) -> Iterator[Candidate]:
    """Where installers put Pythons, also when they are not on the path."""
    if platform.system == "windows":
        yield from _on_windows(platform, minors)
        return
    why = "a Python of this machine"
    if platform.system == "macos":
        for minor in minors:
            yield Candidate(_FRAMEWORK.format(minor=minor), why)
    for folder in _UNIX_FOLDERS.get(platform.system, ()):
        for name in (*(f"python3.{minor}" for minor in minors), "python3"):
            yield Candidate(f"{folder}/{name}", why)


def _on_windows(platform: Platform, minors: list[int]) -> Iterator[Candidate]:
    """What the launcher ``py`` would find. It is not started: newer ones download a Python unasked."""
    join, environ = platform.paths.join, platform.environ
    local, programs = environ.get("LOCALAPPDATA", ""), environ.get("PROGRAMFILES", r"C:\Program Files")
    for minor in minors:
        places = [join(programs, f"Python3{minor}"), rf"C:\Python3{minor}"]
        if local:
            places.insert(0, join(local, "Programs", "Python", f"Python3{minor}"))
            places.insert(1, join(local, "Python", f"pythoncore-3.{minor}-64"))
        for place in places:
            yield Candidate(join(place, "python.exe"), "a Python of this machine")
