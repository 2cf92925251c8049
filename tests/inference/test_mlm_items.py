"""MLM items of other tools, and folders with cards, become models as far as they say enough."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from stac_model.examples import eurosat_resnet

from geofm.inference.adding import add_model, draft_of, save_draft
from geofm.inference.drafts import Draft, card_of
from geofm.inference.errors import InvalidRequest, ModelCorrupt, ModelMissing, UnsupportedInput
from geofm.inference.questions import answered, missing, require_complete

BANDS = ["B02", "B03", "B04", "B08"]
CLASSES = [{"value": 1, "name": "water"}, {"value": 2, "name": "burnt_ground"}]
DIGEST = hashlib.sha256(b"network").hexdigest()


def item(**changes: Any) -> dict[str, Any]:
    """An MLM item as stac-model writes them; ``input``, ``asset``, ``properties`` change their parts."""
    given = {
        "name": "image",
        "bands": BANDS,
        "input": {
            "shape": [-1, 4, 128, 128],
            "dim_order": ["batch", "channel", "height", "width"],
            "data_type": "float32",
        },
        "value_scaling": [{"type": "z-score", "mean": 0.1 * i, "stddev": 0.2} for i in range(1, 5)],
        **changes.get("input", {}),
    }
    answer = {
        "name": "classes",
        "tasks": ["semantic-segmentation"],
        "result": {
            "shape": [-1, 2, 128, 128],
            "dim_order": ["batch", "class", "height", "width"],
            "data_type": "float32",
        },
        "classification:classes": CLASSES,
    }
    properties = {
        "mlm:name": "Burnt ground",
        "mlm:architecture": "U-Net",
        "mlm:framework": "ONNX",
        "mlm:tasks": ["semantic-segmentation"],
        "license": "MIT",
        "gsd": 10,
        "mlm:input": [given],
        "mlm:output": [answer],
        **changes.get("properties", {}),
    }
    asset = {
        "href": "https://models.example/burnt.onnx",
        "roles": ["mlm:model"],
        "mlm:artifact_type": "onnx",
        "file:checksum": f"1220{DIGEST}",
        **changes.get("asset", {}),
    }
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": ["https://stac-extensions.github.io/mlm/v1.6.0/schema.json"],
        "id": "burnt ground/v1",
        "geometry": None,
        "properties": properties,
        "links": [],
        "assets": {"model": asset},
    }


def never(method: str, params: dict[str, Any]) -> dict[str, Any]:
    raise AssertionError("nothing is asked of the engine")


def read(tmp_path: Path, data: Any, ask: Any = never) -> Draft:
    path = tmp_path / "item.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    draft = draft_of(path, ask)
    assert draft is not None
    return draft


def test_an_item_that_says_enough_needs_only_the_scale(tmp_path: Path, scratch_home: Path) -> None:
    draft = read(tmp_path, item())
    assert [question.name for question in missing(draft)] == ["scale"]
    card = save_draft(answered(draft, {"scale": "reflectance", "threshold": "0"}))
    assert (card.id, card.title, card.bands, card.window) == (
        "burnt-ground-v1",
        "Burnt ground",
        tuple(BANDS),
        128,
    )
    assert [(info.value, info.name) for info in card.classes] == [(1, "water"), (2, "burnt ground")]
    assert card.assets[0].sha256 == DIGEST
    assert card.assets[0].mean == pytest.approx((0.1, 0.2, 0.3, 0.4))
    assert (card.tasks, card.native_gsd, card.licence) == (("segment",), 10, "MIT")


def test_the_card_it_becomes_is_a_valid_item(tmp_path: Path, valid_item: Any) -> None:
    valid_item(card_of(answered(read(tmp_path, item()), {"scale": "10000"})))


@pytest.mark.parametrize(
    ("step", "mean", "std"),
    [
        ({"type": "z-score", "mean": 0.4, "stddev": 0.2}, 0.4, 0.2),
        ({"type": "min-max", "minimum": 0.1, "maximum": 0.6}, 0.1, 0.5),
        ({"type": "offset", "value": 0.3}, 0.3, 1.0),
        ({"type": "scale", "value": 4}, 0.0, 4.0),
        (None, 0.0, 1.0),
    ],
)
def test_every_linear_scaling_is_translated(tmp_path: Path, step: Any, mean: float, std: float) -> None:
    steps = [step] * 3 + [{"type": "z-score", "mean": 0.0, "stddev": 1.0}]
    draft = read(tmp_path, item(input={"value_scaling": steps}))
    assert (draft.mean[0], draft.std[0]) == pytest.approx((mean, std))


def test_scaling_as_earlier_versions_wrote_it(tmp_path: Path) -> None:
    statistics = [{"mean": 0.1, "stddev": 0.5, "minimum": 0, "maximum": 2}] * 4
    for kind, expected in (("z-score", (0.1, 0.5)), ("min-max", (0, 2))):
        old = {"value_scaling": None, "norm_type": kind, "statistics": statistics}
        draft = read(tmp_path, item(input=old))
        assert (draft.mean[0], draft.std[0]) == expected


def test_a_scaling_that_is_not_linear_is_told(tmp_path: Path) -> None:
    draft = read(tmp_path, item(input={"value_scaling": [{"type": "clip", "minimum": 0, "maximum": 1}]}))
    assert any("(clip) cannot be translated" in text for text in draft.warnings)
    assert draft.mean == ()


def test_the_example_of_stac_model_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedInput, match="kind that cannot be run") as caught:
        read(tmp_path, eurosat_resnet().item.to_dict())
    assert "ONNX" in caught.value.hint


def test_the_example_of_stac_model_as_onnx_names_its_task(tmp_path: Path) -> None:
    data = eurosat_resnet().item.to_dict()
    data["assets"]["model"].update({"href": "https://models.example/e.onnx", "mlm:artifact_type": "onnx"})
    with pytest.raises(UnsupportedInput, match="for classification, which no task"):
        read(tmp_path, data)
    data["properties"]["mlm:tasks"] = ["similarity-search"]
    draft = read(tmp_path, data)
    assert draft.bands[:2] == ("B01", "B02")
    assert any("--scale 10000" in text for text in draft.warnings)
    assert (draft.dim, draft.window, draft.stride) == (10, 64, 64)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"asset": {"mlm:artifact_type": "safetensors", "href": "x.safetensors"}},
            "network for them is missing",
        ),
        ({"asset": {"mlm:artifact_type": "torch.export.save", "href": "x.pt2"}}, "program of torch.export"),
        ({"asset": {"roles": ["data"]}}, "names no weights"),
        ({"properties": {"mlm:input": []}}, "describes 0 inputs"),
        (
            {"input": {"bands": [{"name": "ndvi", "format": "f", "expression": "a"}]}},
            "computes bands from others",
        ),
    ],
)
def test_what_cannot_be_run_is_refused_in_words(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UnsupportedInput, match=words) as caught:
        read(tmp_path, item(**changes))
    assert caught.value.hint or "image" in caught.value.message


def test_weights_outside_the_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match="lead out of its folder"):
        read(tmp_path, item(asset={"href": "../../x.onnx"}))


def test_what_the_file_shows_goes_before_the_item(tmp_path: Path) -> None:
    (tmp_path / "burnt.onnx").write_bytes(b"network")
    shown = Draft(
        str(tmp_path / "burnt.onnx"), depth=4, window=64, fixed=True, answer="probabilities", answers=2,
        sha256=DIGEST, size=7,
    )  # fmt: skip

    def ask(method: str, params: dict[str, Any]) -> dict[str, Any]:
        assert (method, params["file"]) == ("models.inspect", str(tmp_path / "burnt.onnx"))
        return {"draft": json.loads(json.dumps(shown.to_dict()))}

    draft = read(tmp_path, item(asset={"href": "burnt.onnx"}), ask)
    assert (draft.window, draft.answer) == (64, "probabilities")
    assert any("says 128 pixels where its file takes 64" in text for text in draft.warnings)
    other = item(asset={"href": "burnt.onnx", "file:checksum": "1220" + "0" * 64})
    with pytest.raises(ModelCorrupt, match="not the file that item.json was made for"):
        read(tmp_path, other, ask)


def test_what_is_missing_is_said_with_its_options(tmp_path: Path) -> None:
    draft = read(tmp_path, item(input={"bands": []}))
    with pytest.raises(InvalidRequest, match="--bands, --scale") as caught:
        require_complete(draft)
    assert "Which bands does it take" in caught.value.hint


# --- folders with a card and weights -----------------------------------------------------------------


def folder(tmp_path: Path, **asset: Any) -> Path:
    place = tmp_path / "galileo-mine"
    place.mkdir()
    (place / "encoder.safetensors").write_bytes(b"tensors")
    data = item(asset={"href": "encoder.safetensors", "file:checksum": None, **asset})
    data["assets"]["model"] = {k: v for k, v in data["assets"]["model"].items() if v is not None}
    data["id"] = "galileo-mine"
    data["properties"].update({"geofm:family": "galileo", "geofm:tasks": ["embed"]})
    (place / "card.json").write_text(json.dumps(data), encoding="utf-8")
    return place


def test_a_folder_with_a_card_and_tensors_is_added(tmp_path: Path, scratch_home: Path) -> None:
    card = add_model(folder(tmp_path))
    assert card.path == scratch_home / "models" / "galileo-mine" / "card.json"
    assert (card.path.parent / "encoder.safetensors").read_bytes() == b"tensors"
    assert card.assets[0].sha256 == hashlib.sha256(b"tensors").hexdigest()


def test_a_digest_that_is_stated_is_kept_as_it_is(tmp_path: Path, scratch_home: Path) -> None:
    card = add_model(folder(tmp_path, **{"geofm:digest": f"sha256:{DIGEST}"}))
    assert card.assets[0].sha256 == DIGEST


def test_a_folder_without_a_card_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"no card\.json in"):
        add_model(tmp_path)


def test_another_model_of_the_same_id_stays(tmp_path: Path, scratch_home: Path) -> None:
    draft = answered(read(tmp_path, item()), {"scale": "reflectance"})
    save_draft(draft)
    assert save_draft(answered(draft, {"scale": "10000"})).assets[0].std[0] == pytest.approx(0.2 / 10000)
    other = item(asset={"file:checksum": "1220" + "0" * 64})
    with pytest.raises(InvalidRequest, match="another model burnt-ground-v1 already"):
        save_draft(answered(read(tmp_path, other), {"scale": "reflectance"}))
    with pytest.raises(InvalidRequest, match="another model galileo-nano already"):
        save_draft(answered(draft, {"scale": "reflectance", "id": "galileo-nano"}))
