"""The Processing provider ``geofm``."""

from __future__ import annotations

from qgis.core import QgsApplication, QgsProcessingModelAlgorithm, QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .. import __version__
from .assess import Assess
from .base import TEACH
from .breaks import Breaks
from .change import Change
from .checkpoints import CheckPoints
from .classify import Classify
from .classifymany import ClassifyMany
from .cluster import Cluster
from .embed import Embed
from .proposeedits import ProposeEdits
from .refine import Refine
from .regress import Regress
from .reviewsamples import ReviewSamples
from .segment import Segment
from .segmentmany import SegmentMany
from .similarity import Similarity
from .suggestsamples import SuggestSamples
from .superresolve import Superresolve
from .text import ICONS, ROOT, help_page, help_url, tr
from .thresholdchange import ThresholdChange
from .trainclassifier import TrainClassifier

ALGORITHMS = (
    Segment,
    SegmentMany,
    Regress,
    Superresolve,
    Cluster,
    TrainClassifier,
    SuggestSamples,
    ReviewSamples,
    Classify,
    ClassifyMany,
    Refine,
    CheckPoints,
    Assess,
    Change,
    Breaks,
    ProposeEdits,
    ThresholdChange,
    Embed,
    Similarity,
)
MODELS = ROOT / "resources" / "processing"


class Provider(QgsProcessingProvider):
    """GeoFM's algorithms and the ready-made models that chain them."""

    def id(self) -> str:
        return "geofm"

    def name(self) -> str:
        return "GeoFM"

    def longName(self) -> str:
        return tr("GeoFM - foundation models for maps")

    def versionInfo(self) -> str:
        return __version__

    def icon(self) -> QIcon:
        return QIcon(self.svgIconPath())

    def svgIconPath(self) -> str:
        return str(ICONS / "geofm.svg")

    def supportsNonFileBasedOutput(self) -> bool:
        return False

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        return ["tif"]

    def supportedOutputVectorLayerExtensions(self) -> list[str]:
        return ["gpkg"]

    def loadAlgorithms(self) -> None:
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())
        # A model finds its steps through the registry, which knows ours only once it has us.
        if QgsApplication.processingRegistry().providerById(self.id()) is not None:
            self._load_models()

    def _load_models(self) -> None:
        for path in sorted(MODELS.glob("*.model3")):
            model = ReadyModel(path.stem)
            # A script without QGIS's native provider has no use for a model that needs it.
            if model.fromFile(str(path)):
                self.addAlgorithm(model)


class ReadyModel(QgsProcessingModelAlgorithm):
    """A model from resources/processing, under a stable id and among our own groups.

    Args:
        stem: name of its file, which is its id.
    """

    def __init__(self, stem: str) -> None:
        super().__init__()
        self._stem = stem

    def name(self) -> str:
        return self._stem

    def group(self) -> str:
        return TEACH.title()

    def groupId(self) -> str:
        return TEACH.id

    def shortHelpString(self) -> str:
        return help_page(self._stem)

    def helpUrl(self) -> str:
        return help_url(self._stem)

    def createInstance(self) -> ReadyModel:
        copy = ReadyModel(self._stem)
        copy.loadVariant(self.toVariant())
        return copy


def register() -> Provider:
    """Make the provider known to Processing, its models included; answers it."""
    provider = Provider()
    QgsApplication.processingRegistry().addProvider(provider)
    provider.refreshAlgorithms()
    # The registry owns the provider, but not its Python half, without which it has no algorithms.
    _REGISTERED.append(provider)
    return provider


def unregister(provider: Provider) -> None:
    """Take it away again."""
    QgsApplication.processingRegistry().removeProvider(provider)
    _REGISTERED.remove(provider)


_REGISTERED: list[Provider] = []
