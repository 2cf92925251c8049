"""The two roles of the engine: an encoder makes features, a head makes the task's answer.

A complete network (a segmenter) is both at once. Nothing else is a model.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..bands import Band

F32 = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Scene:
    """What is known of a stack beyond its pixels.

    Attributes:
        gsd: ground sample distance in metres.
        date: day of acquisition, None if unknown.
        lonlat: longitude and latitude (degrees, WGS 84) of the stack's centre, None if unknown.
    """

    gsd: float
    date: datetime.date | None = None
    lonlat: tuple[float, float] | None = None


@dataclass(frozen=True)
class WindowBatch:
    """Windows on their way into a model.

    Attributes:
        pixels: (batch, bands, rows, cols) float32 in each band's units.
        valid: (batch, rows, cols); False pixels hold no information and must not be used.
        bands: what each band is.
        scene: what is known beyond the pixels.
        seen: (batch, bands, rows, cols); False where a band holds no information though the pixel is
            valid, because its layer has a gap there. None where every band is known wherever the pixel is.
    """

    pixels: F32
    valid: Mask
    bands: tuple[Band, ...]
    scene: Scene
    seen: Mask | None = None

    def whole(self) -> WindowBatch:
        """The same for who needs all bands: valid is what every band is known of."""
        if self.seen is None:
            return self
        valid: Mask = self.valid & self.seen.all(axis=1)
        pixels = np.where(valid[:, None], self.pixels, np.float32(0.0))
        return WindowBatch(pixels, valid, self.bands, self.scene)


class Encoder(Protocol):
    """Turns windows into features on a grid.

    Attributes:
        name: catalogue id.
        dim: features a cell.
        stride: pixels a cell, along rows and columns.
        window: side in pixels of the windows that ``encode`` wants (a multiple of ``stride``),
            laid on a fixed lattice from the raster's origin; 0 means any size, in which case
            the caller reads ``halo`` more pixels on each side and the result has the size of
            the input.
        halo: pixels around a pixel that its feature depends on (with ``window`` 0).
    """

    name: str
    dim: int
    stride: int
    window: int
    halo: int

    def select(self, bands: Sequence[Band]) -> tuple[int, ...]:
        """Indices of the bands this encoder will use; ``encode`` gets just these, in this order.

        Raises:
            UnsupportedInput: naming the bands that are missing.
        """
        ...

    def encode(self, batch: WindowBatch) -> F32:
        """Features, (batch, dim, rows / stride, cols / stride)."""
        ...


class Network(Protocol):
    """A complete network: windows in, scores of classes or values out, pixel by pixel.

    Attributes:
        name: catalogue id.
        channels: scores or values a pixel.
        factor: pixels of the answer along a pixel's side, 1 unless it refines.
        margin: pixels at a window's sides that it does not answer for; at most ``halo``.
        window: side in pixels of the square windows it was trained on.
        halo: pixels at a window's border whose scores are not used; if blended, the inner half fades out.
        stride: pixels a cell of its coarsest layer: windows that are apart by a multiple of it are
            answered alike.
        blend: whether neighbouring windows are blended, because it sees further than ``halo``.
        abreast: calls of ``predict`` that may run side by side, each on one thread; 1 where a call
            takes the whole device.
    """

    name: str
    channels: int
    factor: int
    margin: int
    window: int
    halo: int
    stride: int
    blend: bool

    @property
    def abreast(self) -> int: ...

    def select(self, bands: Sequence[Band]) -> tuple[int, ...]: ...

    def predict(self, batch: WindowBatch) -> F32:
        """Answers, (batch, channels, rows * factor, cols * factor)."""
        ...

    def weighed(self, answers: F32) -> F32:
        """What of answers may be averaged: probabilities of scores, values as they are."""
        ...


class Head(Protocol):
    """Turns feature vectors into class probabilities."""

    method: str

    def fit(self, features: F32, labels: NDArray[np.int64]) -> None:
        """Learn from (samples, dim) features and (samples,) class indices from 0."""
        ...

    def predict(self, features: F32) -> F32:
        """Probabilities (samples, classes), summing to 1."""
        ...

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All that was learned, as named arrays fit for safetensors."""
        ...


@dataclass(frozen=True)
class Context:
    """What a job may ask of the engine while it runs.

    Attributes:
        progress: ``progress(stage, done, total, message)``; cheap, may be called often.
        check: raises Cancelled if the user asked for it; call it between batches.
    """

    progress: Callable[[str, int, int, str], None]
    check: Callable[[], None]
