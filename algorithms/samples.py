"""Features of QGIS, labelled places or an area -> the SampleRef of a job.

A layer that is a plain file is named; anything else (a selection, unsaved edits, a joined
field, a memory or database layer) is written to a GeoPackage beside the output, so that the
job file repeats the run later.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFeatureRequest,
    QgsFields,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProviderRegistry,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from ..inference.checking import DESIGN
from ..inference.errors import Cancelled, UnsupportedInput
from ..inference.jobs import SampleRef
from .text import tr

SAMPLES, AREA = "samples", "area"
# What layers of labels say of each beside its class (label_tables.py); a classifier keeps it.
_TOLD = ("uuid", "source", "date", "author", "split")


@dataclass(frozen=True)
class SampleSource:
    """Features as a job needs them.

    Attributes:
        ref: the file, or None if the features have to be written to one first.
        source: the features.
        field: attribute with the class, empty for unlabelled examples.
        role: what they are to the job, ``samples`` or ``area``.
        whole: whether a copy has all of their fields, and not the known ones alone.
    """

    ref: SampleRef | None
    source: QgsProcessingFeatureSource
    field: str
    role: str = SAMPLES
    whole: bool = False


def sample_source(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    name: str,
    field: str,
    context: QgsProcessingContext,
    role: str = SAMPLES,
) -> SampleSource:
    """Describe the features of the parameter ``name``. Call it in prepareAlgorithm.

    Raises:
        UnsupportedInput: if they cannot be read, are empty or lack the field.
    """
    source = algorithm.parameterAsSource(parameters, name, context)
    if source is None and role == AREA:
        raise UnsupportedInput(tr("The area cannot be read."), tr("Choose a layer of polygons."))
    if source is None:
        raise UnsupportedInput(
            tr("The samples cannot be read."), tr("Choose a layer of points or polygons.")
        )
    if source.featureCount() == 0:
        lacks = {
            AREA: tr("{} has no polygons to work in."),
            SAMPLES: tr("{} has no features."),
        }
        raise UnsupportedInput(
            lacks[role].format(source.sourceName()),
            tr("If only selected features are to be used, select some."),
        )
    if field and source.fields().indexFromName(field) < 0:
        known = ", ".join(source.fields().names())
        raise UnsupportedInput(
            tr("{} has no field {}.").format(source.sourceName(), field),
            tr("Its fields are: {}.").format(known),
        )
    return SampleSource(_file_ref(algorithm, parameters, name, field, context), source, field, role)


def materialise(samples: SampleSource, output: str, feedback: QgsProcessingFeedback) -> SampleRef:
    """The features' file; where they have none, ``<output>.samples.gpkg`` or ``.area.gpkg`` is written.

    Raises:
        UnsupportedInput: if the file cannot be written.
        Cancelled: if the user cancelled it.
    """
    if samples.ref is not None:
        return samples.ref
    path = f"{output}.{samples.role}.gpkg"
    source = samples.source
    names = [samples.field, *_TOLD, *DESIGN] if samples.field else []
    if samples.whole:
        names = source.fields().names()
    copied = [i for i in map(source.fields().indexFromName, dict.fromkeys(names)) if i >= 0]
    fields = QgsFields()
    for index in copied:
        fields.append(source.fields().at(index))
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", samples.role
    # A samples field may itself be called fid, as every GeoPackage has one.
    options.layerOptions = ["FID=geofm_fid"]
    writer = QgsVectorFileWriter.create(
        path, fields, source.wkbType(), source.sourceCrs(), QgsCoordinateTransformContext(), options
    )
    for feature in source.getFeatures(QgsFeatureRequest()):
        if feedback.isCanceled():
            del writer
            Path(path).unlink(missing_ok=True)
            raise Cancelled(tr("The run was cancelled."))
        written = QgsFeature(fields)
        written.setGeometry(feature.geometry())
        written.setAttributes([feature[index] for index in copied])
        writer.addFeature(written)
    trouble = writer.errorMessage()
    del writer
    if trouble:
        raise UnsupportedInput(tr("The features cannot be written to {}.").format(path), detail=trouble)
    return SampleRef(path, samples.role, samples.field)


def _file_ref(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    name: str,
    field: str,
    context: QgsProcessingContext,
) -> SampleRef | None:
    """The file behind the parameter, if it holds exactly the features that the user sees."""
    value = parameters.get(name)
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        narrowed = value.selectedFeaturesOnly or value.featureLimit != -1
        if narrowed or getattr(value, "filterExpression", ""):
            return None
        value = value.source
    layer = algorithm.parameterAsVectorLayer({name: value}, name, context)
    if not isinstance(layer, QgsVectorLayer) or layer.providerType() != "ogr" or layer.isModified():
        return None
    provider = layer.dataProvider()
    if layer.crs() != provider.crs() or (field and provider.fields().indexFromName(field) < 0):
        return None
    return _ogr_ref(layer, field)


def _ogr_ref(layer: QgsVectorLayer, field: str) -> SampleRef | None:
    parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
    path = str(parts.get("path") or "")
    by_number = parts.get("layerId") is not None and not parts.get("layerName")
    where = layer.subsetString()
    if by_number or parts.get("openOptions") or parts.get("vsiPrefix") or "geometryType" in parts:
        return None
    if not Path(path).is_file() or where.lstrip().upper().startswith("SELECT"):
        return None
    return SampleRef(os.path.abspath(path), str(parts.get("layerName") or ""), field, where)
