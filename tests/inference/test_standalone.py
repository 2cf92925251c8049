"""The stand-alone Python: fetched from a server on this machine, held to its digest, unpacked safely."""

from __future__ import annotations

import hashlib
import http.server
import io
import os
import re
import subprocess
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from geofm.inference.environment import NotInstalled, builds, standalone
from geofm.inference.environment.builds import Build
from geofm.inference.environment.options import SetupOptions
from geofm.inference.environment.unpacking import UnsafeArchiveError, unpack
from geofm.inference.errors import Cancelled

FILE = "cpython-3.12.14+20260901-small-install_only.tar.gz"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="its archive holds a shell script")


Member = tuple[tarfile.TarInfo, bytes]


def _member(name: str, data: bytes = b"", mode: int = 0o644, **facts: object) -> Member:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), mode
    for key, value in facts.items():
        setattr(member, key, value)
    return member, data


def _archive(*members: Member) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for member, data in members:
            archive.addfile(member, io.BytesIO(data) if member.isfile() else None)
    return stream.getvalue()


@pytest.fixture(scope="module")
def small(engine_python: Path) -> bytes:
    """An archive laid out as the real ones, whose Python is this machine's."""
    script = f'#!/bin/sh\nexec {engine_python} "$@"\n'.encode()
    ballast = os.urandom(3_000_000)
    return _archive(
        _member("python/", type=tarfile.DIRTYPE, mode=0o755),
        _member("python/bin/python3.12", script, 0o755),
        _member("python/bin/python3", type=tarfile.SYMTYPE, linkname="python3.12"),
        _member("python/lib/ballast.bin", ballast),
        _member("python/lib/again.bin", type=tarfile.LNKTYPE, linkname="python/lib/ballast.bin"),
        _member("python/share/doc", type=tarfile.SYMTYPE, linkname="../lib/ballast.bin"),
    )


@dataclass
class Server:
    """A server that keeps what it was asked for, and behaves as the test says."""

    data: bytes
    address: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    cut_after: int = 0
    ranges: bool = True
    status: int = 200
    silent: bool = False


def _handler(server: Server) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            wanted = self.headers.get("Range", "")
            server.asked.append((self.path, wanted))
            if server.status != 200:
                self.send_error(server.status)
                return
            found = re.fullmatch(r"bytes=(\d+)-", wanted)
            start = int(found.group(1)) if found and server.ranges else 0
            if start >= len(server.data):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(server.data) - start))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(server.data) - 1}/{len(server.data)}")
            self.end_headers()
            body = server.data[start:]
            if server.silent:
                self.wfile.write(body[:1000])
                self.wfile.flush()
                time.sleep(20)
            self.wfile.write(body[: server.cut_after] if server.cut_after else body)

        def log_message(self, *words: object) -> None:
            """Nothing: the tests look at ``asked``."""

    return Handler


@pytest.fixture
def server(small: bytes) -> Iterator[Server]:
    served = Server(small)
    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(served))
    listening.daemon_threads = True
    served.address = f"http://127.0.0.1:{listening.server_port}/mirror"
    thread = threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield served
    listening.shutdown()
    listening.server_close()
    thread.join()


