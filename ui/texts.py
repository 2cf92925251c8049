"""Numbers as people read them."""

from __future__ import annotations


def size(count: float) -> str:
    """A number of bytes: ``640 kB``, ``19 MB``, ``1.2 GB``."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            value = count / factor
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return f"{count:.0f} B"


def grouped(number: int) -> str:
    """A whole number with thin spaces between the thousands, as ISO 80000 writes it."""
    return f"{number:,}".replace(",", "\u202f")
