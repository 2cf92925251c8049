"""The page Teach: this is what I mean. Samples teach a classifier, which then maps the layers."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsFieldProxyModel, QgsMapLayerProxyModel, QgsVectorLayer
from qgis.gui import QgsFieldComboBox, QgsMapLayerComboBox
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from ..algorithms.text import tr
from ..inference import places
from ..inference.jobs import METHODS, Task
from .desk import Desk
from .map_page import layer_facts
from .model_choice import ModelChoice
from .requests import TEMPORARY, LayerRef, Request, Step, free_path
from .task_page import SaveFolder, TaskPage, file_name, inside, layer_refs, options_box
from .widgets import column, form, muted, narrow_combo, noted, select

_MOST_CLASSES = 254
_MOST_COUNTED = 100_000
_LIKELY_FIELDS = ("class", "klass", "label", "landcover", "land_cover", "lulc", "type", "category", "name")


def method_titles() -> dict[str, str]:
    """The heads in the users' words."""
    return {
        "ensemble": tr("Ensemble (most accurate)"),
        "fast": tr("Fast"),
        "knn": tr("Nearest neighbours"),
        "forest": tr("Random forest"),
    }


class TeachPage(TaskPage):
    """Samples, field, model; Run teaches, says how good it is, and maps."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.samples = narrow_combo(QgsMapLayerComboBox())
        self.samples.setFilters(
            QgsMapLayerProxyModel.Filter.PointLayer | QgsMapLayerProxyModel.Filter.PolygonLayer
        )
        self.samples.setToolTip(tr("Points or polygons whose class is known; ten a class are a good start"))
        self.field = narrow_combo(QgsFieldComboBox())
        self.field.setFilters(QgsFieldProxyModel.Filter.String | QgsFieldProxyModel.Filter.Numeric)
        self.field.setToolTip(tr("The field that holds the class, as text or whole number"))
        self.about = muted()
        self.model = ModelChoice(desk)
        self.options = self._options()
        self.hint = muted(
            tr("Add a layer of points or polygons that has a field with the class, as forest, water, urban.")
        )
        self._lay_out()
        self._connect()
        self._on_samples()
        self._on_layers(self.roles[0])

    def _options(self) -> QWidget:
        desk = self.desk
        box = options_box(tr("Options"), "geofm_teach_options")
        self.method = narrow_combo(QComboBox())
        for key in METHODS:
            self.method.addItem(method_titles()[key], key)
        select(self.method, desk.settings.text("teach/method"), METHODS[0])
        self.method.setToolTip(tr("How the classifier learns from the model's features"))
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("Named after the samples"))
        self.name.setToolTip(tr("The classifier appears under this name on the pages Map and Models"))
        self.confidence = QCheckBox(tr("Confidence map"))
        self.confidence.setToolTip(tr("How sure the classifier is of each pixel, in percent"))
        self.confidence.setChecked(desk.settings.flag("teach/confidence", True))
        self.polygons.setText(tr("Polygons with area and confidence"))
        self.polygons.setToolTip(tr("The map as areas of one class each, to count and to edit"))
        self.polygons.setChecked(desk.settings.flag("teach/polygons", False))
        self.folder = SaveFolder(desk)
        fields = form()
        fields.addRow(tr("Method"), self.method)
        fields.addRow(tr("Name"), self.name)
        fields.addRow(tr("Map"), self.extent)
        self.fields.addRow(tr("Save in"), self.folder)
        layout = inside(box)
        layout.addLayout(fields)
        layout.addWidget(self.confidence)
        layout.addWidget(self.polygons)
        layout.addLayout(self.fields)
        return box

    def _lay_out(self) -> None:
        fields = form()
        fields.addRow(tr("Samples"), noted(self.samples, self.hint))
        fields.addRow(tr("Class field"), noted(self.field, self.about))
        fields.addRow(tr("Model"), noted(self.model, self.size))
        layout = column(self)
        layout.addLayout(fields)
        layout.addWidget(self.options)
        layout.addStretch()

    def _connect(self) -> None:
        settings = self.desk.settings
        self.samples.layerChanged.connect(self._on_samples)
        self.field.fieldChanged.connect(self._on_field)
        self.model.changed.connect(self.tell)
        self.method.activated.connect(lambda: settings.set("teach/method", str(self.method.currentData())))
        self.confidence.toggled.connect(lambda on: settings.set("teach/confidence", on))
        self.polygons.toggled.connect(lambda on: settings.set("teach/polygons", on))
        self.folder.fileChanged.connect(self.tell)
        self.extent.activated.connect(self.tell)
        self.desk.layers.changed.connect(self._on_layers)

    def _on_layers(self, role: object) -> None:
        if role in self.roles:
            self.model.set_task(Task.TRAIN, layer_facts(self.layers()))
            self.run_options.show_task("teach", self.layers())
            self.tell()

    def _on_samples(self) -> None:
        layer = self.samples.currentLayer()
        self.hint.setVisible(layer is None)
        self.field.setEnabled(layer is not None)
        self.field.setLayer(layer)
        if isinstance(layer, QgsVectorLayer):
            self.field.setField(self._likely_field(layer))
        self._on_field()

    def _likely_field(self, layer: QgsVectorLayer) -> str:
        """The field used last if the layer has it, else one that is called like a class."""
        names = [field.name() for field in layer.fields()]
        remembered = self.desk.settings.text("teach/field")
        if remembered in names:
            return remembered
        by_lower = {name.lower(): name for name in reversed(names)}
        return next((by_lower[key] for key in _LIKELY_FIELDS if key in by_lower), names[-1] if names else "")

    def _on_field(self) -> None:
        name = self.field.currentField()
        if name:
            self.desk.settings.set("teach/field", name)
        self.about.setText(self._account())
        self.about.setVisible(bool(self.about.text()))
        self.tell()

    def _classes(self) -> list[str]:
        layer = self.samples.currentLayer()
        index = layer.fields().indexFromName(self.field.currentField()) if layer is not None else -1
        if index < 0 or layer.featureCount() > _MOST_COUNTED:
            return []
        values = layer.uniqueValues(index, _MOST_CLASSES + 1)
        return sorted(str(value) for value in values if value not in (None, "") and str(value) != "NULL")

    def _account(self) -> str:
        """How many samples of which classes."""
        layer, classes = self.samples.currentLayer(), self._classes()
        if layer is None or not classes:
            return ""
        if len(classes) > _MOST_CLASSES:
            return tr("More than {} different values: is this the class?").format(_MOST_CLASSES)
        names = ", ".join(classes[:8]) + (", …" if len(classes) > 8 else "")
        return tr("{} samples, {} classes: {}").format(layer.featureCount(), len(classes), names)

    def speed_key(self) -> str:
        found = self.model.current()
        return f"teach-{found.card.id}-{self.method.currentData()}" if found else ""

    def problem(self) -> str:
        layers = self.layers()
        if not layers:
            return tr("Add a raster layer to begin.")
        if self.samples.currentLayer() is None:
            return tr("Add a layer of samples to teach from.")
        if not self.field.currentField():
            return tr("Choose the field that holds the class.")
        if self.about.text() and len(self._classes()) < 2:
            return tr("The samples need at least two classes.")
        if self.extent.rectangle(layers[0]).isEmpty():
            return tr("The map shows nothing of the layer: zoom to it.")
        return self.model.problem() or self.run_options.problem() or self.folder.problem()

    def request(self, device: str) -> Request:
        layers, samples = self.layers(), self.samples.currentLayer()
        refs = (*layer_refs(layers), LayerRef(samples.id(), samples.name(), samples.source()))
        refs = (*refs, *self.run_options.area.refs())
        inputs = [layer.id() for layer in layers]
        train = Step(
            "geofm:trainclassifier",
            {
                "INPUT": inputs,
                "SAMPLES": samples.id(),
                "FIELD": self.field.currentField(),
                "MODEL": self.model.key(),
                "METHOD": str(self.method.currentData()),
                **self.run_options.stack(),
                "DEVICE": device,
                "OUTPUT": self._classifier_path(samples.name()),
                "REPORT": TEMPORARY,
            },
        )
        parameters = {"INPUT": inputs, **self.where(), **self.run_options.stack()}
        parameters |= {"DEVICE": device, "OUTPUT": TEMPORARY}
        names = {"OUTPUT": tr("Classes")}
        if self.confidence.isChecked():
            parameters["CONFIDENCE"], names["CONFIDENCE"] = TEMPORARY, tr("Confidence")
        if self.polygons.isChecked():
            parameters["POLYGONS"], names["POLYGONS"] = TEMPORARY, tr("Polygons")
            parameters |= self.run_options.fineness()
        classify = Step("geofm:classify", parameters, names, {"CLASSIFIER": (0, "OUTPUT")})
        title = tr("{} taught on {}").format(tr("Classes"), layers[0].name())
        whole = Request(title, (train, classify), refs, self.pixels(), self.speed_key())
        return self.folder.kept(whole, f"{layers[0].name()}-{samples.name()}")

    def _classifier_path(self, samples: str) -> str:
        """A new file among the user's models, where the catalogue finds it."""
        folder = Path(places.home_models())
        folder.mkdir(parents=True, exist_ok=True)
        return free_path(str(folder), file_name(self.name.text().strip() or samples), ".geofm")
