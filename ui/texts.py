"""Numbers as people read them."""

from __future__ import annotations


def grouped(number: int) -> str:
    """A whole number with thin spaces between the thousands, as ISO 80000 writes it."""
    return f"{number:,}".replace(",", "\u202f")
