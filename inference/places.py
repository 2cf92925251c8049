"""Where things lie on this machine: the data folder, the model folders, the engine's log.

Servers and tests steer it by ``GEOFM_HOME``, ``GEOFM_MODELS`` and ``GEOFM_OFFLINE``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_OFF = {"", "0", "false", "no", "off"}


def data_home() -> Path:
    """The folder GeoFM may write to: ``GEOFM_HOME``, else the platform's place for user data."""
    chosen = os.environ.get("GEOFM_HOME", "").strip()
    if chosen:
        return Path(chosen).expanduser().absolute()
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
