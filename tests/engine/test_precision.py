"""The choice of the number format: by what the device has and what bf16 does to the model, then for good."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans

from geofm.inference.bands import PRESETS
from geofm.inference.catalog import default_catalog
from geofm.inference.engine import precision
from geofm.inference.engine.backbones.galileo import Galileo
from geofm.inference.engine.base import Context
from geofm.inference.engine.features.encodings import Encodings
from geofm.inference.engine.features.space import FeatureSpace
from geofm.inference.engine.grid import Window
from geofm.inference.engine.heads import make_head
from geofm.inference.engine.precision import Check, choose_precision, compare, wanted_precision
from geofm.inference.engine.rasters import Stack
from geofm.inference.errors import InvalidRequest
from geofm.inference.jobs import RasterRef

FEATURES = np.random.default_rng(1).normal(size=(4, 16, 8, 8)).astype(np.float32)
S2 = PRESETS["sentinel2-l2a"]
QUIET = Context(lambda stage, done, total, message: None, lambda: None)
GOOD = Check(cosine=0.9999, agreement=0.999, gain=2.0)


@pytest.fixture(autouse=True)
def fresh(scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing remembered, in the process or in the data folder; the latter's file."""
    monkeypatch.setattr(precision, "_KNOWN", {})
    return scratch_home / "precision.json"


@pytest.fixture
def with_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor that says it has AMX."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True, "cpu_name": "A chip"})


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Give the outcomes of the next self-checks; answers a list that grows with each check made."""

    def prepare(*outcomes: Check) -> list[str]:
        made: list[str] = []
        waiting = iter(outcomes)

        def check(trial: object, scores: bool) -> Check:
            made.append("check")
            return next(waiting)

        monkeypatch.setattr(precision, "self_check", check)
        return made

    return prepare


def never(name: str) -> Callable[[], np.ndarray]:
    raise AssertionError(f"a trial of {name} was made")


# --- what is asked for -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"), [("", "auto"), (" Auto ", "auto"), ("float32", "float32"), ("BFLOAT16", "bfloat16")]
)
def test_the_variable_is_read(text: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOFM_PRECISION", text)
    assert wanted_precision() == expected


def test_another_word_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOFM_PRECISION", "half")
    with pytest.raises(InvalidRequest, match="Unknown precision 'half'") as caught:
        wanted_precision()
    assert "bfloat16" in caught.value.hint


@pytest.mark.parametrize("name", ["float32", "bfloat16"])
def test_what_is_asked_for_is_obeyed_without_a_trial(name: str, with_units: None) -> None:
    chosen = choose_precision(name, "model", "cpu", never)
    assert (chosen.name, chosen.dtype) == (name, getattr(torch, name))
    assert "asked for" in chosen.reason


# --- what the device has ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("able", "units"),
    [
        ({"avx512_f": True, "amx_int8": True}, ""),
        ({"avx512_bf16": True}, "AVX512-BF16"),
        ({"avx512_bf16": True, "amx_bf16": True}, "AMX"),
    ],
)
def test_the_processor_says_what_it_has(able: dict, units: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert precision.bf16_units("cpu") == units


def test_without_units_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    chosen = choose_precision("auto", "model", "cpu", never)
    assert chosen.name == "float32"
    assert "no bf16 units" in chosen.reason


def test_this_torch_names_the_units_as_we_look_for_them() -> None:
    if torch.cpu.get_capabilities()["architecture"] != "x86_64":
        pytest.skip("these units are of x86 processors")
    assert {"amx_bf16", "avx512_bf16", "cpu_name"} <= set(torch.cpu.get_capabilities())


# --- the self-check --------------------------------------------------------------------------------


def test_the_same_features_agree_and_others_do_not() -> None:
    assert compare(FEATURES, FEATURES) == pytest.approx((1.0, 1.0))
    rounded = torch.from_numpy(FEATURES).bfloat16().float().numpy()
    cosine, agreement = compare(FEATURES, rounded)
    assert 0.9999 < cosine < 1
    assert agreement > 0.98
    cosine, agreement = compare(FEATURES, FEATURES[::-1])
    assert cosine < 0.3
    assert agreement < 0.5


def test_one_large_feature_does_not_vouch_for_the_others() -> None:
    plain = np.concatenate([FEATURES, 1000 + FEATURES[:, :1]], axis=1)
    spoiled = np.concatenate([FEATURES[::-1], plain[:, -1:]], axis=1)
    assert compare(plain, spoiled)[0] < 0.5


def test_the_label_of_scores_is_the_highest() -> None:
    plain = np.zeros((1, 3, 2, 2), np.float32)
    plain[0, 1] = 1.0
    low = plain.copy()
    low[0, 2, 0, 0] = 1.5
    assert compare(plain, low, scores=True)[1] == pytest.approx(0.75)


def test_not_a_number_fails() -> None:
    cosine, _ = compare(FEATURES, np.full_like(FEATURES, np.nan))
    assert cosine == 0


def test_the_two_formats_are_tried_on_the_same_batch() -> None:
    asked = []

    def trial(name: str) -> Callable[[], np.ndarray]:
        def encode() -> np.ndarray:
            asked.append(name)
            return FEATURES

        return encode

    check = precision.self_check(trial)
    assert check.cosine == pytest.approx(1)
    assert asked.count("float32") == asked.count("bfloat16") > 3
    assert check.gain > 0


@pytest.mark.parametrize(
    ("check", "name"),
    [
        (GOOD, "bfloat16"),
        (Check(0.99, 0.999, 2.0), "float32"),
        (Check(0.9999, 0.9, 2.0), "float32"),
        (Check(0.9999, 0.999, 1.05), "float32"),
    ],
    ids=["good", "cosine", "labels", "no faster"],
)
def test_bf16_must_be_right_and_faster(
    check: Check, name: str, with_units: None, checks: Callable[..., list[str]]
) -> None:
    checks(check)
    chosen = choose_precision("auto", "model", "cpu", never)
    assert chosen.name == name
    for part in ("AMX", f"cosine {check.cosine:.5f}", f"{check.gain:.2f} times", f"{check.agreement:.2%}"):
        assert part in chosen.reason


def test_a_choice_never_turns(
    fresh: Path, with_units: None, checks: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stopwatch would say otherwise the next time: in this process, in the next one."""
    made = checks(GOOD, Check(0.9999, 0.999, 0.5), Check(0.9999, 0.999, 0.4))
    first = choose_precision("auto", "model", "cpu", never)
    assert choose_precision("auto", "model", "cpu", never) == first
    monkeypatch.setattr(precision, "_KNOWN", {})
    assert choose_precision("auto", "model", "cpu", never) == first
    assert made == ["check"]
    assert choose_precision("auto", "other", "cpu", never).name == "float32"
    assert len(json.loads(fresh.read_text())) == 2


