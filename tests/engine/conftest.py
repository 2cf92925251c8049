"""A model that takes as long to fetch as a test wants: a long call with nothing faked in the engine."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

PIECES = 400
PIECE = bytes(range(256)) * 16


class SlowModel:
    """A model card in GEOFM_HOME whose weights a local server hands out bit by bit.

    Attributes:
        id: the model's catalogue id.
        started: set when the first piece is out.
        pause: seconds between two pieces; the whole has 400 of them.
    """

    def __init__(self, home: Path) -> None:
        self.id = "slow-model"
        self.started = threading.Event()
        self.pause = 0.05
        self._stop = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._write_card(home / "models" / self.id / "card.json")
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
                self.send_response(200)
                self.send_header("Content-Length", str(PIECES * len(PIECE)))
                self.end_headers()
                try:
                    for _ in range(PIECES):
                        self.wfile.write(PIECE)
                        model.started.set()
                        if model._stop.wait(model.pause):
                            return
                except OSError:
                    return  # the client went away, as tests make it do

            def log_message(self, *unused: object) -> None:
                pass

        return Handler

    def _write_card(self, path: Path) -> None:
        asset = {
            "href": f"http://127.0.0.1:{self._server.server_port}/weights.onnx",
            "roles": ["mlm:model"],
            "geofm:digest": "sha256:" + hashlib.sha256(PIECE * PIECES).hexdigest(),
            "file:size": PIECES * len(PIECE),
        }
        card = {
            "type": "Feature",
            "stac_version": "1.1.0",
            "stac_extensions": ["https://stac-extensions.github.io/mlm/v1.6.0/schema.json"],
            "id": self.id,
            "geometry": None,
            "properties": {"title": "Slow model", "geofm:family": "onnx", "geofm:tasks": ["segment"]},
            "assets": {"weights": asset},
            "links": [],
        }
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(card), encoding="utf-8")


@pytest.fixture
def slow_model(scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowModel]:
    """See :class:`SlowModel`."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    model = SlowModel(scratch_home)
    yield model
    model.close()
