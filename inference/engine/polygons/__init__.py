"""Polygons of a class raster: 4-connected areas with class, name, area and mean confidence.

A raster is read once, strip by strip, whatever its size. What is known of an area (its ground, its
means, the edges of its outline) is collected until its last row was read; then it is written and
forgotten. So the cost grows with the pixels, and memory with a strip, with the areas that cross its
lower border and with the largest of them. Only ``simplify`` needs all polygons at once.
"""

from .fields import AreaFields, Majority
from .polygonize import polygonize

__all__ = ["AreaFields", "Majority", "polygonize"]
