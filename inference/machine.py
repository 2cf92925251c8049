"""How much memory a model needs, and how much this machine has. Standard library alone."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path

from .cards import Card
from .fields import is_number

# The engine's process with its libraries before any model is loaded (docs/benchmarks.md, Memory and
# the raster's size); on a GPU, CUDA and its libraries take as much.
ENGINE = 600_000_000
_FLOAT32 = 4
# A U-Net keeps 64 maps of the window's size at its first level (Ronneberger et al. 2015, figure 1), and
# about six sets of them at once: two on the way down, the kept one, the joined pair, the answer.
_MAPS = 64 * 6
_DIM = ("embedding_size", "embed_dim", "hidden_size", "dim")
_DEPTH = ("depth", "num_hidden_layers", "num_layers")
_HEADS = ("num_heads", "num_attention_heads", "heads")
_RATIO = ("mlp_ratio",)
# What is beyond these is no model but a broken card.
_MOST_PARAMETERS, _LARGEST_SIDE = 10**13, 1 << 16
# Where groups limit the memory of what runs in them: version 2, version 1.
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def memory_needed(card: Card) -> int:
    """Bytes a device needs to run a card's model on one window; an estimate from the card alone.

    The engine, the weights in float32 and what the widest layer keeps:

    - ``mlm:memory_size``, where the card states what was measured, stands for weights and layers.
    - Weights: ``mlm:total_parameters``, else the blocks of the transformer that ``mlm:hyperparameters``
      describe, ``4 d^2`` for attention and ``2 r d^2`` for the perceptron in each (Vaswani et al. 2017),
      else the largest of its files.
    - Layers of a transformer: ``max(6, 2 + 2 r) d`` numbers a token (what goes in, queries, keys, values and
      what comes out; or the perceptron's hidden layer), and the attention of every token to every other in
      every head. Tokens: window by stride, squared, for each date that it cannot do without.
    - Layers of any other network: those of a U-Net.
    """
    props = card.raw["properties"]
    stated = props.get("mlm:memory_size")
    if is_number(stated) and 0 < stated < _MOST_PARAMETERS:
        return ENGINE + int(stated)
    shape = _transformer(card)
    if shape is not None:
        return ENGINE + weights_size(card) + shape.layers(card)
    maps = _MAPS * min(card.window, _LARGEST_SIDE) ** 2 * _FLOAT32 if card.assets else 0
    return ENGINE + weights_size(card) + maps


def weights_size(card: Card) -> int:
    """Bytes of a card's weights in float32, as :func:`memory_needed` counts them."""
    total = card.raw["properties"].get("mlm:total_parameters")
    if is_number(total) and 0 < total < _MOST_PARAMETERS:
        return int(total) * _FLOAT32
    shape = _transformer(card)
    # Published files may hold decoders and teachers that are never loaded.
    if shape is not None:
        return shape.parameters * _FLOAT32
    return max((asset.size or 0 for asset in card.assets), default=0)


@dataclass(frozen=True)
class _Transformer:
    dim: float
    depth: float
    heads: float
    ratio: float

    @property
    def parameters(self) -> int:
        return int((4 + 2 * self.ratio) * self.dim**2 * self.depth)

    def layers(self, card: Card) -> int:
        side = max(1, min(card.window, _LARGEST_SIDE) // card.stride)
        tokens = side**2 * min(card.dates[0], _LARGEST_SIDE)
        numbers = max(6.0, 2 + 2 * self.ratio) * self.dim * tokens + self.heads * tokens**2
        return int(numbers) * _FLOAT32


def _transformer(card: Card) -> _Transformer | None:
    """The encoder of a card that states its width and depth; the other sizes are those of a ViT."""
    facts = card.raw["properties"].get("mlm:hyperparameters")
    if not isinstance(facts, dict):
        return None
    dim, depth, heads, ratio = (
        next((facts[name] for name in names if is_number(facts.get(name)) and 0 < facts[name] < 1e5), 0)
        for names in (_DIM, _DEPTH, _HEADS, _RATIO)
    )
    return _Transformer(dim, depth, heads or max(1, dim / 64), ratio or 4) if dim and depth else None


def machine_memory() -> int | None:
    """Bytes of memory that a process on this machine can have, None where the system does not say."""
    found = [size for size in (_installed(), _allowed()) if size]
    return min(found) if found else None


def _installed() -> int | None:
    if os.name == "nt":
        return _windows_memory()
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    # A system that does not know one of the two names.
    except (OSError, ValueError):
        return None


def _allowed() -> int | None:
    """What a container or a batch system leaves to this process."""
    for path in _LIMITS:
        try:
            text = Path(path).read_text(encoding="ascii").strip()
        # No such groups on this system.
        except OSError:
            continue
        return int(text) if text.isdigit() else None
    return None


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API."""

    _fields_ = (
        ("length", ctypes.c_ulong),
        ("load", ctypes.c_ulong),
        *((name, ctypes.c_ulonglong) for name in ("total", "free", "pages", "free_pages")),
        *((name, ctypes.c_ulonglong) for name in ("space", "free_space", "extended")),
    )


def _windows_memory() -> int | None:
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    answered = getattr(ctypes, "windll").kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # noqa: B009
    return int(status.total) if answered else None
