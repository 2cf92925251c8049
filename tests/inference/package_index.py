"""Servers on this machine that stand for the networks of firms: package indexes, proxies, authorities.

They are real: pip talks to them over sockets, with TLS where a certificate is given.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import select
import socket
import ssl
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from geofm.inference.environment import NotInstalled, SetupOptions, networks
from geofm.inference.environment.variables import pip_environment
from geofm.inference.errors import Cancelled

JSON_INDEX = "application/vnd.pypi.simple.v1+json"


def make_wheel(
    folder: Path, name: str, version: str = "1.0", size: int = 0, tag: str = "py3-none-any"
) -> Path:
    """A package with one module of the same name, and so many bytes that do not compress."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    info = f"{name}-{version}.dist-info"
    noise = b"".join(hashlib.sha256(f"{name}{n}".encode()).digest() for n in range(size // 32))
    members = {
        f"{name}/__init__.py": f"VERSION = {version!r}\n".encode(),
        f"{name}/noise.bin": noise,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    record = [
        f"{member},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}"
        for member, data in members.items()
    ]
    members[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for member, data in members.items():
            archive.writestr(zipfile.ZipInfo(member), data)
    return path


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_authority(folder: Path, host: str = "localhost") -> tuple[Path, Path, Path]:
    """An authority's certificate, and the certificate and key of a host that it vouches for."""
    folder.mkdir(parents=True, exist_ok=True)

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    (folder / "host.ext").write_text(
        f"subjectAltName=DNS:{host},IP:127.0.0.1\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
    )
    new = ("-newkey", "rsa:2048", "-nodes")
    openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=Firm's CA", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign")  # fmt: skip
    openssl("req", *new, "-keyout", "host.key", "-out", "host.csr", "-subj", f"/CN={host}")
    openssl("x509", "-req", "-in", "host.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", "host.pem", "-days", "2", "-extfile", "host.ext")  # fmt: skip
    return folder / "ca.pem", folder / "host.pem", folder / "host.key"


class Index:
    """A package index (PEP 503 and 691) of the wheels in a folder.

    Attributes:
        url: of the index, without a login.
        login: ``user:password`` that it asks for; empty for none.
        cuts: by file name, after how many bytes each of the next answers breaks off.
        lies: names of files whose bytes it changes.
        busy: how many of the next requests for files it answers with 503.
        pause: seconds between pieces of 64 KiB.
        asked: paths of all requests that it answered, and of files those bytes that were asked for.
    """

    def __init__(self, wheels: Path, as_json: bool = False) -> None:
        self.wheels = wheels
        self.as_json = as_json
        self.url = ""
        self.login = ""
        self.cuts: dict[str, list[int]] = {}
        self.lies: set[str] = set()
        self.busy = 0
        self.pause = 0.0
        self.asked: list[str] = []

    @contextmanager
    def serve(self, certificate: tuple[Path, Path] | None = None) -> Iterator[Index]:
        class Handler(_IndexHandler):
            index = self

        with _server(Handler, certificate) as port:
            scheme, host = ("https", "localhost") if certificate else ("http", "127.0.0.1")
            self.url = f"{scheme}://{host}:{port}/simple/"
            yield self

    def with_login(self, login: str = "") -> str:
        return self.url.replace("://", f"://{login or self.login}@")

    def files(self) -> list[str]:
        return [path.rpartition("/")[2] for path in self.asked if path.startswith("/files/")]


class _IndexHandler(BaseHTTPRequestHandler):
    index: Index

    def do_GET(self) -> None:
        index, path = self.index, unquote(urlsplit(self.path).path)
        wanted = "Basic " + base64.b64encode(index.login.encode()).decode()
        if index.login and self.headers.get("Authorization") != wanted:
            self._answer(401, b"login, please", {"WWW-Authenticate": 'Basic realm="firm"'})
            return
        index.asked.append(path)
        if path.startswith("/files/"):
            self._file(index.wheels / path.rpartition("/")[2])
            return
        project = path.removeprefix("/simple/").strip("/")
        found = [file for file in sorted(index.wheels.glob("*.whl")) if _project(file.name) == project]
        if not found:
            self._answer(404, b"no such project", {})
        elif index.as_json:
            rows = [
                {"filename": file.name, "url": f"/files/{file.name}", "hashes": {"sha256": digest_of(file)}}
                for file in found
            ]
            page = {"meta": {"api-version": "1.0"}, "name": project, "files": rows}
            self._answer(200, json.dumps(page).encode(), {"Content-Type": JSON_INDEX})
        else:
            links = (
                f'<a href="/files/{html.escape(file.name)}#sha256={digest_of(file)}">{file.name}</a><br>'
                for file in found
            )
            page = f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>"
            self._answer(200, page.encode(), {"Content-Type": "text/html"})

    def _file(self, file: Path) -> None:
        index = self.index
        if index.busy:
            index.busy -= 1
            self._answer(503, b"busy", {})
            return
        data = file.read_bytes()
        if file.name in index.lies:
            data = data[:-1] + bytes([data[-1] ^ 1])
        start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = int(start.group(1)) if start else 0
        headers = {"ETag": f'"{digest_of(file)}"', "Accept-Ranges": "bytes"}
        if first:
            headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
        cut = index.cuts.get(file.name) or []
        stop = cut.pop(0) if cut else None
        self._answer(206 if first else 200, data[first:], headers, stop)

    def _answer(self, code: int, body: bytes, headers: dict[str, str], stop: int | None = None) -> None:
        self.send_response(code)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for at in range(0, len(body[:stop]), 1 << 16):
                self.wfile.write(body[:stop][at : at + (1 << 16)])
                if self.index.pause:
                    time.sleep(self.index.pause)
        except OSError:
            # The program at the other end was killed, which is what some tests are about.
            self.close_connection = True
        if stop is not None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *words: Any) -> None:
        """Tests look at what was asked in ``Index.asked``."""


class Proxy:
    """A proxy for HTTP, and for HTTPS by CONNECT.

    Attributes:
        url: without a login.
        login: ``user:password`` that it asks for; empty for none.
        passed: hosts and ports, or addresses, that it was asked to reach and did.
    """

    def __init__(self, login: str = "") -> None:
        self.url = ""
        self.login = login
        self.passed: list[str] = []

    @contextmanager
    def serve(self) -> Iterator[Proxy]:
        class Handler(_ProxyHandler):
            proxy = self

        with _server(Handler, None) as port:
            self.url = f"http://127.0.0.1:{port}"
            yield self

    def with_login(self) -> str:
        return self.url.replace("://", f"://{self.login}@")


class _ProxyHandler(BaseHTTPRequestHandler):
    proxy: Proxy

    def _refused(self) -> bool:
        wanted = "Basic " + base64.b64encode(self.proxy.login.encode()).decode()
        if not self.proxy.login or self.headers.get("Proxy-Authorization") == wanted:
            self.proxy.passed.append(self.path)
            return False
        self.send_response(407, "Proxy Authentication Required")
        self.send_header("Proxy-Authenticate", 'Basic realm="firm"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return True

    def do_CONNECT(self) -> None:
        if self._refused():
            return
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port)), 10) as far:
            self.send_response(200, "Connection established")
            self.end_headers()
            _pipe(self.connection, far)
        self.close_connection = True

    def do_GET(self) -> None:
        if self._refused():
            return
        parts = urlsplit(self.path)
        kept = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
        lines = [f"GET {parts.path or '/'} HTTP/1.0", *(f"{n}: {v}" for n, v in kept.items()), "", ""]
        with socket.create_connection((parts.hostname or "", parts.port or 80), 10) as far:
            far.sendall("\r\n".join(lines).encode())
            while data := far.recv(1 << 16):
                self.wfile.write(data)
        self.close_connection = True

    def log_message(self, *words: Any) -> None:
        """Tests look at what was passed in ``Proxy.passed``."""


def _project(wheel: str) -> str:
    return re.sub(r"[-_.]+", "-", wheel.split("-")[0]).lower()


def _pipe(near: socket.socket, far: socket.socket) -> None:
    other = {near: far, far: near}
    while True:
        ready, _, _ = select.select([near, far], [], [], 30)
        for one in ready:
            data = one.recv(1 << 16)
            if not data:
                return
            other[one].sendall(data)
        if not ready:
            return


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Programs that distrust us or are killed end connections; what tests look at is what they say."""


@contextmanager
def _server(handler: type[BaseHTTPRequestHandler], certificate: tuple[Path, Path] | None) -> Iterator[int]:
    server = _Quiet(("127.0.0.1", 0), handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        # The handshake on the handler's thread: one who distrusts us must not end the server.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class RealPip:
    """pip of this Python, in a process of its own, as a set-up runs it."""

    def __init__(self, options: SetupOptions, cancelled: Callable[[], bool] = lambda: False) -> None:
        self.options = options
        self.cancelled = cancelled
        self.calls: list[list[str]] = []

    def __call__(
        self, words: Sequence[str], variables: Mapping[str, str], tick: Callable[[], None]
    ) -> object:
        environ = pip_environment()
        told = {**environ, **networks.pip_variables(self.options, environ), **variables}
        self.calls.append(list(words))
        command = [sys.executable, "-I", "-m", "pip", *words]
        with subprocess.Popen(
            command, env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            while process.poll() is None:
                tick()
                if self.cancelled():
                    process.kill()
                    raise Cancelled("The set-up was cancelled.")
                time.sleep(0.05)
            assert process.stdout is not None
            said = process.stdout.read()
        if process.returncode:
            raise NotInstalled(*networks.diagnose(said.splitlines()), said)
        return said
