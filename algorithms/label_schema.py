"""The tables of a new label file, and what of them every module knows."""

from __future__ import annotations

from pathlib import Path

from osgeo import gdal, ogr, osr
from qgis.core import QgsCoordinateReferenceSystem

from ..inference.errors import GeoFMError, UnsupportedInput
from .layers import crs_text
from .text import tr

POINTS, AREAS, CLASSES, STYLES = "label_points", "label_areas", "classes", "layer_styles"
TEXTS = ("source", "author", "split", "uuid")


def make_tables(path: str, crs: QgsCoordinateReferenceSystem) -> None:
    """Write a new file with empty tables.

    Raises:
        UnsupportedInput: if it cannot be written.
    """
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    gdal.ErrorReset()
    try:
        dataset = gdal.GetDriverByName("GPKG").Create(path, 0, 0, 0, gdal.GDT_Unknown)
        if dataset is None:
            raise RuntimeError(gdal.GetLastErrorMsg())
        reference = None
        if crs.isValid():
            reference = osr.SpatialReference()
            done(reference.SetFromUserInput(crs_text(crs)))
        for table, kind in ((POINTS, ogr.wkbPoint), (AREAS, ogr.wkbMultiPolygon)):
            _make_labels(dataset, table, kind, reference)
        classes = dataset.CreateLayer(CLASSES, None, ogr.wkbNone)
        for name, code in (("value", ogr.OFTInteger), ("name", ogr.OFTString), ("color", ogr.OFTString)):
            done(classes.CreateField(ogr.FieldDefn(name, code)))
        styles = dataset.CreateLayer(STYLES, None, ogr.wkbNone, ["FID=id"])
        for style_field in _style_fields():
            done(styles.CreateField(style_field))
        del classes, styles
        done(dataset.FlushCache() or 0)
    except RuntimeError as error:
        raise unwritable(path, str(error)) from error
    finally:
        dataset = None
        gdal.PopErrorHandler()


def unwritable(path: str, detail: str) -> GeoFMError:
    """No label file can be made there, in one sentence."""
    return UnsupportedInput(
        tr("No label file can be made in {}.").format(Path(path).parent),
        tr("Choose another folder."),
        detail,
    )


def _make_labels(
    dataset: gdal.Dataset, table: str, kind: int, reference: osr.SpatialReference | None
) -> None:
    layer = dataset.CreateLayer(table, reference, kind, ["GEOMETRY_NAME=geom"])
    for name, code in (
        ("class", ogr.OFTString),
        ("value", ogr.OFTInteger),
        ("date", ogr.OFTDate),
        *((text, ogr.OFTString) for text in TEXTS[:-1]),
        ("made", ogr.OFTDateTime),
        (TEXTS[-1], ogr.OFTString),
    ):
        done(layer.CreateField(ogr.FieldDefn(name, code)))
    del layer
    dataset.ExecuteSQL(f"CREATE INDEX {table}_uuid ON {table} (uuid)")


def _style_fields() -> list[ogr.FieldDefn]:
    """The table that QGIS reads default styles from, as its OGR provider makes it."""
    fields = []
    for name, width in (
        ("f_table_catalog", 256),
        ("f_table_schema", 256),
        ("f_table_name", 256),
        ("f_geometry_column", 256),
        ("styleName", 30),
        ("styleQML", 0),
        ("styleSLD", 0),
        ("useAsDefault", None),
        ("description", 0),
        ("owner", 30),
        ("ui", 30),
        ("update_time", None),
    ):
        made = ogr.FieldDefn(name, ogr.OFTString)
        if name == "useAsDefault":
            made = ogr.FieldDefn(name, ogr.OFTInteger)
            made.SetSubType(ogr.OFSTBoolean)
        elif name == "update_time":
            made = ogr.FieldDefn(name, ogr.OFTDateTime)
            made.SetDefault("CURRENT_TIMESTAMP")
        elif width:
            made.SetWidth(width)
        fields.append(made)
    return fields


def done(code: int) -> None:
    """Take an answer of OGR.

    Raises:
        RuntimeError: with GDAL's words if the call failed.
    """
    if code != ogr.OGRERR_NONE:
        raise RuntimeError(gdal.GetLastErrorMsg() or f"OGR error {code}")
