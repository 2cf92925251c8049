"""Makes the folder that set-ups without a network install from. Standard library alone.

Whatever lies in the folder already, with the right digest, is not fetched again: a bundle that was cut off is
gone on with, and one for a newer GeoFM takes what has stayed the same.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess  # nosec B404
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ... import __version__
from ..errors import InvalidRequest
from . import requirements
from .builds import Build, build_for
from .bundle import MANIFEST, MODELS, WHEELS, Bundle, Target, listed_files, read_bundle
from .commands import Commands, Log
from .fetching import Fetching
from .options import SetupOptions
from .packages import digest_of, locked, prune
from .pythons import NO_WINDOW, find_python
from .standalone import fetch_archive
from .state import python_in
from .variables import child_environment

ProgressCallback = Callable[[str, int, int, str], None]

# What pip takes for a platform beside wheels for any: the tags of PEP 425 and PEP 600, newest first. PyTorch
# needs glibc 2.28 or macOS 11; on ARM, ONNX Runtime with CUDA and OpenVINO need glibc 2.34 and 2.35.
_TAGS: Mapping[str, tuple[str, ...]] = {
    "linux-x86_64": (
        *(f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)),
        *(f"manylinux{year}_x86_64" for year in ("2014", "2010", "1")),
    ),
    "linux-aarch64": (
        *(f"manylinux_2_{minor}_aarch64" for minor in range(35, 16, -1)),
        "manylinux2014_aarch64",
    ),
    "windows-x86_64": ("win_amd64",),
    # pip adds older versions of macOS by itself.
    "macos-arm64": ("macosx_14_0_arm64", "macosx_14_0_universal2"),
}
_WORK = ".work"
_README = """GeoFM {version}: what a machine without a network needs

For {target}.

1. Install the plugin in QGIS: Plugins, Manage and Install Plugins, Install from ZIP{zip}.
2. In GeoFM's panel choose this folder under "From a folder (offline)" and press the button; or in a terminal:

       python -m geofm setup --bundle "THIS FOLDER"

