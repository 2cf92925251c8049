"""The page Map: what is here?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qgis.core import QgsMapLayerProxyModel, QgsRasterLayer
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QLabel, QPushButton, QSpinBox, QWidget

from ..algorithms.text import tr
from ..inference.errors import present
from ..inference.jobs import Task
from ..inference.labels import date_in
from ..inference.recommend import LayerFacts
from . import layers as layer_notes
from .desk import Desk
from .knowledge_panel import KnowledgePanel
from .layer_combo import layer_combo
from .model_choice import ModelChoice
from .requests import TEMPORARY, LayerRef, Request, Step
from .task_page import SaveFolder, TaskPage, inside, layer_refs, options_box
from .widgets import column, form, muted, narrow_combo, noted, select


@dataclass(frozen=True)
class MapTask:
    """One thing the page can do.

    Attributes:
        task: its job.
        title: as the list shows it.
        noun: what the result is called.
        sentence: what it does.
        uncertain: whether it answers with confidence and polygons.
    """

    task: Task
    title: Callable[[], str]
    noun: Callable[[], str]
    sentence: Callable[[], str]
    uncertain: bool = False

    @property
    def algorithm(self) -> str:
        return f"geofm:{self.task.value}"


MAP_TASKS = (
    MapTask(
        Task.CLASSIFY,
        lambda: tr("Classify as taught"),
        lambda: tr("Classes"),
        lambda: tr("Maps the classes of a classifier that was taught from samples."),
        uncertain=True,
    ),
    MapTask(
        Task.SEGMENT,
        lambda: tr("Map with a ready model"),
        lambda: tr("Map"),
        lambda: tr("Maps what a complete network was trained for, as clouds and their shadows."),
        uncertain=True,
    ),
    MapTask(
        Task.REGRESS,
        lambda: tr("Measure with a ready model"),
        lambda: tr("Values"),
        lambda: tr("Maps numbers that a complete network was trained for, as heights or shares of cover."),
    ),
    MapTask(
        Task.SUPERRESOLVE,
        lambda: tr("Refine pixels"),
        lambda: tr("Finer image"),
        lambda: tr("Draws the image with smaller pixels, by a super-resolution network."),
    ),
    MapTask(
        Task.CLUSTER,
        lambda: tr("Group what looks alike"),
        lambda: tr("Groups"),
        lambda: tr("Divides the image into groups, without any labels."),
    ),
    MapTask(
        Task.SIMILARITY,
        lambda: tr("Find places like these"),
        lambda: tr("Similarity"),
        lambda: tr("Maps how much each place looks like your examples."),
    ),
    MapTask(
        Task.EMBED,
        lambda: tr("Make features for other tools"),
        lambda: tr("Features"),
        lambda: tr("Writes what the model sees as a raster of many bands."),
    ),
)


class MapPage(TaskPage):
    """Task, model with its reason, extent; the rest behind Options."""

    teach_wanted = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.task = narrow_combo(QComboBox())
        for item in MAP_TASKS:
            self.task.addItem(item.title(), item.task.value)
        self.task.setToolTip(tr("What to make of the layers"))
        select(self.task, desk.settings.text("map/task"), Task.CLUSTER.value)
        self.about = muted()
        self.model = ModelChoice(desk)
        self.groups = QSpinBox()
        self.groups.setRange(2, 50)
        self.groups.setValue(int(desk.settings.number("map/groups", 8)))
        self.groups.setToolTip(tr("How many groups to divide the image into"))
        points, polygons = QgsMapLayerProxyModel.Filter.PointLayer, QgsMapLayerProxyModel.Filter.PolygonLayer
        tip = tr("Points or polygons on what is looked for; one is enough")
        self.examples = layer_combo(tip, points, polygons)
        self.no_classifier = self._teach_hint()
        self.options = self._options()
        self.knowledge = KnowledgePanel(desk, self.folder)
        self.known = options_box(tr("Knowledge"), "geofm_knowledge")
        inside(self.known).addWidget(self.knowledge)
        self._lay_out()
        self._connect()
        self._on_task()

    def _teach_hint(self) -> QWidget:
        hint = QWidget()
        hint.setProperty("geofm", "plain")
        button = QPushButton(tr("Teach one from samples"))
        button.setToolTip(tr("Turn to the page Teach"))
        button.clicked.connect(self.teach_wanted)
        layout = column(hint)
        words = tr("There is no classifier yet. Teach one, or open a file that ends in .geofm.")
        layout.addWidget(muted(words))
        layout.addWidget(button)
        return hint

    def _options(self) -> QWidget:
        box = options_box(tr("Options"), "geofm_map_options")
        self.confidence = QCheckBox(tr("Confidence map"))
        self.confidence.setToolTip(tr("How sure the model is of each pixel, in percent"))
        self.confidence.setChecked(self.desk.settings.flag("map/confidence", True))
        self.shares = QCheckBox(tr("Probability of each class"))
        self.shares.setToolTip(tr("One band a class; what Knowledge below goes by"))
        self.shares.setChecked(self.desk.settings.flag("map/probabilities", False))
        self.polygons.setText(tr("Polygons with area and confidence"))
        self.polygons.setToolTip(tr("The map as areas of one class each, to count and to edit"))
        self.polygons.setChecked(self.desk.settings.flag("map/polygons", False))
        self.novelty = QCheckBox(tr("Outline what is unlike the samples"))
        self.novelty.setToolTip(tr("Hatched areas where the classifier can only guess"))
        self.novelty.setChecked(self.desk.settings.flag("map/novelty", False))
        self.least = QSpinBox()
        self.least.setRange(0, 99)
        self.least.setSuffix(tr(" % sure"))
        self.least.setSpecialValueText(tr("Map everything"))
        self.least.setValue(int(self.desk.settings.number("map/least", 0)))
        self.least.setToolTip(tr("What the classifier is less sure of is called unknown"))
        self._least_label = QLabel(tr("At least"))
        self.fields.addRow(self._least_label, self.least)
        self.folder = SaveFolder(self.desk)
        self.fields.addRow(tr("Save in"), self.folder)
        layout = inside(box)
        layout.addWidget(self.confidence)
        layout.addWidget(self.shares)
        layout.addWidget(self.novelty)
        layout.addWidget(self.polygons)
        layout.addLayout(self.fields)
        return box

    def _lay_out(self) -> None:
        self._fields = form()
        self._fields.addRow(tr("Task"), noted(self.task, self.about))
        self._examples_label = QLabel(tr("Examples"))
        self._fields.addRow(self._examples_label, self.examples)
        self._groups_label = QLabel(tr("Groups"))
        self._fields.addRow(self._groups_label, self.groups)
        self._model_label = QLabel(tr("Model"))
        self._fields.addRow(self._model_label, noted(self.model, self.no_classifier))
        self._fields.addRow(tr("Where"), noted(self.extent, self.size))
        layout = column(self)
        layout.addLayout(self._fields)
        layout.addWidget(self.options)
        layout.addWidget(self.known)
        layout.addStretch()

    def _connect(self) -> None:
        desk = self.desk
        self.task.activated.connect(self._on_task)
        self.model.changed.connect(self.tell)
        self.extent.activated.connect(self.tell)
        self.examples.layerChanged.connect(self.tell)
        self.groups.valueChanged.connect(lambda value: desk.settings.set("map/groups", value))
        self.confidence.toggled.connect(lambda on: desk.settings.set("map/confidence", on))
        self.shares.toggled.connect(lambda on: desk.settings.set("map/probabilities", on))
        self.polygons.toggled.connect(lambda on: desk.settings.set("map/polygons", on))
        self.novelty.toggled.connect(lambda on: desk.settings.set("map/novelty", on))
        self.least.valueChanged.connect(lambda value: desk.settings.set("map/least", value))
        self.folder.fileChanged.connect(self.tell)
        desk.layers.changed.connect(self._on_layers)
        desk.iface.mapCanvas().extentsChanged.connect(self._on_moved)

    def close_page(self) -> None:
        """Let go of the map canvas too."""
        super().close_page()
        self.desk.iface.mapCanvas().extentsChanged.disconnect(self._on_moved)

    def current(self) -> MapTask:
        """The chosen task."""
        return MAP_TASKS[self.task.currentIndex()]

    def _on_layers(self, role: object) -> None:
        if role in self.roles:
            self._on_task()

    def _on_moved(self) -> None:
        if self.extent.currentIndex() > 0:
            self.tell()

    def _on_task(self) -> None:
        chosen = self.current()
        self.desk.settings.set("map/task", chosen.task.value)
        self.about.setText(chosen.sentence())
        layers = self.layers()
        self.model.set_task(chosen.task, layer_facts(layers))
        self.confidence.setVisible(chosen.uncertain)
        self.shares.setVisible(chosen.uncertain)
        self.polygons.setVisible(chosen.uncertain)
        self.run_options.show_task(f"map/{chosen.task.value}", layers, vague=chosen.uncertain)
        for widget in (self._examples_label, self.examples):
            widget.setVisible(chosen.task is Task.SIMILARITY)
        for widget in (self.novelty, self._least_label, self.least):
            widget.setVisible(chosen.task is Task.CLASSIFY)
        for widget in (self._groups_label, self.groups):
            widget.setVisible(chosen.task is Task.CLUSTER)
        self._model_label.setText(tr("Classifier") if chosen.task is Task.CLASSIFY else tr("Model"))
        self.tell()

    def tell(self) -> None:
        none_taught = self.current().task is Task.CLASSIFY and self.model.current() is None
        self.no_classifier.setVisible(none_taught)
        super().tell()

    def speed_key(self) -> str:
        found = self.model.current()
        return f"{self.current().task.value}-{found.card.id}" if found else ""

    def problem(self) -> str:
        layers = self.layers()
        if not layers:
            return tr("Add a raster layer to begin.")
        if self.current().task is Task.CLASSIFY and self.model.current() is None:
            return tr("Teach a classifier first, or open one.")
        if self.model.problem():
            return self.model.problem()
        if self.current().task is Task.SIMILARITY and self.examples.currentLayer() is None:
            return tr("Add a layer with a point or polygon on what you look for.")
        if self.extent.rectangle(layers[0]).isEmpty():
            return tr("The map shows nothing of the layer: zoom to it.")
        return self.run_options.problem() or self.folder.problem()

    def request(self, device: str) -> Request:
        chosen, layers = self.current(), self.layers()
        found = present(self.model.current())
        title = tr("{} of {}").format(chosen.noun(), layers[0].name())
        parameters: dict[str, object] = {"INPUT": [layer.id() for layer in layers]}
        refs: tuple[LayerRef, ...] = layer_refs(layers)
        name = "CLASSIFIER" if chosen.task is Task.CLASSIFY else "MODEL"
        parameters[name] = self.model.key()
        if chosen.task is Task.CLUSTER:
            parameters["CLASSES"] = self.groups.value()
        if chosen.task is Task.SIMILARITY:
            examples = self.examples.currentLayer()
            parameters["EXAMPLES"] = examples.id()
            refs = (*refs, LayerRef(examples.id(), examples.name(), examples.source()))
        parameters |= {**self.where(), **self.run_options.stack()}
        refs = (*refs, *self.run_options.area.refs())
        parameters["DEVICE"] = device
        parameters["OUTPUT"] = TEMPORARY
        names = {"OUTPUT": chosen.noun()}
        if chosen.uncertain and self.confidence.isChecked():
            parameters["CONFIDENCE"], names["CONFIDENCE"] = TEMPORARY, tr("Confidence")
        if chosen.uncertain and self.shares.isChecked():
            parameters["PROBABILITIES"], names["PROBABILITIES"] = TEMPORARY, tr("Probabilities")
        if chosen.task is Task.CLASSIFY and self.least.value():
            parameters["REFUSE_BELOW"] = float(self.least.value())
        if chosen.task is Task.CLASSIFY and self.novelty.isChecked():
            parameters["NOVELTY"], names["NOVELTY"] = TEMPORARY, tr("Unlike anything labelled")
        if chosen.uncertain and self.polygons.isChecked():
            parameters["POLYGONS"], names["POLYGONS"] = TEMPORARY, tr("Polygons")
            parameters |= self.run_options.fineness()
        step = Step(chosen.algorithm, parameters, names)
        whole = Request(title, (step,), refs, self.pixels(), self.speed_key())
        return self.folder.kept(whole, f"{layers[0].name()}-{chosen.task.value}-{found.card.id}")


def layer_facts(layers: list[QgsRasterLayer]) -> LayerFacts | None:
    """What a recommendation looks at: all bands and dates together, the first layer's pixel size."""
    notes = [layer_notes.note(layer) for layer in layers]
    if not notes:
        return None
    bands = tuple(band for known in notes for band in known.bands)
    dates = sorted({known.date for known in notes if date_in(known.date) is not None})
    return LayerFacts(bands, notes[0].gsd, notes[0].dtype, tuple(dates))
