"""Taught classifiers as files: they come back whole, come out alike, and refuse what was tampered with."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickletools
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from geofm.inference.bands import PRESETS
from geofm.inference.cards import CARD_IN_CLASSIFIER, load_card
from geofm.inference.engine.base import Context
from geofm.inference.engine.features.space import FeatureSpace
from geofm.inference.engine.heads import make_head
from geofm.inference.engine.learning.classifier import Classifier, load_classifier, save_classifier
from geofm.inference.engine.rasters import Stack
from geofm.inference.errors import ModelCorrupt, ModelMissing, UnsupportedInput
from geofm.inference.jobs import ClassInfo, RasterRef

CARD, WEIGHTS = CARD_IN_CLASSIFIER, "weights.safetensors"
CLASSES = (
    ClassInfo(1, "water", "#3f7fd1"),
    ClassInfo(4, "Wald / Forêt", "#1f6b35"),
    ClassInfo(9, "道路", "#888888"),
)
FACTS = {"samples": {"water": {"places": 3, "pixels": 40}}, "validation": {"accuracy": None, "folds": 0}}
QUIET = Context(lambda stage, done, total, message: None, lambda: None)
Rewriter = Callable[..., Path]


@pytest.fixture(scope="module")
def stack(samples: Path):
    path = samples / "sentinel2-chips" / "patch_61808.tif"
    with Stack.open([RasterRef(str(path), names=PRESETS["sentinel2-l2a"])]) as opened:
        yield opened


@pytest.fixture(scope="module")
def space(stack: Stack) -> FeatureSpace:
    return FeatureSpace.learn(stack, (), QUIET)


def taught(space: FeatureSpace, method: str = "ensemble") -> Classifier:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 30)
    features = rng.normal(size=(3, space.dim))[labels] * 0.1 + rng.normal(0, 0.1, (90, space.dim))
    head = make_head(method)
    head.fit(features.astype(np.float32), labels)
    return Classifier.of(space, head, CLASSES, "spectral-texture", "", FACTS)


@pytest.fixture(scope="module")
def classifier(space: FeatureSpace) -> Classifier:
    return taught(space)


@pytest.fixture
def path(classifier: Classifier, tmp_path: Path) -> Path:
    save_classifier(tmp_path / "Land cover 2021.geofm", classifier)
    return tmp_path / "Land cover 2021.geofm"


@pytest.fixture
def rewritten(path: Path, tmp_path: Path) -> Rewriter:
    """Writes the file anew with other members, with digests that fit unless told otherwise."""

    def rewrite(
        card: Callable[[dict[str, Any]], None] | None = None,
        weights: Callable[[dict[str, np.ndarray]], None] | None = None,
        compression: int = zipfile.ZIP_STORED,
        **more: bytes,
    ) -> Path:
        with zipfile.ZipFile(path) as archive:
            text, data = json.loads(archive.read(CARD)), archive.read(WEIGHTS)
        if weights:
            arrays = load_tensors(data)
            weights(arrays)
            data = save_tensors(arrays)
            digest = hashlib.sha256(data).hexdigest()
            asset = {"geofm:digest": f"sha256:{digest}", "file:checksum": f"1220{digest}"}
            text["assets"]["weights"].update(asset)
        if card:
            card(text)
        target = tmp_path / "other.geofm"
        with zipfile.ZipFile(target, "w", compression) as archive:
            archive.writestr(CARD, json.dumps(text))
            archive.writestr(WEIGHTS, data)
            for name, content in more.items():
                archive.writestr(name, content)
        return target

    return rewrite


def refused(path: Path, match: str = ".") -> None:
    """One sentence with the file's name and what to do, not a library's words."""
    with pytest.raises(ModelCorrupt, match=match) as caught:
        load_classifier(path)
    assert path.name in caught.value.message
    assert caught.value.message.endswith(".")
    assert "Error" not in caught.value.message
    assert "Traceback" not in caught.value.message


# --- there and back --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["ensemble", "fast", "knn", "forest", "mlp"])
def test_a_classifier_comes_back_whole(
    stack: Stack, space: FeatureSpace, tmp_path: Path, method: str
) -> None:
    written = save_classifier(tmp_path / "c.geofm", taught(space, method))
    found = load_classifier(tmp_path / "c.geofm")
    assert found.classes == CLASSES
    assert found.facts == FACTS
    assert (found.model, found.model_digest, found.head.method) == ("spectral-texture", "", method)
    assert found.digest == written.digest == hashlib.sha256((tmp_path / "c.geofm").read_bytes()).hexdigest()
    features, _ = space.features(stack, stack.grid.window, QUIET)
    again, _ = found.space().features(stack, stack.grid.window, QUIET)
    np.testing.assert_array_equal(features, again)
    scores = found.scores(again[:, :40, :50])
    np.testing.assert_array_equal(scores, written.scores(features[:, :40, :50]))
    assert scores.shape == (3, 40, 50)
    np.testing.assert_allclose(scores.sum(axis=0), 1, atol=1e-5)
    one = written.head.predict(features[:, 7, 11][None])[0]
    np.testing.assert_allclose(scores[:, 7, 11], one, atol=1e-6)


def test_the_same_classifier_has_the_same_bytes(
    space: FeatureSpace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder, system in zip(folders, ("linux", "win32"), strict=True):
        folder.mkdir()
        monkeypatch.setattr(sys, "platform", system)
        save_classifier(folder / "c.geofm", taught(space))
    first, second = ((folder / "c.geofm").read_bytes() for folder in folders)
    assert first == second
    with zipfile.ZipFile(folders[0] / "c.geofm") as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_there_is_neither_code_nor_pickle_inside(space: FeatureSpace, tmp_path: Path) -> None:
    for method in ("ensemble", "knn", "forest"):
        save_classifier(tmp_path / "c.geofm", taught(space, method))
        with zipfile.ZipFile(tmp_path / "c.geofm") as archive:
            assert archive.namelist() == [CARD, WEIGHTS]
            card, weights = json.loads(archive.read(CARD)), archive.read(WEIGHTS)
        arrays = load_tensors(weights)
        assert all(values.dtype.kind in "fiub" for values in arrays.values())
        assert b"sklearn" not in weights
        with pytest.raises(ValueError, match="."):
            list(pickletools.genops(io.BytesIO(weights)))
        assert card["type"] == "Feature"


def test_the_card_inside_is_a_model_card(path: Path, space: FeatureSpace) -> None:
    card = load_card(path)
    assert card.family == "classifier"
    assert card.tasks == ("classify",)
    assert card.id == "Land-cover-2021"
    assert card.title == "Land cover 2021"
    assert card.classes == CLASSES
    assert card.bands == tuple(band.name for band in space.bands)
    assert card.units == "reflectance"
    assert not card.needs_download
    assert card.assets[0].sha256


@pytest.mark.parametrize("stem", ["Land cover 2021", "a", "道路", "1", "-_-", "Wälder & Wiesen"])
def test_the_card_inside_is_a_valid_item(
    classifier: Classifier, tmp_path: Path, stem: str, valid_item: Callable[[dict[str, Any]], None]
) -> None:
    save_classifier(tmp_path / f"{stem}.geofm", classifier)
    valid_item(load_card(tmp_path / f"{stem}.geofm").raw)


@pytest.mark.parametrize("stem", ["道路", "-a-", "x" * 100, "a.b c"])
def test_any_file_name_will_do(classifier: Classifier, tmp_path: Path, stem: str) -> None:
    save_classifier(tmp_path / f"{stem}.geofm", classifier)
    assert load_classifier(tmp_path / f"{stem}.geofm").classes == CLASSES


def test_the_file_appears_complete_or_not_at_all(
    classifier: Classifier, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def fail(*unused: object, **also: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", fail)
    with pytest.raises(OSError, match="disk full"):
        save_classifier(path, classifier)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_classifier_is_for_its_own_model(classifier: Classifier) -> None:
    other = replace(classifier, description={**classifier.description, "encoder": "galileo-nano"})
    with pytest.raises(UnsupportedInput, match="galileo-nano"):
        other.space()


# --- what is refused -------------------------------------------------------------------------------


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        load_classifier(tmp_path / "none.geofm")


@pytest.mark.parametrize("content", [b"", b"PK", b"\x89PNG\r\n", b"{}", os.urandom(4096)])
def test_what_is_not_a_classifier(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.geofm").write_bytes(content)
    refused(tmp_path / "x.geofm", "cannot be read")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.9999])
def test_a_truncated_file(path: Path, share: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    refused(path, "cannot be read")


def test_changed_bytes(path: Path) -> None:
    """A flipped bit anywhere, the frame of the zip included, is a sentence or does no harm."""
    data, rng = path.read_bytes(), np.random.default_rng(0)
    expected = load_classifier(path)
    features = rng.normal(size=(5, len(expected.learned["mean"]))).astype(np.float32)
    noticed = 0
    for place in rng.integers(0, len(data), 150):
        wrong = bytearray(data)
        wrong[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(wrong)
        try:
            found = load_classifier(path)
        except ModelCorrupt:
            noticed += 1
        else:
            np.testing.assert_array_equal(found.head.predict(features), expected.head.predict(features))
    assert noticed > 140


def test_changed_weights(rewritten: Rewriter) -> None:
    with zipfile.ZipFile(rewritten()) as archive:
        before = json.loads(archive.read(CARD))["assets"]

    def card(text: dict[str, Any]) -> None:
        text["assets"] = before

    def weights(arrays: dict[str, np.ndarray]) -> None:
        arrays["space.mean"] = arrays["space.mean"] + 1

    refused(rewritten(card, weights), "holds other weights than its card says")


@pytest.mark.parametrize(
    "name", ["evil.py", "../evil.txt", "/etc/evil", "weights.pkl", "folder/", "..\\evil", "card.json.bak"]
)
def test_another_member(rewritten: Rewriter, tmp_path: Path, name: str) -> None:
    before = set(tmp_path.parent.rglob("*"))
    path = rewritten(**{name: b"import os"})
    refused(path, "holds card.json, weights.safetensors")
    assert set(tmp_path.parent.rglob("*")) - before == {path}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_twice(rewritten: Rewriter) -> None:
    refused(rewritten(**{WEIGHTS: b"other"}), "holds card.json")


@pytest.mark.parametrize("member", [CARD, WEIGHTS])
def test_a_member_too_few(path: Path, tmp_path: Path, member: str) -> None:
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "part.geofm", "w") as part:
        part.writestr(member, whole.read(member))
    refused(tmp_path / "part.geofm", "card.json")


@pytest.mark.parametrize("member", [CARD, WEIGHTS])
def test_a_member_that_unpacks_to_far_more(path: Path, tmp_path: Path, member: str) -> None:
    """Ten kilobytes that would become as many megabytes, or a quarter of a gigabyte."""
    with zipfile.ZipFile(path) as whole:
        content = {name: whole.read(name) for name in (CARD, WEIGHTS)}
    bomb = tmp_path / "bomb.geofm"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in content.items():
            if name != member:
                archive.writestr(name, data)
                continue
            with archive.open(name, "w", force_zip64=True) as file:
                file.write(data if name == CARD else b"")
                for _ in range((2 << 20 if name == CARD else (1 << 28) + (1 << 20)) >> 20):
                    file.write(b" " * (1 << 20))
    assert bomb.stat().st_size < 2_000_000
    refused(bomb, "larger")


@pytest.mark.parametrize("kind", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compressed_classifier_is_read_and_broken_compression_is_a_sentence(
    rewritten: Rewriter, kind: int
) -> None:
    path = rewritten(compression=kind)
    assert load_classifier(path).classes == CLASSES
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo(WEIGHTS).header_offset + 30 + len(WEIGHTS)
    data = bytearray(path.read_bytes())
    data[start + 40 : start + 90] = bytes(50)
    path.write_bytes(data)
    refused(path, "cannot be read")


def test_a_card_of_another_family(rewritten: Rewriter) -> None:
    def card(text: dict[str, Any]) -> None:
        text["properties"]["geofm:family"] = "onnx"

    refused(rewritten(card), "family")


def _drop(*keys: str) -> Callable[[dict[str, Any]], None]:
    def card(text: dict[str, Any]) -> None:
        for key in keys[:-1]:
            text = text[key]
        del text[keys[-1]]

    return card


def _set(value: Any, *keys: str) -> Callable[[dict[str, Any]], None]:
    def card(text: dict[str, Any]) -> None:
        for key in keys[:-1]:
            text = text[key]
        text[keys[-1]] = value

    return card


OWN = ("properties", "geofm:classifier")


@pytest.mark.parametrize(
    "card",
    [
        _drop("assets", "weights"),
        _drop(*OWN),
        _drop(*OWN, "space"),
        _drop(*OWN, "method"),
        _set([], *OWN),
        _set("svm", *OWN, "method"),
        _set("forest", *OWN, "method"),
        _set({"a": 1}, *OWN, "method"),
        _set([], "properties", "mlm:output"),
        _set("../weights.safetensors", "assets", "weights", "href"),
        _set("Item", "type"),
    ],
)
def test_a_card_that_does_not_fit(rewritten: Rewriter, card: Callable[[dict[str, Any]], None]) -> None:
    path = rewritten(card)
    refused(path)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("head.discriminant.weights", lambda values: values[:, :-1]),
        ("head.discriminant.weights", lambda values: values * np.nan),
        ("head.network.inner", lambda values: values[:-1]),
        ("head.present", lambda values: values[:-1]),
        ("head.count", lambda values: values + 1),
        ("space.mean", lambda values: values[:-1]),
    ],
)
def test_weights_that_do_not_fit(
    rewritten: Rewriter, name: str, change: Callable[[np.ndarray], np.ndarray]
) -> None:
    def weights(arrays: dict[str, np.ndarray]) -> None:
        arrays[name] = np.ascontiguousarray(change(arrays[name]))

    refused(rewritten(None, weights))


@pytest.mark.parametrize("name", ["space.gain", "space.spectral.soft", "space.spectral.centre"])
def test_a_space_that_does_not_fit(rewritten: Rewriter, name: str) -> None:
    def missing(arrays: dict[str, np.ndarray]) -> None:
        del arrays[name]

    def short(arrays: dict[str, np.ndarray]) -> None:
        arrays[name] = arrays[name][:-1].copy()

    for weights in (missing, short):
        with pytest.raises(ModelCorrupt, match="feature space"):
            load_classifier(rewritten(None, weights)).space()


@pytest.mark.parametrize("bands", [[], "B02", [{"name": "B02", "evil": 1}], [7], None])
def test_bands_that_do_not_fit(rewritten: Rewriter, bands: Any) -> None:
    path = rewritten(_set({"bands": bands}, *OWN, "space", "spectral"))
    with pytest.raises(ModelCorrupt, match="feature space"):
        load_classifier(path).space()
