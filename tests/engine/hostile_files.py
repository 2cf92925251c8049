"""Makes files that harm whoever reads them without care."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnx import TensorProto, helper

BOMB = 300 << 20


class Program:
    """Leaves a file behind when a reader runs it."""

    mark = ""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch '{self.mark}'",)


def tar_of(objects: dict[str, Any]) -> bytes:
    """The format of the first torch."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, value in objects.items():
            data = pickle.dumps(value)
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return content.getvalue()


def saved(value: Any, **options: Any) -> bytes:
    content = io.BytesIO()
    torch.save(value, content, **options)
    return content.getvalue()


def packed_tensor() -> bytes:
    """A torch file of a megabyte that would be 300 of zeros."""
    plain = zipfile.ZipFile(io.BytesIO(saved({"w": torch.zeros(4)})))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in plain.namelist():
            if name.endswith("data/0"):
                with archive.open(name, "w") as member:
                    for _ in range(BOMB >> 20):
                        member.write(bytes(1 << 20))
            else:
                count = b"J" + struct.pack("<i", BOMB // 4)
                archive.writestr(name, plain.read(name).replace(b"K\x04", count))
    return content.getvalue()


def overlapping() -> bytes:
    """A zip whose directory names the same bytes a thousand times."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("archive/data.pkl", bytes(1 << 16))
        first = archive.infolist()[0]
        for number in range(1000):
            again = zipfile.ZipInfo(f"archive/data/{number}")
            again.header_offset, again.CRC = first.header_offset, first.CRC
            again.file_size = again.compress_size = first.file_size
            archive.filelist.append(again)
    return content.getvalue()


def crowded() -> bytes:
    """A zip that is all directory, of more than half a million members."""
    name = b"archive/" + b"x" * 52
    entry_of_directory = struct.pack("<4s6H3L5H2L", b"PK\1\2", *[0] * 9, len(name), *[0] * 6) + name
    directory = entry_of_directory * 600_000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)
    return b"PK\3\4" + directory + end


def commented() -> bytes:
    """A zip with a comment, behind which readers look for another end."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("card.json", "{}")
        archive.comment = b"PK\5\6"
    return content.getvalue()


def tensors(header: Any, body: bytes = bytes(16), length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


def entry(shape: list[int], start: int, end: int) -> dict[str, Any]:
    return {"dtype": "F32", "shape": shape, "data_offsets": [start, end]}


def weights(mark: Path) -> dict[str, bytes]:
    Program.mark = str(mark)
    program = pickle.dumps({"w": Program()}, protocol=2)
    new, old = saved({"w": Program()}), saved({"w": Program()}, _use_new_zipfile_serialization=False)
    laughs: dict[str, Any] = {}
    for _ in range(60):
        laughs = {"a": laughs, "b": laughs}
    round_about: dict[str, Any] = {}
    round_about["self"] = round_about
    script = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), script)  # type: ignore[no-untyped-call]
    many = {f"t{number}": entry([0], 0, 0) for number in range(60_000)}
    return {
        "code-plain.pt": program,
        "code-zip.pt": new,
        "new-pickle.pt": pickle.dumps({"w": Program()}, protocol=5),
        "code-legacy.pt": old,
        "code-tar.pt": tar_of({"storages": 0, "tensors": 0, "pickle": Program()}),
        "code-script.pt": script.getvalue(),
        "code-plain.safetensors": program,
        "code-zip.safetensors": new,
        "code-legacy.safetensors": old,
        "cut.pt": saved({"w": torch.zeros(400)})[:-90],
        "empty.pt": b"",
        "empty.safetensors": b"",
        "stack.pt": b"\x80\x02)R.",
        "nested.pt": b"\x80\x02" + b"]" * 200_000 + b"a" * 199_999 + b".",
        "large-legacy.pt": saved({"w": torch.zeros(4)}, _use_new_zipfile_serialization=False).replace(
            b"K\x04", b"\x8a\x06" + (10**12).to_bytes(6, "little")
        ),
        "bomb.pt": packed_tensor(),
        "overlap.pt": overlapping(),
        "laughs.pt": saved(laughs),
        "round-about.pt": saved(round_about),
        "crowded.pt": crowded(),
        "objects.pt": saved([torch.zeros(2)]),
        "header-2g.safetensors": tensors(b"{}", length=2 << 30),
        "header-nested.safetensors": tensors(b'{"a":' + b"[" * (1 << 20)),
        "header-crowded.safetensors": tensors(many, b""),
        "header-beyond.safetensors": tensors({"a": entry([400], 0, 1600)}),
        "header-overlap.safetensors": tensors({"a": entry([4], 0, 16), "b": entry([4], 0, 16)}),
        "header-lies.safetensors": tensors({"a": entry([4_000_000], 0, 16)}),
        "header-overflows.safetensors": tensors({"a": entry([2**62, 4], 0, 16)}),
    }


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def field(number: int, payload: bytes, above: int = 0) -> bytes:
    """A length-delimited protobuf field; ``above`` sets bits that runtimes drop from its tag."""
    return varint((number << 3 | 2) | above) + varint(len(payload)) + payload


