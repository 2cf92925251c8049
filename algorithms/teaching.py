"""Teaching from a script: labels go in, maps come out, at once; see :class:`LiveClassifier`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QCoreApplication

from ..inference.errors import Internal, InvalidRequest, UnsupportedInput
from ..inference.jobs import ClassInfo, Result
from ..inference.teaching import (
    Box,
    Check,
    Encoded,
    Label,
    Labelled,
    Opened,
    Review,
    Suggestion,
    Teaching,
)
from . import export, label_layer, label_sources, session
from .calls import Layer, Layers, Results, Wanted, chosen, inputs, require_qgis, run
from .label_tables import Drawn, nobody, with_class
from .layers import Stated, raster_source, with_stated
from .script_places import Extent, Place, box_of, geometry_of, named
from .styles import Role, style
from .text import tr
from .waiting import Told, waited

_Answer = TypeVar("_Answer")

# What may be said beside the arguments; the rest of Options is about files that are written.
_STACK = ("resolution", "extent", "bands", "scale", "offset", "date")
_EVERYWHERE = ("device", "grid", "progress", "cancelled")
_SLICE_MS = 500
# Without an overview of the whole a preview is as large as a screen.
_SCREEN = (1000, 800)


class LiveClassifier:
    """A classifier under teaching: labels come one by one, and every answer takes all of them into account.

    Slow once, when the model gets to know the image; then as fast as the dock's page Teach. It works in
    QGIS's console, in a stand-alone script and in a QgsTask, in one thread at a time; as a context manager
    it lets go of its memory and files at the end.

    Args:
        layers: one or many rasters of the same place, layers or paths.
        model: whose features are used; not looked at with a classifier.
        classifier: a ``*.geofm`` to go on teaching: it brings model, classes and samples.
        method: of the head; empty for the classifier's, or the default.
        seed: of everything random.
        options: ``device``, ``grid``, ``resolution``, ``extent``, ``bands``, ``scale``, ``offset``, ``date``,
            ``progress`` and ``cancelled`` as :class:`~.calls.Options` has them; ``extent`` (a
            QgsReferencedRectangle) says how much of a web map is copied.

    Raises:
        GeoFMError: see geofm.inference.errors.

    Attributes:
        opened: what is taught on: model, grid, coordinate system, warnings.
    """

    opened: Opened

    def __init__(
        self,
        layers: Layers,
        model: str = "spectral-texture",
        *,
        classifier: str | os.PathLike[str] | None = None,
        method: str = "",
        seed: int = 0,
        **options: Any,
    ) -> None:
        require_qgis()
        trouble = session.trouble()
        if trouble is not None:
            raise trouble
        self._options = chosen(options, (*_EVERYWHERE, *_STACK))
        self._layers = inputs(layers)
        self._folder = TemporaryDirectory(prefix="geofm-", dir=QgsProcessingUtils.tempFolder())
        self._sent: dict[str, Label] = {}
        self._saved = ""
        try:
            self._teaching = Teaching(
                session.engine(),
                self._rasters(),
                "" if classifier is not None else model,
                classifier="" if classifier is None else os.path.abspath(os.fspath(classifier)),
                method=method,
                grid=self._options.grid,
                device=self._options.device,
                seed=seed,
            )
            self.opened = self._wait(self._teaching.start)
            crs = QgsCoordinateReferenceSystem.fromWkt(self.opened.crs)
            self._file = label_layer.create(self._path("labels.gpkg"), crs, self.opened.classes)
        except BaseException:
            self._folder.cleanup()
            raise

    def __enter__(self) -> LiveClassifier:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    @property
    def classes(self) -> tuple[ClassInfo, ...]:
        """All classes, by value."""
        return self._file.classes()

    def add_class(self, name: str, color: str = "", value: int = 0) -> ClassInfo:
        """A class, made where there is none of that name.

        Args:
            color: ``#rrggbb``, empty to choose one that suits the name.
            value: in maps, 1 to 254; 0 for the lowest that is free.
        """
        classes = list(self.classes)
        known = {info.name: info for info in classes}
        if name not in known:
            known[name] = with_class(classes, name, value, color)
            self._file.set_classes(classes)
        return known[name]

    def add(
        self,
        what: Place | Layer,
        class_name: str = "",
        *,
        field: str = "",
        crs: str = "",
        date: str = "",
        author: str = "",
    ) -> tuple[str, ...]:
        """Label places; the ids of the labels, which :meth:`remove` takes.

        The same place given again with another class is a correction.

        Args:
            what: a QgsGeometry, a QgsPointXY or (x, y), a polygon or point of one class; or a layer or the
                path of a vector file, of which every feature is a label; or a file of labels that the page
                Teach or the label library keeps.
            class_name: of the place, or of all features of a layer without a ``field``.
            field: of a layer, holds the class.
            crs: of a place, ``EPSG:n`` or WKT; empty for that of the image.
            date, author: ISO date of the image that it is true of, and who says so, as far as known.

        Raises:
            GeoFMError: if it cannot be read, or no class is said.
        """
        if isinstance(what, (str, os.PathLike, QgsVectorLayer)):
            found = self._of_layer(what, class_name, field, date)
        elif not class_name:
            raise InvalidRequest(tr("The label has no class."), tr("Say it: add(place, \"water\")."))
        else:
            there = _crs(crs) if crs else self._file.crs
            info = self.add_class(class_name)
            shape = label_layer.moved(geometry_of(what), label_layer.way(there, self._file.crs))
            if shape is None or shape.isEmpty():
                raise UnsupportedInput(tr("The place cannot be brought into the image's coordinate system."))
            found = [named(label_layer.draw(info.value, shape, date=date, author=author))]
        self._file.write(found)
        self._saved = ""
        return tuple(one.uuid for one in found)

    def remove(self, ids: str | Iterable[str]) -> None:
        """Take labels away; ids that are not there do nothing."""
        self._file.write(remove=[ids] if isinstance(ids, str) else list(ids))
        self._saved = ""

    def fit(self) -> Labelled:
        """Have the features of all labels computed, which everything else would do when it is asked.

        Returns:
            how much there is of each class, and notes on labels that do not count.

        Raises:
            UnsupportedInput: with labels of fewer than two classes.
        """
        told = self._send()
        x, _, _, y = self.opened.extent
        # Off the image, where there is nothing to see: the labels' own surroundings alone are encoded.
        aside = x - 2, y + 1, x - 1, y + 2
        while told.waiting:
            done: Encoded = self._wait(lambda _: self._teaching.encode(aside, _SLICE_MS))
            told = replace(told, waiting=done.waiting)
        told = self._send()
        if sum(count.labels > 0 for count in told.counts) < 2:
            raise UnsupportedInput(
                tr("The labels show fewer than two classes."), " ".join(told.notes) or tr("Add more.")
            )
        return told

    def preview(
        self,
        extent: Extent | None = None,
        size: tuple[int, int] = _SCREEN,
        *,
        path: str | os.PathLike[str] = "",
        load: bool = True,
        least_confidence: float = 0.0,
        novelty: bool = False,
    ) -> QgsRasterLayer | str:
        """A map of an extent at a screen's resolution, never finer than the image.

        Args:
            extent: a QgsRectangle or (xmin, ymin, xmax, ymax) in the image's CRS; None for all of it.
            size: columns and rows of the screen.
            path: of the GeoTIFF (class, confidence in percent, unlike anything labelled), empty for a
                temporary one that goes when QGIS ends.
            load: whether to answer a loaded, styled layer (the default) or the path.
            least_confidence: a pixel less sure than this (0 to 1) gets no class.
            novelty: whether what is unlike anything labelled is marked in the third band.

        Raises:
            UnsupportedInput: where there is nothing to show yet; the sentence says why.
        """
        self._send()
        box = self._encoded(extent)
        target = os.path.abspath(os.fspath(path)) if path else _temporary("preview.tif")
        made = self._wait(
            lambda _: self._teaching.preview(
                box, *size, target, least_confidence=least_confidence, novelty=novelty
            )
        )
        if not made.path:
            raise UnsupportedInput(made.reason or tr("There is nothing to show yet."))
        return self._loaded(made.path, made.reason) if load else made.path

    def suggest(self, count: int = 10, extent: Extent | None = None) -> tuple[Suggestion, ...]:
        """Places whose label would help most, the best first; of an extent, or of the whole image."""
        self._send()
        box = self._encoded(extent)
        return self._wait(lambda _: self._teaching.suggest(count, box))

    def review(self) -> Review:
        """Labels that are likely mistakes, the most doubtful first, and the balance of classes."""
        self.fit()
        return self._wait(lambda _: self._teaching.review())

    def check(self) -> Check:
        """How right maps will be: whole labels are left out in turn and predicted from the others."""
        self.fit()
        return self._wait(self._teaching.check)

    def helped(self) -> tuple[str, ...]:
        """What each of several layers is good for, a sentence each: how right maps are without it."""
        self.fit()
        return self._wait(self._teaching.helped)

    def save(self, path: str | os.PathLike[str], title: str = "") -> str:
        """Fit with the full method on all labels and write a classifier file; its path."""
        self._send()
        target = os.path.abspath(os.fspath(path))
        self._saved = str(self._wait(lambda told: self._teaching.save(target, title, told)).path)
        return self._saved

    def classify(
        self,
        layers: Layers | None = None,
        *,
        confidence: Wanted = False,
        polygons: Wanted = False,
        **options: Any,
    ) -> Results:
        """Map layers whole, those that are taught on or others; options as of :func:`geofm.api.classify`."""
        classifier = self._saved or self.save(self._path("taught.geofm"))
        own = {"INPUT": self._layers if layers is None else inputs(layers), "CLASSIFIER": classifier}
        names = (*_EVERYWHERE, *_STACK) if layers is None else _EVERYWHERE
        said = {name: getattr(self._options, name) for name in names}
        wanted = {"CONFIDENCE": confidence, "POLYGONS": polygons}
        return run("classify", own, wanted, {**said, **options})

    def close(self) -> None:
        """Let go of memory and temporary files; closing twice does nothing."""
        self._teaching.close()
        self._folder.cleanup()

    def _rasters(self) -> list[Any]:
        """The layers as the engine reads them; those that are no files are copied."""
        said = self._options
        stated = Stated(said.bands, said.scale, said.offset, said.date)
        sources = with_stated([raster_source(_raster(layer)) for layer in self._layers], stated)
        reach = said.extent if isinstance(said.extent, QgsReferencedRectangle) else None
        wish = export.Wish(reach, said.resolution, sources)
        return [
            export.materialise(source, wish, self._folder.name, QgsProcessingFeedback()) for source in sources
        ]

    def _of_layer(self, what: Layer, class_name: str, field: str, date: str) -> list[Drawn]:
        """The features of a layer, a vector file or a file of labels."""
        layer = what if isinstance(what, QgsVectorLayer) else None
        if layer is None and not field and not class_name:
            library = label_layer.LabelFile(os.fspath(what))
            for info in library.classes():
                self.add_class(info.name, info.color, info.value)
            scene = QgsRectangle(*self.opened.extent)
            gathered = label_sources.library_gatherer(library, self._file, scene)(nobody)
            self._file.set_classes(gathered.classes)
            return list(gathered.labels)
        layer = layer or QgsVectorLayer(os.fspath(what), Path(os.fspath(what)).stem, "ogr")
        if not layer.isValid():
            raise UnsupportedInput(tr("{} cannot be opened as a vector layer.").format(layer.name()))
        if field:
            gathered = label_sources.layer_gatherer(layer, field, self._file, date=date)(nobody)
            self._file.set_classes(gathered.classes)
            return [named(one) for one in gathered.labels]
        if not class_name:
            raise InvalidRequest(
                tr("The layer {} says no class.").format(layer.name()),
                tr("Name the field that holds it, or the class of all its features."),
            )
        info = self.add_class(class_name)
        there = label_layer.way(layer.crs(), self._file.crs)
        shapes = (label_layer.moved(feature.geometry(), there) for feature in layer.getFeatures())
        good = (shape for shape in shapes if shape is not None and not shape.isEmpty())
        return [named(label_layer.draw(info.value, shape, date=date)) for shape in good]

    def _send(self) -> Labelled:
        """Tell the engine what changed since it was told last."""
        labels = {one.id: one for one in self._file.read()}
        changed = [one for name, one in labels.items() if self._sent.get(name) != one]
        gone = [name for name in self._sent if name not in labels]
        told = self._wait(lambda _: self._teaching.label(self.classes, changed, gone))
        self._sent = labels
        return told

    def _encoded(self, extent: Extent | None) -> Box:
        """The extent in numbers, once its features are there."""
        box = self.opened.extent if extent is None else box_of(extent)
        while True:
            done: Encoded = self._wait(lambda _: self._teaching.encode(box, _SLICE_MS))
            if self._options.progress is not None and done.visible_total:
                percent = 100.0 * done.visible_done / done.visible_total
                self._options.progress(percent, session.stage_title("encode"))
            if done.visible_done >= done.visible_total:
                return box

    def _wait(self, work: Callable[[Told], _Answer]) -> _Answer:
        return waited(work, self._options, self._teaching.cancel)

    def _loaded(self, path: str, reason: str) -> QgsRasterLayer:
        layer = QgsRasterLayer(path, tr("Preview"))
        if not layer.isValid():
            raise Internal(tr("The result {} cannot be opened.").format(path))
        notes = (reason,) if reason else ()
        result = Result({"OUTPUT": path}, self.opened.model, "", "", 0, 0.0, self.classes, notes)
        style(layer, Role.CLASSES, result)
        # From a QgsTask: the layer is for the main thread, where projects live.
        layer.moveToThread(QCoreApplication.instance().thread())
        return layer

    def _path(self, name: str) -> str:
        return os.path.join(self._folder.name, name)


def _raster(layer: Any) -> Any:
    """A loaded layer of what names one."""
    return QgsRasterLayer(layer, Path(layer).stem) if isinstance(layer, str) else layer


def _temporary(name: str) -> str:
    """A path in a folder of its own, which QGIS removes when it ends."""
    return str(QgsProcessingUtils.generateTempFilename(name))


def _crs(text: str) -> QgsCoordinateReferenceSystem:
    found = QgsCoordinateReferenceSystem(text)
    if not found.isValid():
        raise InvalidRequest(
            tr("{} is no coordinate system that QGIS knows.").format(text), tr("Give EPSG:n or WKT.")
        )
    return found
