"""What encoders share that take several dates as time steps."""

from __future__ import annotations

import datetime
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..base import F32, Mask, Scene, WindowBatch
from ..series.dates import Series, series_of
from ..series.frames import Frame, by_date, framed
from .patch_encoder import PatchEncoder, Valued, fill_gaps


@dataclass(frozen=True)
class Steps(Valued):
    """A batch of windows of several dates, as a family takes it.

    Attributes:
        seen: (batch, patch rows, patch cols, times) by name, False where a patch has no pixel of that date.
        days: of the time steps.
        scene: what is known beyond the pixels.
    """

    seen: Mapping[str, Tensor]
    days: Sequence[datetime.date]
    scene: Scene


class SeriesEncoder(PatchEncoder):
    """A :class:`PatchEncoder` that also takes several dates; of one date it does what others do.

    Attributes:
        most_times: time steps at most.
    """

    takes_series = True
    most_times = 12

    def frames(self, dates: Sequence[datetime.date]) -> tuple[Frame, ...]:
        """The time steps of some dates."""
        return by_date(dates, self.most_times)

    @abstractmethod
    def series_tokens(self, steps: Steps) -> Tensor:
        """Features of the patches, (batch, dim, patch rows, patch cols); any for patches never seen."""

    def series_note(self, dates: Sequence[datetime.date]) -> str:
        """A sentence on what became of the dates, empty where each is a time step."""
        frames = self.frames(dates)
        used = sum(len(frame.dates) for frame in frames)
        if used == len(frames) == len(dates):
            return ""
        left = f"; {len(dates) - used} dates before or after are left out" if used < len(dates) else ""
        return (
            f"{self.name} takes {len(frames)} time steps from {frames[0].day} to {frames[-1].day}: "
            f"the median of the dates of each{left}."
        )

    @torch.inference_mode()
    def encode(self, batch: WindowBatch) -> F32:
        """See :meth:`PatchEncoder.encode`; of several dates the features of all together."""
        series = series_of(batch.bands)
        if series is None:
            return super().encode(batch)
        frames = self.frames(series.dates)
        values, seen = framed(batch, series, frames)
        return self.encode_frames(values, seen, series, [frame.day for frame in frames], batch.scene)

    def encode_frames(
        self, values: F32, seen: Mask, series: Series, days: Sequence[datetime.date], scene: Scene
    ) -> F32:
        """Features (batch, dim, patch rows, patch cols) of what :func:`~..series.frames.framed` gave."""
        found = self.match(series.bands)
        windows, rows, cols = values.shape[1], *values.shape[3:]
        result = np.zeros((windows, self.dim, rows // self.stride, cols // self.stride), np.float32)

        def compute(part: Tensor) -> None:
            # One by one: a window's answer does not depend on which patches its neighbours miss.
            for window in part.tolist():
                result[window] = self._window(values[:, window], seen[:, window], found, series, days, scene)

        self.memory.parts(compute, torch.arange(windows), 1)
        return result

    def _window(
        self,
        values: F32,
        seen: Mask,
        found: Mapping[str, int],
        series: Series,
        days: Sequence[datetime.date],
        scene: Scene,
    ) -> F32:
        """(dim, patch rows, patch cols) of (times, bands, rows, cols)."""
        pixels = torch.from_numpy(np.ascontiguousarray(values)).to(self._device)
        known = torch.from_numpy(np.ascontiguousarray(seen)).to(self._device)
        patches = torch.nn.functional.max_pool2d(known.float(), self.stride) > 0
        filled = {n: fill_gaps(pixels[:, i], known[:, i], self.stride) for n, i in found.items()}
        steps = Steps(
            {name: one.permute(1, 2, 0)[None] for name, one in filled.items()},
            {name: series.bands[i] for name, i in found.items()},
            {name: patches[:, i].permute(1, 2, 0)[None] for name, i in found.items()},
            days,
            scene,
        )
        ever = patches[:, list(found.values())].any(dim=1).any(dim=0)
        if not ever.any():
            return np.zeros((self.dim, *ever.shape), np.float32)
        made: F32 = (self.series_tokens(steps)[0] * ever).cpu().numpy()
        return made