def network(location: str | None = None, above: int = 0) -> bytes:
    """A network whose weights are in the file at ``location``, written so that no library helps."""
    where = field(1, b"location") + field(2, (location or "").encode())
    tensor = b"\x08\x01\x10\x01" + field(8, b"w") + field(13, where, above)
    tensor += varint(14 << 3 | above) + b"\x01"
    made = helper.make_graph(
        [helper.make_node("Add", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1, 8, 8])],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    graph = model.graph.SerializeToString() + field(5, tensor)
    model.ClearField("graph")
    return model.SerializeToString() + field(7, graph)


def networks(folder: Path) -> dict[str, bytes]:
    (folder / "weights.bin").write_bytes(np.ones(1, np.float32).tobytes())
    (folder / "inside").mkdir()
    (folder / "inside" / "link.bin").symlink_to(folder / "weights.bin")
    nested = b""
    for _ in range(5000):
        nested = field(1, field(5, field(6, nested)))
    return {
        "external-absolute.onnx": network(str(folder / "weights.bin")),
        "external-above.onnx": network("../weights.bin"),
        "external-link.onnx": network("inside/link.bin"),
        "external-missing.onnx": network("nowhere.bin"),
        "external-hidden.onnx": network("../weights.bin", above=1 << 33),
        "nested.onnx": field(7, nested),
        "crowded.onnx": field(7, field(1, b"") * 3_000_000),
        "endless.onnx": b"\xff" * 1000,
        "empty.onnx": b"",
        "text.onnx": b"I am no network." * 10,
    }


def card(**changes: Any) -> dict[str, Any]:
    asset = {"href": "net.onnx", "roles": ["mlm:model"], "geofm:digest": f"sha256:{'0' * 64}"}
    asset.update(changes.pop("asset", {}))
    return {
        "type": "Feature",
        "id": "toy",
        "stac_extensions": ["https://stac-extensions.github.io/mlm/v1.6.0/schema.json"],
        "properties": {"geofm:family": "onnx", "geofm:tasks": ["segment"], **changes.pop("properties", {})},
        "assets": {"net": {key: value for key, value in asset.items() if value is not None}},
        **changes,
    }


HREFS = [
    "../net.onnx", "a/../../net.onnx", "/etc/net.onnx", "%2e%2e/net.onnx", "..%2fnet.onnx",
    "%2Fetc%2Fnet.onnx", "a\\..\\net.onnx", "..%5cnet.onnx", "C:/net.onnx", "c%3A/net.onnx",
    "a/c%3Anet.onnx", "NUL", "a/con.onnx/b", "Com1.onnx",
    "a./net.onnx", "net.onnx%20", "net%00.onnx", "//server/share/net.onnx",
    "file://server/share/net.onnx", "file:////server/share/net.onnx", "file:///%5c%5cserver/share/net.onnx",
    "ftp://example.org/net.onnx", "data:,net", "javascript:net", "pypi:x==1#../net.onnx",
    "pypi:x==1#/net.onnx",
    "pypi:x==1#a%2f..%2f..%2fnet.onnx", "pypi:--index-url==1#net.onnx", "https:///net.onnx", "http://[net.onnx",
    "https://huggingface.co/a/b/resolve/main/%2e%2e/net.onnx",
]  # fmt: skip
NAMES = [
    "../net", "a/b", "a\\b", "C:net", "CON", "nul.onnx", "COM\u00b9", "lpt9.bin", "aux.", "net ", ".net", "",
    "n" * 65, "net\x00", "\u202enet",
]  # fmt: skip


