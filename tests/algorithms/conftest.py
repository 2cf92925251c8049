"""What the tests of the algorithms share: real layers, and jobs caught before they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt import sip

from geofm.algorithms import session
from geofm.algorithms.base import JobAlgorithm
from geofm.algorithms.provider import register, unregister
from geofm.inference.jobs import Job, Result


@pytest.fixture(scope="session")
def landsat_path(samples: Path) -> Path:
    return samples / "landsat7-two-dates" / "LE70220491999322EDC01_stack.gtif"


@pytest.fixture(scope="session")
def later_path(samples: Path) -> Path:
    return samples / "landsat7-two-dates" / "LE70220492002106EDC00_stack.gtif"


@pytest.fixture(scope="session")
def polygons_path(samples: Path) -> Path:
    return samples / "landsat7-two-dates" / "training_data.shp"


@pytest.fixture
def landsat(qgis_app: Any, landsat_path: Path) -> Iterator[QgsRasterLayer]:
    layer = QgsRasterLayer(str(landsat_path), "landsat")
    assert layer.isValid()
    yield layer
    # pytest keeps the last test's fixtures until after QGIS has ended, which is too late.
    sip.delete(layer)


@pytest.fixture
def polygons(qgis_app: Any, polygons_path: Path) -> Iterator[QgsVectorLayer]:
    layer = QgsVectorLayer(str(polygons_path), "polygons", "ogr")
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    yield layer
    QgsProject.instance().clear()


@pytest.fixture
def provider(qgis_app: Any) -> Iterator[Any]:
    """The provider, registered as the plugin does it."""
    registered = register()
    yield registered
    unregister(registered)


@pytest.fixture
def context(qgis_app: Any) -> Iterator[QgsProcessingContext]:
    made = QgsProcessingContext()
    made.setProject(QgsProject.instance())
    yield made
    sip.delete(made)


class Log(QgsProcessingFeedback):
    """Feedback that keeps what it was told."""

    def __init__(self) -> None:
        super().__init__(False)
        self.lines: list[str] = []

    def reportError(self, error: str, fatalError: bool = False) -> None:
        self.lines.append(error)

    def pushInfo(self, info: str) -> None:
        self.lines.append(info)

    def pushWarning(self, warning: str) -> None:
        self.lines.append(warning)

    def pushDebugInfo(self, info: str) -> None:
        self.lines.append(info)

    def setProgressText(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def job_of(
    provider: Any, context: QgsProcessingContext, log: Log, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Job]:
    """Run an algorithm up to the wire and answer the job that would have been sent."""
    sent: list[Job] = []

    def catch(job: Job, feedback: QgsProcessingFeedback) -> Result:
        sent.append(job)
        return Result(job.outputs(), "model", "cpu", "A test.", 1, 1.0)

    monkeypatch.setattr(session, "run", catch)

    def build(name: str, **values: Any) -> Job:
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"geofm:{name}")
        assert isinstance(algorithm, JobAlgorithm)
        fits, sentence = algorithm.checkParameterValues(values, context)
        if not fits:
            raise algorithm.failure or AssertionError(sentence)
        if algorithm.prepare(values, context, log):
            algorithm.runPrepared(values, context, log)
        if algorithm.failure:
            raise algorithm.failure
        return sent.pop()

    return build
