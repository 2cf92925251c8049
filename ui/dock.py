"""The dock: composition of the parts; what they share is made here and torn down in mirror."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtGui import QKeyEvent, QKeySequence
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QFrame, QScrollArea, QShortcut, QWidget

from ..algorithms.text import tr
from ..inference.errors import GeoFMError
from .change_page import ChangePage
from .desk import Desk
from .engine_calls import on_engine
from .help import HelpWindow, bind, page_of
from .history import Entry, History
from .history_panel import HistoryPanel
from .layer_set import LayerSet, Role
from .layer_tray import LayerTray
from .map_page import MapPage
from .messages import RunMessage
from .models_page import ModelsPage
from .requests import Request
from .run_panel import RunPanel
from .runner import Runner
from .settings import Settings
from .setup_panel import SetupPanel
from .setup_work import found_phase
from .shelf import Shelf
from .state import DockModel, Notice, Outcome, Page, Phase
from .tab_order import follow_layout
from .task_page import TaskPage, options_box
from .tasks import CallTask
from .teach_page import TeachPage
from .theme import Theme
from .widgets import LOOKS_CHANGED, FittedColumn, SegmentedBar, column, quiet_button, row, rule

_MARGIN = 8
_PATIENCE_MS = 5_000


class GeoFMDock(QDockWidget):
    """Layers, pages, run and history in one column.

    Args:
        iface: QGIS's interface.
    """

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(tr("GeoFM"), parent)
        self.setObjectName("GeoFMDock")
        self._closed = self._asked = False
        self._asking: CallTask | None = None
        settings = Settings()
        project = QgsProject.instance()
        self.desk = Desk(
            iface=iface,
            project=project,
            model=DockModel(_remembered_page(settings), found_phase(), self),
            layers=LayerSet(project, self),
            shelf=Shelf(settings, self),
            settings=settings,
            theme=Theme(self),
        )
        self.history = History(settings, self)
        self.runner = Runner(self.desk.model, self.history, settings, project, self)
        self.message = RunMessage(self.desk.model, iface.messageBar(), self)
        self._build()
        self._connect()
        self._restyle()
        self._on_page(self.desk.model.page)
        self.desk.layers.propose(iface.activeLayer())

    # --- made of ------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setup = SetupPanel(self.desk)
        self.trays = self._build_trays()
        self.bar = SegmentedBar(self.desk.theme)
        self.map_page = MapPage(self.desk)
        self.teach_page = TeachPage(self.desk)
        self.change_page = ChangePage(self.desk)
        self.models_page = ModelsPage(self.desk)
        self._pages: dict[Page, QWidget] = {
            Page.MAP: self.map_page,
            Page.TEACH: self.teach_page,
            Page.CHANGE: self.change_page,
            Page.MODELS: self.models_page,
        }
        self._fill_bar()
        self.help = HelpWindow(self.desk.theme, self)
        self.ask = quiet_button(self.desk.theme, "dock-help", tr("Help on this page; F1: on what you are at"))
        self.run_panel = RunPanel(self.desk)
        self.history_panel = HistoryPanel(self.desk, self.history)
        self.history_box = options_box(tr("History"), "geofm_history")
        column(self.history_box).addWidget(self.history_panel)
        upper = FittedColumn()
        layout = column(upper, margin=_MARGIN, spacing=8)
        layout.addWidget(self.setup)
        layout.addWidget(self.trays)
        top = row(spacing=2)
        top.addWidget(self.bar, 1)
        top.addWidget(self.ask)
        layout.addLayout(top)
        for page in self._pages.values():
            layout.addWidget(page)
        layout.addStretch()
        lower = QWidget()
        lower.setProperty("geofm", "plain")
        below = column(lower, margin=_MARGIN)
        below.addWidget(self.run_panel)
        below.addWidget(self.history_box)
        self.content = QWidget()
        whole = column(self.content, spacing=0)
        self.upper = _scrolled(upper)
        whole.addWidget(self.upper, 1)
        whole.addWidget(rule())
        whole.addWidget(lower)
        self.setWidget(self.content)
        follow_layout(lower)
        self._bind_help()

    def _bind_help(self) -> None:
        bind(
            {
                "dock-setup": self.setup,
                "dock-layers": self.trays,
                "dock-map": self.map_page,
                "dock-knowledge": self.map_page.known,
                "dock-teach": self.teach_page,
                "dock-check": self.teach_page.check_box,
                "dock-change": self.change_page,
                "dock-edits": self.change_page.edits,
                "dock-models": self.models_page,
                "dock-run": self.run_panel,
                "dock-history": self.history_box,
            }
        )

    def _build_trays(self) -> QWidget:
        empty = tr("Add a raster layer to begin, or drop one here from the layer tree.")
        self.input_tray = LayerTray(self.desk, Role.INPUT, tr("Layers"), empty)
        earlier, later = tr("The layer of the earlier date."), tr("The layer of the later date.")
        self.before_tray = LayerTray(self.desk, Role.BEFORE, tr("Before"), earlier)
        self.after_tray = LayerTray(self.desk, Role.AFTER, tr("After"), later)
        self.swap = quiet_button(self.desk.theme, "dock-swap", tr("Exchange before and after"))
        self.swap.clicked.connect(self.desk.layers.swap_dates)
        self.after_tray.header.insertWidget(1, self.swap)
        dates = QWidget()
        dates.setProperty("geofm", "plain")
        layout = column(dates)
        layout.addWidget(self.before_tray)
        layout.addWidget(self.after_tray)
        self.dates = dates
        both = QWidget()
        both.setProperty("geofm", "plain")
        outer = column(both, spacing=0)
        outer.addWidget(self.input_tray)
        outer.addWidget(dates)
        return both

    def _fill_bar(self) -> None:
        for number, (page, text, tip) in enumerate(
            (
                (Page.MAP, tr("Map"), tr("What is here?")),
                (Page.TEACH, tr("Teach"), tr("This is what I mean")),
                (Page.CHANGE, tr("Change"), tr("What is different?")),
                (Page.MODELS, tr("Models"), tr("What there is to work with")),
            ),
            1,
        ):
            self.bar.add(page, text, f"page-{page.value}", tr("{} (Alt+{})").format(tip, number))
            self._shortcut(f"Alt+{number}", lambda chosen=page: self.desk.model.show(chosen))

    def _shortcut(self, keys: str, slot: Any) -> None:
        """A key that works while the dock has the focus; QGIS's own keys stay as they are."""
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(slot)

    # --- bound by -----------------------------------------------------------------------------

    def _connect(self) -> None:
        desk = self.desk
        self.bar.chosen.connect(desk.model.show)
        self.ask.clicked.connect(self._explain_page)
        desk.model.page_changed.connect(self._on_page)
        desk.layers.project_changed.connect(self._on_project)
        desk.theme.changed.connect(self._restyle)
        for page in self._task_pages():
            page.changed.connect(self._bind_run)
        self.map_page.teach_wanted.connect(lambda: desk.model.show(Page.TEACH))
        self.teach_page.checking.run_wanted.connect(self._start)
        self.change_page.revision.run_wanted.connect(self._start)
        self.change_page.roles_changed.connect(self._show_trays)
        self.input_tray.folder_wanted.connect(lambda: self.change_page.series.ask(self))
        self.change_page.edits.run_wanted.connect(self._start)
        self.map_page.knowledge.run_wanted.connect(self._start)
        self.run_panel.run_wanted.connect(self.run)
        self.run_panel.engine_wanted.connect(self._on_engine)
        self.run_panel.device.opened.connect(self._on_devices_opened)
        self.run_panel.device.activated.connect(self.teach_page.look_again)
        self.setup.changed.connect(self._show_engine)
        self.run_panel.cancel_wanted.connect(self.cancel)
        self.history_panel.repeat_wanted.connect(self.runner.start)
        self.message.cancel_wanted.connect(self.cancel)
        self.message.details_wanted.connect(self._on_details)
        self.runner.ended.connect(self._on_ended)
        self.visibilityChanged.connect(self._on_visible)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            self._shortcut(keys, self.run)
        self._shortcut("Esc", self.cancel)

    def _task_pages(self) -> list[TaskPage]:
        return [page for page in self._pages.values() if isinstance(page, TaskPage)]

    def run(self) -> None:
        """Run what the present page asks for, if it can be run."""
        page = self._pages[self.desk.model.page]
        if self.desk.model.phase is Phase.READY and isinstance(page, TaskPage) and not page.problem():
            page.begin(self.run_panel.device_name(), self._start, self._fail)

    def _start(self, request: Request) -> None:
        # A page may have had to prepare it, and something else may have begun meanwhile.
        if self.desk.model.phase is Phase.READY:
            self.runner.start(request)

    def _fail(self, error: GeoFMError) -> None:
        if self.desk.model.phase is Phase.READY:
            self.desk.model.set_notice(Notice(Outcome.FAILED, error.message, error.hint, error.detail))

    def cancel(self) -> None:
        """Stop the run or the set-up, whichever is under way."""
        if self.desk.model.phase is Phase.SETTING_UP:
            self.setup.work.cancel()
        else:
            self.runner.cancel()

    def _explain_page(self) -> None:
        """Help on the page that is open, or on the set-up while there is no engine."""
        page = self._pages[self.desk.model.page]
        self.help.open_page(page_of(page if self.setup.isHidden() else self.setup))

    def _on_page(self, page: Page) -> None:
        self.desk.settings.set("page", page.value)
        self.bar.set_current(page)
        for key, widget in self._pages.items():
            widget.setVisible(key is page)
        self._show_trays()
        self._bind_run()

    def _show_trays(self) -> None:
        """The layers that the present page looks at."""
        page = self._pages[self.desk.model.page]
        two_dates = isinstance(page, TaskPage) and Role.BEFORE in page.roles
        self.input_tray.setVisible(not two_dates)
        self.dates.setVisible(two_dates)

    def _bind_run(self) -> None:
        page = self._pages[self.desk.model.page]
        if isinstance(page, TaskPage):
            self.run_panel.set_problem(page.problem())
        else:
            self.run_panel.set_problem(tr("Turn to Map, Teach or Change to run a model."))

    def _on_engine(self) -> None:
        """Show or hide what is about the engine, at the top of the column."""
        self.setup.set_open(not self.setup.is_open)
        if self.setup.is_open:
            self.upper.ensureWidgetVisible(self.setup, 0, 0)
            self.setup.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_engine(self) -> None:
        self.run_panel.show_engine(self.setup.is_open and not self.setup.needed, self.setup.needed)

    def _on_project(self) -> None:
        self.desk.layers.propose(self.desk.iface.activeLayer())

    def _on_ended(self, entry: Entry) -> None:
        # A lesson leaves a classifier, a first run leaves weights.
        self.desk.shelf.refresh()
        if entry.outcome is Outcome.DONE and not self._asked:
            self._ask_device()

    def _on_devices_opened(self) -> None:
        if self.desk.model.phase is Phase.READY and self._asking is None:
            self._ask_device()

    def _ask_device(self) -> None:
        """Which devices there are, as the engine knows; models are ranked by the memory of the best."""
        self._asked = True
        self._asking = CallTask("devices", on_engine("devices", {}))
        self._asking.succeeded.connect(self._on_device)
        self._asking.failed.connect(lambda _: self._on_device({}))
        QgsApplication.taskManager().addTask(self._asking)

    def _on_device(self, facts: dict[str, Any]) -> None:
        self._asking = None
        self.desk.shelf.set_memory(facts.get("memory"))
        if facts:
            self.run_panel.device.show_gpus(facts["gpus"], facts["reason"])

    def _on_details(self) -> None:
        self.show()
        self.raise_()
        self.run_panel.notice.show_details()

    def _on_visible(self, visible: bool) -> None:
        if not self._closed:
            # A tab in front of it is no end; closed it is hidden.
            self.teach_page.set_present(not self.isHidden())
        # The environment may have been made by a terminal meanwhile.
        if visible and self.desk.model.phase is Phase.SETUP_NEEDED:
            self.setup.look()

    def _restyle(self) -> None:
        self.content.setStyleSheet(self.desk.theme.sheet())
        self.desk.theme.redraw_icons(self.content)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in LOOKS_CHANGED and hasattr(self, "desk"):
            self.desk.theme.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F1:
            self.help.open_page(page_of(QApplication.focusWidget()))
        else:
            super().keyPressEvent(event)

    # --- taken apart --------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # QGIS has a use for F1 too; within the dock it is ours.
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_F1:
            event.accept()
            return True
        if event.type() == QEvent.Type.DeferredDelete:
            self.tear_down()
        return super().event(event)

    def tear_down(self) -> None:
        """Stop what runs and let go of everything that outlives the dock. May be called twice."""
        if self._closed:
            return
        self._closed = True
        if self._asking is not None:
            asking, self._asking = self._asking, None
            asking.let_go(_PATIENCE_MS)
        self.models_page.close_page()
        self.change_page.edits.close_panel()
        for page in self._task_pages():
            page.close_page()
        self.setup.close_panel()
        self.runner.close()
        self.message.close()
        self.desk.layers.close()


def _remembered_page(settings: Settings) -> Page:
    name = settings.text("page", Page.MAP.value)
    return next((page for page in Page if page.value == name), Page.MAP)


def _scrolled(content: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setProperty("geofm", "page")
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    return area
