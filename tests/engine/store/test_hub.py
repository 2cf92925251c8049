"""Files of the hub: a hub-compatible server on the loopback, huggingface_hub's own questions to it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import rasterio
from servers import (
    FIRST,
    PAYLOAD,
    SECOND,
    Hub,
    Source,
    context,
    everything_in,
    hub_card,
    job_with_hub_weights,
)

from geofm.inference.cards import load_card
from geofm.inference.catalog import default_catalog
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights import download as download_module
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import Cancelled, ModelCorrupt, ModelMissing
from geofm.inference.places import bundled_models

DIGEST = hashlib.sha256(PAYLOAD).hexdigest()
PINNED = ["net.onnx", "net.onnx.pin.json"]
REAL_TOKEN = "hf_aVerySecretToken"


def own(tmp_path: Path) -> Path:
    return tmp_path / "home" / "models" / "toy" / "net.onnx"


def test_a_file_without_a_digest_is_pinned_at_its_first_download(hub: Hub, tmp_path: Path) -> None:
    card, store = hub_card(tmp_path), Store(tmp_path / "home")
    asked, seen = context()
    assert store.fetch(card, card.assets[0], asked) == own(tmp_path)
    assert own(tmp_path).read_bytes() == PAYLOAD
    assert everything_in(tmp_path / "home") == PINNED, "no second copy in any cache"
    note = json.loads(own(tmp_path).with_name("net.onnx.pin.json").read_text(encoding="utf-8"))
    assert note == {
        "repo": "ada/toy-net", "path": "net.onnx", "commit": FIRST, "sha256": DIGEST, "size": len(PAYLOAD)
    }  # fmt: skip
    assert seen[-1] == (len(PAYLOAD), len(PAYLOAD))
    before = len(hub.asked)
    assert store.fetch(card, card.assets[0], asked) == own(tmp_path)
    assert store.verify(card) == (own(tmp_path),)
    assert len(hub.asked) == before, "what is here needs no hub"


def test_the_hub_hears_who_asks_and_nothing_else(hub: Hub, tmp_path: Path) -> None:
    card = hub_card(tmp_path)
    Store(tmp_path / "home").fetch(card, card.assets[0], context()[0])
    assert [(asked.method, asked.path) for asked in hub.asked] == [
        ("HEAD", "/ada/toy-net/resolve/main/net.onnx"),
        ("GET", f"/ada/toy-net/resolve/{FIRST}/net.onnx"),
    ]
    assert all(asked.agent.startswith("GeoFM/") and " " not in asked.agent for asked in hub.asked)


def test_a_pinned_file_is_held_to_its_note_though_the_branch_moves_on(hub: Hub, tmp_path: Path) -> None:
    card, store = hub_card(tmp_path), Store(tmp_path / "home")
    store.fetch(card, card.assets[0], context()[0])
    hub.branch = SECOND
    own(tmp_path).unlink()
    assert store.fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD
    own(tmp_path).write_bytes(PAYLOAD[::-1])
    with pytest.raises(ModelCorrupt, match="net.onnx"):
        store.verify(card)
    assert sorted(path.name for path in store.remove(card)) == PINNED
    assert store.fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD[::-1]


def test_the_digest_of_the_first_download_becomes_the_cards(hub: Hub, tmp_path: Path) -> None:
    card, store = hub_card(tmp_path), Store(tmp_path / "home")
    settled = store.settled(card, context()[0])
    assert (settled.assets[0].sha256, settled.assets[0].size) == (DIGEST, len(PAYLOAD))
    assert store.settled(settled, context()[0]) is settled


def test_a_card_that_names_another_commit_is_not_served_by_an_old_pin(hub: Hub, tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    for commit, content in ((FIRST, PAYLOAD), (SECOND, PAYLOAD[::-1])):
        card = hub_card(tmp_path, commit)
        assert store.fetch(card, card.assets[0], context()[0]).read_bytes() == content


@pytest.mark.parametrize("fault", ["digest", "start", "lie"])
def test_another_digest_is_refused_before_or_after_the_transfer(
    hub: Hub, source: Source, tmp_path: Path, fault: str
) -> None:
    changes = {"digest": {"geofm:digest": f"sha256:{'0' * 64}"}, "start": {"geofm:digest_start": "0" * 8}}
    hub.lie = "0" * 64 if fault == "lie" else ""
    card = hub_card(tmp_path, **changes.get(fault, {}))
    with pytest.raises(ModelCorrupt, match="digest") as caught:
        Store(tmp_path / "home").fetch(card, card.assets[0], context()[0])
    assert caught.value.hint
    assert everything_in(tmp_path / "home") == []
    assert bool(source.requests) == (fault == "lie"), "what the hub says is compared before bytes are fetched"


def test_the_right_start_of_a_digest_passes(hub: Hub, tmp_path: Path) -> None:
    card = hub_card(tmp_path, **{"geofm:digest_start": DIGEST[:8]})
    assert Store(tmp_path / "home").fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD


def test_a_file_that_the_hub_states_no_digest_for_needs_one_in_the_card(hub: Hub, tmp_path: Path) -> None:
    hub.small = {"net.onnx"}
    card, store = hub_card(tmp_path), Store(tmp_path / "home")
    with pytest.raises(ModelMissing, match="states no digest") as caught:
        store.fetch(card, card.assets[0], context()[0])
    assert "geofm:digest" in caught.value.hint
    card = hub_card(tmp_path, **{"geofm:digest": f"sha256:{DIGEST}"})
    assert store.fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD
    assert everything_in(tmp_path / "home") == ["net.onnx"]


def test_a_truncated_file_goes_on_and_a_changed_branch_begins_anew(
    hub: Hub, source: Source, tmp_path: Path
) -> None:
    card, store = hub_card(tmp_path), Store(tmp_path / "home")
    source.cuts = [100_000, 0, 0, 0, 0]
    with pytest.raises(ModelMissing, match="cut off after 0.1 MB"):
        store.fetch(card, card.assets[0], context()[0])
    assert everything_in(tmp_path / "home") == ["net.onnx.part", "net.onnx.part.json"]
    hub.files[SECOND] = {**hub.files[FIRST], "README.md": b"new words"}
    hub.branch, source.cuts, source.requests = SECOND, [200_000], []
    assert store.fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD
    assert source.requests == ["bytes=100000-", "bytes=300000-"], "the same bytes of a newer commit"
    store.remove(card)
    source.cuts = [100_000, 0, 0, 0, 0]
    with pytest.raises(ModelMissing):
        store.fetch(card, card.assets[0], context()[0])
    source.cuts, source.etag, source.requests = [], '"two"', []
    hub.files[SECOND] = {"net.onnx": PAYLOAD[::-1]}
    assert store.fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD[::-1]
    assert source.requests == [""]


def test_a_hub_that_fails_for_a_moment_is_asked_again(hub: Hub, tmp_path: Path) -> None:
    hub.fail = [503, 429, 500]
    card = hub_card(tmp_path)
    assert Store(tmp_path / "home").fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD


def test_a_hub_that_keeps_failing_is_named(hub: Hub, tmp_path: Path) -> None:
    hub.fail = [503] * 9
    card = hub_card(tmp_path)
    with pytest.raises(ModelMissing, match=r"127\.0\.0\.1 answered 503 for net\.onnx"):
        Store(tmp_path / "home").fetch(card, card.assets[0], context()[0])
    assert len(hub.asked) == download_module.TRIES


def test_cancel_is_answered_while_the_hub_is_silent(hub: Hub, tmp_path: Path) -> None:
    hub.stall = threading.Event()
    card, pressed = hub_card(tmp_path), time.monotonic() + 0.5

    def check() -> None:
        if time.monotonic() > pressed:
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        Store(tmp_path / "home").fetch(card, card.assets[0], context(check)[0])
    late = time.monotonic() - pressed
    hub.stall.set()
    assert late < 1.0


FETCH = """
import resource, signal, sys
from pathlib import Path
from geofm.inference.cards import load_card
from geofm.inference.engine.base import Context
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import GeoFMError
if sys.argv[3:]:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
card = load_card(sys.argv[1])
try:
    path = Store(Path(sys.argv[2])).fetch(card, card.assets[0], Context(lambda *_: None, lambda: None))
    print(path.stat().st_size)
