"""Where things lie on this machine: the data folder, the model folders, the engine's log.

Servers and tests steer it by ``GEOFM_HOME``, ``GEOFM_MODELS`` and ``GEOFM_OFFLINE``. In QGIS the data folder
can be chosen too (:func:`home_from`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

HOME_VARIABLE = "GEOFM_HOME"
_OFF = {"", "0", "false", "no", "off"}
_chosen_home: Callable[[], str] = str


def data_home() -> Path:
    """The folder GeoFM may write to: ``GEOFM_HOME``, else what was chosen, else :func:`default_home`."""
    chosen = home_of_variable() or _chosen_home().strip()
    return Path(chosen).expanduser().absolute() if chosen else default_home()


def home_from(chosen: Callable[[], str]) -> None:
    """Take the data folder from a person's settings where ``GEOFM_HOME`` names none.

    Args:
        chosen: asked each time; answers a path, or an empty text where nothing was chosen.
    """
    global _chosen_home
    _chosen_home = chosen


def home_of_variable() -> str:
    """What ``GEOFM_HOME`` says, which goes before all; empty where it says nothing."""
    return os.environ.get(HOME_VARIABLE, "").strip()


def home_variables() -> dict[str, str]:
    """What a child process has to be told to use the same data folder; empty where it knows by itself."""
    chosen = not home_of_variable() and _chosen_home().strip()
    return {HOME_VARIABLE: str(data_home())} if chosen else {}


def default_home() -> Path:
    """The platform's place for user data."""
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "").strip()
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "geofm"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "geofm"
    xdg = os.environ.get("XDG_DATA_HOME", "").strip()
    # The XDG specification tells programs to ignore a relative path here.
    base = Path(xdg) if xdg and Path(xdg).is_absolute() else Path.home() / ".local" / "share"
    return base / "geofm"


def engine_log_path() -> Path:
    """The file that the engine's stderr goes to."""
    return data_home() / "engine.log"


def engines_folder() -> Path:
    """The folder in which the engine's environments lie beside one another."""
    return data_home() / "engines"


def setup_log_path() -> Path:
    """The file that says what set-ups did, line by line."""
    return data_home() / "setup.log"


def runs_folder() -> Path:
    """The folder in which unfinished runs wait to be continued."""
    return data_home() / "runs"


def encodings_folder() -> Path:
    """The folder in which tokens of scenes are kept for other runs."""
    return data_home() / "encodings"


def bundled_models() -> Path:
    """The folder of the cards that come with the plugin."""
    return Path(__file__).resolve().parent.parent / "resources" / "models"


def home_models() -> Path:
    """The folder that downloaded weights and the user's own cards and classifiers go to."""
    return data_home() / "models"


def shared_models() -> tuple[Path, ...]:
    """The read-only model folders of ``GEOFM_MODELS``, in the order given there."""
    listed = os.environ.get("GEOFM_MODELS", "").split(os.pathsep)
    return tuple(Path(part.strip()).expanduser().absolute() for part in listed if part.strip())


def models_folders() -> tuple[Path, ...]:
    """Every folder that may hold weights, first the shared ones, then the user's own."""
    return (*shared_models(), home_models())


def offline() -> bool:
    """Whether ``GEOFM_OFFLINE`` forbids every download."""
    return os.environ.get("GEOFM_OFFLINE", "").strip().lower() not in _OFF