@pytest.fixture
def build(small: bytes, server: Server, scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    proxies = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
    for name in (*proxies, "GEOFM_OFFLINE", standalone.MIRROR):
        monkeypatch.delenv(name, raising=False)
    digest = "sha256:" + hashlib.sha256(small).hexdigest()
    return Build("linux-x86_64", "3.12.14", server.address, FILE, len(small), digest)


def _left() -> set[str]:
    return {path.name for path in builds.builds_folder().iterdir()}


def test_it_is_downloaded_unpacked_once_and_makes_environments(
    build: Build, server: Server, tmp_path: Path
) -> None:
    told: list[tuple[str, int, int, str]] = []
    python = standalone.install(build, progress=lambda *words: told.append(words))
    assert python == build.folder / "bin" / "python3.12"
    assert server.asked == [("/mirror/" + FILE.replace("+", "%2B"), "")]
    assert {row[0] for row in told} == {"python"}
    assert [row[1] for row in told] == sorted(row[1] for row in told)
    assert told[-1][1:] == (build.size, build.size, "Unpacking Python 3.12.14")
    assert _left() == {build.folder.name}
    assert os.readlink(build.folder / "bin" / "python3") == "python3.12"
    assert (build.folder / "lib" / "again.bin").stat().st_size == 3_000_000
    assert (build.folder / "share" / "doc").stat().st_size == 3_000_000
    subprocess.run([str(python), "-I", "-m", "venv", "--without-pip", str(tmp_path / "made")], check=True)
    assert standalone.install(build) == python
    assert len(server.asked) == 1
    assert standalone.remove() > 6_000_000
    assert not builds.builds_folder().exists()
    assert standalone.remove() == 0


def test_a_cut_download_goes_on_where_it_stopped(build: Build, server: Server) -> None:
    server.cut_after = 1_100_000
    assert standalone.install(build).is_file()
    starts = [int(wanted[len("bytes=") : -1]) for _, wanted in server.asked[1:]]
    assert starts == [1_100_000, 2_200_000]


def test_a_server_without_ranges_sends_it_again(build: Build, server: Server) -> None:
    with pytest.raises(Cancelled):
        standalone.install(build, cancelled=_after(server, 1), progress=None)
    server.ranges = False
    assert standalone.install(build).is_file()


def _after(server: Server, requests: int) -> Callable[[], bool]:
    return lambda: len(server.asked) >= requests


def test_a_silent_server_does_not_hold_up_a_cancel(build: Build, server: Server) -> None:
    server.silent = True
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        standalone.install(build, cancelled=lambda: time.monotonic() > begun + 1)
    assert time.monotonic() - begun < 3
    server.silent = False
    assert standalone.install(build).is_file()
    assert server.asked[-1][1] == "bytes=1000-"


@pytest.mark.parametrize("sent", ["other bytes", "one more byte", "one byte less"])
def test_what_is_not_the_file_is_thrown_away(
    sent: str, build: Build, server: Server, small: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standalone.time, "monotonic", _hurried())
    other = small[:1000] + bytes([small[1000] ^ 1]) + small[1001:]
    server.data = {"other bytes": other, "one more byte": small + b"x", "one byte less": small[:-1]}[sent]
    with pytest.raises(NotInstalled) as caught:
        standalone.install(build)
    assert "127.0.0.1" in caught.value.message
    assert standalone.MIRROR in caught.value.hint
    assert not build.folder.exists()
    server.data = small
    assert standalone.install(build).is_file()


def test_a_part_of_another_file_is_begun_anew(build: Build, server: Server) -> None:
    part = builds.builds_folder() / f".{FILE}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 500_000)
    assert standalone.install(build).is_file()
    assert [wanted for _, wanted in server.asked] == ["bytes=500000-", ""]


@pytest.mark.parametrize(
    ("status", "requests", "says"), [(404, 1, "answered 404"), (407, 1, "proxy"), (503, 4, "answered 503")]
)
def test_what_a_server_refuses_is_said(
    status: int, requests: int, says: str, build: Build, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standalone, "_POLL_S", 0.01)
    monkeypatch.setattr(standalone.time, "monotonic", _hurried())
    server.status = status
    with pytest.raises(NotInstalled, match=says):
        standalone.install(build)
    assert len(server.asked) == requests


def _hurried() -> Callable[[], float]:
    """A clock on which pauses are short."""
    real = time.monotonic
    return lambda: real() * 50


def test_where_nothing_answers_no_secret_is_told(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standalone.time, "monotonic", _hurried())
    options = SetupOptions(proxy="http://ana:geheim@127.0.0.1:9")  # pragma: allowlist secret
    with pytest.raises(NotInstalled, match="could not be downloaded") as caught:
        standalone.install(build, options)
    assert "geheim" not in str(caught.value) + caught.value.detail


def test_a_proxy_is_asked_and_left_out_where_it_shall_be(build: Build, server: Server) -> None:
    proxy = server.address.removesuffix("/mirror")
    far = Build("linux-x86_64", "3.12.14", "http://python.example/dir", FILE, build.size, build.digest)
    options = SetupOptions(proxy=proxy)
    assert standalone.install(far, options).is_file()
    assert server.asked[-1][0].startswith("http://python.example/dir/")
    standalone.remove()
    direct = SetupOptions(proxy="http://127.0.0.1:9", without_proxy=("127.0.0.1",))
    assert standalone.install(build, direct).is_file()


def test_a_mirror_a_bundle_and_no_network(
    build: Build, server: Server, small: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = Build("linux-x86_64", "3.12.14", "https://python.example/dir", FILE, build.size, build.digest)
    assert standalone.install(far, environ={standalone.MIRROR: server.address + "/"}).is_file()
    standalone.remove()
    with pytest.raises(NotInstalled, match="no address"):
        standalone.install(far, environ={standalone.MIRROR: "file:///etc"})
    monkeypatch.setenv("GEOFM_OFFLINE", "1")
    with pytest.raises(NotInstalled, match="GEOFM_OFFLINE"):
        standalone.install(build)
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    server.asked.clear()
    options = SetupOptions(bundle=str(bundle))
    with pytest.raises(NotInstalled, match="holds no Python"):
        standalone.install(build, options)
    (bundle / FILE).write_bytes(small[:-1])
    with pytest.raises(NotInstalled, match="damaged"):
        standalone.install(build, options)
    (bundle / FILE).write_bytes(small)
    assert standalone.install(build, options).is_file()
    assert (bundle / FILE).is_file()
    assert server.asked == []


def test_certificates_that_cannot_be_read_are_named(build: Build, tmp_path: Path) -> None:
    pem = tmp_path / "ca.pem"
    pem.write_text("no certificate", encoding="utf-8")
    with pytest.raises(NotInstalled, match=re.escape(str(pem))):
        standalone.install(build, SetupOptions(certificates=str(pem)))


def test_a_full_disk_and_a_folder_that_cannot_be_written_are_said(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(standalone.shutil, "disk_usage", lambda folder: _Usage())
        with pytest.raises(NotInstalled, match="needs 18 MB"):
            standalone.install(build)
    builds.builds_folder().rmdir()
    builds.builds_folder().write_text("a file", encoding="utf-8")
    with pytest.raises(NotInstalled, match="cannot be written"):
        standalone.install(build)


class _Usage:
    free = 1_000_000


def test_a_python_that_does_not_start_is_not_kept(build: Build, server: Server) -> None:
    broken = _archive(_member("python/bin/python3.12", b"#!/bin/sh\nexit 1\n", 0o755))
    server.data = broken
    digest = "sha256:" + hashlib.sha256(broken).hexdigest()
    bad = Build(build.tag, build.version, build.address, FILE, len(broken), digest)
    with pytest.raises(NotInstalled, match="The downloaded Python does not start"):
        standalone.install(bad)
    assert _left() == set()


HOSTILE = {
    "upwards": [_member("python/../../evil", b"x")],
    "absolute": [_member("/tmp-evil/evil", b"x")],
    "backslash": [_member("python/..\\..\\evil", b"x")],
    "drive": [_member("python/C:evil", b"x")],
    "link upwards": [_member("python/a", type=tarfile.SYMTYPE, linkname="../evil")],
    "link to the root": [_member("python/a", type=tarfile.SYMTYPE, linkname="/etc")],
    "link by another link": [
        _member("python/here", type=tarfile.SYMTYPE, linkname="."),
        _member("python/a", type=tarfile.SYMTYPE, linkname="here/.."),
    ],
    "link below a link": [
        _member("python/d", type=tarfile.SYMTYPE, linkname="."),
        _member("python/d/up", type=tarfile.SYMTYPE, linkname=".."),
    ],
    "file through a link": [
        _member("python/d", type=tarfile.SYMTYPE, linkname="."),
        _member("python/d/evil", b"x"),
    ],
    "twice": [_member("python/a", b"x"), _member("python/a", b"y")],
    "hard link to nowhere": [_member("python/a", type=tarfile.LNKTYPE, linkname="../../etc/passwd")],
    "device": [_member("python/a", type=tarfile.CHRTYPE)],
    "pipe": [_member("python/a", type=tarfile.FIFOTYPE)],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_writes_nothing_outside(name: str, tmp_path: Path) -> None:
    archive = tmp_path / "archive.tar.gz"
    archive.write_bytes(_archive(*HOSTILE[name]))
    inner = tmp_path / "inner"
    inner.mkdir()
    with pytest.raises(UnsafeArchiveError):
        unpack(archive, inner / "python")
    assert {path.name for path in tmp_path.iterdir()} == {"archive.tar.gz", "inner"}
    assert {path.name for path in inner.iterdir()} <= {"python"}
    assert not list(tmp_path.rglob("evil*")) or name == "file through a link"


def test_a_truncated_archive_is_damaged(small: bytes, tmp_path: Path) -> None:
    archive = tmp_path / "archive.tar.gz"
    archive.write_bytes(small[: len(small) // 2])
    with pytest.raises(UnsafeArchiveError, match="damaged"):
        unpack(archive, tmp_path / "python")
