"""What files of networks say of themselves: shapes, answers, and every key of Deepness with its quirks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from geofm.inference.cards import card_from
from geofm.inference.drafts import Draft, card_of
from geofm.inference.engine.importers import bare_card, inspect
from geofm.inference.engine.importers.deepness import decoded
from geofm.inference.errors import InvalidRequest, ModelCorrupt, ModelMissing, UnsupportedInput
from geofm.inference.questions import answered, missing

Told = Callable[..., Draft]


@pytest.fixture
def told(networks, tmp_path: Path) -> Told:
    """Inspects a segmenter of 4 classes with metadata; ``shape`` holds the network's own options."""

    def make(metadata: dict[str, Any], **shape: Any) -> Draft:
        return inspect(networks.segmenter(tmp_path / "net.onnx", metadata=metadata, **shape))

    return make


def asked(draft: Draft) -> list[str]:
    return [question.name for question in missing(draft)]


# --- shapes and answers ------------------------------------------------------------------------------


def test_a_bare_network_shows_its_shapes_and_asks_for_the_rest(told: Told) -> None:
    draft = told({})
    assert (draft.depth, draft.window, draft.fixed, draft.answers) == (3, 32, True, 4)
    assert draft.answer == "logits"
    assert draft.warnings == ()
    assert asked(draft) == ["task", "bands", "scale"]
    answers = {"task": "segment", "bands": "B04,B03,B02", "scale": "10000"}
    assert asked(answered(draft, answers)) == ["classes"]


@pytest.mark.parametrize(
    ("end", "channels", "answer"),
    [
        ("", 4, "logits"),
        ("Softmax", 4, "probabilities"),
        ("Sigmoid", 1, "probability"),
        ("ArgMax", 4, "labels"),
    ],
)
def test_what_it_answers_is_seen_by_trying_it(told: Told, end: str, channels: int, answer: str) -> None:
    assert told({}, end=end, channels=channels).answer == answer


def test_windows_of_any_size_are_tried_and_asked_for(told: Told) -> None:
    draft = told({}, window="side")
    assert (draft.window, draft.fixed, draft.answers) == (0, False, 4)
    assert "window" in asked(draft)
    assert answered(draft, {"window": "64"}).window == 64


def test_layouts_factors_margins_and_vectors_are_read_from_the_shapes(networks, tmp_path: Path) -> None:
    fine = inspect(networks.refiner(tmp_path / "f.onnx", factor=4))
    assert (fine.task, fine.factor, fine.answers) == ("superresolve", 4, 3)
    small = inspect(networks.segmenter(tmp_path / "v.onnx", valid=True))
    assert small.margin == 2
    vector = inspect(networks.embedder(tmp_path / "e.onnx"))
    assert (vector.answer, vector.dim, vector.stride) == ("features", 8, 16)
    last = inspect(_channels_last(networks, tmp_path / "l.onnx"))
    assert (last.channels_last, last.answer_last, last.depth, last.answers) == (True, True, 3, 5)


