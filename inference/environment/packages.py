"""The files of locked packages: fetched into a folder, held to their digests, installed from there.

The set-up and the offline bundle go the same way: what lies in the folder with a right digest is never
fetched again, and what is installed comes from the folder alone. Standard library alone.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .folders import size
from .networks import diagnose, without_secrets, worth_trying
from .pythons import NotInstalled
from .variables import PIP_VARIABLE, child_environment

Say = Callable[[int, int, str], None]

# pip takes half a second to start: small files go together. A large one goes alone, so that what is cut off
# has to fetch little again.
_TOGETHER = 12
_LARGE = ("torch", "triton", "nvidia", "cuda", "onnxruntime", "openvino", "scipy", "pyogrio", "rasterio")
# pip takes a file whose digest the index tells before one that lies in a folder, which tells none. A build of
# PyTorch for the processor in such a folder is a tenth of what the index has.
_IN_FOLDERS_FIRST = ("torch",)
_CHUNK = 1 << 20
_PART, _SCRATCH = ".part", "scratch"
_HASH = re.compile(r"--hash[= ]sha256:([0-9a-f]{64})")
_PINNED = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*==\s*(?P<version>[^\s;]+)\s*(?P<marker>;[^#]*?)?\s*(?=--|#|$)"
)
# Of as many packages as there are in a batch, the last tell enough.
_UNFETCHED_LINES = 4
_UNFETCHED = re.compile(r"Could not fetch URL .*")
_LOCKED = ("--progress-bar", "off", "--no-deps", "--require-hashes", "--only-binary", ":all:")


@dataclass(frozen=True)
class Package:
    """One line of a locked list.

    Attributes:
        name: as the list writes it.
        version: the one version that is meant.
        digests: SHA-256 digests, in hex, of the files that may stand for it.
        marker: ``; python_version < "3.12"`` and the like, empty for everywhere.
    """

    name: str
    version: str
    digests: frozenset[str]
    marker: str = ""

    @property
    def line(self) -> str:
        """As pip reads it."""
        words = (f"--hash=sha256:{digest}" for digest in sorted(self.digests))
        return " ".join([f"{self.name}=={self.version} {self.marker}".strip(), *words])


class Pip(Protocol):
    """Runs pip to its end.

    ``variables`` come on top of those that pip gets anyway. ``tick`` is called a few times a second.
    Raises NotInstalled, in words and with pip's last lines as detail; Cancelled when asked to stop.
    """

    def __call__(
        self, words: Sequence[str], variables: Mapping[str, str], tick: Callable[[], None]
    ) -> object: ...


def locked(text: str) -> tuple[Package, ...]:
    """The packages of a list with digests, as pip reads it, in its order."""
    found = []
    for row in re.sub(r"\\\s*\n", " ", text).splitlines():
        match = _PINNED.match(row.strip())
        if match:
            digests = frozenset(_HASH.findall(row))
            found.append(Package(match["name"], match["version"], digests, match["marker"] or ""))
    return tuple(found)


def fetch(
    packages: Sequence[Package], folder: Path, pip: Pip, say: Say, total: int = 0, words: Sequence[str] = ()
) -> None:
    """Bring the wheels of packages into a folder; those that lie there already are not fetched again.

    Args:
        packages: what is wanted; where a marker leaves one out here, pip brings nothing for it.
        folder: made if need be; it gets whole files with right digests alone.
        pip: of a Python whose platform is meant, unless ``words`` say another.
        say: called with the bytes in the folder, ``total``, and a line of text.
        total: bytes that the folder will hold, as far as is known.
        words: of ``pip download``, such as ``--platform``.

    Raises:
        NotInstalled: in words, with pip's last lines as detail.
    """
    folder.mkdir(parents=True, exist_ok=True)
    have = {digest_of(path) for path in folder.glob("*.whl")}
    missing = [package for package in packages if not package.digests & have]

    highest = 0

    def told(text: str = "") -> None:
        nonlocal highest
        # pip moves what it has, and for a moment a file is nowhere.
        highest = max(highest, _written(folder))
        say(highest, max(total, highest), text)

    for batch in _batches(missing):
        told("Downloading " + ", ".join(f"{package.name} {package.version}" for package in batch))
        if batch[0].name in _IN_FOLDERS_FIRST and _had_in_a_folder(batch, folder, pip, words, told):
            continue
        _fetch_batch(batch, folder, pip, words, told)
    told()


def prune(folder: Path, packages: Iterable[Package]) -> None:
    """Delete the wheels of a folder that are none of these packages, or damaged."""
    wanted = frozenset().union(*(package.digests for package in packages))
    for path in folder.glob("*.whl"):
        if digest_of(path) not in wanted:
            path.unlink()


def install_words(folder: Path, lists: Iterable[Path]) -> list[str]:
    """The words for pip that install lists from a folder, and from nowhere else."""
    listed = [word for path in lists for word in ("-r", str(path))]
    return ["install", *_LOCKED, "--no-index", "--find-links", str(folder), *listed]


def install_environment() -> dict[str, str]:
    """The variables for a pip that installs from a folder alone.

    What the machine's pip is set to (a target, a user's folder, other places to look at) is not meant there.
    """
    kept = child_environment()
    kept.pop(PIP_VARIABLE, None)
    return {
        **kept,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_CACHE_DIR": "1",
    }


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _batches(packages: Sequence[Package]) -> Iterator[tuple[Package, ...]]:
    """What lies on an index of its own, small ones together, in their order, then each large one alone."""
    # Where nobody named that index, nothing large has come before that is told.
    own = [package for package in packages if "+" in package.version]
    yield from ((package,) for package in own)
    packages = [package for package in packages if package not in own]
    small = [package for package in packages if not package.name.startswith(_LARGE)]
    for start in range(0, len(small), _TOGETHER):
        yield tuple(small[start : start + _TOGETHER])
    for package in packages:
        if package.name.startswith(_LARGE):
            yield (package,)


def _had_in_a_folder(
    batch: Sequence[Package], folder: Path, pip: Pip, words: Sequence[str], tick: Callable[[], None]
) -> bool:
    """Whether the folders that the machine's pip is told to look into have a package; fetched, if so."""
    try:
        _fetch_batch(batch, folder, pip, [*words, "--no-index"], tick)
    except NotInstalled:
        # There is no such folder, or it has another: then the index is asked, and tells what is wrong.
        return False
    return True


