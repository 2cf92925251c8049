"""Every name of Qt and QGIS that is written is there, in this version too, also where no test comes by."""

from __future__ import annotations

from collections.abc import Callable


def test_all_names_of_qt_and_qgis_are_there(unresolved: Callable[[str], list[str]]) -> None:
    assert unresolved("qgis.") == []
