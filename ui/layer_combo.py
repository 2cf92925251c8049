"""A combo box of the project's layers."""

from __future__ import annotations

from typing import Any

from qgis.gui import QgsMapLayerComboBox

from .widgets import narrow_combo


def layer_combo(tip: str, *kinds: Any, nothing: str = "") -> QgsMapLayerComboBox:
    """Layers of any of the kinds.

    Args:
        tip: what is chosen there.
        kinds: of QgsMapLayerProxyModel.Filter.
        nothing: the words for no layer, which is then what it starts with.
    """
    combo = narrow_combo(QgsMapLayerComboBox())
    combo.setFilters(kinds[0])
    for kind in kinds[1:]:
        # Two kinds joined are a mere number in QGIS 3.34 and later with Qt 5, which warns of it.
        combo.setFilters(combo.filters() | kind)
    if nothing:
        combo.setAllowEmptyLayer(True, nothing)
        combo.setLayer(None)
    combo.setToolTip(tip)
    return combo
