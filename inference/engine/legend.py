"""What a class raster says that its values mean: names and colours.

Three places of a file may tell: an attribute table, names of categories, a colour table. The first
that names a value wins; a value that none of them names is called by its number.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..jobs import ClassInfo, RasterRef
from ..palette import class_colors
from .sources import Element, described_bands, open_source, used_bands

# GDAL's numbers for what a column of an attribute table holds (GFU_*).
_NAME, _MIN, _MIN_MAX, _RED, _GREEN, _BLUE = "2", "3", "5", "6", "7", "8"


class Legend:
    """Names and colours by value, as far as the file tells."""

    def __init__(self, names: dict[int, str], colors: dict[int, str]) -> None:
        self._names = names
        self._colors = colors

    @classmethod
    def read(cls, ref: RasterRef) -> Legend:
        """The legend of the first band in use.

        Raises:
            InvalidRequest, UnsupportedInput: if the raster cannot be opened.
        """
        with open_source(ref) as dataset:
            wanted = str(used_bands(dataset, ref)[0])
            band = next(one for one in described_bands(dataset) if one.get("band") == wanted)
        table = band.find("GDALRasterAttributeTable")
        names, colors = ({}, {}) if table is None else _from_table(table)
        for value, category in enumerate(band.findall("CategoryNames/Category")):
            if (category.text or "").strip():
                names.setdefault(value, str(category.text).strip())
        for value, entry in enumerate(band.findall("ColorTable/Entry")):
            red, green, blue, alpha = (int(entry.get(f"c{i}", "255")) for i in range(1, 5))
            if alpha:
                colors.setdefault(value, f"#{red:02x}{green:02x}{blue:02x}")
        return cls(names, colors)

    def classes(self, values: Iterable[int]) -> tuple[ClassInfo, ...]:
        """The classes of some values, in their order; no two have the same name."""
        ordered = sorted(set(values))
        plain = [self._names.get(value, str(value)) for value in ordered]
        names = [
            name if plain.count(name) == 1 else f"{name} ({value})"
            for name, value in zip(plain, ordered, strict=True)
        ]
        spare = class_colors(names)
        colors = [self._colors.get(value, other) for value, other in zip(ordered, spare, strict=True)]
        return tuple(ClassInfo(*one) for one in zip(ordered, names, colors, strict=True))

    @property
    def named(self) -> frozenset[int]:
        """The values that have a name."""
        return frozenset(self._names)


def map_name(ref: RasterRef) -> str:
    """What sentences call a raster."""
    return Path(ref.path).name or ref.path


def _from_table(table: Element) -> tuple[dict[int, str], dict[int, str]]:
    """Names and colours of an attribute table; empty where no column holds values."""
    columns = table.findall("FieldDefn")
    uses = {str(column.findtext("Usage")): place for place, column in reversed(list(enumerate(columns)))}
    titles = [str(column.findtext("Name")).lower() for column in columns]
    key = uses.get(_MIN_MAX, uses.get(_MIN, titles.index("value") if "value" in titles else None))
    names: dict[int, str] = {}
    colors: dict[int, str] = {}
    if key is None:
        return names, colors
    for row in table.findall("Row"):
        cells = [(cell.text or "").strip() for cell in row.findall("F")]
        try:
            value = int(float(cells[key]))
        except ValueError:
            continue  # a row for values that are no numbers is for nothing on the map
        if _NAME in uses and cells[uses[_NAME]]:
            names[value] = cells[uses[_NAME]]
        if {_RED, _GREEN, _BLUE} <= set(uses):
            parts = [int(float(cells[uses[use]])) for use in (_RED, _GREEN, _BLUE)]
            colors[value] = "#" + "".join(f"{part:02x}" for part in parts)
    return names, colors
