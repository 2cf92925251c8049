"""What a classifier's card says of its making, in words; an entry that makes no sense is left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geofm.inference.cards import Card, load_card
from geofm.inference.catalog import default_catalog
from geofm.inference.taught import facts_of, lacking, rows

FACTS: dict[str, Any] = {
    "samples": {"water": {"places": 8, "pixels": 72}, "forest": {"places": 1, "pixels": 1}},
    "validation": {"accuracy": {"overall": 0.9731, "macro_f1": 0.951}, "folds": 5},
    "sources": [f"scene-{n}.tif" for n in range(10)],
    "authors": ["Ada"],
    "dates": ["2021-06-03", "2022-06-05"],
    "kept": {"what": "places", "pixels": 73},
}
Make = Callable[..., Card]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def card(facts: Any = FACTS, **own: Any) -> Card:
        data = {
            "type": "Feature",
            "stac_version": "1.1.0",
            "stac_extensions": ["https://stac-extensions.github.io/mlm/v1.6.0/schema.json"],
            "id": "cover",
            "geometry": None,
            "properties": {
                "geofm:family": "classifier",
                "geofm:tasks": ["classify"],
                "geofm:classifier": {
                    "method": "ensemble",
                    "model": "spectral-texture",
                    "facts": facts,
                    **own,
                },
            },
            "links": [],
            "assets": {},
        }
        (tmp_path / "card.json").write_text(json.dumps(data), encoding="utf-8")
        return load_card(tmp_path / "card.json")

    return card


def test_all_that_was_written_down_is_said(make: Make) -> None:
    assert rows(make(model_digest="ab" * 32)) == {
        "Labels": "water 8 (72 pixels), forest 1 (1 pixel)",
        "Accuracy": "97.3% of labelled pixels, mean F1 0.95; whole labels were left out in turn in 5 rounds",
        "Method": "ensemble",
        "Features of": "spectral-texture, weights sha256:abababababab…",
        "Images": "scene-0.tif, scene-1.tif, scene-2.tif, scene-3.tif, scene-4.tif, scene-5.tif, "
        "scene-6.tif, scene-7.tif and 2 more",
        "Taken": "2021-06-03 to 2022-06-05",
        "Labelled by": "Ada",
        "Keeps": "73 labelled pixels, with where, when and by whom they were labelled; "
        "one can go on teaching",
    }


def test_what_an_older_version_wrote_is_said_as_far_as_it_goes(make: Make) -> None:
    said = rows(make({"samples": FACTS["samples"], "validation": {"accuracy": None, "folds": 0}}))
    assert set(said) == {"Labels", "Accuracy", "Method", "Features of"}
    assert said["Accuracy"] == "not known: no class has two labels of its own"
    assert rows(make({"kept": {"what": "nothing", "pixels": 0}}))["Keeps"].startswith("nothing")


def test_ground_that_was_left_out_is_told(make: Make) -> None:
    said = rows(make({"validation": {**FACTS["validation"], "block_m": 240.0}}))
    assert said["Accuracy"].endswith("; blocks of ground 240 m wide were left out in turn in 5 rounds")


def test_calibration_is_told_where_there_is_one(make: Make) -> None:
    told = rows(make({"calibration": {"before": 0.081, "after": 0.023, "temperature": 1.4, "reason": ""}}))
    assert told["Confidence"] == "off by 2.3% on average, by 8.1% before it was calibrated"
    left = {"before": 0.19, "after": 0.19, "temperature": 1.0, "reason": "Not calibrated: 8 labels a class."}
    alone = rows(make({"calibration": left}))
    assert alone["Confidence"] == "off by 19.0% on average. Not calibrated: 8 labels a class."
    unknown = rows(make({"calibration": {"reason": "Too few labels.", "before": None, "after": None}}))
    assert unknown["Confidence"] == "Too few labels."


@pytest.mark.parametrize("wrong", [None, 7, "x", [], [[]], {"a": 1}, True, 1e300])
def test_a_card_from_anywhere_is_not_believed(make: Make, wrong: Any) -> None:
    entries = dict.fromkeys(FACTS, wrong)
    for card in (make(wrong), make(entries), make(model=wrong, method=wrong, facts=wrong)):
        assert isinstance(lacking(card), str)
        assert set(rows(card)) <= {"Method", "Features of", "Accuracy"}
        assert isinstance(facts_of(card), dict)
    long = rows(make({"sources": ["x" * 10_000] * 100}))
    assert len(long["Images"]) < 2000


def test_any_other_model_has_nothing_of_it() -> None:
    card = default_catalog().get("spectral-texture")
    assert rows(card) == {}
    assert lacking(card) == ""


def test_a_classifier_from_another_machine_says_what_it_lacks(
    make: Make, monkeypatch: pytest.MonkeyPatch, scratch_home: Path
) -> None:
    assert lacking(make(model_digest="")) == ""
    monkeypatch.setenv("GEOFM_MODELS", "")
    encoder = default_catalog().get("galileo-nano")
    digest = ",".join(asset.sha256 for asset in encoder.assets)
    said = lacking(make(model="galileo-nano", model_digest=digest))
    assert "the weights of Galileo nano (4.2 MB), which are not on this machine" in said
    assert "python -m geofm models pull galileo-nano" in said
    assert "other weights of Galileo nano" in lacking(make(model="galileo-nano", model_digest="ab" * 32))
    assert "the model my-encoder, of which this machine has no card" in lacking(make(model="my-encoder"))
