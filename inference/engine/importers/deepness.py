"""The metadata that Deepness, a QGIS plugin for ONNX networks, and the exporters for it write.

Keys and their meaning: Deepness 0.6.5, ``processing/models/model_base.py`` and its documentation,
"How to create your own model" (https://qgis-plugin-deepness.readthedocs.io). Values are texts: JSON, or
Python literals where an exporter wrote them; of texts with quotes or without. What contradicts itself is
told, and what Deepness would do is done.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...bands import BYTE, REFLECTANCE, band_at, parse_mapping
from ...drafts import DETECT, Draft, legacy_bytes, numbered_classes
from ...jobs import Task
from ...wiring import FEATURES, LABELS, LOGITS, PROBABILITY, STORED, Variable

_KINDS = {
    "segmentor": Task.SEGMENT.value,
    "regressor": Task.REGRESS.value,
    "superresolution": Task.SUPERRESOLVE.value,
    "recognition": Task.EMBED.value,
    "detector": DETECT,
}
# Either says that the file was made for Deepness, or for a tool that writes the same.
_SIGNS = {
    *("model_type", "class_names", "tiles_size", "tile_size", "tiles_overlap", "standardization_mean"),
    *("seg_thresh", "seg_small_segment", "reg_output_scaling", "det_conf", "det_type", "resolution"),
}
# Our own, which go before the rule of 255.
_OWN = {"bands", "wavelengths", "input_scale", "input_offset", "input_units", "input_dtype"}
_OVERLAP_PERCENT = 15
_THRESHOLD = 0.5
_UNITS = (REFLECTANCE, BYTE, STORED, "")


def told(draft: Draft, metadata: Mapping[str, str]) -> Draft:
    """A draft with what a file's metadata say; unchanged where they are not of this kind."""
    if not (_SIGNS | _OWN) & set(metadata):
        return draft
    said = {key: decoded(text) for key, text in metadata.items()}
    draft = replace(draft, extra=tuple(sorted((k, v) for k, v in metadata.items() if len(v) < 4096)))
    for step in (_kind, _tiles, _place, _bands, _scaling, _classes, _postprocessing, _detection):
        draft = step(draft, said)
    return draft


def decoded(text: str) -> Any:
    """A value as JSON or a Python literal has it, else the text without quotes around it."""
    value: Any = text
    # A text may have been encoded more than once.
    for _ in range(3):
        if not isinstance(value, str):
            return value
        inner = _literal(value.strip())
        if inner is None or inner == value:
            break
        value = inner
    return value.strip().strip("\"'") if isinstance(value, str) else value


