"""Plain downloads by the store, from a real HTTP server on the loopback."""

from __future__ import annotations

import io
import json
import threading
import time
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from types import SimpleNamespace

import pytest
from servers import PAYLOAD, Source, card_for, context, everything_in

from geofm.inference.engine.base import Context
from geofm.inference.engine.weights import download as download_module
from geofm.inference.engine.weights.network import OnlyHttp
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import Cancelled, ModelCorrupt, ModelMissing


def test_right_file_comes_with_progress_and_is_fetched_once(source: Source, tmp_path: Path) -> None:
    card, store = card_for(tmp_path, source.url), Store(tmp_path / "home")
    asked, seen = context()
    path = store.fetch(card, card.assets[0], asked)
    assert path == tmp_path / "home" / "models" / "toy" / "net.onnx"
    assert path.read_bytes() == PAYLOAD
    assert everything_in(tmp_path / "home") == ["net.onnx"]
    assert seen[-1] == (len(PAYLOAD), len(PAYLOAD))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert store.fetch(card, card.assets[0], asked) == path
    assert len(source.requests) == 1


def test_wrong_digest_leaves_nothing(source: Source, tmp_path: Path) -> None:
    card, store = card_for(tmp_path, source.url), Store(tmp_path / "home")
    source.content = PAYLOAD[:-1] + b"!"
    with pytest.raises(ModelCorrupt, match="digest"):
        store.fetch(card, card.assets[0], context()[0])
    assert everything_in(tmp_path / "home") == []
    source.content = PAYLOAD
    assert store.fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD


@pytest.mark.parametrize("content", [PAYLOAD + b"more", PAYLOAD[:-9]])
def test_another_size_than_the_card_says_is_refused_at_once(
    source: Source, tmp_path: Path, content: bytes
) -> None:
    card = card_for(tmp_path, source.url)
    source.content = content
    with pytest.raises(ModelCorrupt, match="bytes"):
        Store(tmp_path / "home").fetch(card, card.assets[0], context()[0])
    assert not (tmp_path / "home" / "models" / "toy" / "net.onnx").exists()


@pytest.mark.parametrize("size", [len(PAYLOAD), None])
def test_cut_connection_is_resumed(source: Source, tmp_path: Path, size: int | None) -> None:
    card = card_for(tmp_path, source.url, **{"file:size": size})
    source.cuts = [300_000, 200_000]
    path = Store(tmp_path / "home").fetch(card, card.assets[0], context()[0])
    assert source.requests == ["", "bytes=300000-", "bytes=500000-"]
    assert path.read_bytes() == PAYLOAD


def test_a_connection_that_is_always_cut_ends_in_a_sentence_and_a_part(
    source: Source, tmp_path: Path
) -> None:
    card, store = card_for(tmp_path, source.url), Store(tmp_path / "home")
    source.cuts = [100_000, 0, 0, 0, 0]
    with pytest.raises(ModelMissing, match="cut off after 0.1 MB of 0.7 MB") as raised:
        store.fetch(card, card.assets[0], context()[0])
    assert "goes on where it stopped" in raised.value.hint
    assert everything_in(tmp_path / "home") == ["net.onnx.part", "net.onnx.part.json"]
    source.cuts, source.requests = [], []
    assert store.fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD
    assert source.requests == ["bytes=100000-"]


def test_server_without_ranges_starts_anew(source: Source, tmp_path: Path) -> None:
    card = card_for(tmp_path, source.url)
    source.ranges, source.cuts = False, [300_000]
    path = Store(tmp_path / "home").fetch(card, card.assets[0], context()[0])
    assert source.requests == ["", "bytes=300000-"]
    assert path.read_bytes() == PAYLOAD


def test_a_source_that_changed_meanwhile_starts_anew(source: Source, tmp_path: Path) -> None:
    card, store = card_for(tmp_path, source.url), Store(tmp_path / "home")
    source.content, source.cuts = bytes(len(PAYLOAD)), [100_000, 0, 0, 0, 0]
    with pytest.raises(ModelMissing):
        store.fetch(card, card.assets[0], context()[0])
    source.content, source.etag, source.cuts = PAYLOAD, '"two"', []
    assert store.fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD


