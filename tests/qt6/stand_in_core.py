"""As much of ``qgis.core`` as the panels ask for when they are built and shown, on PyQt6.

What is written out here behaves; every other class is a name alone: it can be imported, subclassed and asked
for its enums, and it fails loudly where something is expected of an object of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from osgeo import gdal, osr
from PyQt6.QtCore import QCoreApplication, QObject, QSettings, pyqtSignal

gdal.UseExceptions()


class Member:
    """A name within a class of QGIS: an enum, or one of its members."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._within: dict[str, Member] = {}

    def __getattr__(self, name: str) -> Member:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._within.setdefault(name, Member(f"{self.name}.{name}"))

    def __or__(self, other: Member) -> Member:
        return Member(f"{self.name} | {other.name}")

    def __repr__(self) -> str:
        return self.name


class Named(type):
    """A class that answers for whatever enum it is asked."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") or not name[:1].isupper():
            raise AttributeError(f"The stand-in of {cls.__name__} has no {name}.")
        found = Member(f"{cls.__name__}.{name}")
        setattr(cls, name, found)
        return found


class _Meta(Named, type(QObject)):  # type: ignore[misc]
    pass


class Qgis(metaclass=Named):
    QGIS_VERSION = "4.0.0-stand-in"
    QGIS_VERSION_INT = 40000


class QgsCsException(Exception):
    pass


class QgsProcessingException(Exception):
    pass


class QgsUnitTypes(metaclass=Named):
    @staticmethod
    def fromUnitToUnitFactor(source: object, target: object) -> float:
        return 1.0

    @staticmethod
    def toAbbreviatedString(unit: object) -> str:
        return "m"


class QgsSettings(QSettings):
    """Settings of one run, in memory as far as the tests see them."""

    _values: dict[str, Any] = {}

    def value(self, key: str, default: Any = None, **_: Any) -> Any:
        return self._values.get(key, default)

    def setValue(self, key: str, value: Any, *_: Any) -> None:
        self._values[key] = value

    def remove(self, key: str, *_: Any) -> None:
        for known in [name for name in self._values if name == key or name.startswith(f"{key}/")]:
            del self._values[known]


class QgsPointXY:
    def __init__(self, x: float = 0.0, y: float = 0.0) -> None:
        self._x, self._y = x, y

    def x(self) -> float:
        return self._x

    def y(self) -> float:
        return self._y


class QgsRectangle:
    def __init__(self, xmin: float = 0.0, ymin: float = 0.0, xmax: float = 0.0, ymax: float = 0.0) -> None:
        self._corners = (xmin, ymin, xmax, ymax)

    def xMinimum(self) -> float:
        return self._corners[0]

    def yMinimum(self) -> float:
        return self._corners[1]

    def xMaximum(self) -> float:
        return self._corners[2]

    def yMaximum(self) -> float:
        return self._corners[3]

    def width(self) -> float:
        return self._corners[2] - self._corners[0]

    def height(self) -> float:
        return self._corners[3] - self._corners[1]

    def area(self) -> float:
        return self.width() * self.height()

    def center(self) -> QgsPointXY:
        return QgsPointXY(self.xMinimum() + self.width() / 2, self.yMinimum() + self.height() / 2)

    def isEmpty(self) -> bool:
        return not self.area() > 0

    def isNull(self) -> bool:
        return self.isEmpty()

    def intersects(self, other: QgsRectangle) -> bool:
        return not self.intersect(other).isEmpty()

    def intersect(self, other: QgsRectangle) -> QgsRectangle:
        low = [max(pair) for pair in zip(self._corners[:2], other._corners[:2])]
        high = [min(pair) for pair in zip(self._corners[2:], other._corners[2:])]
        return QgsRectangle(*low, *high)


class QgsCoordinateReferenceSystem(metaclass=Named):
    def __init__(self, text: str = "") -> None:
        self._srs = osr.SpatialReference()
        self._valid = bool(text) and self._srs.SetFromUserInput(text) == 0

    @classmethod
    def fromWkt(cls, text: str) -> QgsCoordinateReferenceSystem:
        return cls(text)

    def isValid(self) -> bool:
        return self._valid

    def isGeographic(self) -> bool:
        return self._valid and bool(self._srs.IsGeographic())

    def authid(self) -> str:
        return f"{self._srs.GetAuthorityName(None)}:{self._srs.GetAuthorityCode(None)}" if self._valid else ""

    def toWkt(self, *_: object) -> str:
        return self._srs.ExportToWkt() if self._valid else ""

    def mapUnits(self) -> object:
        return QgsUnitTypes.DistanceUnit.DistanceMeters

    def __eq__(self, other: object) -> bool:
        return isinstance(other, QgsCoordinateReferenceSystem) and self.toWkt() == other.toWkt()

    __hash__ = None  # type: ignore[assignment]


class QgsCoordinateTransform(metaclass=Named):
    """Between systems that are one and the same: the tests show one scene."""

    def __init__(self, *_: object) -> None:
        pass

    def transformBoundingBox(self, box: QgsRectangle) -> QgsRectangle:
        return box

    transform = transformBoundingBox


class Timeless:
    """The temporal properties of a layer that has none."""

    def isActive(self) -> bool:
        return False


class QgsMapLayer(QObject, metaclass=_Meta):
    """A layer with its custom properties."""

    customPropertyChanged = pyqtSignal(str)
    nameChanged = pyqtSignal()
    willBeDeleted = pyqtSignal()
    rendererChanged = pyqtSignal()
    styleChanged = pyqtSignal()

    def __init__(self, path: str = "", name: str = "", provider: str = "") -> None:
        super().__init__()
        self._path, self._name = path, name
        self._properties: dict[str, Any] = {}

    def id(self) -> str:
        return f"{self._name}_{id(self)}"

    def name(self) -> str:
        return self._name

    def source(self) -> str:
        return self._path

    publicSource = source

    def isValid(self) -> bool:
        return os.path.exists(self._path)

    def customProperty(self, key: str, default: Any = None) -> Any:
        return self._properties.get(key, default)

    def setCustomProperty(self, key: str, value: Any) -> None:
        self._properties[key] = value
        self.customPropertyChanged.emit(key)

    def removeCustomProperty(self, key: str) -> None:
        self._properties.pop(key, None)
        self.customPropertyChanged.emit(key)

    def metadata(self) -> Any:
        raise NotImplementedError

    def temporalProperties(self) -> Timeless:
        return Timeless()


class _Provider:
    """A raster's file as QGIS's data provider tells of it."""

    def __init__(self, path: str) -> None:
        self._file = gdal.Open(path)

    def bandCount(self) -> int:
        return int(self._file.RasterCount)

    def generateBandName(self, number: int) -> str:
        title = self._file.GetRasterBand(number).GetDescription()
        return f"Band {number}" + (f": {title}" if title else "")

    def dataType(self, number: int) -> object:
        return getattr(Qgis.DataType, gdal.GetDataTypeName(self._file.GetRasterBand(number).DataType))

    def name(self) -> str:
        return "gdal"

    def sourceHasNoDataValue(self, number: int) -> bool:
        return self._file.GetRasterBand(number).GetNoDataValue() is not None

    def userNoDataValues(self, number: int) -> list[object]:
        return []


class QgsRasterLayer(QgsMapLayer):
    def __init__(self, path: str, name: str = "", provider: str = "gdal") -> None:
        super().__init__(path, name, provider)
        self._file = gdal.Open(path)
        self._provider = _Provider(path)

    def dataProvider(self) -> _Provider:
        return self._provider

    def providerType(self) -> str:
        return "gdal"

    def bandCount(self) -> int:
        return self._provider.bandCount()

    def width(self) -> int:
        return int(self._file.RasterXSize)

    def height(self) -> int:
        return int(self._file.RasterYSize)

    def rasterUnitsPerPixelX(self) -> float:
        return float(self._file.GetGeoTransform()[1])

    def rasterUnitsPerPixelY(self) -> float:
        return float(-self._file.GetGeoTransform()[5])

    def crs(self) -> QgsCoordinateReferenceSystem:
        return QgsCoordinateReferenceSystem(self._file.GetProjection())

    def extent(self) -> QgsRectangle:
        left, dx, _, top, _, dy = self._file.GetGeoTransform()
        return QgsRectangle(left, top + dy * self.height(), left + dx * self.width(), top)

    def renderer(self) -> None:
        return None


class QgsVectorLayer(QgsMapLayer):
    pass


class _Tree(QObject):
    """The root of the layer tree."""

    def __init__(self, project: QgsProject) -> None:
        super().__init__(project)
        self._project = project

    def layerOrder(self) -> list[QgsMapLayer]:
        return list(self._project.mapLayers().values())

    def children(self) -> list[object]:
        return []

    def findGroup(self, name: str) -> None:
        return None

    findLayer = findGroup


class QgsProject(QObject, metaclass=_Meta):
    layersAdded = pyqtSignal(list)
    layersRemoved = pyqtSignal(list)
    layersWillBeRemoved = pyqtSignal(list)
    legendLayersAdded = pyqtSignal(list)
    readProject = pyqtSignal(object)
    writeProject = pyqtSignal(object)
    cleared = pyqtSignal()
    crsChanged = pyqtSignal()
    _only: QgsProject | None = None

    def __init__(self) -> None:
        super().__init__()
        self._layers: dict[str, QgsMapLayer] = {}
        self._tree = _Tree(self)

    @classmethod
    def instance(cls) -> QgsProject:
        if cls._only is None:
            cls._only = cls()
        return cls._only

    def mapLayers(self) -> dict[str, QgsMapLayer]:
        return self._layers

    def mapLayer(self, layer_id: str) -> QgsMapLayer | None:
        return self._layers.get(layer_id)

    def addMapLayer(self, layer: QgsMapLayer, *_: object) -> QgsMapLayer:
        self._layers[layer.id()] = layer
        self.layersAdded.emit([layer])
        return layer

    def clear(self) -> None:
        gone = list(self._layers)
        self.layersWillBeRemoved.emit(gone)
        self._layers.clear()
        self.layersRemoved.emit(gone)
        self.cleared.emit()

    def layerTreeRoot(self) -> _Tree:
        return self._tree

    def crs(self) -> QgsCoordinateReferenceSystem:
        return QgsCoordinateReferenceSystem()

    def ellipsoid(self) -> str:
        return ""

    def transformContext(self) -> object:
        return object()

    def isDirty(self) -> bool:
        return False

    def setDirty(self, dirty: bool) -> None:
        pass

    def removeMapLayers(self, ids: list[str]) -> None:
        pass

    def absoluteFilePath(self) -> str:
        return ""


class QgsApplication(QCoreApplication, metaclass=_Meta):
    _manager: QgsTaskManager | None = None

    @staticmethod
    def locale() -> str:
        return "en"

    @classmethod
    def taskManager(cls) -> QgsTaskManager:
        if cls._manager is None:
            cls._manager = QgsTaskManager()
        return cls._manager

    @staticmethod
    def authManager() -> QgsAuthManager:
        return QgsAuthManager()

    @staticmethod
    def processingRegistry() -> QgsProcessingRegistry:
        return QgsProcessingRegistry()


class QgsProcessingRegistry:
    def algorithmById(self, name: str) -> None:
        return None

    createAlgorithmById = algorithmById


class QgsAuthManager:
    """A person without a master password."""

    def isDisabled(self) -> bool:
        return False

    def trustedCaCertsCache(self) -> list[object]:
        return []

    databaseCAs = extraFileCAs = trustedCaCertsCache

    def masterPasswordIsSet(self) -> bool:
        return False

    def existsAuthSetting(self, key: str) -> bool:
        return False


class QgsTaskManager(QObject):
    """Keeps tasks without running them: what the engine answers is not what is tested here."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[QgsTask] = []

    def addTask(self, task: QgsTask, *_: object) -> int:
        self.waiting.append(task)
        return len(self.waiting)


class QgsTask(QObject, metaclass=_Meta):
    taskCompleted = pyqtSignal()
    taskTerminated = pyqtSignal()
    progressChanged = pyqtSignal(float)

    def __init__(self, description: str = "", flags: object = None) -> None:
        super().__init__()

    def cancel(self) -> None:
        pass

    def isCanceled(self) -> bool:
        return False

    def waitForFinished(self, patience: int = 0) -> bool:
        return True


class QgsProcessingFeedback(QObject, metaclass=_Meta):
    progressChanged = pyqtSignal(float)

    def __init__(self, log: bool = True) -> None:
        super().__init__()


def named(name: str) -> type:
    """A class of QGIS that is a name alone, as an import finds it."""
    return Named(name, (), {"__module__": "qgis.core"})


def members() -> Iterator[tuple[str, Any]]:
    """All that is written out here, by name."""
    for name, value in globals().items():
        if name.startswith("Qgs") or name == "Qgis":
            yield name, value