def _channels_last(networks, path: Path) -> Path:
    nodes = [
        helper.make_node("Transpose", ["image"], ["t"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["t", "w"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node("Transpose", ["a"], ["scores"], perm=[0, 2, 3, 1]),
    ]
    weights = {"w": networks.kernel(3, 5)}
    return networks.save(path, nodes, weights, [1, 32, 32, 3], {"scores": [1, 32, 32, 5]})


def test_a_network_with_its_bands_last_answers_as_a_plain_session(networks, tmp_path: Path) -> None:
    from geofm.inference.bands import COMMON
    from geofm.inference.engine.backbones.onnx_network import OnnxNetwork
    from geofm.inference.engine.base import Scene, WindowBatch
    from geofm.inference.engine.devices import choose_device

    path = _channels_last(networks, tmp_path / "l.onnx")
    answers = {"task": "regress", "bands": "red,green,blue", "scale": "values", "variables": "a,b,c,d,e"}
    card = card_from(card_of(answered(inspect(path), answers)), path.with_suffix(".json"))
    network = OnnxNetwork.load(card, lambda asset: path, choose_device("cpu"))
    bands = tuple(COMMON[name] for name in ("red", "green", "blue"))
    network.select(bands)
    pixels = np.random.default_rng(0).normal(size=(2, 3, 32, 32)).astype(np.float32)
    found = network.predict(WindowBatch(pixels, np.ones((2, 32, 32), bool), bands, Scene(10.0)))
    for index in range(2):
        alone = networks.run_alone(path, pixels[index : index + 1].transpose(0, 2, 3, 1))
        np.testing.assert_allclose(found[index], alone[0].transpose(2, 0, 1), atol=1e-6)


def test_of_several_outputs_the_first_is_taken_unless_another_is_named(networks, tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Conv", ["image", "w"], ["first"], pads=[1, 1, 1, 1]),
        helper.make_node("Softmax", ["first"], ["second"], axis=1),
    ]
    shape = [1, 4, 32, 32]
    names = [{"0": "a", "1": "b", "2": "c", "3": "d"}, {"0": "w", "1": "x", "2": "y", "3": "z"}]
    path = networks.save(
        tmp_path / "two.onnx", nodes, {"w": networks.kernel(3, 4)}, [1, 3, 32, 32],
        {"first": shape, "second": shape}, {"model_type": "Segmentor", "class_names": names},
    )  # fmt: skip
    first = inspect(path)
    assert (first.output, first.answer, first.classes[0].name) == ("first", "logits", "a")
    assert any("outputs first, second" in text for text in first.warnings)
    second = inspect(path, "second")
    assert (second.output, second.answer, second.classes[0].name) == ("second", "probabilities", "w")
    with pytest.raises(InvalidRequest, match="no output third"):
        inspect(path, "third")


def _with_inputs(path: Path, shapes: list[list[Any]], kind: int = TensorProto.FLOAT) -> Path:
    names = ["image", "other"][: len(shapes)]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["image"], ["out"])],
        "g",
        [helper.make_tensor_value_info(n, kind, s) for n, s in zip(names, shapes, strict=True)],
        [helper.make_tensor_value_info("out", kind, shapes[0])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.save(model, str(path))
    return path


@pytest.mark.parametrize(
    ("shapes", "kind", "words"),
    [
        ([[1, 3, 32, 32]] * 2, TensorProto.FLOAT, "takes 2 inputs"),
        ([[1, 100]], TensorProto.FLOAT, "is no image"),
        ([[1, 3, 32, 48]], TensorProto.FLOAT, "32 x 48 pixels"),
        ([[4, 3, 32, 32]], TensorProto.FLOAT, "4 windows at once"),
        ([[1, 3, 32, 32]], TensorProto.DOUBLE, "of the type"),
    ],
)
def test_networks_that_cannot_be_fed_are_refused_in_words(
    tmp_path: Path, shapes: list[list[Any]], kind: int, words: str
) -> None:
    with pytest.raises(UnsupportedInput, match=words) as caught:
        inspect(_with_inputs(tmp_path / "odd.onnx", shapes, kind))
    assert caught.value.hint


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("hello, this is no network")
    with pytest.raises(ModelCorrupt):
        inspect(tmp_path / "text.onnx")
    with pytest.raises(ModelMissing):
        inspect(tmp_path / "absent.onnx")


# --- Deepness ----------------------------------------------------------------------------------------

NAMES = {"0": "sea", "1": "sand", "2": "rock", "3": "reed"}
WHOLE = {
    "model_type": '"Segmentor"',
    "class_names": NAMES,
    "resolution": 25,
    "tiles_size": 32,
    "tile_size": 32,
    "tiles_overlap": 20,
    "standardization_mean": [0.4, 0.5, 0.6],
    "standardization_std": [0.2, 0.3, 0.4],
    "seg_thresh": 0.6,
}


def test_complete_metadata_leave_nothing_to_ask(told: Told, tmp_path: Path) -> None:
    draft = told(WHOLE, end="Softmax")
    assert asked(draft) == []
    assert (draft.gsd, draft.window, draft.overlap, draft.threshold) == (0.25, 32, 6, 0.6)
    assert draft.warnings == ("It does not name its three bands: they are taken for red, green and blue.",)
    card = bare_card(tmp_path / "net.onnx")
    assert [(info.value, info.name) for info in card.classes] == [
        (1, "sea"),
        (2, "sand"),
        (3, "rock"),
        (4, "reed"),
    ]
    assert (card.units, card.window, card.halo, card.native_gsd) == ("byte", 32, 3, 0.25)
    np.testing.assert_allclose(card.assets[0].mean, [102, 127.5, 153])
    np.testing.assert_allclose(card.assets[0].std, [51, 76.5, 102])
    assert card.raw["properties"]["geofm:metadata"]["model_type"] == '"Segmentor"'


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"Segmentor"', "Segmentor"),
        ("Segmentor", "Segmentor"),
        ("'Segmentor'", "Segmentor"),
        (json.dumps(json.dumps("Segmentor")), "Segmentor"),
        ("0.5", 0.5),
        ('"0.5"', 0.5),
        ("[1, 2]", [1, 2]),
        ("{0: 'a', 1: 'b'}", {0: "a", 1: "b"}),
        ('{"0": "a"}', {"0": "a"}),
        ("", ""),
        ("[" * 5000, "[" * 5000),
    ],
)
def test_values_are_json_or_python_with_quotes_or_without(text: str, value: Any) -> None:
    assert decoded(text) == value


