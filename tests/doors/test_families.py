"""The same lines of a script embed a real Sentinel-2 chip with a model of any family.

The weights are those of the reference cases: seeded random and reduced, but for Galileo and Presto.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

FAMILY_CARDS = Path(__file__).resolve().parents[2] / "scripts" / "family_cards.py"
HEAD = """
import json, sys
from qgis.core import *
app = QgsApplication([], False)
app.initQgis()
from geofm import api
chip, folder, *cards = sys.argv[1:]
facts = {}
for card in cards:
"""
# What a user writes.
LINES = """
    output = folder + "/" + card.split("/")[-2] + ".tif"
    layer = QgsRasterLayer(chip, "chip")
    found = api.embed(layer, model=card, bands="sentinel2-l2a", output=output)
    statistics = found.output.dataProvider().bandStatistics(1)
"""
TAIL = """
    covers = found.output.extent().contains(layer.extent())
    facts[card] = [found.output.bandCount(), statistics.stdDev, covers]
print(json.dumps(facts))
del found, layer, statistics
app.exitQgis()
"""


@pytest.fixture(scope="module")
def cards(
    engine_python: Path, plugins: Path, reference: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[str]:
    """A card of each family with local weights."""
    folder = tmp_path_factory.mktemp("families")
    done = subprocess.run(
        [str(engine_python), str(FAMILY_CARDS), str(reference), str(folder)],
        env={**os.environ, "PYTHONPATH": str(plugins)}, capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.slow
def test_every_family_embeds_a_sentinel_2_chip(
    script: Any, samples: Path, cards: list[str], tmp_path: Path
) -> None:
    chip = sorted((samples / "sentinel2-chips").glob("*.tif"))[0]
    answer = script(HEAD + LINES.strip("\n") + TAIL, chip, tmp_path, *cards)
    assert answer.code == 0, answer.err
    facts = json.loads(answer.out.splitlines()[-1])
    assert len(facts) == len(cards) >= 1
    for card, (bands, deviation, covers) in facts.items():
        assert bands >= 64, card
        assert deviation > 0, card
        assert covers, card