except GeoFMError as error:
    print(error.kind, error.message)
"""


def fetch_elsewhere(card: Path, home: Path, plugins: Path, *limit: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(plugins), "HF_HUB_DISABLE_TELEMETRY": "1"}
    command = [sys.executable, "-c", FETCH, str(card), str(home), *limit]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_two_processes_share_one_download_from_the_hub(
    hub: Hub, source: Source, tmp_path: Path, plugins: Path
) -> None:
    card = hub_card(tmp_path)
    source.cuts, source.stall = [100_000], threading.Event()
    both = [fetch_elsewhere(card.path, tmp_path / "home", plugins) for _ in range(2)]
    time.sleep(1.5)
    source.stall.set()
    answers = [process.communicate(timeout=60)[0].strip() for process in both]
    assert answers == [str(len(PAYLOAD))] * 2
    assert source.requests == ["", "bytes=100000-"]
    assert everything_in(tmp_path / "home") == PINNED


def test_a_disk_that_fills_up_on_the_way_is_one_sentence(hub: Hub, tmp_path: Path, plugins: Path) -> None:
    card = hub_card(tmp_path)
    process = fetch_elsewhere(card.path, tmp_path / "home", plugins, "200000")
    assert process.communicate(timeout=60)[0].startswith("model_missing")
    assert not own(tmp_path).exists()
    assert Store(tmp_path / "home").fetch(card, card.assets[0], context()[0]).read_bytes() == PAYLOAD


def test_a_full_disk_is_noticed_before_the_transfer_from_the_hub(
    hub: Hub, source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def little(folder: Path) -> tuple[int, int, int]:
        return download_module.shutil._ntuple_diskusage(1000, 0, 1000)

    monkeypatch.setattr(download_module.shutil, "disk_usage", little)
    card = hub_card(tmp_path)
    with pytest.raises(ModelMissing, match="0.0 MB are free"):
        Store(tmp_path / "home").fetch(card, card.assets[0], context()[0])
    assert not own(tmp_path).exists()


def test_offline_a_file_counts_with_its_note_alone(hub: Hub, tmp_path: Path) -> None:
    card = hub_card(tmp_path)
    Store(tmp_path / "elsewhere").fetch(card, card.assets[0], context()[0])
    there = tmp_path / "elsewhere" / "models" / "toy"
    before, store = len(hub.asked), Store(tmp_path / "home", offline=True)
    with pytest.raises(ModelMissing, match="GEOFM_OFFLINE") as caught:
        store.fetch(card, card.assets[0], context()[0])
    assert "net.onnx.pin.json" in caught.value.hint
    own(tmp_path).parent.mkdir(parents=True)
    own(tmp_path).write_bytes((there / "net.onnx").read_bytes())
    with pytest.raises(ModelMissing, match="Nothing says what") as caught:
        store.fetch(card, card.assets[0], context()[0])
    assert "net.onnx.pin.json" in caught.value.hint
    (own(tmp_path).parent / "net.onnx.pin.json").write_bytes((there / "net.onnx.pin.json").read_bytes())
    assert store.fetch(card, card.assets[0], context()[0]) == own(tmp_path)
    assert len(hub.asked) == before


@pytest.mark.parametrize("noted", [True, False])
def test_a_read_only_shared_folder_serves_a_file_with_or_without_its_note(
    hub: Hub, source: Source, tmp_path: Path, noted: bool
) -> None:
    card = hub_card(tmp_path)
    Store(tmp_path / "server").fetch(card, card.assets[0], context()[0])
    shared = tmp_path / "server" / "models"
    if not noted:
        (shared / "toy" / "net.onnx.pin.json").unlink()
    (shared / "toy").chmod(0o555)
    source.requests = []
    try:
        store = Store(tmp_path / "home", [shared])
        assert store.fetch(card, card.assets[0], context()[0]) == shared / "toy" / "net.onnx"
        assert store.verify(card) == (shared / "toy" / "net.onnx",)
    finally:
        (shared / "toy").chmod(0o755)
    assert source.requests == [], "no byte was fetched again"
    assert everything_in(tmp_path / "home") == ([] if noted else ["net.onnx.pin.json"])


def test_a_garbled_note_pins_nothing(hub: Hub, tmp_path: Path) -> None:
    card, store = hub_card(tmp_path), Store(tmp_path / "home")
    store.fetch(card, card.assets[0], context()[0])
    note = own(tmp_path).with_name("net.onnx.pin.json")
    for text in ("", "[1]", "{}", '{"sha256": 5}', "[" * 60_000, note.read_text().replace(DIGEST, "short")):
        note.write_text(text, encoding="utf-8")
        assert store.find(card, card.assets[0]) is None
        assert store.fetch(card, card.assets[0], context()[0]) == own(tmp_path)


@pytest.mark.parametrize("model", ["galileo-nano", "presto"])
def test_real_weights_come_from_the_hub_and_are_held_to_the_digest_of_their_card(
    hub: Hub, tmp_path: Path, models: Path, model: str
) -> None:
    """The plugin's own cards, by the server in the place of the hub."""
    path = bundled_models() / f"{model}.json"
    raw, (asset,) = json.loads(path.read_text(encoding="utf-8")), load_card(path).assets
    raw["assets"][asset.name]["href"] = f"https://huggingface.co/ada/toy-net/resolve/main/{asset.filename}"
    (tmp_path / path.name).write_text(json.dumps(raw), encoding="utf-8")
    card, store = load_card(tmp_path / path.name), Store(tmp_path / "home")
    hub.files[FIRST][asset.filename] = weights = (models / model / asset.filename).read_bytes()
    assert store.fetch(card, card.assets[0], context()[0]).read_bytes() == weights
    assert len(store.verify(card)) == 1
    store.remove(card)
    hub.files[FIRST][asset.filename], hub.lie = weights[:-1] + b"!", asset.sha256
    with pytest.raises(ModelCorrupt, match="digest"):
        store.fetch(card, card.assets[0], context()[0])


def test_a_run_says_the_digest_that_only_the_hub_stated(
    hub: Hub, tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, digest = job_with_hub_weights(tmp_path, hub, models)
    monkeypatch.setenv("GEOFM_HOME", str(tmp_path / "home"))
    services = Services.create(default_catalog(), Store(tmp_path / "home"), choose_device("cpu"))
    run_job(job, services, context()[0])
    with rasterio.open(job.output) as made:
        assert made.tags()["GEOFM_DIGEST"] == digest