@pytest.mark.parametrize("names", [NAMES, {0: "sea", 1: "sand", 2: "rock", 3: "reed"}, list(NAMES.values())])
@pytest.mark.parametrize("key", ["class_names", "names"])
def test_names_of_classes_under_both_keys_in_every_form(told: Told, key: str, names: Any) -> None:
    draft = told({"model_type": "segmentor", key: str(names) if isinstance(names, dict) else names})
    assert [info.name for info in draft.classes] == list(NAMES.values())


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"tiles_size": 64}, "said to be 64, and the input takes 32"),
        ({"tiles_size": 32, "tile_size": 64}, "tiles_size is 32 and tile_size 64"),
        ({"tile_size": "wide"}, "tile_size is 'wide'"),
        ({"tiles_overlap": 120}, "tiles_overlap is 120"),
        ({"resolution": -3}, "resolution is -3"),
        ({"standardization_mean": [0.1, 0.2, 0.3]}, "standardization_std is missing"),
        ({"standardization_mean": [0.1], "standardization_std": [1, 2]}, "not one number for each"),
        ({"standardization_mean": [0, 0, 0], "standardization_std": [1, 0, 1]}, "not one number for each"),
        ({"model_type": "Regressor", "class_names": ["a"], "names": ["b"]}, "class_names and names differ"),
        ({"model_type": "Segmentor", "class_names": {"0": "a", "1": "b"}}, "names 2 classes and answers 4"),
        ({"model_type": "Segmentor", "class_names": {"1": "a", "2": "b", "3": "c", "5": "d"}}, "have gaps"),
        ({"model_type": "Segmentor", "class_names": "{'x': 'a'}"}, "are not numbered"),
        ({"model_type": "Segmentor", "seg_thresh": 1.5}, "seg_thresh is 1.5"),
        ({"model_type": "Segmentor", "seg_thresh": 0.5}, "scores, not probabilities"),
        ({"model_type": "Segmentor", "seg_small_segment": 9}, "MIN_AREA"),
        ({"model_type": "Regressor", "reg_output_scaling": "big"}, "reg_output_scaling is 'big'"),
        ({"model_type": "Recognition"}, "which its answers do not look like"),
        ({"model_type": "Dreamer"}, "which is not one of"),
        ({"model_type": "Regressor", "bands": ["B04", "B03"]}, "names 2 bands and takes 3"),
        ({"model_type": "Regressor", "input_dtype": "uint16"}, "rule for bytes alone"),
        ({"model_type": "Regressor", "input_units": "miles"}, "input_units is 'miles'"),
        ({"model_type": "Regressor", "wavelengths": [443, 9999, 665]}, "band known by name"),
    ],
)
def test_what_contradicts_itself_is_told(told: Told, metadata: dict[str, Any], words: str) -> None:
    assert any(words in text for text in told(metadata).warnings)


def test_what_is_told_is_not_resolved_in_silence(told: Told) -> None:
    draft = told({"tiles_size": 64, "model_type": "Segmentor", "class_names": {"0": "a", "1": "b"}})
    assert draft.window == 32
    assert [info.name for info in draft.classes] == ["a", "b", "channel_2", "channel_3"]


def test_either_tile_size_is_taken_where_the_input_is_free(told: Told) -> None:
    for key in ("tiles_size", "tile_size"):
        draft = told({key: 48, "model_type": "Segmentor"}, window="s")
        assert (draft.window, draft.overlap) == (48, 7)