def _fetch_batch(
    batch: Sequence[Package], folder: Path, pip: Pip, words: Sequence[str], tick: Callable[[], None]
) -> None:
    """Files of one call of pip, moved into the folder when all of them are whole."""
    part = folder / _PART
    wanted = part / "wanted.txt"
    # pip unpacks into the system's folder for temporary files, which often is small.
    variables = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(part / _SCRATCH))
    log = part / "pip.log"
    command = ["download", *_LOCKED, "--log", str(log), "-d", str(part), *words, "-r", str(wanted)]
    for tries in itertools.count(1):
        shutil.rmtree(part, ignore_errors=True)
        (part / _SCRATCH).mkdir(parents=True)
        wanted.write_text("".join(f"{package.line}\n" for package in batch), encoding="utf-8")
        try:
            pip(command, {**variables, "PIP_NO_CACHE_DIR": "1"}, tick)
            break
        except NotInstalled as error:
            told = _unfetched(log)
            lines = [*told, *error.detail.splitlines()]
            if tries < worth_trying(lines):
                continue
            if not told:
                raise
            raise NotInstalled(*diagnose(lines), "\n".join(lines)) from error
    for path in sorted(part.glob("*.whl")):
        os.replace(path, folder / path.name)
    shutil.rmtree(part, ignore_errors=True)


def _unfetched(log: Path) -> list[str]:
    """What pip tells its log alone: why a page of an index could not be had. Of each sentence one line."""
    if not log.is_file():
        return []
    said = _UNFETCHED.findall(log.read_text(encoding="utf-8", errors="replace"))
    return [without_secrets(line) for line in dict.fromkeys(said)][-_UNFETCHED_LINES:]


def _written(folder: Path) -> int:
    """Bytes of the wheels in a folder, and of those that pip is about to put there."""
    total = size(folder / _PART / _SCRATCH)
    for path in folder.glob("*.whl"):
        try:
            total += path.stat().st_size
        # Moved since the folder was read.
        except OSError:
            continue
    return total