Every file is compared with geofm-bundle.json before it is used. {size:.0f} MB in {files} files.
"""


def make_bundle(
    folder: str | os.PathLike[str],
    target: Target,
    options: SetupOptions | None = None,
    models: Sequence[Path] = (),
    plugin: Path | None = None,
    with_python: bool = False,
    progress: ProgressCallback | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Bundle:
    """Write a bundle, or finish one.

    Args:
        folder: empty, or of a bundle for the same target.
        target: the machine that it is for.
        options: how the package index is reached from here.
        models: files of models, as they lie in a model folder.
        plugin: the plugin's zip, to lie beside.
        with_python: whether the stand-alone Python of that platform goes in.
        progress: called with stage, done, total and a line of text; bytes, where they are known.
        cancelled: asked again and again.

    Raises:
        InvalidRequest: if the folder holds something else, or there is no such target.
        NotInstalled: saying what could not be had, with pip's last lines as detail.
        Cancelled: when asked to stop; what was fetched stays.
    """
    place = Path(folder).expanduser().absolute()
    build = _build(target) if with_python else None
    bundle = _begun(place, target)
    log = Log()
    try:
        say = progress or (lambda stage, done, total, message: None)
        work = _Work(bundle, options or SetupOptions(), say, Commands(log, cancelled))
        work.fetch_wheels()
        if build:
            fetch_archive(build, place, work.options, work.say, work.commands.cancelled)
    finally:
        log.close()
        shutil.rmtree(place / _WORK, ignore_errors=True)
    _copy_models(models, place)
    zipped = [_copied(plugin, place / plugin.name)] if plugin else []
    return _finished(bundle, [path.name for path in zipped])


def version_of(python: Path) -> str:
    """``3.12`` for a Python that can be started."""
    words = [str(python), "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    # A Python of this machine, and fixed words.
    answer = subprocess.run(  # nosec B603
        words, env=child_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        creationflags=NO_WINDOW,
    )  # fmt: skip
    return answer.stdout.strip()


def words_for(platform: str, python: str) -> list[str]:
    """For pip, which machine is meant: the tag of its platform and the version of its Python, ``3.12``."""
    words = ["--implementation", "cp", "--python-version", python]
    for abi in (f"cp{python.replace('.', '')}", "abi3", "none"):
        words += ["--abi", abi]
    for tag in _TAGS[platform]:
        words += ["--platform", tag]
    return words


def _begun(place: Path, target: Target) -> Bundle:
    """The bundle that a folder is for, as unfinished."""
    if not target.lists:
        raise InvalidRequest(f"There are no packages for {target}.")
    if (place / MANIFEST).is_file():
        before = read_bundle(place)
        if before.target != target:
            raise InvalidRequest(f"{place} holds a bundle for {before.target}.", "Choose another folder.")
    elif place.exists() and any(place.iterdir()):
        raise InvalidRequest(f"{place} is not empty.", "Choose an empty folder, or one of a bundle.")
    place.mkdir(parents=True, exist_ok=True)
    bundle = Bundle(place, target)
    bundle.write()
    return bundle


def _finished(bundle: Bundle, others: Sequence[str]) -> Bundle:
    """The bundle with the digests of what lies in its folder, and the page that says how to use it."""
    python = build_for(bundle.target.platform)
    names = [WHEELS, MODELS, *others, *([python.file] if python else [])]
    files = {
        name: (path.stat().st_size, digest_of(path)) for name, path in listed_files(bundle.folder, names)
    }
    lists = {listed.name: requirements.digest(listed.name) for listed in bundle.target.lists}
    whole = dataclasses.replace(bundle, lists=lists, files=files, whole=True)
    zipped = f" ({others[0]} in this folder)" if others else ""
    words = _README.format(
        version=__version__, target=bundle.target, zip=zipped, size=whole.size / 1e6, files=len(files)
    )
    (bundle.folder / "README.txt").write_text(words, encoding="utf-8")
    whole.write()
    return whole


@dataclasses.dataclass(frozen=True)
class _Work:
    """What is fetched for a bundle."""

    bundle: Bundle
    options: SetupOptions
    say: ProgressCallback
    commands: Commands

    def fetch_wheels(self) -> None:
        """The wheels of every list; of those for one build of PyTorch only where that build came."""

        def say(done: int, whole: int, text: str) -> None:
            self.say("install", done, whole, text)

        lists, wheels, version = self.bundle.target.lists, self.bundle.wheels, self.bundle.target.python
        fetching = Fetching(self._python(), wheels, self.options, self.commands, say)
        sizes = requirements.sizes(lists, version)
        needed = fetching.fetch(lists, sizes, words_for(self.bundle.target.platform, version))
        texts = [listed.path.read_text(encoding="utf-8") for listed in needed]
        prune(wheels, [package for text in texts for package in locked(text)])

    def _python(self) -> Path:
        """A Python with a pip of its own, for as long as this takes."""
        folder = self.bundle.folder / _WORK / "pip"
        shutil.rmtree(folder, ignore_errors=True)
        self.say("create", 0, 1, "Preparing pip")
        self.commands.run(find_python(self.options.python), ["-m", "venv", str(folder)], child_environment())
        return python_in(folder)


def _build(target: Target) -> Build:
    """The stand-alone Python of a target."""
    build = build_for(target.platform)
    if build is None:
        raise InvalidRequest(
            f"There is no stand-alone Python for {target.platform}.", "Leave out --with-python."
        )
    if not build.version.startswith(f"{target.python}."):
        raise InvalidRequest(
            f"The stand-alone Python is {build.version}, and the bundle is for {target.python}.",
            f"Add --python {build.version.rpartition('.')[0]}.",
        )
    return build


def _copy_models(models: Sequence[Path], place: Path) -> None:
    """Copy files of models, with the notes and the cards that belong to them."""
    for file in models:
        folder = place / MODELS / file.parent.name
        beside = [file, file.with_name(f"{file.name}.pin.json"), file.with_name("card.json")]
        for source in beside:
            if source.is_file():
                _copied(source, folder / source.name)


def _copied(source: Path, target: Path) -> Path:
    """A copy, whole or not at all; not made again where one of the same size lies."""
    if not target.is_file() or target.stat().st_size != source.stat().st_size:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        shutil.copyfile(source, part)
        os.replace(part, target)
    return target
