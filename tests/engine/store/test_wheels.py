"""Files out of wheels, by the real pip."""

from __future__ import annotations

import base64
import hashlib
import os
import threading
import time
import zipfile
from pathlib import Path

import pytest
from servers import PAYLOAD, Source, card_with, context, everything_in

from geofm.inference.cards import Card
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import Cancelled, ModelCorrupt, ModelMissing


def write_wheel(folder: Path, members: dict[str, bytes]) -> None:
    info = "tiny_nets-1.0.dist-info"
    files = {
        **members,
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: tiny-nets\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = []
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(content)}")
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,"]).encode()
    folder.mkdir()
    with zipfile.ZipFile(folder / "tiny_nets-1.0-py3-none-any.whl", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


@pytest.fixture
def wheelhouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    write_wheel(tmp_path / "wheels", {"tiny_nets/a.onnx": PAYLOAD, "tiny_nets/b.onnx": PAYLOAD[::-1]})
    return tmp_path / "wheels"


def wheel_card(folder: Path, second: bytes = PAYLOAD[::-1], version: str = "1.0") -> Card:
    return card_with(
        folder,
        {
            name: {
                "href": f"pypi:tiny-nets=={version}#tiny_nets/{name}.onnx",
                "roles": ["mlm:model"],
                "file:size": len(content),
                "geofm:digest": f"sha256:{hashlib.sha256(content).hexdigest()}",
            }
            for name, content in (("a", PAYLOAD), ("b", second))
        },
    )


def test_files_out_of_a_wheel_come_together(wheelhouse: Path, tmp_path: Path) -> None:
    card, store = wheel_card(tmp_path), Store(tmp_path / "home")
    path = store.fetch(card, card.assets[0], context()[0])
    assert path.read_bytes() == PAYLOAD
    assert everything_in(tmp_path / "home") == ["a.onnx", "b.onnx"]
    # The other one is there already: no wheel is needed for it.
    next(wheelhouse.iterdir()).unlink()
    assert store.fetch(card, card.assets[1], context()[0]).read_bytes() == PAYLOAD[::-1]


@pytest.mark.usefixtures("wheelhouse")
def test_a_wheel_with_another_file_inside_is_corrupt(tmp_path: Path) -> None:
    card, store = wheel_card(tmp_path, second=bytes(len(PAYLOAD))), Store(tmp_path / "home")
    with pytest.raises(ModelCorrupt, match="b.onnx"):
        store.fetch(card, card.assets[1], context()[0])
    assert "b.onnx" not in everything_in(tmp_path / "home")


@pytest.mark.usefixtures("wheelhouse")
def test_a_wheel_that_pip_cannot_find_is_missing(tmp_path: Path) -> None:
    card, store = wheel_card(tmp_path, version="9.9"), Store(tmp_path / "home")
    with pytest.raises(ModelMissing, match="tiny-nets==9.9") as raised:
        store.fetch(card, card.assets[0], context()[0])
    assert "No matching distribution" in raised.value.detail
    assert everything_in(tmp_path / "home") == []


@pytest.mark.usefixtures("wheelhouse")
def test_cancel_ends_pip(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that never answers, which pip itself would wait for a long time."""
    monkeypatch.setenv("PIP_NO_INDEX", "0")
    monkeypatch.setenv("PIP_INDEX_URL", f"{source.url}/simple")
    source.cuts, source.stall = [0], threading.Event()
    card, store = wheel_card(tmp_path), Store(tmp_path / "home")

    def check() -> None:
        if source.requests:
            raise Cancelled("Cancelled.")

    begun = time.monotonic()
    with pytest.raises(Cancelled):
        store.fetch(card, card.assets[0], context(check)[0])
    source.stall.set()
    assert time.monotonic() - begun < 10
    assert everything_in(tmp_path / "home") == []
