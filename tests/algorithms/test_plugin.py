"""The composition root builds what QGIS gets and takes all of it away."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication

import geofm


def test_in_qgis_process_there_is_only_the_provider(qgis_app: Any) -> None:
    registry = QgsApplication.processingRegistry()
    plugin = geofm.classFactory(None)
    plugin.initProcessing()
    assert registry.algorithmById("geofm:classify") is not None
    plugin.unload()
    assert registry.providerById("geofm") is None
    plugin.initProcessing()
    assert registry.algorithmById("geofm:classify") is not None
    plugin.unload()
    plugin.unload()


def test_in_the_desktop_everything_is_taken_away_in_mirror(qgis_iface: Any, qgis_canvas: Any) -> None:
    calls: list[tuple[str, Any]] = []

    class Desktop:
        """QGIS's interface, remembering what was added to it and removed from it."""

        def __getattr__(self, name: str) -> Any:
            if name.startswith(("add", "remove")):
                return lambda *given: calls.append((name, given[-1]))
            return getattr(qgis_iface, name)

    plugin = geofm.classFactory(Desktop())
    for _ in range(2):
        calls.clear()
        plugin.initGui()
        added = [(name[3:], what) for name, what in calls]
        assert [name for name, _ in added] == ["DockWidget", "PluginToRasterMenu", "RasterToolBarIcon"]
        calls.clear()
        plugin.unload()
        removed = [(name[6:].replace("PluginRaster", "PluginToRaster"), what) for name, what in calls]
        assert removed == added[::-1]
        assert QgsApplication.processingRegistry().providerById("geofm") is None
