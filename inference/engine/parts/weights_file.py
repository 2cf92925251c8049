"""Looks into files of weights before any reader does: what they cost to read must follow from their size.

Safetensors: https://huggingface.co/docs/safetensors (8 bytes with the header's length, the header, the
tensors). Torch files: a zip of records that torch.save never compresses, or a bare pickle.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from ...errors import ModelCorrupt
from ...zips import require_short_directory

# A header of thousands of tensors has a few hundred kilobytes. The reader itself allows 100 MB, which it
# reads for minutes and in gigabytes.
_LONGEST_HEADER = 2 << 20
_LONGEST_DIRECTORY = 8 << 20
_LENGTH_BYTES = 8
_ZIP_MARK = b"PK\3\4"
_SAVE_ANEW = "Save the tensors alone: safetensors.torch.save_file(model.state_dict(), path)."


def refuse_costly(path: Path) -> None:
    """Refuse a file of weights that is a bomb, or a program.

    Raises:
        ModelCorrupt: saying what it is.
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(_LENGTH_BYTES)
    if path.suffix == ".safetensors":
        refuse_long_header(start, path.name)
    elif start.startswith(_ZIP_MARK):
        _refuse_unusual_zip(path)


def refuse_long_header(start: bytes, name: str) -> None:
    """Refuse safetensors, of which ``start`` are the first bytes, with a header that no model has.

    Raises:
        ModelCorrupt: naming the file.
    """
    length = int.from_bytes(start[:_LENGTH_BYTES], "little")
    if len(start) < _LENGTH_BYTES or length > _LONGEST_HEADER:
        raise ModelCorrupt(
            f"The file {name} cannot be read: it is not safetensors, or no model's.",
            _SAVE_ANEW,
            f"a header of {length} bytes",
        )


def holds_code(path: Path, detail: str) -> ModelCorrupt:
    """The refusal of a file with more in it than tensors."""
    return ModelCorrupt(
        f"The weights file {path.name} holds code or objects beside tensors, and is not loaded.",
        f"{_SAVE_ANEW} Nothing of it was run.",
        detail,
    )


def _refuse_unusual_zip(path: Path) -> None:
    try:
        require_short_directory(path, _LONGEST_DIRECTORY)
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ModelCorrupt(
            f"The weights file {path.name} cannot be read.",
            "Remove the model and fetch it again.",
            str(error),
        ) from error
    if any(member.filename.partition("/")[2] == "constants.pkl" for member in members):
        raise holds_code(path, "It is TorchScript, which is a program.")
    packed = [member.filename for member in members if member.compress_type != zipfile.ZIP_STORED]
    total = sum(member.file_size for member in members)
    if packed or total > path.stat().st_size:
        raise ModelCorrupt(
            f"The weights file {path.name} would become larger than it is when read.",
            _SAVE_ANEW,
            f"{total} bytes inside; compressed: {packed[:5]}",
        )
