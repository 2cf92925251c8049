"""Cards: the plugin's own, broken ones, and which of them a layer is advised."""

from __future__ import annotations

import copy
import json
import math
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from geofm.inference import places
from geofm.inference.bands import PRESETS, Band, identify
from geofm.inference.catalog import BareNetwork, Card, Catalog, default_catalog, load_card
from geofm.inference.errors import ModelCorrupt, ModelMissing
from geofm.inference.jobs import ClassInfo, Task
from geofm.inference.recommend import LayerFacts, recommend

OWN = ("galileo-nano", "spectral-texture", "ukis-csmask", "ukis-csmask-l1c")
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Catalog:
    """The plugin's own cards and nobody else's."""
    monkeypatch.setenv("GEOFM_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("GEOFM_MODELS", raising=False)
    return default_catalog()


def raw_card(name: str) -> Any:
    return json.loads((places.bundled_models() / f"{name}.json").read_text(encoding="utf-8"))


def written(path: Path, data: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_the_plugins_own_cards_are_complete(own: Catalog) -> None:
    assert {card.id for card in own.cards()} >= set(OWN)
    assert own.problems() == ()
    for card in own.cards():
        assert card.title
        assert card.description.endswith(".")
        assert card.verified.endswith(".")
        assert card.licence
        assert re.fullmatch(r"[\w./-]+@[\w.]+", card.source)
        assert card.needs_download == bool(card.assets)
        assert set(card.tasks) <= {task.value for task in Task}
        for asset in card.assets if card.id in OWN else ():
            assert card.citation
            assert asset.size
            assert re.fullmatch(r"[0-9a-f]{64}", asset.sha256)
            assert len(asset.mean) == len(asset.std) == len(asset.bands) <= len(card.bands)


def test_galileo_card_holds_the_published_constants(own: Catalog, models: Path) -> None:
    """The card's numbers are reflectance; the published ones are reflectance times 10,000."""
    published = json.loads((models / "galileo-nano" / "normalization.json").read_text())["13"]
    order = ["VV", "VH", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12"]
    card = own.get("galileo-nano")
    asset = card.assets[0]
    for name, mean, std in zip(order, published["mean"], published["std"]):
        scale = 1.0 if name in ("VV", "VH") else 1e4
        index = asset.bands.index(name)
        assert asset.mean[index] * scale == pytest.approx(mean, rel=1e-12)
        assert asset.std[index] * scale == pytest.approx(std, rel=1e-12)
    config = json.loads((models / "galileo-nano" / "config.json").read_text())["model"]["encoder"]
    stated = card.raw["properties"]["mlm:hyperparameters"]
    assert {key: config[key] for key in stated if key in config} == {
        key: stated[key] for key in stated if key in config
    }
    assert (card.window, card.stride) == (16, stated["patch_size"])


def test_value_scaling_and_asset_constants_say_the_same() -> None:
    for name in OWN:
        raw = raw_card(name)
        facts = {}
        for asset in raw["assets"].values():
            names = [band["name"] for band in asset["bands"]]
            facts.update(dict(zip(names, zip(asset["geofm:mean"], asset["geofm:std"]))))
        for item in raw["properties"]["mlm:input"]:
            for band, scaling in zip(item["bands"], item.get("value_scaling", [])):
                mean, std = facts[band]
                if scaling["type"] == "z-score":
                    assert (scaling["mean"], scaling["stddev"]) == (mean, std)
                else:
                    assert scaling["minimum"] == pytest.approx(mean - 2 * std)
                    assert scaling["maximum"] == pytest.approx(mean + 2 * std)


def test_cloud_classes_leave_zero_for_nodata(own: Catalog) -> None:
    for name in ("ukis-csmask", "ukis-csmask-l1c"):
        card = own.get(name)
        assert [(info.value, info.name) for info in card.classes] == [
            (1, "clear"),
            (2, "cloud"),
            (3, "cloud shadow"),
        ]
        assert all(isinstance(info, ClassInfo) and info.color.startswith("#") for info in card.classes)
        # One wheel holds both networks and is transferred once.
        assert card.download_size == card.assets[0].download_size


def test_get_takes_ids_and_paths_and_says_where_all_are(own: Catalog, tmp_path: Path) -> None:
    path = written(tmp_path / "mine.json", {**raw_card("galileo-nano"), "id": "mine"})
    assert own.get(str(path)).id == own.get(path).id == "mine"
    assert own.get(" galileo-nano ").path == places.bundled_models() / "galileo-nano.json"
    with pytest.raises(ModelMissing, match="'nothing-like-it'") as raised:
        own.get("nothing-like-it")
    assert "models list" in raised.value.hint
    assert f"the {len(own.cards())} that" in raised.value.hint
    misspelt = {"galileo": "galileo-nano", "Galileo-Nano": "galileo-nano", "csmask": "ukis-csmask"}
    for typed, meant in misspelt.items():
        with pytest.raises(ModelMissing, match=typed) as raised:
            own.get(typed)
        assert re.match(rf"Did you mean [^?]*\b{meant}\b[^?]*\?", raised.value.hint)
        assert "spectral-texture" not in raised.value.hint
    with pytest.raises(ModelMissing, match="no model card at"):
        own.get(str(tmp_path / "none.json"))
    with pytest.raises(ModelMissing, match="No model was named"):
        own.get("")


def test_only_the_engine_looks_into_an_onnx_file_without_a_card(own: Catalog, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"\x08\x07")
    with pytest.raises(BareNetwork, match="only the engine can look into it"):
        own.get(str(tmp_path / "net.onnx"))
    asked: list[Path] = []
    looking = Catalog(own.folders, lambda path: asked.append(path) or own.get("ukis-csmask"))
    assert looking.get(str(tmp_path / "net.onnx")).id == "ukis-csmask"
    assert asked == [tmp_path / "net.onnx"]
    written(tmp_path / "net.json", {**raw_card("ukis-csmask"), "id": "net"})
    assert own.get(str(tmp_path / "net.onnx")).id == "net"


def test_folders_are_read_in_order_of_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOFM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GEOFM_MODELS", str(tmp_path / "shared"))
    false = {**raw_card("galileo-nano"), "links": [{"rel": "about", "href": "x"}]}
    written(tmp_path / "shared" / "galileo-nano.json", false)
    written(tmp_path / "shared" / "galileo-nano" / "config.json", {"not": "a card"})
    written(tmp_path / "home" / "models" / "mine" / "card.json", {**raw_card("galileo-nano"), "id": "mine"})
    (tmp_path / "home" / "models" / "broken.json").write_text("{", encoding="utf-8")
    catalog = default_catalog()
    assert {card.id for card in catalog.cards()} >= {*OWN, "mine"}
    assert catalog.get("galileo-nano").path.parent == places.bundled_models()
    shadowed, broken = catalog.problems()
    assert "galileo-nano" in shadowed.message
    assert "broken.json is not JSON" in broken.message
    with pytest.raises(ModelCorrupt, match="broken.json"):
        catalog.get("broken")


def classifier(path: Path, member: str = "card.json", **changes: object) -> Path:
    raw = raw_card("spectral-texture")
    raw["id"] = "fields-of-2002"
    raw["properties"].update({"geofm:family": "classifier", "geofm:tasks": ["classify"]})
    raw["properties"]["mlm:input"][0].update(
        {"bands": ["B1", "my band"], "input": {"shape": [-1, 2], "dim_order": ["batch", "bands"]}}
    )
    raw["properties"]["mlm:output"][0]["classification:classes"] = [
        {"value": 4, "name": "field", "color_hint": "00ff00"},
        {"value": 0, "name": "bare_soil"},
    ]
    raw["assets"] = {"weights": {"href": "weights.safetensors", "roles": ["mlm:model"]}}
    raw.update(changes)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, json.dumps(raw))
        archive.writestr("weights.safetensors", b"")
    return path


def test_a_classifier_is_a_model_like_any_other(own: Catalog, tmp_path: Path) -> None:
    card = own.get(str(classifier(tmp_path / "mine.geofm")))
    assert (card.family, card.tasks, card.needs_download) == ("classifier", ("classify",), False)
    assert [(info.value, info.name, info.color) for info in card.classes] == [
        (4, "field", "#00ff00"),
        (0, "bare soil", "#888888"),
    ]
    assert card.min_bands == ("B1", "my band")
    assert Catalog([tmp_path]).cards() == (card,)
    bands = identify("LE7_1999.tif", ["band 1 blue", "my band"])
    (fit,) = recommend(LayerFacts(bands, 30.0, "int16"), Task.CLASSIFY, [card])
    assert (fit.fits, fit.reason) == (True, "Was taught on 2 bands that this layer has.")
    (unfit,) = recommend(LayerFacts(bands[:1], 30.0, "int16"), Task.CLASSIFY, [card])
    assert (unfit.fits, unfit.reason) == (False, "Needs my band, which this layer does not say it has.")


def test_the_job_beside_a_classifier_is_no_card(tmp_path: Path) -> None:
    path = classifier(tmp_path / "mine.geofm")
    path.with_name("mine.geofm.job.json").write_text('{"task": "trainclassifier"}', encoding="utf-8")
    own = Catalog([tmp_path])
    assert [card.path.name for card in own.cards()] == ["mine.geofm"]
    assert own.problems() == ()


def test_broken_classifiers_are_named(tmp_path: Path) -> None:
    (tmp_path / "text.geofm").write_text("no zip", encoding="utf-8")
    whole = classifier(tmp_path / "whole.geofm").read_bytes()
    (tmp_path / "cut.geofm").write_bytes(whole[: len(whole) // 2])
    classifier(tmp_path / "other.geofm", member="CARD.json")
    classifier(tmp_path / "far.geofm", assets={"w": {"href": "https://x.org/w", "roles": ["mlm:model"]}})
    for name in ("text", "cut", "other", "far"):
        with pytest.raises(ModelCorrupt, match=name):
            load_card(tmp_path / f"{name}.geofm")
    with zipfile.ZipFile(tmp_path / "bomb.geofm", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("card.json", bytes(50_000_000))
    with pytest.raises(ModelCorrupt, match="larger than 1 MiB"):
        load_card(tmp_path / "bomb.geofm")
    with pytest.raises(ModelMissing):
        load_card(tmp_path / "none.geofm")


WRONG = [
    (("type",), "Collection", "type must be 'Feature'"),
    (("id",), "../../etc", "id must be a plain name"),
    (("id",), "", "id must be a text"),
    (("stac_extensions",), [], "Machine Learning Model extension"),
    (("properties",), [], "properties must be a JSON object"),
    (("properties", "geofm:family"), 3, "properties.geofm:family must be a text"),
    (("properties", "geofm:tasks"), [], "properties.geofm:tasks must name a task"),
    (("properties", "geofm:gsd"), [40, 5], "properties.geofm:gsd"),
    (("properties", "geofm:stride"), 0, "properties.geofm:stride must be 1"),
    (("properties", "geofm:halo"), True, "properties.geofm:halo"),
    (("properties", "geofm:receptive_field"), "wide", "properties.geofm:receptive_field"),
    (("properties", "geofm:min_bands"), ["B99"], "properties.geofm:min_bands"),
    (("properties", "geofm:inputs"), ["month"], "properties.geofm:inputs must be a JSON object"),
    (("properties", "geofm:inputs"), {"month": "maybe"}, "properties.geofm:inputs.month must be 'optional'"),
    (("properties", "geofm:whole_inputs"), "yes", "properties.geofm:whole_inputs must be true or false"),
    (("properties", "geofm:dates"), [0, 3], "properties.geofm:dates must be the fewest"),
    (("properties", "geofm:dates"), [1, 2.5], "properties.geofm:dates must be whole"),
    (("properties", "geofm:wavelengths"), [2500, 400], "properties.geofm:wavelengths must be the shortest"),
    (("properties", "geofm:evidence"), "good", "properties.geofm:evidence must be 'compared' or 'measured'"),
    (("assets",), {}, "assets names no weights"),
    (("assets", "encoder", "geofm:digest"), None, "assets.encoder.geofm:digest"),
    (("assets", "encoder", "geofm:digest"), "md5:1", "assets.encoder.geofm:digest"),
    (("assets", "encoder", "file:checksum"), "1220" + "a" * 64, "file:checksum disagree"),
    (("assets", "encoder", "geofm:filename"), "../encoder.pt", "assets.encoder.geofm:filename"),
    (("assets", "encoder", "geofm:filename"), "encoder.pt.part", "assets.encoder.geofm:filename"),
    (("assets", "encoder", "href"), "../../encoder.pt", "assets.encoder.href must not lead out"),
    (("assets", "encoder", "href"), "/etc/passwd", "assets.encoder.href must not lead out"),
    (("assets", "encoder", "href"), "..\\encoder.pt", "assets.encoder.href must not lead out"),
    (("assets", "encoder", "href"), "ftp://x.org/encoder.pt", "assets.encoder.href must be https"),
    (("assets", "encoder", "href"), "https:///encoder.pt", "assets.encoder.href must be https"),
    (("assets", "encoder", "href"), "pypi:-r==1#a.pt", "assets.encoder.href must be https"),
    (("assets", "encoder", "href"), "pypi:name#a.pt", "assets.encoder.href must be https"),
    (("assets", "encoder", "geofm:std"), [0.0] * 14, "assets.encoder.geofm:std"),
    (("assets", "encoder", "geofm:mean"), [1.0], "assets.encoder.geofm:mean"),
    (("assets", "encoder", "file:size"), -1, "assets.encoder.file:size"),
]


@pytest.mark.parametrize(("keys", "value", "sentence"), WRONG, ids=lambda part: str(part)[:40])
def test_a_wrong_field_is_named_with_its_file(
    tmp_path: Path, keys: tuple[str, ...], value: object, sentence: str
) -> None:
    raw = raw_card("galileo-nano")
    place = raw
    for key in keys[:-1]:
        place = place[key]
    if value is None:
        del place[keys[-1]]
    else:
        place[keys[-1]] = value
    with pytest.raises(ModelCorrupt, match=re.escape(sentence)) as raised:
        load_card(written(tmp_path / "card.json", raw))
    assert "The card card.json" in raised.value.message
    assert str(tmp_path) in raised.value.hint


def test_a_multihash_alone_is_digest_enough(tmp_path: Path) -> None:
    """Items of others carry only the STAC file extension's checksum."""
    raw = raw_card("galileo-nano")
    digest = raw["assets"]["encoder"].pop("geofm:digest").partition(":")[2]
    raw["assets"]["encoder"]["file:checksum"] = f"1220{digest}"
    assert load_card(written(tmp_path / "card.json", raw)).assets[0].sha256 == digest


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"7", b"null", b'"x"', b"{}", b" " * (1 << 20) + b"{}"]
)
def test_what_is_no_card_at_all_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "card.json").write_bytes(text)
    with pytest.raises(ModelCorrupt, match=r"card\.json"):
        load_card(tmp_path / "card.json")


def spots(value: object, keys: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """Where something stands in a JSON document, at every depth."""
    children = dict(enumerate(value)) if isinstance(value, list) else value
    for key, child in children.items() if isinstance(children, dict) else ():
        yield (*keys, key)
        yield from spots(child, (*keys, key))


STRANGE = (None, True, -7, 10**400, math.nan, "", "../x", "\u0000", [], [None], {}, {"name": 1}, [[]])


@pytest.mark.parametrize("name", ["galileo-nano", "ukis-csmask"])
def test_a_card_with_anything_replaced_loads_safely_or_not_at_all(tmp_path: Path, name: str) -> None:
    raw, path = raw_card(name), tmp_path / "card.json"
    refused = 0
    # A seventh of the deep ones, in changing step with the strange values: every spot, in seconds.
    cases = enumerate((keys, value) for keys in spots(raw) for value in STRANGE)
    for keys, value in (case for number, case in cases if number % 7 == 0 or len(case[0]) < 3):
        changed = copy.deepcopy(raw)
        place = changed
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value
        try:
            card = load_card(written(path, changed))
        except ModelCorrupt:
            refused += 1
            continue
        assert SAFE.fullmatch(card.id)
        assert all(SAFE.fullmatch(asset.filename) and len(asset.sha256) == 64 for asset in card.assets)
        for task in Task:
            recommend(LayerFacts(layer("sentinel2-l2a"), 10.0), task, [card])
    assert refused > 20


def layer(preset: str) -> tuple[Band, ...]:
    names = PRESETS[preset]
    return identify("layer.tif", [""] * len(names), mapping=names)


def test_whether_the_weights_are_here_is_seen_without_reading_them(own: Catalog, tmp_path: Path) -> None:
    card: Card = own.get("galileo-nano")
    assert not card.is_in((tmp_path,))
    (tmp_path / card.id).mkdir()
    with (tmp_path / card.id / "encoder.pt").open("wb") as file:
        file.truncate(card.assets[0].size or 0)
    assert card.is_in((tmp_path / "nowhere", tmp_path))
    assert own.get("spectral-texture").is_in(())


def test_places_follow_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOFM_HOME", str(tmp_path))
    monkeypatch.setenv("GEOFM_MODELS", f"{tmp_path / 'a'}:{tmp_path / 'b'}:".replace(":", places.os.pathsep))
    assert places.models_folders() == (tmp_path / "a", tmp_path / "b", tmp_path / "models")
    assert places.engine_log_path().parent == tmp_path
    monkeypatch.setattr(places.sys, "platform", "linux")
    monkeypatch.delenv("GEOFM_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert places.data_home() == tmp_path / "xdg" / "geofm"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert places.data_home() == Path.home() / ".local" / "share" / "geofm"
    monkeypatch.setattr(places.sys, "platform", "darwin")
    assert places.data_home().parts[-2:] == ("Application Support", "geofm")
    monkeypatch.setattr(places.sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert places.data_home() == tmp_path / "local" / "geofm"
    for text, expected in (("1", True), ("0", False), ("", False), ("no", False), ("yes", True)):
        monkeypatch.setenv("GEOFM_OFFLINE", text)
        assert places.offline() is expected
