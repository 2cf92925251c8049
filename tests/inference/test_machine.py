"""How much memory a model needs, from its card, and how much the machine has."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from geofm.inference import machine, places
from geofm.inference.cards import load_card
from geofm.inference.machine import ENGINE, machine_memory, memory_needed, weights_size


def changed(tmp_path: Path, name: str, **props: Any) -> Any:
    raw = json.loads((places.bundled_models() / f"{name}.json").read_text(encoding="utf-8"))
    for key, value in props.items():
        raw["properties"][key.replace("__", ":")] = value
    (tmp_path / "card.json").write_text(json.dumps(raw), encoding="utf-8")
    return load_card(tmp_path / "card.json")


def test_the_weights_of_a_transformer_follow_from_its_sizes(tmp_path: Path) -> None:
    # A ViT-L has 304 million parameters, of which 302 are in its blocks (Dosovitskiy et al. 2021, table 1).
    vit_large = {"embedding_size": 1024, "depth": 24, "num_heads": 16, "mlp_ratio": 4}
    card = changed(tmp_path, "galileo-nano", mlm__hyperparameters=vit_large)
    assert weights_size(card) == pytest.approx(302e6 * 4, rel=0.01)
    # The file on disk is that of galileo-nano, 4.2 MB: within a third of what its sizes say.
    nano = load_card(places.bundled_models() / "galileo-nano.json")
    assert weights_size(nano) == pytest.approx(nano.assets[0].size, rel=0.35)


def test_a_card_that_states_its_parameters_or_memory_is_believed(tmp_path: Path) -> None:
    assert weights_size(changed(tmp_path, "galileo-nano", mlm__total_parameters=10**9)) == 4 * 10**9
    assert memory_needed(changed(tmp_path, "galileo-nano", mlm__memory_size=3 * 10**9)) == ENGINE + 3 * 10**9


def test_more_tokens_and_more_dates_need_more(tmp_path: Path) -> None:
    sizes = {"embedding_size": 768, "depth": 12, "num_heads": 12, "mlp_ratio": 4, "patch_size": 8}
    small = memory_needed(changed(tmp_path, "galileo-nano", mlm__hyperparameters=sizes))
    wide = changed(tmp_path, "galileo-nano", mlm__hyperparameters=sizes, geofm__window=512)
    tokens = (512 // 4) ** 2
    layers = 4 * (max(6, 2 + 2 * 4) * 768 * tokens + 12 * tokens**2)
    assert memory_needed(wide) == ENGINE + weights_size(wide) + layers
    dated = changed(tmp_path, "galileo-nano", mlm__hyperparameters=sizes, geofm__dates=[3, 12])
    assert small < memory_needed(dated) < memory_needed(wide)


def test_a_network_without_sizes_is_judged_by_its_file_and_window(tmp_path: Path) -> None:
    card = load_card(places.bundled_models() / "ukis-csmask.json")
    assert weights_size(card) == max(asset.size or 0 for asset in card.assets)
    assert memory_needed(card) > memory_needed(changed(tmp_path, "ukis-csmask", geofm__window=64))
    assert memory_needed(load_card(places.bundled_models() / "spectral-texture.json")) == ENGINE


def test_this_machine_has_memory_as_the_system_says() -> None:
    found = machine_memory()
    assert found is not None
    assert 1e8 < found < 1e14
    if os.path.exists("/proc/meminfo"):
        total = int(Path("/proc/meminfo").read_text(encoding="ascii").split()[1]) * 1024
        assert found <= total


def test_the_limit_of_a_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit, none = tmp_path / "memory.max", tmp_path / "absent"
    for text, expected in (("1000000\n", 1_000_000), ("max\n", None)):
        limit.write_text(text, encoding="ascii")
        monkeypatch.setattr(machine, "_LIMITS", (str(none), str(limit)))
        assert machine_memory() == (expected or machine._installed())


@pytest.mark.parametrize("raised", [ValueError, OSError])
def test_a_system_that_says_nothing_is_no_error(
    raised: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str) -> int:
        raise raised(name)

    monkeypatch.setattr(machine.os, "sysconf", refuse)
    monkeypatch.setattr(machine, "_LIMITS", ())
    assert machine_memory() is None
