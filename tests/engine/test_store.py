"""The store against a real HTTP server on the loopback, real processes and the real pip."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import random
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from geofm.inference.cards import Card, load_card
from geofm.inference.catalog import Catalog
from geofm.inference.engine import download as download_module
from geofm.inference.engine.base import Context
from geofm.inference.engine.store import Store
from geofm.inference.errors import Cancelled, InvalidRequest, ModelCorrupt, ModelMissing
from geofm.inference.places import bundled_models

PAYLOAD = random.Random(2).randbytes(700_001)


@dataclass
class Source:
    """A server whose manners a test chooses; ``requests`` remembers the Range header of each."""

    content: bytes = PAYLOAD
    ranges: bool = True
    etag: str = '"one"'
    cuts: list[int] = field(default_factory=list)
    status: int = 200
    redirect: str = ""
    stall: threading.Event | None = None
    requests: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers.get("Range", "")
        self.requests.append(wanted)
        if self.status != 200 or (self.redirect and handler.path == "/start"):
            handler.send_response(302 if self.redirect else self.status)
            handler.send_header("Location", self.redirect)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        start = int(wanted[len("bytes=") : -1]) if wanted and self.ranges else 0
        if handler.headers.get("If-Range", self.etag) != self.etag:
            start = 0
        body = self.content[start:]
        if start and not body:
            handler.send_error(416)
            return
        handler.send_response(206 if start else 200)
        if start:
            end = len(self.content) - 1
            handler.send_header("Content-Range", f"bytes {start}-{end}/{len(self.content)}")
        handler.send_header("ETag", self.etag)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if self.cuts:
            handler.wfile.write(body[: self.cuts.pop(0)])
            handler.wfile.flush()
            if self.stall:
                self.stall.wait(30)
            return
        handler.wfile.write(body)


@pytest.fixture
def source() -> Iterator[Source]:
    state = Source()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - http.server's name
            state.answer(self)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _quick_and_direct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download_module, "_PAUSE_S", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def context(check: Callable[[], None] = lambda: None) -> tuple[Context, list[tuple[int, int]]]:
    """A context, and the list its progress goes to."""
    seen: list[tuple[int, int]] = []
    return Context(lambda stage, done, total, message: seen.append((done, total)), check), seen


def card_for(folder: Path, url: str, content: bytes = PAYLOAD, **changes: object) -> Card:
    asset = {
        "href": f"{url}/net.onnx",
        "roles": ["mlm:model"],
        "file:size": len(content),
        "geofm:digest": f"sha256:{hashlib.sha256(content).hexdigest()}",
        **changes,
    }
    return card_with(folder, {"net": {k: v for k, v in asset.items() if v is not None}})


def card_with(folder: Path, assets: dict[str, object]) -> Card:
    item = {
        "type": "Feature",
        "id": "toy",
        "stac_extensions": ["https://stac-extensions.github.io/mlm/v1.6.0/schema.json"],
        "properties": {"title": "Toy", "geofm:family": "onnx", "geofm:tasks": ["segment"]},
        "assets": assets,
    }
    path = folder / "toy.json"
    path.write_text(json.dumps(item), encoding="utf-8")
    return load_card(path)


def everything_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")


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


def test_real_galileo_weights_pass_the_digest_of_the_real_card(
    source: Source, tmp_path: Path, models: Path
) -> None:
    source.content = (models / "galileo-nano" / "encoder.pt").read_bytes()
    raw = json.loads((bundled_models() / "galileo-nano.json").read_text(encoding="utf-8"))
    raw["assets"]["encoder"]["href"] = f"{source.url}/encoder.pt"
    (tmp_path / "card.json").write_text(json.dumps(raw), encoding="utf-8")
    card = load_card(tmp_path / "card.json")
    path = Store(tmp_path / "home").fetch(card, card.assets[0], context()[0])
    assert path.read_bytes() == source.content


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


def test_offline_says_where_to_put_the_file(source: Source, tmp_path: Path) -> None:
    card, store = card_for(tmp_path, source.url), Store(tmp_path / "home", offline=True)
    with pytest.raises(ModelMissing, match="GEOFM_OFFLINE") as raised:
        store.fetch(card, card.assets[0], context()[0])
    place = tmp_path / "home" / "models" / "toy" / "net.onnx"
    assert str(place) in raised.value.hint
    assert source.requests == []
    place.parent.mkdir(parents=True)
    place.write_bytes(PAYLOAD)
    assert store.fetch(card, card.assets[0], context()[0]) == place


def test_offline_with_a_wrong_file_says_so(tmp_path: Path) -> None:
    card, store = card_for(tmp_path, "http://127.0.0.1:9"), Store(tmp_path / "home", offline=True)
    place = tmp_path / "home" / "models" / "toy" / "net.onnx"
    place.parent.mkdir(parents=True)
    place.write_bytes(PAYLOAD[::-1])
    with pytest.raises(ModelCorrupt, match="net.onnx"):
        store.fetch(card, card.assets[0], context()[0])


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
        download_module._OnlyHttp().redirect_request(
            request, io.BytesIO(), 302, "Found", Message(), "http://example.org/net.onnx"
        )


def test_shared_folder_comes_first_and_is_never_written(source: Source, tmp_path: Path) -> None:
    card = card_for(tmp_path, source.url)
    shared = tmp_path / "shared" / "toy"
    shared.mkdir(parents=True)
    (shared / "net.onnx").write_bytes(PAYLOAD)
    (shared / "net.onnx").chmod(0o444)
    shared.chmod(0o555)
    store = Store(tmp_path / "home", [tmp_path / "nowhere", tmp_path / "shared"])
    try:
        assert store.fetch(card, card.assets[0], context()[0]) == shared / "net.onnx"
        assert store.remove(card) == ()
        assert store.verify(card) == (shared / "net.onnx",)
    finally:
        shared.chmod(0o755)
    assert source.requests == []
    own = tmp_path / "home" / "models" / "toy"
    own.mkdir(parents=True)
    (own / "net.onnx").write_bytes(PAYLOAD)
    assert store.find(card, card.assets[0]) == shared / "net.onnx"


def test_a_wrong_file_in_a_shared_folder_is_passed_over(source: Source, tmp_path: Path) -> None:
    card = card_for(tmp_path, source.url)
    shared = tmp_path / "shared" / "toy"
    shared.mkdir(parents=True)
    (shared / "net.onnx").write_bytes(PAYLOAD[::-1])
    path = Store(tmp_path / "home", [tmp_path / "shared"]).fetch(card, card.assets[0], context()[0])
    assert path == tmp_path / "home" / "models" / "toy" / "net.onnx"


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


FETCH = """
import sys, time
from pathlib import Path
from geofm.inference.cards import load_card
from geofm.inference.engine.base import Context
from geofm.inference.engine.store import Store
card = load_card(sys.argv[1])
path = Store(Path(sys.argv[2])).fetch(card, card.assets[0], Context(lambda *_: None, lambda: None))
print(path.stat().st_size)
"""


def fetch_elsewhere(card: Card, home: Path, plugins: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(plugins)}
    command = [sys.executable, "-c", FETCH, str(card.path), str(home)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_two_processes_share_one_download(source: Source, tmp_path: Path, plugins: Path) -> None:
    card, home = card_for(tmp_path, source.url), tmp_path / "home"
    source.cuts, source.stall = [100_000], threading.Event()
    both = [fetch_elsewhere(card, home, plugins), fetch_elsewhere(card, home, plugins)]
    # Held in the middle of the first transfer until the other process has had time to come.
    time.sleep(1.5)
    source.stall.set()
    answers = [process.communicate(timeout=60)[0].strip() for process in both]
    assert answers == [str(len(PAYLOAD))] * 2
    assert source.requests == ["", "bytes=100000-"]
    assert everything_in(home) == ["net.onnx"]


def test_a_killed_downloader_leaves_no_lock_behind(
    source: Source, tmp_path: Path, plugins: Path
) -> None:
    card, home = card_for(tmp_path, source.url), tmp_path / "home"
    source.cuts, source.stall = [100_000], threading.Event()
    process = fetch_elsewhere(card, home, plugins)
    part = home / "models" / "toy" / "net.onnx.part"
    until = time.monotonic() + 30
    while not (part.exists() and part.stat().st_size) and time.monotonic() < until:
        time.sleep(0.05)
    with pytest.raises(InvalidRequest, match="being downloaded"):
        Store(home).remove(card)
    process.kill()
    process.communicate()
    source.stall.set()
    assert Store(home).fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD
    assert source.requests[-1].startswith("bytes=")


def test_verify_reads_again_and_remove_deletes(source: Source, tmp_path: Path) -> None:
    card, store = card_for(tmp_path, source.url), Store(tmp_path / "home")
    with pytest.raises(ModelMissing, match="not on this machine"):
        store.verify(card)
    path = store.fetch(card, card.assets[0], context()[0])
    assert store.verify(card) == (path,)
    stamp = path.stat()
    path.write_bytes(PAYLOAD[:-1] + b"!")
    # The same size and time: only reading it again can tell.
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert store.find(card, card.assets[0]) == path
    with pytest.raises(ModelCorrupt, match="net.onnx"):
        store.verify(card)
    assert store.remove(card) == (path,)
    assert not path.parent.exists()
    assert card.path.exists()


def test_remove_takes_a_card_that_the_user_added(source: Source, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "models"
    folder.mkdir(parents=True)
    card, store = card_for(folder, source.url), Store(tmp_path / "home")
    path = store.fetch(card, card.assets[0], context()[0])
    assert set(store.remove(card)) == {path, card.path}
    assert Catalog([folder]).cards() == ()


def test_a_file_beside_its_card_is_used_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(PAYLOAD)
    card, store = card_for(tmp_path, "", href="net.onnx"), Store(tmp_path / "home")
    assert store.fetch(card, card.assets[0], context()[0]) == tmp_path / "net.onnx"
    (tmp_path / "net.onnx").unlink()
    with pytest.raises(ModelMissing, match="not where its card says"):
        store.fetch(card, card.assets[0], context()[0])


def test_remove_takes_an_added_model_with_the_files_beside_its_card(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "models" / "toy"
    (folder / "nets").mkdir(parents=True)
    (folder / "nets" / "net.onnx").write_bytes(PAYLOAD)
    card = card_for(folder, "", href="nets/net.onnx")
    assert len(Store(tmp_path / "home").remove(card)) == 2
    assert not folder.exists()


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
