"""Complete segmentation networks that come as ONNX files, run by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnxruntime.capi import onnxruntime_pybind11_state as runtime_errors

from ...bands import REFLECTANCE, SENTINEL1, SENTINEL2, Band, band_named
from ...catalog import Asset, Card
from ...errors import ModelCorrupt, UnsupportedInput
from ..base import F32, WindowBatch
from ..devices import Device
from .blocks import match_bands, require_reflectance

_LOAD_ERRORS = (
    runtime_errors.Fail,
    runtime_errors.InvalidArgument,
    runtime_errors.InvalidGraph,
    runtime_errors.InvalidProtobuf,
    runtime_errors.NotImplemented,
    runtime_errors.RuntimeException,
)


@dataclass(frozen=True)
class _Graph:
    """A network ready to run."""

    session: onnxruntime.InferenceSession
    input: str
    dtype: type[np.floating]
    one_by_one: bool


class OnnxNetwork:
    """A segmenter with one input of (batch, bands, rows, cols) and one score a class and pixel.

    A :class:`~..base.Network`. The card names, for each of its assets, the bands in the network's
    order and their means and deviations; the network answers scores before softmax.
    """

    def __init__(self, card: Card, fetch: Callable[[Asset], Path], device: Device) -> None:
        self.name = card.id
        self.classes = tuple(info.name for info in card.classes)
        self.window = card.window
        self.halo = card.halo
        self._units = card.units
        # More bands first; among equals the card's order decides.
        self._assets = sorted(card.assets, key=lambda asset: -len(asset.bands))
        self._fetch = fetch
        self._device = device
        self._graphs: dict[str, _Graph] = {}

    @classmethod
    def load(cls, card: Card, fetch: Callable[[Asset], Path], device: Device) -> OnnxNetwork:
        """Get ready to run ``card``; its files are fetched when :meth:`select` knows which one.

        Args:
            fetch: gives the verified local file of an asset.

        Raises:
            ModelCorrupt: if the card lacks what it takes to feed the network.
        """
        for asset in card.assets:
            if not asset.bands or not len(asset.bands) == len(asset.mean) == len(asset.std):
                raise ModelCorrupt(
                    f"The card of {card.id} does not give bands, mean and std for {asset.name}.",
                    "Each of its files needs the three lists, of one length.",
                )
        if not card.assets or not card.classes or card.window <= 2 * card.halo:
            raise ModelCorrupt(
                f"The card of {card.id} is not that of a segmenter.",
                "It needs a file, classes, and a window wider than twice the halo.",
            )
        return cls(card, fetch, device)

    def select(self, bands: Sequence[Band]) -> tuple[int, ...]:
        """Indices of the bands of the richest network that they can feed, which is made ready.

        Raises:
            UnsupportedInput: naming the bands missing for the simplest network, or not reflectance.
            ModelMissing, ModelCorrupt: if that network's file cannot be had or is not usable.
        """
        asset, chosen = self._choose(bands)
        if self._units == REFLECTANCE:
            require_reflectance([bands[index] for index in chosen if bands[index].modality != "sentinel-1"])
        self._graph(asset)
        return chosen

    def predict(self, batch: WindowBatch) -> F32:
        """Probabilities (batch, classes, rows, cols); pixels without information count as average ones.

        Args:
            batch: windows of ``window`` pixels a side; ``bands`` as :meth:`select` chose.
        """
        asset, chosen = self._choose(batch.bands)
        graph = self._graph(asset)
        mean, std = (np.asarray(v, np.float32)[:, None, None] for v in (asset.mean, asset.std))
        scaled = (batch.pixels[:, list(chosen)] - mean) / std
        ready = np.where(batch.valid[:, None], scaled, np.float32(0)).astype(graph.dtype)
        parts = [ready[i : i + 1] for i in range(len(ready))] if graph.one_by_one else [ready]
        scores = np.concatenate([graph.session.run(None, {graph.input: part})[0] for part in parts])
        return _softmax(scores.astype(np.float32))

    def _choose(self, bands: Sequence[Band]) -> tuple[Asset, tuple[int, ...]]:
        missing: list[str] = []
        for asset in self._assets:
            found = match_bands(bands, {name: _band(name) for name in asset.bands})
            missing = [name for name in asset.bands if name not in found]
            if not missing:
                return asset, tuple(found[name] for name in asset.bands)
        raise UnsupportedInput(
            f"The model {self.name} did not find these bands: {', '.join(missing)}.",
            "If the layer has them, name its bands in order with BANDS, "
            "for example BANDS=blue,green,red,nir.",
        )

    def _graph(self, asset: Asset) -> _Graph:
        if asset.name not in self._graphs:
            self._graphs[asset.name] = self._open(asset)
        return self._graphs[asset.name]

    def _open(self, asset: Asset) -> _Graph:
        content = self._fetch(asset).read_bytes()
        _refuse_external_data(content, asset.filename)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(
                content, options, providers=list(self._device.onnx_providers)
            )
        except _LOAD_ERRORS as error:
            raise ModelCorrupt(
                f"ONNX Runtime cannot load {asset.filename}.",
                "Fetch the model again, or export it for a version that this ONNX Runtime knows.",
                str(error),
            ) from error
        return self._checked(session, asset)

    def _checked(self, session: onnxruntime.InferenceSession, asset: Asset) -> _Graph:
        """Hold the shapes that the graph states against the card's; a text is a free dimension."""
        inputs, outputs = session.get_inputs(), session.get_outputs()
        dtypes: dict[str, type[np.floating]] = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
        wanted = [None, len(asset.bands), self.window, self.window]
        given = [None, len(self.classes), self.window, self.window]
        fits = (
            len(inputs) == 1
            and inputs[0].type in dtypes
            and _agrees(inputs[0].shape, wanted)
            and (inputs[0].shape[0] == 1 or not isinstance(inputs[0].shape[0], int))
            and _agrees(outputs[0].shape, given)
        )
        if not fits:
            raise ModelCorrupt(
                f"The network {asset.filename} is not the segmenter that its card describes.",
                f"The card says {len(asset.bands)} bands, {len(self.classes)} classes and windows of "
                f"{self.window} pixels, in one input of (batch, bands, rows, cols).",
                f"inputs {[(i.shape, i.type) for i in inputs]}, outputs {[o.shape for o in outputs]}",
            )
        return _Graph(session, inputs[0].name, dtypes[inputs[0].type], inputs[0].shape[0] == 1)


