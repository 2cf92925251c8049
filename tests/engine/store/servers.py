"""Servers on the loopback whose manners a test chooses, and cards that name files on them."""

from __future__ import annotations

import hashlib
import json
import random
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import rasterio
from affine import Affine

from geofm.inference.cards import Card, load_card
from geofm.inference.engine.base import Context
from geofm.inference.jobs import Job, RasterRef, Task
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


@contextmanager
def serving(
    answer: Callable[[BaseHTTPRequestHandler], None], tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """A server's address while it runs; ``answer`` sends what it likes to HEAD, GET and CONNECT."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - http.server's name
            answer(self)

        do_HEAD = do_CONNECT = do_GET  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Clients go away in the middle: that is what tests make them do."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


FIRST, SECOND = "1" * 40, "2" * 40


@dataclass
class Asked:
    """One request that came to the hub."""

    method: str
    path: str
    token: str
    agent: str


@dataclass
class Hub:
    """A hub with one model that keeps its large files at another address, as the real one does.

    The model is ``ada/toy-net``, which was once called ``ada/old-net``.

    Attributes:
        files: of each commit.
        branch: the commit that ``main`` stands for.
        cdn: where the large files come from; it serves the one that was asked for last.
        small: paths that the hub keeps in git itself: it states no SHA-256 for them.
        gate: tokens that have access; None if the model is for everyone.
        known: tokens that the hub knows.
        fail: statuses to answer with first, one a request.
        stall: keeps the hub silent until it is set.
        lie: a SHA-256 to state in place of the right one.
    """

    cdn: Source
    files: dict[str, dict[str, bytes]] = field(
        default_factory=lambda: {FIRST: {"net.onnx": PAYLOAD}, SECOND: {"net.onnx": PAYLOAD[::-1]}}
    )
    branch: str = FIRST
    small: set[str] = field(default_factory=set)
    gate: set[str] | None = None
    known: set[str] = field(default_factory=set)
    fail: list[int] = field(default_factory=list)
    stall: threading.Event | None = None
    lie: str = ""
    url: str = ""
    asked: list[Asked] = field(default_factory=list)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        bearer = handler.headers.get("Authorization", "")
        token = bearer.removeprefix("Bearer ")
        self.asked.append(Asked(handler.command, handler.path, token, handler.headers.get("User-Agent", "")))
        if self.stall:
            self.stall.wait(30)
        if self.fail:
            return self._refuse(handler, self.fail.pop(0))
        repo, _, rest = unquote(handler.path).lstrip("/").partition("/resolve/")
        revision, _, path = rest.partition("/")
        if token and token not in self.known:
            message = "Invalid credentials in Authorization header"
            return self._refuse(handler, 401, "", message)
        if repo == "ada/old-net":
            return self._refuse(handler, 307, place=handler.path.replace("old-net", "toy-net"))
        if repo != "ada/toy-net":
            return self._refuse(handler, 404 if token else 401, "RepoNotFound")
        if self.gate is not None and token not in self.gate:
            return self._refuse(handler, 403 if token else 401, "GatedRepo", f"Restricted. {bearer}")
        commit = self.branch if revision == "main" else revision
        if commit not in self.files:
            return self._refuse(handler, 404, "RevisionNotFound")
        if path not in self.files[commit]:
            return self._refuse(handler, 404, "EntryNotFound")
        return self._serve(handler, commit, path)

    def _serve(self, handler: BaseHTTPRequestHandler, commit: str, path: str) -> None:
        content = self.files[commit][path]
        handler.send_response(200 if path in self.small else 302)
        handler.send_header("X-Repo-Commit", commit)
        if path in self.small:
            handler.send_header("ETag", f'"{hashlib.sha1(content, usedforsecurity=False).hexdigest()}"')
            handler.send_header("Content-Length", str(len(content)))
        else:
            self.cdn.content = content
            digest = self.lie or hashlib.sha256(content).hexdigest()
            handler.send_header("X-Linked-Etag", f'"{digest}"')
            handler.send_header("X-Linked-Size", str(len(content)))
            handler.send_header("Location", f"{self.cdn.url}/{hashlib.sha256(content).hexdigest()}?signed=1")
            handler.send_header("Content-Length", "0")
        handler.end_headers()
        if path in self.small and handler.command == "GET":
            handler.wfile.write(content)

    def _refuse(
        self,
        handler: BaseHTTPRequestHandler,
        status: int,
        code: str = "",
        message: str = "",
        place: str = "",
    ) -> None:
        handler.send_response(status)
        if place:
            handler.send_header("Location", place)
        if code:
            handler.send_header("X-Error-Code", code)
        if message:
            handler.send_header("X-Error-Message", message)
        handler.send_header("Content-Length", "0")
        handler.end_headers()


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


def hub_card(folder: Path, revision: str = "main", path: str = "net.onnx", **changes: object) -> Card:
    """A card without a digest, unless ``changes`` gives one, for a file of the hub's ``ada/toy-net``."""
    href = f"https://huggingface.co/ada/toy-net/resolve/{revision}/{path}"
    return card_with(folder, {"net": {"href": href, "roles": ["mlm:model"], **changes}})


def job_with_hub_weights(folder: Path, hub: Hub, models: Path) -> tuple[Job, str]:
    """A job with the weights of galileo-nano, by a card that knows no digest of them; and the digest."""
    hub.files[FIRST]["encoder.pt"] = weights = (models / "galileo-nano" / "encoder.pt").read_bytes()
    raw = json.loads((bundled_models() / "galileo-nano.json").read_text(encoding="utf-8"))
    asset = raw["assets"]["encoder"]
    for name in ("geofm:digest", "file:checksum", "file:size"):
        asset.pop(name, None)
    asset["href"] = "https://huggingface.co/ada/toy-net/resolve/main/encoder.pt"
    raw["id"] = "galileo-of-the-hub"
    (folder / "card.json").write_text(json.dumps(raw), encoding="utf-8")
    place = {"crs": "EPSG:32633", "transform": Affine(10, 0, 600000, 0, -10, 5000000)}
    profile = {"driver": "GTiff", "count": 10, "dtype": "float32", "width": 32, "height": 32, **place}
    with rasterio.open(folder / "chip.tif", "w", **profile) as chip:
        chip.write(np.random.default_rng(1).uniform(0.05, 0.3, (10, 32, 32)).astype(np.float32))
        chip.descriptions = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
    inputs = (RasterRef(str(folder / "chip.tif")),)
    job = Job(Task.EMBED, inputs, str(folder / "features.tif"), model=str(folder / "card.json"))
    return job, hashlib.sha256(weights).hexdigest()


def everything_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
