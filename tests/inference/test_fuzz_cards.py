"""Spoiled cards at the catalogue: each is one that can be worked with, or is refused in a sentence.

``make fuzz`` spoils ten thousand.

GEOFM_FUZZ_CARDS and GEOFM_FUZZ_SEED choose how many, and which.
"""

from __future__ import annotations

import io
import json
import os
import random
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from geofm.inference import taught, wording
from geofm.inference.bands import PRESETS, identify
from geofm.inference.cards import CARD_IN_CLASSIFIER, Card, load_card
from geofm.inference.catalog import Catalog, folder_of, ready
from geofm.inference.errors import GeoFMError, ModelCorrupt, ModelMissing, UnsupportedInput
from geofm.inference.jobs import Task
from geofm.inference.machine import memory_needed
from geofm.inference.places import bundled_models
from geofm.inference.recommend import LayerFacts, recommend

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from mutations import Spoiler, text  # noqa: E402

CARDS = int(os.environ.get("GEOFM_FUZZ_CARDS", "4000"))
SEED = int(os.environ.get("GEOFM_FUZZ_SEED", "7"))
# Reading one takes a millisecond; a busy machine may hold it up.
SLOWEST_S = 5.0
IN_FOLDERS = 400


def spoiled_cards(count: int, seed: int) -> Iterator[bytes]:
    """Every card of the plugin in turn, spoiled as JSON, and some of them as bytes too."""
    whole = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(bundled_models().glob("*.json"))]
    assert len(whole) > 50
    spoiler = Spoiler(seed, whole[:10])
    draw = spoiler.random
    other = text(whole[0])
    for number in range(count):
        card = whole[number % len(whole)]
        spoiled = spoiler.value(card, draw.choice((0, 1, 1, 1, 2, 5)))
        data = text(spoiled, "id" if draw.randrange(50) == 0 else "")
        yield spoiler.data(data, other) if draw.randrange(3) == 0 else data


LAYERS = tuple(
    LayerFacts(identify("layer.tif", [""] * len(names), mapping=names), gsd, "uint16", dates)
    for names, gsd, dates in (
        (PRESETS["sentinel2-l2a"], 10.0, ()),
        (PRESETS["sentinel1"], 10.0, ("2024-05-01", "2024-06-01")),
        (("red", "green", "blue"), None, ()),
    )
)  # fmt: skip


def work_with(card: Card) -> None:
    """All that the client does with a card that it believes."""
    assert card.id
    assert memory_needed(card) >= 0
    assert card.download_size >= 0
    for task in Task:
        for item in recommend(LAYERS[len(task.value) % len(LAYERS)], task, [card], memory=1 << 33):
            assert item.card is card
    said = [
        wording.kind(card), wording.sensors(card), wording.pixels(card), wording.source(card),
        wording.terms(card), wording.licence(card), wording.search_text(card), wording.transfer(card),
        *wording.needs(card).values(), taught.lacking(card), *taught.rows(card).values(),
    ]  # fmt: skip
    assert all(isinstance(one, str) for one in said)
    for one in (card.title, card.description, *said):
        one.encode("utf-8")
    ready(card)
    folder_of(card)


def verdict(path: Path) -> str:
    """``card``, or the kind of the error; fails for anything else."""
    try:
        card = load_card(path)
    except (ModelCorrupt, ModelMissing, UnsupportedInput) as error:
        told = error
    else:
        work_with(card)
        return "card"
    assert told.message.strip().endswith(".")
    assert len(told.message) < 2000
    told.message.encode("utf-8")
    return told.kind


@pytest.mark.timeout(1800)
def test_every_spoiled_card_is_one_or_is_refused_in_a_sentence(tmp_path: Path) -> None:
    told, slowest, path = Counter[str](), 0.0, tmp_path / "card.json"
    began = time.monotonic()
    for data in spoiled_cards(CARDS, SEED):
        path.write_bytes(data)
        start = time.monotonic()
        told[verdict(path)] += 1
        slowest = max(slowest, time.monotonic() - start)
    print(f"{CARDS} cards in {time.monotonic() - began:.0f} s, the slowest in {slowest:.2f} s: {dict(told)}")
    assert slowest < SLOWEST_S
    assert told["card"] > CARDS / 10
    assert told["model_corrupt"] > CARDS / 10


def test_a_folder_of_spoiled_cards_hides_no_good_one(tmp_path: Path) -> None:
    """Beside whole cards: spoiled ones, cut classifiers, folders and links where files should be."""
    good = [path for path in sorted(bundled_models().glob("*.json")) if "spectral" in path.name]
    for path in good:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    draw = random.Random(SEED)
    for number, data in enumerate(spoiled_cards(IN_FOLDERS, SEED + 1)):
        names = (f"{number:03}.json", f"{number:03}.geofm", f"{number:03}/{CARD_IN_CLASSIFIER}")
        place = tmp_path / names[number % 3]
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(_archive(data, draw) if place.suffix == ".geofm" else data)
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "circle.json").symlink_to("circle.json")
    (tmp_path / "nowhere.json").symlink_to("no-such-file")
    catalog = Catalog((tmp_path,))
    cards, problems = catalog.look()
    assert {load_card(path).id for path in good} <= {card.id for card in cards}
    assert len(problems) > IN_FOLDERS / 10
    assert all(problem.message.endswith(".") for problem in problems)
    for card in cards:
        work_with(card)
    for name in ("none", "", "../x", "\ud800", "a\0b", "x" * 5000, *(card.id for card in cards[:5])):
        with suppress(GeoFMError):
            assert catalog.get(name).id


def _archive(card: bytes, draw: random.Random) -> bytes:
    """A classifier with such a card inside, one in three of them broken."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        archive.writestr(CARD_IN_CLASSIFIER, card)
    data = bytearray(held.getvalue())
    for _ in range(draw.choice((0, 0, 1, 3))):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(data[: draw.choice((len(data), len(data), len(data) // 2))])