def _agrees(shape: Sequence[int | str | None], wanted: Sequence[int | None]) -> bool:
    return len(shape) == len(wanted) and all(
        want is None or not isinstance(has, int) or has == want
        for has, want in zip(shape, wanted, strict=True)
    )


def _band(name: str) -> Band:
    """The band that a card's name stands for; a Sentinel band by its own name, else a common name."""
    return SENTINEL2.get(name) or SENTINEL1.get(name) or band_named(name) or Band(name, known=True)


def _softmax(scores: F32) -> F32:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


# Where tensors can be inside an ONNX file: by message, field numbers that lead on (onnx.proto).
_LEADS = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_DEEPEST = 64


def _refuse_external_data(content: bytes, filename: str) -> None:
    """Refuse a network that points at other files: no digest covers them, and they may be anyone's.

    ONNX Runtime itself would read them, from the working folder if the network came as bytes.
    """
    try:
        external = _points_outside(memoryview(content), "model", 0)
    except (IndexError, ValueError) as error:
        raise ModelCorrupt(
            f"The file {filename} is not an ONNX network.", "Fetch the model again.", str(error)
        ) from error
    if external:
        raise ModelCorrupt(
            f"The network {filename} keeps its weights in another file.",
            "Save it as one file: onnx.save_model(model, path, save_as_external_data=False).",
        )


def _points_outside(data: memoryview, message: str, depth: int) -> bool:
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    for number, value in _fields(data):
        if message == "tensor":
            if number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value != 0):
                return True
            continue
        inner = _LEADS[message].get(number)
        if inner and isinstance(value, memoryview) and _points_outside(value, inner, depth + 1):
            return True
    return False


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """Field numbers and values of one protobuf message; fixed-width numbers come as their bytes.

    A last value that is cut short comes as far as it goes: ONNX Runtime refuses such a file.
    """
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if kind == 2:
            length, at = _varint(data, at)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise ValueError(f"wire type {kind}")
        yield key >> 3, data[at : at + length]
        at += length


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("a number without an end")
