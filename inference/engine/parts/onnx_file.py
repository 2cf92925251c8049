"""Looks into ONNX files before any runtime does: they must not point at other files."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import ModelCorrupt

# Where tensors can be inside an ONNX file: by message, field numbers that lead on (onnx.proto).
_LEADS = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_DEEPEST = 64
# Networks have a few ten thousand parts; what has more shall cost the time of a look, not of a run.
_MOST_FIELDS = 500_000
# Runtimes read tags of 32 bits and drop what lies above: a field would be another one to them than here.
_LARGEST_TAG = (1 << 32) - 1


def refuse_external_data(content: bytes, filename: str) -> None:
    """Refuse a network that points at other files: no digest covers them, and they may be anyone's.

    ONNX Runtime itself would read them, from the working folder if the network came as bytes.
    """
    try:
        external = _Look().points_outside(memoryview(content), "model", 0)
    except (IndexError, ValueError) as error:
        raise ModelCorrupt(
            f"The file {filename} is not an ONNX network.", "Fetch the model again.", str(error)
        ) from error
    if external:
        raise ModelCorrupt(
            f"The network {filename} keeps its weights in another file.",
            "Save it as one file: onnx.save_model(model, path, save_as_external_data=False).",
        )


class _Look:
    """One walk through a file, which counts what it meets."""

    def __init__(self) -> None:
        self._fields = 0

    def points_outside(self, data: memoryview, message: str, depth: int) -> bool:
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")
        for number, value in _fields(data):
            self._fields += 1
            if self._fields > _MOST_FIELDS:
                raise ValueError("more parts than any network has")
            if message == "tensor":
                if number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value != 0):
                    return True
                continue
            inner = _LEADS[message].get(number)
            if inner and isinstance(value, memoryview) and self.points_outside(value, inner, depth + 1):
                return True
        return False


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """Field numbers and values of one protobuf message; fixed-width numbers come as their bytes.

    A last value that is cut short comes as far as it goes: ONNX Runtime refuses such a file.
    """
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        if key > _LARGEST_TAG:
            raise ValueError("a tag of more than 32 bits")
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if kind == 2:
            length, at = _varint(data, at)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise ValueError(f"wire type {kind}")
        yield key >> 3, data[at : at + length]
        at += length


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("a number without an end")
