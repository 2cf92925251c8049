"""Composition root: builds what the plugin adds to QGIS, and takes it away in mirror."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction

from .algorithms.provider import Provider, register, unregister
from .algorithms.text import ICONS, tr
from .inference.client import close_shared_engine

if TYPE_CHECKING:
    from .ui.dock import GeoFMDock

MENU = "GeoFM"


class GeoFMPlugin:
    """What QGIS loads. Without a GUI (qgis_process) it is the Processing provider alone.

    Args:
        iface: QGIS's interface, None in qgis_process.
    """

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._provider: Provider | None = None
        self._dock: GeoFMDock | None = None
        self._action: QAction | None = None

    def initProcessing(self) -> None:
        """QGIS's entry point where there is no GUI."""
        self._provider = register()

    def initGui(self) -> None:
        """QGIS's entry point in the desktop."""
        self.initProcessing()
        # Imported here: qgis_process has no GUI to import it for.
        from .ui.dock import GeoFMDock

        self._dock = GeoFMDock(self._iface)
        self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self._dock)
        self._action = self._dock.toggleViewAction()
        self._action.setIcon(QIcon(str(ICONS / "geofm.svg")))
        self._action.setText(tr("GeoFM"))
        self._action.setToolTip(tr("Show or hide GeoFM: foundation models for maps"))
        self._iface.addPluginToRasterMenu(MENU, self._action)
        self._iface.addRasterToolBarIcon(self._action)

    def unload(self) -> None:
        """Undo everything, in the opposite order."""
        if self._action is not None and self._dock is not None:
            self._iface.removeRasterToolBarIcon(self._action)
            self._iface.removePluginRasterMenu(MENU, self._action)
            self._iface.removeDockWidget(self._dock)
            self._dock.tear_down()
            self._dock.deleteLater()
            self._dock = self._action = None
        close_shared_engine()
        if self._provider is not None:
            unregister(self._provider)
            self._provider = None
