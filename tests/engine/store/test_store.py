"""The store against a real HTTP server on the loopback, real processes and the real pip."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from servers import PAYLOAD, Source, card_for, context, everything_in

from geofm.inference.cards import Card, load_card
from geofm.inference.catalog import Catalog
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import InvalidRequest, ModelCorrupt, ModelMissing
from geofm.inference.places import bundled_models


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


FETCH = """
import sys, time
from pathlib import Path
from geofm.inference.cards import load_card
from geofm.inference.engine.base import Context
from geofm.inference.engine.weights.store import Store
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


def test_a_killed_downloader_leaves_no_lock_behind(source: Source, tmp_path: Path, plugins: Path) -> None:
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
