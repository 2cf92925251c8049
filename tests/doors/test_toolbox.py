"""The toolbox: processing.run as Processing's dialogs use it, with results loaded and styled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsSingleBandPseudoColorRenderer,
)

from geofm.algorithms.provider import register, unregister
from geofm.inference.client import close_shared_engine, shared_engine


@pytest.fixture
def toolbox(qgis_processing: Any, engine_python: Path) -> Iterator[Any]:
    import processing

    provider = register()
    yield processing
    QgsProject.instance().clear()
    close_shared_engine()
    unregister(provider)


def test_a_result_is_loaded_styled_and_says_how_it_was_made(
    toolbox: Any, landsat: Any, tmp_path: Path
) -> None:
    out = str(tmp_path / "alike.tif")
    values = {
        "INPUT": [str(landsat.scene)], "EXAMPLES": str(landsat.learn), "MODEL": "spectral-texture",
        "OUTPUT": out,
    }
    results = toolbox.runAndLoadResults("geofm:similarity", values)
    assert results["MODEL_USED"] == "spectral-texture"
    [layer] = QgsProject.instance().mapLayers().values()
    assert layer.name() == "Similarity"
    assert isinstance(layer.renderer(), QgsSingleBandPseudoColorRenderer)
    assert "spectral-texture" in layer.metadata().abstract()
    assert layer.dataProvider().extent() == _extent(landsat.scene)


def _extent(path: Path) -> Any:
    from qgis.core import QgsRasterLayer

    return QgsRasterLayer(str(path), "x").extent()


def test_cancel_ends_soon_leaves_nothing_and_keeps_the_engine(
    toolbox: Any, landsat: Any, tmp_path: Path
) -> None:
    class Impatient(QgsProcessingFeedback):
        """Cancels as soon as the work on the image has begun."""

        def setProgressText(self, text: str) -> None:
            if "Loading" not in text and "Starting" not in text:
                self.cancel()

    values = {
        "INPUT": [str(landsat.scene)], "MODEL": "galileo-nano", "CLASSES": 5,
        "OUTPUT": str(tmp_path / "c.tif"),
    }
    toolbox.run("geofm:cluster", {**values, "MODEL": "spectral-texture", "OUTPUT": "TEMPORARY_OUTPUT"})
    engine = shared_engine().pid
    with pytest.raises(QgsProcessingException):
        toolbox.run("geofm:cluster", values, feedback=Impatient())
    assert not list(tmp_path.iterdir())
    assert shared_engine().pid == engine
    assert toolbox.run("geofm:cluster", {**values, "MODEL": "spectral-texture"})["OUTPUT"]