def test_one_channel_is_two_classes_by_the_threshold(told: Told) -> None:
    draft = told({"model_type": "Segmentor", "class_names": {"0": "road"}}, channels=1, end="Sigmoid")
    assert [(info.value, info.name) for info in draft.classes] == [(1, "background"), (2, "road")]
    assert (draft.answer, draft.threshold) == ("probability", 0.5)
    beyond = told({"model_type": "Segmentor", "seg_thresh": 0.7}, channels=1)
    assert (beyond.answer, beyond.threshold) == ("probability", 0.7)
    assert any("goes beyond 0 to 1" in text for text in beyond.warnings)


def test_a_threshold_of_nothing_is_told(told: Told) -> None:
    draft = told({"model_type": "Segmentor", "seg_thresh": 0}, channels=1, end="Sigmoid")
    assert draft.threshold == 0.5
    assert any("every number other than 0" in text for text in draft.warnings)


def test_windows_too_large_to_be_tried_are_known_by_their_stated_shape(told: Told) -> None:
    draft = told({}, window=2048)
    assert (draft.window, draft.answers, draft.answer) == (2048, 4, "")
    assert any("could not be tried" in text for text in draft.warnings)
    assert told({}, window=2048, valid=True).margin == 2


def test_other_numbers_of_bands_than_three_are_asked_for(told: Told) -> None:
    draft = told({"model_type": "Segmentor"}, bands=4)
    assert (draft.bands, asked(draft)) == ((), ["bands"])
    named = told({"model_type": "Segmentor", "wavelengths": [665, 560, 490, 842]}, bands=4)
    assert named.bands == ("red", "green", "blue", "nir")


def test_what_a_bare_file_lacks_is_named_with_its_options(told: Told, tmp_path: Path) -> None:
    told({"model_type": "Segmentor"}, bands=4)
    with pytest.raises(UnsupportedInput, match="does not say itself: bands") as caught:
        bare_card(tmp_path / "net.onnx")
    assert "--bands" in caught.value.hint


def test_a_detector_has_a_card_and_no_task_of_ours(told: Told, tmp_path: Path) -> None:
    draft = told({"model_type": "Detector", "det_conf": 0.3, "det_iou_thresh": 0.4, "det_type": '"YOLO_v9"'})
    assert any("later version" in text for text in draft.warnings)
    card = bare_card(tmp_path / "net.onnx")
    assert card.tasks == ("detect",)
    assert card.raw["properties"]["geofm:metadata"]["det_type"] == '"YOLO_v9"'


@pytest.mark.parametrize("kind", ["Segmentor", "Regressor", "Detector", "Superresolution", "Recognition"])
def test_the_card_of_every_kind_is_a_valid_item(networks, tmp_path: Path, valid_item: Any, kind: str) -> None:
    makers = {"Superresolution": networks.refiner, "Recognition": networks.embedder}
    make = makers.get(kind, networks.segmenter)
    told = {"model_type": kind, "resolution": 20, "class_names": {"0": "Wasser, stehend"}}
    valid_item(card_of(inspect(make(tmp_path / "net.onnx", metadata=told))))


# --- what people say ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"task": "paint"}, "must be one of"),
        ({"bands": "red,green"}, "names 2 bands, and the network takes 3"),
        ({"bands": "red,red,blue"}, "names a band twice"),
        ({"scale": "half"}, "must be one of"),
        ({"classes": "a,b"}, "names 2 classes, and the network answers 4"),
        ({"classes": "1=a,1=b,2=c,3=d"}, "each once"),
        ({"window": "64"}, "is 32"),
        ({"gsd": "-1"}, "number of metres"),
        ({"std": "1,0,1"}, "above 0"),
        ({"threshold": "2"}, "below 1"),
        ({"answer": "perhaps"}, "must be one of"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_by_its_name(
    told: Told, answers: dict[str, str], words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        answered(told({}), answers)


def test_a_task_that_its_answer_cannot_serve_is_refused(networks, tmp_path: Path) -> None:
    said = {"bands": "rgb", "scale": "byte", "classes": "a,b"}
    vector = answered(inspect(networks.embedder(tmp_path / "e.onnx", dim=2)), {**said, "task": "segment"})
    with pytest.raises(InvalidRequest, match="no answer for segment"):
        card_of(vector)
    fine = answered(
        inspect(networks.refiner(tmp_path / "f.onnx")), {"bands": "rgb", "scale": "byte", "task": "regress"}
    )
    with pytest.raises(InvalidRequest, match="2 x 2 pixels for one"):
        card_of(fine)
