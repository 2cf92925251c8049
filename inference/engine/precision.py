"""The number format that a network computes in: bf16 where it is right and faster, else float32.

``GEOFM_PRECISION`` says ``float32``, ``bfloat16`` or ``auto``. ``auto`` looks for bf16 units in the
device; where there are some, the model encodes one fixed batch in both formats and keeps bf16 only
if the answers agree and come sooner. What was measured is kept in the data folder: a stopwatch
never reads the same twice, but a job repeated on a machine must give the same bytes.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from ..errors import InvalidRequest
from ..places import data_home
from .base import F32

AUTO, FLOAT32, BFLOAT16 = "auto", "float32", "bfloat16"
VARIABLE = "GEOFM_PRECISION"
# Galileo reaches 0.9997 and 0.992 on its made-up batch, and the labels of a head on real scenes agree
# on 99.8 %. A broken kernel, or a model that bf16 is too coarse for, falls far below.
LEAST_COSINE = 0.999
LEAST_AGREEMENT = 0.98
# Less than this is not worth another format, and too near to what other programs' load makes of it.
LEAST_GAIN = 1.15
_ROUNDS = 5
_PROTOTYPES = 8
_KNOWN: dict[str, Check] = {}

Encode = Callable[[], F32]


@dataclass(frozen=True)
class Precision:
    """A number format and why it was chosen.

    Attributes:
        name: ``float32`` or ``bfloat16``.
        reason: one sentence.
    """

    name: str
    reason: str

    @property
    def facts(self) -> dict[str, str]:
        """For the answer."""
        return {"precision": self.name, "precision_reason": self.reason}

    @property
    def dtype(self) -> torch.dtype:
        return torch.bfloat16 if self.name == BFLOAT16 else torch.float32


@dataclass(frozen=True)
class Check:
    """What bf16 does to a model on a device.

    Attributes:
        cosine: mean cosine of the standardised features with those of float32.
        agreement: share of the vectors that keep their nearest of a few prototypes.
        gain: seconds in float32 over seconds in bf16.
    """

    cosine: float
    agreement: float
    gain: float

    @property
    def passed(self) -> bool:
        right = self.cosine >= LEAST_COSINE and self.agreement >= LEAST_AGREEMENT
        return right and self.gain >= LEAST_GAIN

    def __str__(self) -> str:
        return (
            f"{self.gain:.2f} times as fast as float32, "
            f"cosine {self.cosine:.5f}, label agreement {self.agreement:.2%}"
        )


def wanted_precision() -> str:
    """What ``GEOFM_PRECISION`` asks for, ``auto`` if nothing.

    Raises:
        InvalidRequest: for any other word.
    """
    asked = os.environ.get(VARIABLE, "").strip().lower() or AUTO
    if asked not in (AUTO, FLOAT32, BFLOAT16):
        known = f"Known are: {AUTO}, {FLOAT32}, {BFLOAT16}."
        raise InvalidRequest(f"Unknown precision {asked!r} in {VARIABLE}.", known)
    return asked


def bf16_units(device: str) -> str:
    """What computes bf16 in a torch device, empty if nothing does faster than float32."""
    if torch.device(device).type == "cuda":
        usable = torch.cuda.is_bf16_supported(including_emulation=False)
        return f"the bf16 units of {torch.cuda.get_device_name(device)}" if usable else ""
    able = torch.cpu.get_capabilities()
    names = {"amx_bf16": "AMX", "avx512_bf16": "AVX512-BF16"}
    return next((name for key, name in names.items() if able.get(key)), "")


def choose_precision(
    wanted: str,
    model: str,
    device: str,
    trial: Callable[[str], Encode],
    library: str = f"torch {torch.__version__}",
    scores: bool = False,
) -> Precision:
    """The format for a model on a device.

    Args:
        wanted: ``auto``, ``float32`` or ``bfloat16``; the latter two are obeyed.
        model: what tells these weights from all others: id and digest.
        device: for torch.
        trial: by format, what encodes one fixed batch in it: (batch, dim, rows, cols).
        library: what computes, with its version.
        scores: whether the answers are scores of classes, not features.
    """
    if wanted != AUTO:
        return Precision(wanted, f"{wanted} was asked for.")
    units = bf16_units(device)
    if not units:
        return Precision(FLOAT32, "float32: this device has no bf16 units.")
    check = _remembered(f"{model}|{units}|{_machine()}|{library}", trial, scores)
    if check.passed:
        return Precision(BFLOAT16, f"bf16 on {units}: {check}.")
    return Precision(FLOAT32, f"float32, because bf16 on {units} failed its check: {check}.")


def self_check(trial: Callable[[str], Encode], scores: bool = False) -> Check:
    """Compare the formats' answers to one batch and their times, taken in turns."""
    plain, low = trial(FLOAT32), trial(BFLOAT16)
    cosine, agreement = compare(plain(), low(), scores)
    seconds = [(_seconds(plain), _seconds(low)) for _ in range(_ROUNDS)]
    # The shortest of each: whatever else runs here can only add to it.
    return Check(cosine, agreement, min(s for s, _ in seconds) / min(s for _, s in seconds))


def compare(plain: F32, low: F32, scores: bool = False) -> tuple[float, float]:
    """Mean cosine, and share of equal labels, of two (batch, dim, rows, cols).

    Standardised as heads see them: a few large features must not vouch for all the others. The
    label of scores is the highest, that of features the nearest of some of the vectors themselves.
    """
    given = [np.moveaxis(f, 1, -1).reshape(-1, f.shape[1]).astype(np.float64) for f in (plain, low)]
    mean, spread = given[0].mean(axis=0), given[0].std(axis=0) + 1e-12
    first, second = ((vectors - mean) / spread for vectors in given)
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    cosine = (first * second).sum(axis=1) / np.maximum(lengths, 1e-12)
    if scores:
        labels = [vectors.argmax(axis=1) for vectors in given]
    else:
        prototypes = first[:: max(1, len(first) // _PROTOTYPES)]
        lengths = (prototypes**2).sum(axis=1)
        # |v - p|^2 without |v|^2, which is the same for every prototype.
        labels = [(lengths - 2 * vectors @ prototypes.T).argmin(axis=1) for vectors in (first, second)]
    return float(np.nan_to_num(cosine).mean()), float((labels[0] == labels[1]).mean())


def _seconds(encode: Encode) -> float:
    start = time.perf_counter()
    encode()
    return time.perf_counter() - start


def _machine() -> str:
    # Not the number of threads: as many or as few must give the same bytes.
    return str(torch.cpu.get_capabilities().get("cpu_name", platform.machine()))


def _remembered(key: str, trial: Callable[[str], Encode], scores: bool) -> Check:
    """The check of earlier, else one made now: in this process, and in the data folder for the next."""
    path = data_home() / "precision.json"
    if key not in _KNOWN:
        _KNOWN[key] = _read(path).get(key) or _keep(path, key, self_check(trial, scores))
    return _KNOWN[key]


def _read(path: Path) -> dict[str, Check]:
    try:
        return {key: Check(**facts) for key, facts in json.loads(path.read_text(encoding="utf-8")).items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        # Never written, or not by this version: measured anew.
        return {}


def _keep(path: Path, key: str, check: Check) -> Check:
    # Another engine may have measured meanwhile; the first to write is right.
    known = {key: check, **_read(path)}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps({k: asdict(v) for k, v in known.items()}, indent=1), encoding="utf-8")
    part.replace(path)
    return known[key]