def _literal(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass  # not JSON: perhaps Python
    try:
        return ast.literal_eval(text)
    # Of a text without quotes, or one nested too deeply for the parser, there is nothing to evaluate.
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _number(said: Mapping[str, Any], key: str) -> float | None:
    value = said.get(key)
    try:
        found = (
            float(value) if not isinstance(value, (bool, dict, list, tuple)) and value is not None else None
        )
    except (TypeError, ValueError, OverflowError):
        return None  # a text where a number was meant: the caller tells
    return found if found is not None and math.isfinite(found) else None


def _doubted(draft: Draft, said: Mapping[str, Any], key: str, wanted: str = "a number") -> Draft:
    """A draft that tells of a value that is not what it should be, if it is there at all."""
    return draft.warned(f"{key} is {said[key]!r}, which is not {wanted}.") if key in said else draft


def _kind(draft: Draft, said: Mapping[str, Any]) -> Draft:
    kind = str(said.get("model_type", "")).strip().lower()
    if not kind:
        return draft
    if kind not in _KINDS:
        return _doubted(draft, said, "model_type", f"one of {', '.join(_KINDS)}")
    task = _KINDS[kind]
    if (draft.answer == FEATURES) != (task == Task.EMBED.value) and task != DETECT and draft.answer:
        draft = draft.warned(f"model_type is {kind}, which its answers do not look like.")
    if task != Task.SUPERRESOLVE.value and draft.factor > 1:
        draft = draft.warned(f"model_type is {kind}, but it answers {draft.factor} pixels for one.")
    return replace(draft, task=task)


def _tiles(draft: Draft, said: Mapping[str, Any]) -> Draft:
    sizes = {key: _number(said, key) for key in ("tiles_size", "tile_size")}
    stated = {key: int(value) for key, value in sizes.items() if value and value >= 8}
    for key in sizes:
        if key not in stated:
            draft = _doubted(draft, said, key, "a number of pixels")
    if len(set(stated.values())) > 1:
        draft = draft.warned(
            f"tiles_size is {stated['tiles_size']} and tile_size {stated['tile_size']}: the first is taken."
        )
    wanted = next(iter(stated.values()), 0)
    if wanted and draft.fixed and wanted != draft.window:
        draft = draft.warned(
            f"The tile size is said to be {wanted}, and the input takes {draft.window} pixels alone."
        )
    window = draft.window if draft.fixed else wanted or draft.window
    if draft.answer == FEATURES and draft.stride == draft.window:
        draft = replace(draft, stride=window)
    percent = _number(said, "tiles_overlap")
    if percent is None or not 0 <= percent < 100:
        draft = _doubted(draft, said, "tiles_overlap", "a share in percent below 100")
        percent = _OVERLAP_PERCENT
    return replace(draft, window=window, overlap=round(window * percent / 100))


def _place(draft: Draft, said: Mapping[str, Any]) -> Draft:
    resolution = _number(said, "resolution")
    if resolution is None or resolution <= 0:
        return _doubted(draft, said, "resolution", "a number of centimetres")
    return replace(draft, gsd=resolution / 100)


def _bands(draft: Draft, said: Mapping[str, Any]) -> Draft:
    names: tuple[str, ...] = ()
    if "bands" in said:
        stated = said["bands"]
        names = tuple(map(str, stated)) if isinstance(stated, (list, tuple)) else parse_mapping(str(stated))
    elif isinstance(said.get("wavelengths"), (list, tuple)):
        near = [_number({"at": value}, "at") for value in said["wavelengths"]]
        common = [band_at(value).common if value else "" for value in near]
        names = tuple(common) if all(common) and len(set(common)) == len(common) else ()
        if not names:
            draft = draft.warned("Not every one of its wavelengths is that of a band known by name.")
    if names and draft.depth and len(names) != draft.depth:
        draft = draft.warned(f"It names {len(names)} bands and takes {draft.depth}: its names are not used.")
        names = ()
    if not names and draft.depth == 3:
        names = ("red", "green", "blue")
        draft = draft.warned("It does not name its three bands: they are taken for red, green and blue.")
    return replace(draft, bands=names)


def _scaling(draft: Draft, said: Mapping[str, Any]) -> Draft:
    gain, shift = _number(said, "input_scale"), _number(said, "input_offset")
    units = str(said["input_units"]).strip().lower() if "input_units" in said else None
    dtype = str(said.get("input_dtype", "")).strip().lower()
    if units is not None and units not in _UNITS:
        draft, units = _doubted(draft, said, "input_units", f"one of {', '.join(_UNITS[:3])}"), None
    if gain is not None or shift is not None or units is not None:
        draft = replace(draft, units=STORED if units is None else units, gain=gain or 1.0, shift=shift or 0.0)
    elif dtype in ("", "uint8", "byte"):
        draft = legacy_bytes(draft)
    else:
        draft = draft.warned(
            f"It takes {dtype}, and does not say how: dividing by 255 is the rule for bytes alone."
        )
    return _standardised(draft, said)


def _standardised(draft: Draft, said: Mapping[str, Any]) -> Draft:
    keys = "standardization_mean", "standardization_std"
    lists = [said.get(key) for key in keys]
    if lists == [None, None]:
        return draft
    made: list[tuple[float, ...]] = []
    for key, values in zip(keys, lists, strict=True):
        if values is None:
            return draft.warned(f"{key} is missing: without both there is no standardization.")
        listed = values if isinstance(values, (list, tuple)) else [values]
        numbers = [_number({"n": value}, "n") for value in listed]
        good = tuple(value for value in numbers if value is not None and (key != keys[1] or value > 0))
        if len(good) != len(listed) or len(good) not in (1, draft.depth or len(good)):
            return draft.warned(
                f"{key} is {values!r}, which is not one number for each of its {draft.depth} bands: "
                "it is not used."
            )
        made.append(good)
    return replace(draft, mean=made[0], std=made[1])


def _classes(draft: Draft, said: Mapping[str, Any]) -> Draft:
    given = {key: said[key] for key in ("class_names", "names") if key in said}
    if len(given) == 2 and given["class_names"] != given["names"]:
        draft = draft.warned("class_names and names differ: class_names are taken.")
    names, draft = _listed(draft, next(iter(given.values()), None))
    if draft.task == Task.SEGMENT.value:
        return _mapped(draft, names)
    if draft.task in (Task.REGRESS.value, Task.SUPERRESOLVE.value) and names:
        return replace(draft, variables=tuple(map(Variable, _as_many(names, draft.answers, "value"))))
    if draft.task == Task.REGRESS.value:
        words = [f"value {i + 1}" for i in range(draft.answers)] if draft.answers > 1 else ["value"]
        return replace(draft, variables=tuple(map(Variable, words)))
    return draft


def _listed(draft: Draft, stated: Any) -> tuple[list[str], Draft]:
    """The names of one output's channels, in their order."""
    if isinstance(stated, (list, tuple)) and any(isinstance(item, dict) for item in stated):
        place = draft.outputs.index(draft.output) if draft.output in draft.outputs else 0
        if len(draft.outputs or "1") != len(stated):
            draft = draft.warned(f"There are names for {len(stated)} outputs, not for all it has.")
        stated = stated[place] if place < len(stated) else None
    if isinstance(stated, (list, tuple)):
        return [str(name) for name in stated], draft
    if not isinstance(stated, dict):
        return [], draft if stated is None else draft.warned(
            f"The class names are {stated!r}, no list of names."
        )
    keys = {_number({"k": key}, "k"): str(name) for key, name in stated.items()}
    if None in keys:
        return [], draft.warned("The class names are not numbered.")
    order = sorted(key for key in keys if key is not None)
    if order != [float(i) for i in range(len(order))]:
        draft = draft.warned("The numbers of the class names have gaps: they are taken in their order.")
    return [keys[key] for key in order], draft


def _mapped(draft: Draft, names: list[str]) -> Draft:
    """A segmenter's draft with its classes; as in Deepness, a class's value on the map is its number + 1."""
    alone = draft.answers == 1 and draft.answer != LABELS
    wanted = 2 if alone else 0 if draft.answer == LABELS else draft.answers
    if alone and len(names) == 1:
        names = ["background", *names]
    if names and wanted and len(names) != wanted:
        draft = draft.warned(f"It names {len(names)} classes and answers {wanted}.")
    if wanted:
        names = _as_many(names, wanted, "channel")
    if alone and draft.answer != PROBABILITY:
        draft = replace(draft, answer=PROBABILITY).warned(
            "Its answer goes beyond 0 to 1; as in Deepness the threshold is held against it as it is."
        )
    return replace(draft, classes=numbered_classes(names))


def _as_many(names: list[str], wanted: int, word: str) -> list[str]:
    return [*names, *(f"{word}_{i}" for i in range(len(names), wanted))][: wanted or None]


def _postprocessing(draft: Draft, said: Mapping[str, Any]) -> Draft:
    if draft.task == Task.SEGMENT.value and draft.answer != LABELS:
        threshold = _number(said, "seg_thresh")
        if threshold is None or not 0 <= threshold < 1:
            draft = _doubted(draft, said, "seg_thresh", "a probability below 1")
            threshold = _THRESHOLD if draft.answer == PROBABILITY else 0.0
        if threshold and draft.answer == LOGITS:
            draft = draft.warned(
                "Its answers are scores, not probabilities: the threshold is held against the probabilities "
                "that they stand for."
            )
        if not threshold and draft.answer == PROBABILITY:
            threshold = _THRESHOLD
            draft = draft.warned(
                f"seg_thresh is 0, by which every number other than 0 were the class: {threshold} is taken."
            )
        draft = replace(draft, threshold=threshold or None)
    if _number(said, "seg_small_segment"):
        draft = draft.warned(
            "seg_small_segment, a median filter over the whole map, is not applied: the map stays what the "
            "network says; MIN_AREA merges small polygons."
        )
    scale = _number(said, "reg_output_scaling")
    if scale is None or scale == 0:
        return _doubted(draft, said, "reg_output_scaling", "a number other than 0")
    return replace(draft, output_scale=scale)


def _detection(draft: Draft, said: Mapping[str, Any]) -> Draft:
    if draft.task != DETECT:
        return draft
    return replace(draft, answer="").warned(
        "It finds objects. Its card is made, but detection comes with a later version: no task uses it yet."
    )
