"""What the tests of the store share: a server, a hub, and quick second tries."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from geofm.inference.engine.weights import download as download_module
from geofm.inference.engine.weights import hub as hub_module

# Test files are imported one by one, which does not make their folder a place to import from.
sys.path.insert(0, str(Path(__file__).parent))

from servers import Hub, Source, serving  # noqa: E402


@pytest.fixture
def source() -> Iterator[Source]:
    state = Source()
    with serving(state.answer) as url:
        state.url = url
        yield state


@pytest.fixture
def hub(source: Source, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub in the place of the real one, whose large files ``source`` serves."""
    state = Hub(source)
    with serving(state.answer) as url:
        state.url = url
        monkeypatch.setenv("HF_ENDPOINT", url)
        yield state


@pytest.fixture(autouse=True)
def _quick_and_direct(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(download_module, "_PAUSE_S", 0.01)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    for name in ("HF_TOKEN", "HF_ENDPOINT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    yield
    hub_module.give_token("")
