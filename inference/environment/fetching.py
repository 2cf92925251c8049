"""Brings the packages of requirement lists into a folder with a pip that is up to it. Standard library alone.

Set-ups and bundles go this way alike.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import requirements
from .commands import Commands
from .networks import pip_variables
from .options import SetupOptions
from .packages import fetch, install_environment, install_words, locked
from .requirements import RequirementList
from .variables import pip_environment

Say = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Fetching:
    """Fetches packages.

    Attributes:
        python: the Python whose pip does it; that pip is renewed from the lists.
        wheels: the folder that the packages come into; what lies there already is not fetched again.
        options: how the network is reached.
        commands: runs pip.
        say: gets bytes so far, bytes in all as far as they are known, and a line of text.
    """

    python: Path
    wheels: Path
    options: SetupOptions
    commands: Commands
    say: Say

    def fetch(
        self, lists: Iterable[RequirementList], sizes: requirements.Sizes, words: Sequence[str] = ()
    ) -> list[RequirementList]:
        """Bring the packages of lists; of those for one build of PyTorch only where that is what came.

        Args:
            lists: in their order.
            sizes: what they weigh.
            words: of ``pip download``, such as ``--platform``.

        Returns:
            the lists whose packages are needed.

        Raises:
            NotInstalled, Cancelled: see :func:`.packages.fetch`.
        """
        needed = []
        for listed in lists:
            if self._needs(listed):
                needed.append(listed)
                total = sizes.download if listed.only_if_asked else sizes.least_download
                packages = locked(listed.path.read_text(encoding="utf-8"))
                fetch(packages, self.wheels, self._pip, self.say, total, words)
                self._renew_pip(listed)
        return needed

    def present(self, lists: Iterable[RequirementList]) -> list[RequirementList]:
        """Of lists whose packages lie in the folder already those that are needed."""
        needed = [listed for listed in lists if self._needs(listed)]
        for listed in needed:
            self._renew_pip(listed)
        return needed

    def install(
        self, lists: Iterable[RequirementList], while_silent: Callable[[], None] | None = None
    ) -> None:
        """Install lists whose packages lie in the folder, from there alone."""
        words = install_words(self.wheels, [listed.path for listed in lists])
        variables = install_environment()
        self.commands.run(self.python, ["-m", "pip", *words], variables, while_silent=while_silent)

    def _needs(self, listed: RequirementList) -> bool:
        return requirements.is_asked_for(listed, _metadata_of_torch(self.wheels))

    def _renew_pip(self, listed: RequirementList) -> None:
        # The new one goes on with files that were cut off, and knows the system's certificates.
        if listed.name == requirements.PIP:
            self.install([listed])

    def _pip(self, words: Sequence[str], variables: Mapping[str, str], tick: Callable[[], None]) -> object:
        environ = pip_environment()
        told = {**environ, **pip_variables(self.options, environ), **variables}
        return self.commands.run(self.python, ["-m", "pip", *words], told, while_silent=tick)


def _metadata_of_torch(wheels: Path) -> str:
    """What the wheel of PyTorch in a folder says of itself; empty without one."""
    for path in sorted(wheels.glob("torch-*.whl")):
        with zipfile.ZipFile(path) as archived:
            inside = [name for name in archived.namelist() if name.endswith(".dist-info/METADATA")]
            return archived.read(inside[0]).decode("utf-8", "replace") if inside else ""
    return ""
