"""Codes of positions, places and times."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

from ..base import Scene


def sincos(positions: Tensor, frequencies: Tensor) -> Tensor:
    """Sine then cosine code of positions: (n,) and (d / 2,) give (n, d)."""
    angles = positions[:, None] * frequencies[None, :]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def grid_code(rows: Tensor, cols: Tensor, dim: int) -> Tensor:
    """The sine-cosine code of a grid as masked autoencoders use it: the column's half, then the row's.

    He et al. 2022, "Masked Autoencoders Are Scalable Vision Learners" (arXiv:2111.06377).

    Args:
        rows, cols: positions along each axis, (rows,) and (cols,), in patches or scaled by ground distance.
        dim: a multiple of 4.

    Returns:
        (rows, cols, dim) float32.
    """
    quarter = dim // 4
    # In double precision, as the authors' NumPy has it; large positions lose digits otherwise.
    frequencies = 10000.0 ** -(torch.arange(quarter, dtype=torch.float64) / quarter)
    x = sincos(cols.double(), frequencies)
    y = sincos(rows.double(), frequencies)
    shape = (len(rows), len(cols), dim // 2)
    return torch.cat([x[None].expand(shape), y[:, None].expand(shape)], dim=-1).float()


def slow_code(positions: Tensor, dim: int) -> Tensor:
    """Sine then cosine code whose frequencies fall to a tenth only, (n,) to (n, dim).

    The exponent runs to 1/4, not to 1: Galileo and OlmoEarth were trained with this spacing.
    """
    half = torch.arange(dim // 2, device=positions.device)
    return sincos(positions, 10000.0 ** -(half / dim / 2.0))


def slow_grid_code(rows: int, cols: int, step: float, dim: int, device: torch.device) -> Tensor:
    """:func:`slow_code` of a grid's places ``step`` apart, columns first: (rows, cols, dim)."""
    x = slow_code(torch.arange(cols, device=device) * step, dim // 2)
    y = slow_code(torch.arange(rows, device=device) * step, dim // 2)
    return torch.cat([x[None].expand(rows, -1, -1), y[:, None].expand(-1, cols, -1)], dim=-1)


def resize_table(
    table: Tensor,
    rows: int,
    cols: int,
    *,
    mode: str = "bicubic",
    align: bool = False,
    antialias: bool = False,
) -> Tensor:
    """A learned table of positions of a square grid brought to another grid.

    Args:
        table: (1, side * side, dim), without class tokens.
        mode, align, antialias: of :func:`torch.nn.functional.interpolate`; each family has its own.

    Returns:
        (1, rows * cols, dim).
    """
    side = math.isqrt(table.shape[1])
    if (side, side) == (rows, cols):
        return table
    grid = table.reshape(1, side, side, -1).permute(0, 3, 1, 2)
    # A mode without corners to align must not be told of any.
    corners = align if mode in ("bilinear", "bicubic") else None
    resized = F.interpolate(grid, (rows, cols), mode=mode, align_corners=corners, antialias=antialias)
    return resized.permute(0, 2, 3, 1).reshape(1, rows * cols, -1)


def unit_vector(lon: float, lat: float) -> tuple[float, float, float]:
    """The direction of a place, in degrees, from the centre of the earth."""
    east, north = math.radians(lon), math.radians(lat)
    return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)


def month_of(scene: Scene) -> int:
    """The scene's month, else midsummer where it lies: July, in the southern hemisphere January."""
    if scene.date is not None:
        return scene.date.month - 1
    return 0 if scene.lonlat is not None and scene.lonlat[1] < 0 else 6
