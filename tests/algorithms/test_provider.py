"""What Processing sees of the provider: algorithms, ready models, dialogs, words."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from configparser import ConfigParser
from typing import Any

import pytest
from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingModelAlgorithm
from qgis.gui import QgsBrowserGuiModel
from qgis.PyQt import sip
from qgis.PyQt.QtGui import QImage, QPainter
from qgis.PyQt.QtSvg import QSvgRenderer
from qgis.PyQt.QtWidgets import QComboBox

import geofm
from geofm.algorithms.provider import register, unregister
from geofm.algorithms.text import ICONS, ROOT, duration, to_html


def test_the_ready_model_is_there_under_a_stable_id(qgis_processing: Any, provider: Any) -> None:
    model = QgsApplication.processingRegistry().createAlgorithmById("geofm:landcover_from_samples")
    assert isinstance(model, QgsProcessingModelAlgorithm)
    assert model.displayName() == "Land cover from samples"
    assert model.id() == "geofm:landcover_from_samples"
    used = {child.algorithmId() for child in model.childAlgorithms().values()}
    assert used == {"geofm:trainclassifier", "geofm:classify", "native:aggregate"}
    assert model.validate() == (True, [])
    assert model.groupId() in {provider.algorithm("classify").groupId()}


def test_the_provider_comes_and_goes(qgis_app: Any) -> None:
    registry = QgsApplication.processingRegistry()
    for _ in range(3):
        registered = register()
        gc.collect()
        assert registry.createAlgorithmById("geofm:cluster").displayName() == "Group similar places"
        unregister(registered)
        assert registry.providerById("geofm") is None


def test_the_provider_survives_without_a_reference(qgis_app: Any) -> None:
    register()
    gc.collect()
    registry = QgsApplication.processingRegistry()
    assert registry.createAlgorithmById("geofm:cluster") is not None
    assert registry.createAlgorithmById("geofm:cluster") is not None
    unregister(registry.providerById("geofm"))


def test_only_formats_that_the_engine_writes_are_offered(provider: Any) -> None:
    assert provider.defaultRasterFileExtension() == "tif"
    assert provider.defaultVectorFileExtension(True) == "gpkg"
    assert not provider.supportsNonFileBasedOutput()


@pytest.mark.parametrize("name", ["geofm", "map", "teach", "change", "features"])
def test_icons_are_drawn_in_every_version_of_qt(qgis_app: Any, name: str) -> None:
    text = (ICONS / f"{name}.svg").read_text(encoding="utf-8")
    # QtSvg of Qt 5 ignores these without a word.
    assert not {"clipPath", "mask", "filter", "<style"} & set(text.replace("<", " <").split())
    image = QImage(24, 24, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(ICONS / f"{name}.svg")).render(painter)
    painter.end()
    drawn = sum(image.pixelColor(x, y).alpha() > 128 for x in range(24) for y in range(24))
    assert drawn > 100


def test_metadata_is_complete_and_agrees_with_the_package() -> None:
    parser = ConfigParser(interpolation=None)
    parser.read(ROOT / "metadata.txt", encoding="utf-8")
    general = parser["general"]
    for key in (
        "name", "qgisMinimumVersion", "qgisMaximumVersion", "description", "about", "version",
        "author", "email", "repository", "tracker", "homepage", "tags", "icon", "category",
        "hasProcessingProvider", "experimental", "changelog",
    ):
        assert general.get(key), key
    assert general["version"] == geofm.__version__
    assert general["qgisMinimumVersion"] == "3.22"
    assert (ROOT / general["icon"]).is_file()
    assert general["changelog"].startswith(geofm.__version__)


def test_help_becomes_html() -> None:
    page = to_html("One & two\nlines, **bold**.\n\n## Title\n- `a`: first\n  goes on\n- [b](http://b)\n\nEnd")
    assert page.split("\n") == [
        "<p>One &amp; two lines, <b>bold</b>.</p>",
        "<h3>Title</h3>",
        '<ul><li><code>a</code>: first goes on</li><li><a href="http://b">b</a></li></ul>',
        "<p>End</p>",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "less than 1 s"), (8.4, "8 s"), (130, "2 min 10 s"), (11100, "3 h 5 min")]
)
def test_times_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.fixture
def desktop(qgis_processing: Any, qgis_iface: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The part of QGIS's interface that Processing's dialogs want to be real."""
    model = QgsBrowserGuiModel()
    monkeypatch.setattr(qgis_iface, "browserModel", lambda: model)
    yield
    sip.delete(model)


def test_the_model_can_be_chosen_or_typed(desktop: None, provider: Any, qtbot: Any) -> None:
    from processing.gui.AlgorithmDialog import AlgorithmDialog

    dialog = AlgorithmDialog(provider.algorithm("cluster").create(), False, None)
    qtbot.addWidget(dialog)
    wrapper = dialog.mainWidget().wrappers["MODEL"]
    box = wrapper.wrappedWidget() if wrapper.wrappedWidget() else wrapper.widget
    assert isinstance(box, QComboBox)
    assert box.currentText() == "spectral-texture"
    assert {box.itemText(i) for i in range(box.count())} >= {"galileo-nano", "spectral-texture"}
    assert wrapper.parameterValue() == "spectral-texture"
    box.setEditText("/models/mine.onnx")
    assert wrapper.parameterValue() == "/models/mine.onnx"
    wrapper.setParameterValue("galileo-nano", QgsProcessingContext())
    assert box.currentText() == "galileo-nano"


def test_the_model_chooser_in_batch_and_in_the_model_designer(
    desktop: None, provider: Any, qtbot: Any
) -> None:
    from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog
    from processing.modeler.ModelerParametersDialog import ModelerParametersDialog

    algorithm = provider.algorithm("cluster")
    batch = BatchAlgorithmDialog(algorithm.create(), None)
    qtbot.addWidget(batch)
    row = [wrapper for wrapper in batch.mainWidget().wrappers[0] if wrapper]
    wrapper = next(w for w in row if w.parameterDefinition().name() == "MODEL")
    assert wrapper.parameterValue() == "spectral-texture"
    designer = ModelerParametersDialog(algorithm.create(), QgsProcessingModelAlgorithm())
    qtbot.addWidget(designer)
    step = designer.createAlgorithm()
    assert step.parameterSources()["MODEL"][0].staticValue() == "spectral-texture"
