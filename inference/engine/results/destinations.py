"""Where results may be written, and what is said when the disk does not take them."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ...errors import GeoFMError, InvalidRequest, UnsupportedInput
from ..crs import GDAL_FAILURES

# Bytes; a disk with less is called full.
_NEXT_TO_NOTHING = 4 * 1024**2


def check_place(path: Path, suffixes: Sequence[str] = ()) -> None:
    """See that a result of this name can be written, before hours are spent on it.

    Raises:
        InvalidRequest: if the ending is not among ``suffixes`` (where there are any), or the folder
            is missing, closed or part of GeoFM itself, or if the name is that of something else than a file.
    """
    if suffixes and path.suffix.lower() not in suffixes:
        raise InvalidRequest(
            f"The result {path.name} cannot be written in that format.",
            f"Use a name ending in {suffixes[0]}.",
        )
    if not path.parent.is_dir():
        raise InvalidRequest(f"The folder {path.parent} does not exist.", "Create it or choose another.")
    if path.is_dir():
        raise InvalidRequest(f"{path} is a folder.", "Give the name of a file.")
    # What stands under the name is put away when the result is done, a device as any file.
    if path.exists() and not path.is_file():
        raise InvalidRequest(f"{path} is a device, and no file.", "Choose another name.")
    if _is_ours(path.parent.resolve()):
        raise InvalidRequest(f"The folder {path.parent} is part of GeoFM itself.", "Choose another folder.")
    if not os.access(path.parent, os.W_OK):
        raise InvalidRequest(f"The folder {path.parent} cannot be written to.", "Choose another folder.")


def _is_ours(folder: Path) -> bool:
    """Whether a folder holds code of the plugin or of the engine's environment."""
    package = Path(__file__).resolve().parents[3]
    rooms = [package / name for name in ("algorithms", "api", "inference", "resources", "ui")]
    return folder == package or any(room == folder or room in folder.parents for room in (*rooms, *_python()))


def _python() -> tuple[Path, ...]:
    """Where the engine's environment lies."""
    return (Path(sys.prefix).resolve(),) if sys.prefix != sys.base_prefix else ()


def cannot_write(path: Path, error: BaseException, place: Path | None = None) -> GeoFMError:
    """The sentence for a result that the disk did not take.

    Args:
        place: the folder that was being written to, where it is not the result's.
    """
    text = str(error)
    code = getattr(error, "errno", None)
    folder = place or path.parent
    # GDAL seldom says that the disk is full, so the disk is asked.
    if code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or _free(folder) < _NEXT_TO_NOTHING:
        other = "choose another folder" if folder == path.parent else "set GEOFM_HOME to a folder on another"
        hint = f"The disk of {folder} is full: free some space or {other}."
    elif isinstance(error, PermissionError):
        hint = "The file is open in another program or protected: close it or choose another name."
    else:
        hint = f"Check that the disk of {folder} has space and that the file is not open in another program."
    return UnsupportedInput(f"The result {path.name} could not be written.", hint, text)


@contextmanager
def refused_by_disk(path: str | os.PathLike[str], place: Path | None = None) -> Iterator[None]:
    """What fails inside on the way to a result fails with :func:`cannot_write`'s sentence."""
    try:
        yield
    except (*GDAL_FAILURES, OSError) as error:
        raise cannot_write(Path(path), error, place) from error


def _free(folder: Path) -> int:
    """Bytes free on the disk of a folder."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return sys.maxsize  # the folder itself is gone: that is not for lack of space


def passing(files: ExitStack, output: str) -> str:
    """A place for a mask that nobody asked for, gone when ``files`` closes."""
    path = Path(output).with_name(f".{Path(output).stem}.part-mask.tif")
    files.callback(path.unlink, missing_ok=True)
    files.callback(path.with_name(f"{path.name}.aux.xml").unlink, missing_ok=True)
    return str(path)
