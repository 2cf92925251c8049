"""The data folder that a person chose in QGIS: in the settings of the profile, for all doors of it.

A stand-alone script whose application is not named as QGIS's has other settings, as for all of QGIS.
"""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsApplication, QgsSettings

_KEY = "geofm/data_folder"


def chosen() -> str:
    """The folder; empty where none was chosen."""
    value = QgsSettings().value(_KEY, "")
    return value if isinstance(value, str) else ""


def keep(folder: str) -> None:
    """Use a folder from now on; an empty text takes the choice back."""
    if folder:
        QgsSettings().setValue(_KEY, folder)
    else:
        QgsSettings().remove(_KEY)


def apart() -> tuple[Path, ...]:
    """Folders of this profile in which no data may lie: QGIS imports whatever it finds there."""
    return (Path(QgsApplication.qgisSettingsDirPath()) / "python",)