def test_of_two_engines_that_measure_at_once_the_first_is_right(
    fresh: Path, with_units: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(trial: object, scores: bool) -> Check:
        monkeypatch.setattr(precision, "self_check", lambda *_: GOOD)
        monkeypatch.setattr(precision, "_KNOWN", {})
        choose_precision("auto", "model", "cpu", never)
        return Check(0.9999, 0.999, 0.5)

    monkeypatch.setattr(precision, "self_check", meanwhile)
    assert choose_precision("auto", "model", "cpu", never).name == "bfloat16"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', '{"a": {"cosine": 1}}'])
def test_a_spoiled_file_is_written_anew(
    text: str, fresh: Path, with_units: None, checks: Callable[..., list[str]]
) -> None:
    fresh.write_text(text)
    checks(GOOD)
    assert choose_precision("auto", "model", "cpu", never).name == "bfloat16"
    (kept,) = json.loads(fresh.read_text()).values()
    assert Check(**kept) == GOOD


# --- Galileo ---------------------------------------------------------------------------------------


def galileo(models: Path, wanted: str) -> Galileo:
    card = default_catalog().get("galileo-nano")
    return Galileo.load(card, models / "galileo-nano" / "encoder.pt", "cpu", wanted)


@pytest.fixture(scope="module")
def both(samples: Path, models: Path) -> tuple[np.ndarray, np.ndarray]:
    """Features of a part of a Sentinel-2 scene, tokens in float32 and in bf16: (pixels, dim) each."""
    ref = RasterRef(str(samples / "sentinel2-chips" / "patch_57755.tif"), names=S2, scale=1e-4)
    low = galileo(models, "bfloat16")
    assert low.precision.name == "bfloat16"
    with Stack.open([ref]) as stack:
        space = FeatureSpace.learn(stack, [Encodings(galileo(models, "float32"))], QUIET)
        other = FeatureSpace.restore(space.describe(), space.arrays(), [Encodings(low)])
        made = [s.features(stack, Window(64, 48, 96, 96), QUIET)[0] for s in (space, other)]
    first, second = (features.reshape(len(features), -1).T for features in made)
    return first, second


@pytest.mark.parametrize("method", ["fast", "ensemble"])
def test_a_head_says_the_same_of_bf16_features(both: tuple[np.ndarray, np.ndarray], method: str) -> None:
    """A head taught in float32 on five natural groups of pixels, asked of every pixel in both."""
    plain, low = both
    assert np.abs(low - plain).max() > 1e-3
    labels = KMeans(5, n_init=2, random_state=0).fit_predict(plain)
    head = make_head(method, 0)
    head.fit(plain[::97], labels[::97])
    first, second = (head.predict(features).argmax(axis=1) for features in both)
    assert np.bincount(first, minlength=5).min() > 100
    assert (first == second).mean() > 0.995


def test_galileo_tells_its_precision_and_checks_itself(
    models: Path, with_units: None, checks: Callable[..., list[str]]
) -> None:
    made = checks(GOOD)
    assert galileo(models, "float32").precision.name == "float32"
    assert made == []
    encoder = galileo(models, "auto")
    assert made == ["check"]
    assert encoder.precision.name == "bfloat16"
    assert "AMX" in encoder.precision.reason


def test_galileo_s_own_trial_passes_but_for_the_time(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real check on the real network; on a processor without bf16 units it only takes longer."""
    monkeypatch.setattr(precision, "_ROUNDS", 1)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True})
    galileo(models, "auto")
    (check,) = precision._KNOWN.values()
    assert check.cosine > precision.LEAST_COSINE
    assert check.agreement > precision.LEAST_AGREEMENT
