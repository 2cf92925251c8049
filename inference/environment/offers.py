"""Whether pip finds what lies on no index that it asks by itself. Standard library alone.

PyTorch's build with CUDA for Windows is such a thing: somebody has to name PyTorch's own index, or a folder
or an index of the firm with a copy. pip is asked for the versions that it sees, with all that the machine and
the options of the set-up tell it; that takes as long as a page of each index, and fetches no package.
"""

from __future__ import annotations

import re
import subprocess  # nosec B404
from collections.abc import Iterator
from pathlib import Path

from ..errors import GeoFMError
from .bundling import version_of, words_for
from .networks import pip_variables
from .options import SetupOptions
from .platforms import Platform
from .pythons import NO_WINDOW, Choice, choose
from .requirements import OwnBuild
from .state import finished
from .variables import pip_environment

# An index that does not answer is asked once: whoever waits wants to see a plan.
_BRISK = ("--retries", "0", "--timeout", "10")
_PATIENCE = 60.0
_SEEN = re.compile(r"^Available versions: (.+)$", re.MULTILINE)


def offered(build: OwnBuild, platform: Platform, options: SetupOptions) -> bool:
    """Whether a set-up gets a build: it is installed, a bundle is to bring it, or pip finds it.

    Args:
        build: of :func:`.requirements.own_build`.
        platform: the machine.
        options: of the set-up; its indexes, proxy and certificates count.
    """
    installed = any(made.accelerator == "cuda" and made.fits and made.works for made in finished())
    return installed or bool(options.bundle) or build.version in _versions(build.package, platform, options)


def _versions(package: str, platform: Platform, options: SetupOptions) -> list[str]:
    """The versions of a package that pip sees for the engine's Python; none where it cannot be asked."""
    try:
        choice = choose(options.python, platform)
        environ = pip_environment()
        environ.update(pip_variables(options, environ))
    except GeoFMError:
        # What is wrong with the Python or the options, the plan and the set-up say.
        return []
    python = choice.python or choice.instead
    version = choice.build.version.rpartition(".")[0] if choice.build else version_of(python or Path())
    words = ["index", "versions", package, "--only-binary", ":all:", *_BRISK]
    words += words_for(platform.tag, version)
    for asked in _askable(choice, platform):
        answer = _answer([str(asked), "-I", "-m", "pip", *words], environ)
        if answer is not None:
            found = _SEEN.search(answer)
            return found.group(1).split(", ") if found else []
    return []


def _askable(choice: Choice, platform: Platform) -> Iterator[Path]:
    """Pythons whose pip may be asked, the engine's first: where that is to be downloaded, the one of QGIS."""
    yield from (python for python in (choice.python, choice.instead) if python)
    # Inside QGIS on Windows and macOS that which runs is QGIS itself.
    if platform.system == "windows":
        yield Path(platform.prefix) / "python.exe"
    elif platform.executable and platform.bundle != "app":
        yield Path(platform.executable)


def _answer(command: list[str], environ: dict[str, str]) -> str | None:
    """What pip wrote; None where there is no pip, or none that can be asked."""
    try:
        # A Python that the set-up would use, and fixed words.
        done = subprocess.run(  # nosec B603
            command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8", errors="replace", timeout=_PATIENCE, creationflags=NO_WINDOW,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return ""
    except OSError:
        return None
    lacks_pip = re.search(r"No module named pip|unknown command|no such option", done.stdout)
    return None if lacks_pip else done.stdout