def test_a_part_of_another_digest_or_of_unknown_origin_is_not_continued(
    source: Source, tmp_path: Path
) -> None:
    store = Store(tmp_path / "home")
    other = card_for(tmp_path, source.url, **{"geofm:digest": "sha256:" + "0" * 64})
    source.cuts = [100_000, 0, 0, 0, 0]
    with pytest.raises(ModelMissing):
        store.fetch(other, other.assets[0], context()[0])
    source.cuts, source.requests = [], []
    card = card_for(tmp_path, source.url)
    assert store.fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD
    assert source.requests == [""]
    store.remove(card)
    part = tmp_path / "home" / "models" / "toy" / "net.onnx.part"
    part.parent.mkdir(exist_ok=True)
    part.write_bytes(b"somebody's")
    assert store.fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD


def test_a_whole_part_needs_no_second_transfer(source: Source, tmp_path: Path) -> None:
    """A process killed between the last byte and the renaming."""
    card, store = card_for(tmp_path, source.url), Store(tmp_path / "home")
    final = store.fetch(card, card.assets[0], context()[0])
    final.rename(final.with_name("net.onnx.part"))
    origin = {"url": card.assets[0].href, "sha256": card.assets[0].sha256, "etag": '"one"', "modified": ""}
    final.with_name("net.onnx.part.json").write_text(json.dumps(origin), encoding="utf-8")
    assert store.fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD
    assert len(source.requests) == 1
    assert everything_in(tmp_path / "home") == ["net.onnx"]


@pytest.mark.parametrize("status", [403, 404, 503])
def test_a_refusing_server_is_named(source: Source, tmp_path: Path, status: int) -> None:
    card = card_for(tmp_path, source.url)
    source.status = status
    with pytest.raises(ModelMissing, match="127.0.0.1") as raised:
        Store(tmp_path / "home").fetch(card, card.assets[0], context()[0])
    assert "net.onnx" in raised.value.hint
    assert len(source.requests) == (4 if status == 503 else 1)


def test_no_server_at_all_is_one_sentence(tmp_path: Path) -> None:
    card = card_for(tmp_path, "http://127.0.0.1:9")
    with pytest.raises(ModelMissing, match="cannot be reached"):
        Store(tmp_path / "home").fetch(card, card.assets[0], context()[0])


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1:9/net.onnx"])
def test_redirects_out_of_http_are_refused(source: Source, tmp_path: Path, target: str) -> None:
    card = card_for(tmp_path, source.url, href=f"{source.url}/start")
    source.redirect = target
    with pytest.raises(ModelMissing, match="302"):
        Store(tmp_path / "home").fetch(card, card.assets[0], context()[0])
    assert len(source.requests) == 1


def test_redirects_within_http_are_followed(source: Source, tmp_path: Path) -> None:
    card = card_for(tmp_path, source.url, href=f"{source.url}/start")
    source.redirect = f"{source.url}/elsewhere"
    assert Store(tmp_path / "home").fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD


def test_redirects_from_https_to_http_are_refused() -> None:
    request = urllib.request.Request("https://example.org/net.onnx")
    with pytest.raises(urllib.error.HTTPError, match="refused"):
        OnlyHttp().redirect_request(
            request, io.BytesIO(), 302, "Found", Message(), "http://example.org/net.onnx"
        )


def test_cancel_leaves_a_part_that_is_continued(source: Source, tmp_path: Path) -> None:
    card, store = card_for(tmp_path, source.url), Store(tmp_path / "home")
    seen: list[int] = []

    def check() -> None:
        if seen and seen[-1] > 150_000:
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        store.fetch(
            card, card.assets[0], Context(lambda stage, done, total, message: seen.append(done), check)
        )
    part = tmp_path / "home" / "models" / "toy" / "net.onnx.part"
    length = part.stat().st_size
    assert 150_000 < length < len(PAYLOAD)
    assert store.find(card, card.assets[0]) is None
    assert store.fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD
    assert source.requests[-1] == f"bytes={length}-"


def test_cancel_is_answered_while_the_server_is_silent(source: Source, tmp_path: Path) -> None:
    card, store = card_for(tmp_path, source.url), Store(tmp_path / "home")
    source.cuts, source.stall = [100_000], threading.Event()
    pressed = time.monotonic() + 0.5

    def check() -> None:
        if time.monotonic() > pressed:
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        store.fetch(card, card.assets[0], context(check)[0])
    late = time.monotonic() - pressed
    source.stall.set()
    assert late < 1.0


def test_a_full_disk_is_noticed_before_the_transfer(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = card_for(tmp_path, source.url)
    monkeypatch.setattr(download_module.shutil, "disk_usage", lambda folder: SimpleNamespace(free=1000))
    with pytest.raises(ModelMissing, match="0.7 MB.*0.0 MB are free"):
        Store(tmp_path / "home").fetch(card, card.assets[0], context()[0])
    assert not list((tmp_path / "home").rglob("*.onnx"))
