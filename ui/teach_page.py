"""The page Teach: this is what I mean. Labels teach while one looks on; Run maps what was taught."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from qgis.core import QgsCoordinateReferenceSystem
from qgis.PyQt.QtWidgets import QPushButton, QWidget

from ..algorithms.label_sources import Gathered
from ..algorithms.text import tr
from ..inference.cards import CLASSIFIER
from ..inference.errors import GeoFMError
from ..inference.jobs import ClassInfo, Task
from ..inference.teaching import Labelled
from . import layers as layer_notes
from .desk import Desk
from .device_choice import chosen_device
from .map_page import layer_facts
from .model_choice import ModelChoice
from .requests import TEMPORARY, Request, Step
from .results import hide_results
from .state import Page, Phase
from .task_page import SaveFolder, TaskPage, inside, layer_refs, options_box
from .teaching.checking import Checking
from .teaching.choices import Choices
from .teaching.classroom import Classroom, Subject
from .teaching.keeping import Keeping
from .teaching.label_home import labels_of, new_path
from .teaching.label_panel import LabelPanel
from .teaching.lesson import Stage
from .teaching.review import ReviewPanel
from .teaching.sight import crs_of
from .teaching.state_panel import StatePanel
from .teaching.trust_panel import TrustPanel
from .widgets import column, form, noted

_LEAST_CLASSES = 2


class TeachPage(TaskPage):
    """Classes and labels, the session's state, what helps next, what is kept; the rest behind Options."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._agreed = ""
        self._saving = self._put_aside = False
        self._present = True
        self.classroom = Classroom(desk, self)
        self.live = self.classroom.live
        self.model = ModelChoice(desk)
        self.download = QPushButton(tr("Download and begin"))
        self.download.setToolTip(tr("Fetch the model's weights, then open the image with it"))
        desk.theme.bind(self.download, "dock-download")
        self.labels = labels_of(desk, self)
        self.label_panel = LabelPanel(desk, self.labels)
        self.review = ReviewPanel(desk, self.labels)
        self.state = StatePanel(desk, self.live)
        self.trust = TrustPanel(desk, self.live)
        self.keeping = Keeping(desk, self.live, self._title)
        self.choices = Choices(desk, self)
        self.options = self._options()
        self.checking = Checking(desk)
        self.check_box = options_box(tr("Check a map"), "geofm_teach_checking")
        inside(self.check_box).addWidget(self.checking)
        self._lay_out()
        self._connect()
        self.classroom.show(self.choices.look())
        self.classroom.preview.set_opacity(self.state.share)
        self._on_layers(self.roles[0])
        self._on_labels()

    def _options(self) -> QWidget:
        box = options_box(tr("Options"), "geofm_teach_options")
        self.polygons.setText(tr("Polygons with area and confidence"))
        self.polygons.setToolTip(tr("The map as areas of one class each, to count and to edit"))
        self.polygons.setChecked(self.desk.settings.flag("teach/polygons", False))
        self.folder = SaveFolder(self.desk)
        rows = [*self.choices.rows(), ("", self.polygons), (tr("Map"), noted(self.extent, self.size))]
        # Above those that the pages' Options have in common, in one form, for the eye to run down.
        for at, (title, field) in enumerate(rows):
            if title:
                self.fields.insertRow(at, title, field)
            else:
                self.fields.insertRow(at, field)
        self.fields.addRow(tr("Save in"), self.folder)
        inside(box).addLayout(self.fields)
        return box

    def _lay_out(self) -> None:
        fields = form()
        fields.addRow(tr("Model"), noted(self.model, self.download))
        layout = column(self)
        layout.addLayout(fields)
        layout.addWidget(self.label_panel)
        layout.addWidget(self.state)
        self.then = QWidget()
        self.then.setProperty("geofm", "plain")
        below = column(self.then)
        below.addWidget(self.review)
        below.addWidget(self.trust)
        below.addWidget(self.keeping)
        layout.addWidget(self.then)
        layout.addWidget(self.options)
        layout.addWidget(self.check_box)
        layout.addStretch()

    def _connect(self) -> None:
        settings, room = self.desk.settings, self.classroom
        self.labels.changed.connect(self._on_labels)
        self.model.changed.connect(self._on_subject)
        self.download.clicked.connect(self._on_download)
        self.choices.changed.connect(self._on_subject)
        self.choices.look_changed.connect(lambda: room.show(self.choices.look()))
        self.state.shown.connect(room.preview.set_visible)
        self.state.opacity.connect(room.preview.set_opacity)
        self.state.again_wanted.connect(room.again)
        room.preview.visibility_changed.connect(self.state.set_switch)
        self.live.changed.connect(self._bind)
        self.live.began.connect(self._on_began)
        self.live.labelled.connect(self._on_labelled)
        self.review.suggest_wanted.connect(self._on_suggest)
        self.review.review_wanted.connect(self._on_review)
        self.polygons.toggled.connect(lambda on: settings.set("teach/polygons", on))
        self.folder.fileChanged.connect(self.tell)
        self.extent.activated.connect(self.tell)
        self.run_options.changed.connect(self._on_subject)
        self.desk.layers.changed.connect(self._on_layers)
        self.desk.model.phase_changed.connect(self._on_phase)
        self.desk.model.page_changed.connect(self._bind)

    def close_page(self) -> None:
        """End the session, and let go of what outlives the dock."""
        super().close_page()
        self.state.close_panel()
        self.label_panel.close_panel()
        self.review.close_panel()
        self.checking.close_panel()
        self.labels.close()
        self.classroom.close()

    def set_present(self, present: bool) -> None:
        """Whether the dock is there; closing it ends the session, opening it begins it again."""
        self._present = present
        self._on_subject()

    # --- what changes -------------------------------------------------------------------------

    def _on_layers(self, role: object) -> None:
        if role in self.roles:
            self.run_options.show_task("teach", self.layers())
            self.model.set_task(Task.TRAIN, layer_facts(self.layers()), Task.CLASSIFY)

    def _on_labels(self) -> None:
        layers = self.labels.layers
        below = layers[-1].id() if layers else ""
        self.classroom.teach(self.labels.classes, self.labels.taught, below)
        self._on_subject()

    def _on_began(self) -> None:
        """A classifier that is taught on brings its classes; labels of others would be taken for them."""
        opened, own = self.live.opened, self.labels.classes
        if opened is None or not opened.classes:
            return
        if not agree(own, opened.classes):
            self._start_labels()
            own = ()
        known = {info.value for info in own}
        more = tuple(info for info in opened.classes if info.value not in known)
        if more and (self.labels.file or self._start_labels()):
            told = tr("{} classes came with the classifier.").format(len(more))
            self.labels.take_in(Gathered((), (*own, *more), told))

    def _start_labels(self) -> bool:
        """Begin a new file of labels; whether that was possible."""
        return self.labels.start(new_path(self.desk.project), self.layers()[0].crs())

    def _on_labelled(self, labelled: Labelled) -> None:
        if self._put_aside:
            self._put_aside = False
            hide_results(self.desk.project)
            self.state.switch.setChecked(True)
        self.labels.set_pixels({count.value: count.pixels for count in labelled.counts})

    def _on_suggest(self, count: int) -> None:
        extent = self.classroom.seen_extent()
        self.live.ask(
            lambda teaching: teaching.suggest(count, extent),
            lambda found: self.review.show_suggestions(found, *self._where()),
            lambda error: self.review.say(str(error)),
        )

    def _on_review(self) -> None:
        self.live.ask(
            lambda teaching: teaching.review(),
            lambda found: self.review.show_review(found, *self._where()),
            lambda error: self.review.say(str(error)),
        )

    def _where(self) -> tuple[QgsCoordinateReferenceSystem, float]:
        """The session's CRS, and the side of a pixel in its units."""
        opened = self.live.opened
        if opened is None:
            return QgsCoordinateReferenceSystem(), 1.0
        return crs_of(opened), math.hypot(opened.transform[1], opened.transform[4])

    def _on_download(self) -> None:
        self._agreed = self.model.key()
        self._on_subject()

    def look_again(self) -> None:
        """What a session depends on and the page does not show is another now: the device."""
        self._on_subject()

    def _on_subject(self) -> None:
        self.classroom.set_subject(self._subject())
        self._bind()

    def _subject(self) -> Subject | None:
        """What to open a session on; None while there is nothing to open, or nothing to learn."""
        layers, found = self.layers(), self.model.current()
        if not layers or found is None or not found.fits or self._must_ask() or not self._present:
            return None
        looked_at = self.desk.model.page is Page.TEACH or self.live.stage is not Stage.CLOSED
        no_engine = self.desk.model.phase in (Phase.SETUP_NEEDED, Phase.SETTING_UP)
        goes_on = found.card.family == CLASSIFIER
        if no_engine or not looked_at or not (self.labels.classes or goes_on):
            return None
        notes = (layer_notes.mapping, layer_notes.scale, layer_notes.offset, layer_notes.acquired)
        return Subject(
            tuple(layer.id() for layer in layers),
            tuple(note(layer) for layer in layers for note in notes),
            "" if goes_on else self.model.key(),
            self.model.key() if goes_on else "",
            str(self.choices.method.currentData()),
            self.run_options.chosen_grid,
            self.run_options.chosen_resolution,
            chosen_device(self.desk.settings),
        )

    def _on_phase(self, phase: Phase) -> None:
        # A session holds the engine, which must not be in the way of its own set-up.
        if phase in (Phase.SETTING_UP, Phase.SETUP_NEEDED, Phase.READY):
            self._on_subject()
        else:
            self._bind()

    def _must_ask(self) -> bool:
        """Whether weights would have to be fetched, which nobody has agreed to."""
        found = self.model.current()
        here = found is None or self.desk.shelf.ready(found.card)
        return not here and self._agreed != self.model.key()

    def _bind(self, *_: object) -> None:
        model = self.desk.model
        here = model.page is Page.TEACH and model.phase is Phase.READY
        self.classroom.hold(not here)
        self.download.setVisible(bool(self.labels.classes) and self._must_ask())
        self.then.setVisible(bool(self.labels.classes))
        ready = self._can_ask()
        self.keeping.set_ready(ready)
        self.review.set_ready(ready)
        self.trust.set_ready(ready)
        self.tell()

    def _can_ask(self) -> bool:
        """Whether the session is free and has something to tell."""
        ready = self.live.stage in (Stage.ENCODING, Stage.READY)
        return ready and not self.live.asking and len(self.classroom.taught_values()) >= _LEAST_CLASSES

    # --- Run ----------------------------------------------------------------------------------

    def speed_key(self) -> str:
        found = self.model.current()
        return f"classify-{found.card.id}-{self.choices.method.currentData()}" if found else ""

    def problem(self) -> str:
        layers, stage = self.layers(), self.live.stage
        if not layers:
            return tr("Add a raster layer to begin.")
        if len(self.labels.classes) < _LEAST_CLASSES:
            return tr("Name at least two classes to tell apart.")
        if len(self.classroom.taught_values()) < _LEAST_CLASSES:
            return tr("Label at least two classes on the map.")
        if self.model.problem():
            return self.model.problem()
        if self._must_ask():
            return tr("Download the model first, or choose another.")
        if stage is Stage.FAILED:
            return tr("There is nothing taught to map with yet.")
        if stage in (Stage.CLOSED, Stage.OPENING):
            return tr("The image is being opened.")
        if self._saving:
            return tr("The classifier is being saved.")
        if self.extent.rectangle(layers[0]).isEmpty():
            return tr("The map shows nothing of the layer: zoom to it.")
        return self.run_options.problem() or self.folder.problem()

    def begin(
        self, device: str, start: Callable[[Request], object], fail: Callable[[GeoFMError], object]
    ) -> None:
        """Save what was taught, then map with it."""
        self._saving = True
        self.tell()

        def saved(path: str) -> None:
            self._saving = False
            self.tell()
            try:
                request = self.map_with(path, device)
            except GeoFMError as error:
                fail(error)
            else:
                # The map that Run makes shall be seen; the next label brings the preview back.
                self._put_aside = self.state.switch.isChecked()
                self.state.switch.setChecked(False)
                start(request)

        def failed(error: GeoFMError) -> None:
            self._saving = False
            self.tell()
            fail(error)

        self.keeping.keep(saved, failed)

    def map_with(self, classifier: str, device: str) -> Request:
        """The run of a saved classifier over the layers."""
        layers = self.layers()
        refs = (*layer_refs(layers), *self.run_options.area.refs())
        parameters: dict[str, object] = {"INPUT": [layer.id() for layer in layers]}
        parameters |= {"CLASSIFIER": classifier, **self.where(), **self.run_options.stack()}
        parameters |= {"DEVICE": device, "OUTPUT": TEMPORARY}
        names = {"OUTPUT": tr("Classes")}
        if self.choices.confidence.isChecked():
            parameters["CONFIDENCE"], names["CONFIDENCE"] = TEMPORARY, tr("Confidence")
        if self.choices.least.value():
            parameters["REFUSE_BELOW"] = float(self.choices.least.value())
        if self.choices.hatch.isChecked():
            parameters["NOVELTY"], names["NOVELTY"] = TEMPORARY, tr("Unlike anything labelled")
        if self.polygons.isChecked():
            parameters["POLYGONS"], names["POLYGONS"] = TEMPORARY, tr("Polygons")
            parameters |= self.run_options.fineness()
        step = Step("geofm:classify", parameters, names)
        title = tr("{} taught on {}").format(tr("Classes"), layers[0].name())
        whole = Request(title, (step,), refs, self.pixels(), self.speed_key())
        return self.folder.kept(whole, f"{layers[0].name()}-{self._title()}")

    def _title(self) -> str:
        """The name of the classifier: the user's, else the image's."""
        layers = self.layers()
        return self.choices.name.text().strip() or (layers[0].name() if layers else tr("Classes"))


def agree(own: Sequence[ClassInfo], others: Sequence[ClassInfo]) -> bool:
    """Whether no value means one class here and another there, and no class has two values."""
    values, names = {info.value: info.name for info in own}, {info.name: info.value for info in own}
    return all(
        values.get(info.value, info.name) == info.name and names.get(info.name, info.value) == info.value
        for info in others
    )
