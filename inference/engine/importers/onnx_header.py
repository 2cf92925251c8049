"""What an ONNX file shows of itself: shapes, names, and what it answers when it is tried once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ...drafts import Draft
from ...errors import InvalidRequest, ModelCorrupt, UnsupportedInput
from ...jobs import Task
from ...wiring import FEATURES, LABELS, LOGITS, PROBABILITIES, PROBABILITY
from ..parts.onnx_file import refuse_external_data
from ..parts.onnx_graph import DTYPES, LOAD_ERRORS

_log = logging.getLogger(__name__)

# Sides that networks of any side are tried with, and the most bands that an axis of bands has.
_SIDES = (256, 224, 512, 128, 64)
_MOST_BANDS = 64
# Larger windows are not tried: it would take minutes and gigabytes.
_WIDEST = 1024
# How far the probabilities of a pixel may be from summing to 1: float16.
_NEARLY = 2e-3


def read_header(content: bytes, path: str, wanted: str = "") -> tuple[Draft, Mapping[str, str]]:
    """What a network's file says, and its metadata.

    Args:
        wanted: name of the output that is the answer; empty for the first.

    Raises:
        ModelCorrupt: if it is no ONNX network, or points at other files.
        UnsupportedInput: if it has several inputs, or takes no images.
    """
    name = Path(path).name
    refuse_external_data(content, name)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except LOAD_ERRORS as error:
        raise ModelCorrupt(
            f"ONNX Runtime cannot load {name}.",
            "Export it again, for a version that this ONNX Runtime knows.",
            str(error),
        ) from error
    metadata: Mapping[str, str] = session.get_modelmeta().custom_metadata_map
    draft = _shape_of_input(session, Draft(path), name)
    outputs = tuple(found.name for found in session.get_outputs())
    if wanted and wanted not in outputs:
        raise InvalidRequest(f"{name} has no output {wanted}.", f"It has {', '.join(outputs)}.")
    if len(outputs) > 1:
        draft = replace(draft, output=wanted or outputs[0], outputs=outputs)
        if not wanted:
            draft = draft.warned(
                f"It has the outputs {', '.join(outputs)}: the first is taken for the answer."
            )
    return read_answer(draft, session, metadata), metadata


def _shape_of_input(session: onnxruntime.InferenceSession, draft: Draft, name: str) -> Draft:
    inputs = session.get_inputs()
    if len(inputs) != 1:
        raise UnsupportedInput(
            f"{name} takes {len(inputs)} inputs ({', '.join(one.name for one in inputs)}), and one image is "
            "all that can be given.",
            "Export it with one input of (batch, bands, rows, cols).",
        )
    shape, kind = inputs[0].shape, inputs[0].type
    if kind not in DTYPES:
        raise UnsupportedInput(
            f"{name} takes numbers of the type {kind}.", "Export it for float32 or float16 input."
        )
    if len(shape) != 4:
        raise UnsupportedInput(
            f"{name} takes input of the shape {shape}, which is no image.",
            "Export it with one input of (batch, bands, rows, cols).",
        )
    if isinstance(shape[0], int) and shape[0] != 1:
        raise UnsupportedInput(
            f"{name} takes {shape[0]} windows at once, no more and no less.",
            "Export it for one window, or with a free first axis.",
        )
    first, last = _bands_at(shape[1]), _bands_at(shape[3])
    # Where both axes could be that of the bands, the two that are of one size are rows and columns.
    channels_last = bool(last) and (not first or (shape[1] == shape[2] != shape[3]))
    rows, cols = (shape[1], shape[2]) if channels_last else (shape[2], shape[3])
    sides = {side for side in (rows, cols) if isinstance(side, int)}
    if len(sides) > 1:
        raise UnsupportedInput(
            f"{name} takes windows of {rows} x {cols} pixels, which are not square.",
            "Export it for square windows, or for windows of any size.",
        )
    depth = last if channels_last else first
    window = sides.pop() if sides else 0
    return replace(draft, depth=depth, channels_last=channels_last, window=window, fixed=bool(window))


def _bands_at(size: Any) -> int:
    """The bands of an axis, 0 if it does not look like one of bands."""
    return size if isinstance(size, int) and 0 < size <= _MOST_BANDS else 0


def read_answer(draft: Draft, session: onnxruntime.InferenceSession, metadata: Mapping[str, str]) -> Draft:
    """Try the network once with made-up values and see what it answers."""
    found = _tried(draft, session, metadata)
    if found is not None:
        return shaped(draft, *found)
    if not draft.depth:
        return draft.warned(f"{draft.name} does not say how many bands it takes.")
    draft = draft.warned(
        f"{draft.name} could not be tried: what it answers is known by its stated shape alone."
    )
    outputs = session.get_outputs()
    stated = next((one for one in outputs if one.name == draft.output), outputs[0])
    if not draft.window or not all(isinstance(size, int) and size > 0 for size in stated.shape[1:]):
        return draft
    # An array of that shape without memory behind it.
    made = shaped(draft, draft.window, np.broadcast_to(np.float32(0), (1, *stated.shape[1:])))
    return made if made.answer == FEATURES else replace(made, answer="")


def _tried(
    draft: Draft, session: onnxruntime.InferenceSession, metadata: Mapping[str, str]
) -> tuple[int, NDArray[Any]] | None:
    """The side of a window that works, and the answer to it."""
    if not draft.depth:
        return None
    given = session.get_inputs()[0]
    stated = [int(text) for key in ("tiles_size", "tile_size") if (text := metadata.get(key, "")).isdigit()]
    sides = [draft.window] if draft.window else [*stated, *_SIDES]
    for side in (side for side in sides if side <= _WIDEST):
        chance = np.random.default_rng(0)
        shape = (1, side, side, draft.depth) if draft.channels_last else (1, draft.depth, side, side)
        values = chance.normal(size=shape).astype(DTYPES[given.type])
        try:
            return side, session.run([draft.output] if draft.output else None, {given.name: values})[0]
        # A side that its layers cannot halve, or too much memory: the next one may do.
        except (*LOAD_ERRORS, MemoryError) as error:
            _log.info("%s was tried with windows of %s pixels: %s", draft.name, side, error)
    return None


def shaped(draft: Draft, side: int, raw: NDArray[Any]) -> Draft:
    """A draft with what an answer to a window of so many pixels a side shows.

    Raises:
        UnsupportedInput: if the answer is neither a map nor features.
    """
    if raw.ndim == 2:
        return replace(
            draft, answer=FEATURES, dim=raw.shape[1], answers=raw.shape[1], window=side, stride=side
        )
    if raw.ndim == 3 and raw.shape[1] != raw.shape[2]:
        return _tokens(draft, side, raw)
    if raw.ndim not in (3, 4):
        raise UnsupportedInput(
            f"{draft.name} answers numbers of the shape {list(raw.shape)}, which is no map.",
            "Networks that answer (batch, channels, rows, cols), (batch, rows, cols) or (batch, features) "
            "can be used.",
        )
    last = raw.ndim == 4 and raw.shape[1] == raw.shape[2] != raw.shape[3]
    edge = raw.shape[1] if raw.ndim == 3 or last else raw.shape[2]
    planes = raw[:, None] if raw.ndim == 3 else raw.transpose(0, 3, 1, 2) if last else raw
    draft = replace(draft, answers=planes.shape[1], answer_last=last)
    if planes.shape[2] != planes.shape[3]:
        raise UnsupportedInput(
            f"{draft.name} answers {planes.shape[2]} x {planes.shape[3]} pixels, not a square."
        )
    if edge > side and edge % side == 0:
        factor = edge // side
        return replace(draft, factor=factor, task=draft.task or Task.SUPERRESOLVE.value)
    if edge <= side // 2 and side % edge == 0:
        return replace(
            draft, answer=FEATURES, dim=planes.shape[1], window=draft.window or side, stride=side // edge
        )
    if edge > side or (side - edge) % 2:
        raise UnsupportedInput(
            f"{draft.name} answers {edge} pixels for {side}, which do not lie on the pixels of the image."
        )
    return replace(draft, margin=(side - edge) // 2, answer=looks_like(planes))


def _tokens(draft: Draft, side: int, raw: NDArray[Any]) -> Draft:
    """A draft of an encoder that answers (batch, tokens, dim), perhaps with one for the whole in front."""
    count, dim = raw.shape[1:]
    for cells in (count, count - 1):
        root = round(cells**0.5)
        if root and root * root == cells and side % root == 0:
            return replace(
                draft, answer=FEATURES, dim=dim, answers=dim, window=draft.window or side, stride=side // root
            )
    raise UnsupportedInput(
        f"{draft.name} answers {count} vectors of {dim} numbers, which are no square map.",
        "Networks that answer (batch, channels, rows, cols), (batch, rows, cols) or (batch, features) "
        "can be used.",
    )


def looks_like(planes: NDArray[Any]) -> str:
    """What (batch, channels, rows, cols) of answers look like: labels, probabilities or plain numbers.

    Of one channel of plain numbers nothing is said: heights and scores look alike.
    """
    if planes.dtype.kind in "iub":
        return LABELS
    inside = bool(((planes >= 0) & (planes <= 1)).all())
    if planes.shape[1] == 1:
        return PROBABILITY if inside else ""
    if inside and np.abs(planes.astype(np.float64).sum(axis=1) - 1).max() < _NEARLY:
        return PROBABILITIES
    return LOGITS