def cards() -> dict[str, bytes]:
    digestless = {"geofm:digest": None}
    made = {
        "type": card(type="Item"),
        "assets": card(assets=[]),
        "pixels": card(properties={"geofm:window": 10**12}),
        "size": card(asset={"file:size": 10**400}),
        "digestless-beside": card(asset=digestless),
        "digestless-https": card(asset={"href": "https://example.org/net.onnx", **digestless}),
        "digestless-file": card(asset={"href": "file:///net.onnx", **digestless}),
        "digestless-like-hub": card(
            asset={"href": "https://huggingface.co.example.org/a/b/resolve/main/net.onnx", **digestless}
        ),
        "digestless-user": card(
            asset={"href": "https://huggingface.co@example.org/a/b/resolve/main/net.onnx", **digestless}
        ),
        "start": card(asset={"geofm:digest_start": "f" * 8}),
        "start-short": card(asset={"geofm:digest_start": "0"}),
    }
    made.update({f"href-{number:02}": card(asset={"href": href}) for number, href in enumerate(HREFS)})
    made.update({f"id-{number:02}": card(id=name) for number, name in enumerate(NAMES)})
    filenames = [*NAMES, "card.json", "CARD.JSON", "net.part", "net.PIN.json", "net.part.json"]
    for number, name in enumerate(filenames):
        made[f"filename-{number:02}"] = card(asset={"geofm:filename": name})
    texts = {f"{name}.json": json.dumps(item).encode() for name, item in made.items()}
    return {
        **texts,
        "nested.json": b'{"a":' * 100_000,
        "huge.json": b'{"a":"' + b"x" * (2 << 20),
        "digits.json": b'{"a":' + b"9" * 900_000 + b"}",
        "bytes.json": b"\xff\xfe{}",
    }


def classifiers() -> dict[str, bytes]:
    def zipped(write: Callable[[zipfile.ZipFile], None]) -> bytes:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            write(archive)
        return content.getvalue()

    of_classifier = {"geofm:family": "classifier"}
    text = json.dumps(card(asset={"href": "weights.safetensors"}, properties=of_classifier))

    def bomb(archive: zipfile.ZipFile) -> None:
        archive.writestr("card.json", text)
        with archive.open("weights.safetensors", "w") as member:
            for _ in range(BOMB >> 20):
                member.write(bytes(1 << 20))

    return {
        "bomb.geofm": zipped(bomb),
        "crowded.geofm": crowded(),
        "comment.geofm": commented(),
        "empty.geofm": b"",
        "text.geofm": b"I am no zip." * 10,
        "pickle.geofm": pickle.dumps(Program()),
    }


def harmless() -> dict[str, bytes]:
    """Files of the same kinds that nothing is wrong with."""
    hub = {"href": "https://huggingface.co/a/b/resolve/main/a%20b/net.onnx", "geofm:digest": None}
    return {
        "good-zip.pt": saved({"w": torch.zeros(4)}),
        "good-legacy.pt": saved({"w": torch.zeros(4)}, _use_new_zipfile_serialization=False),
        "good-plain.safetensors": tensors({"a": entry([4], 0, 16)}),
        "good-card.json": json.dumps(card()).encode(),
        "good-hub.json": json.dumps(card(asset=hub)).encode(),
        "good-inside.json": json.dumps(card(asset={"href": "a/b%20c/net.onnx"})).encode(),
    }
