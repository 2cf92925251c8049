"""When a device's memory does not suffice: fewer windows at once, then smaller ones, then one clear error.

The worker too asks here what an error means: no library is imported with this module.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import OutOfMemory, present

if TYPE_CHECKING:
    from .base import F32

# Sides of the quarters of a window are multiples of this, as far as the window's own side is one:
# networks halve their input up to five times.
_STEP = 32

Part = TypeVar("Part")


class Memory:
    """How much a model computes at once on its device; lowered where memory does not suffice.

    A model has one and asks it for all its computing. What was lowered stays so until
    :meth:`reset`, so that the memory of a run is found once, not at every batch.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew: what filled the memory in an earlier run may be gone."""
        self._at_once = sys.maxsize
        self._tried = 0
        self._side = sys.maxsize

    def parts(self, compute: Callable[[Any], Part], items: Any, at_once: int) -> list[Part]:
        """``compute`` of consecutive parts of ``items``, an array or tensor.

        Args:
            at_once: items in a part, where memory allows.

        Raises:
            OutOfMemory: if memory does not suffice for a single item.
        """
        made: list[Part] = []
        start = 0
        while start < len(items):
            part = items[start : start + min(at_once, self._at_once)]
            fault: str | None = None
            try:
                made.append(compute(part))
            # What is raised has a class of its own in each library; see :func:`is_out_of_memory`.
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                fault = str(error)
            # Not in the handler, where the error's frames still hold what they computed.
            if fault is None:
                start += len(part)
            elif len(part) > 1:
                self._lower(len(part))
            else:
                raise _too_much(fault)
        return made

    def windows(self, compute: Callable[[F32], F32], windows: F32, at_once: int, halo: int) -> F32:
        """Scores of windows, (batch, bands, rows, cols) to (batch, classes, rows, cols).

        A window that does not fit alone is computed in four overlapping quarters. The scores of
        the pixels ``halo`` away from its edge are then those that a lattice of smaller windows gives.

        Args:
            compute: answers windows of this or a smaller side.
            halo: pixels at a window's border whose scores are not used, 0 if it must stay whole.

        Raises:
            OutOfMemory: if memory does not suffice for the smallest quarter either.
        """
        import numpy as np

        side = windows.shape[-1]
        quarter = _quarter_side(side, halo)
        if side <= self._side:
            try:
                return np.concatenate(self.parts(compute, windows, at_once))
            except OutOfMemory:
                if not quarter:
                    raise
            self._side = side - 1
        return self._in_quarters(compute, windows, quarter, halo)

    def notes(self) -> list[str]:
        """Sentences about what was lowered, for the answer."""
        found = []
        if self._at_once != sys.maxsize:
            found.append(
                f"Memory did not suffice for {self._tried} windows at once: {self._at_once} were computed."
            )
        if self._side != sys.maxsize:
            found.append("Memory did not suffice for a whole window: windows were computed in parts.")
        return found

    def _lower(self, failed: int) -> None:
        self._tried = max(self._tried, failed)
        self._at_once = failed // 2
        _release()

    def _in_quarters(self, compute: Callable[[F32], F32], windows: F32, quarter: int, halo: int) -> F32:
        import numpy as np

        side, half = windows.shape[-1], windows.shape[-1] // 2
        # By part: where it is read, and which of its scores are kept, where.
        ends = (
            (slice(0, quarter), slice(0, half), slice(0, half)),
            (slice(side - quarter, side), slice(half - side, None), slice(half, side)),
        )
        scores: F32 | None = None
        for rows, kept_rows, to_rows in ends:
            for cols, kept_cols, to_cols in ends:
                answer = self.windows(compute, windows[..., rows, cols], 1, halo)
                if scores is None:
                    scores = np.empty((*answer.shape[:2], side, side), answer.dtype)
                scores[..., to_rows, to_cols] = answer[..., kept_rows, kept_cols]
        return present(scores)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of any library says that memory did not suffice."""
    # By name and text, not by class: torch must not be imported to find out, and its CPU
    # allocator, cuBLAS and ONNX Runtime raise plain errors of many kinds.
    if isinstance(error, (MemoryError, OutOfMemory)) or type(error).__name__ == "OutOfMemoryError":
        return True
    return any(sign in str(error) for sign in _SIGNS)


_SIGNS = (
    "out of memory",
    "DefaultCPUAllocator",
    "Failed to allocate memory",
    "bad allocation",
    "bad_alloc",
    "_ALLOC_FAILED",
)


def _too_much(detail: str) -> OutOfMemory:
    return OutOfMemory(
        "The device's memory does not suffice for a single window of this model.",
        "Close other programs that use it, or choose the device cpu.",
        detail,
    )


def _quarter_side(side: int, halo: int) -> int:
    """Side of the overlapping quarters of a window; 0 where they would be no smaller."""
    step = math.gcd(side, _STEP)
    quarter = -(-(side // 2 + halo) // step) * step
    return quarter if halo and side % 2 == 0 and quarter < side else 0


def _release() -> None:
    """Give what PyTorch keeps for later back to the GPU; ONNX Runtime shares it."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
