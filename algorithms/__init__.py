"""The Processing provider: layers in, one typed job to the engine, layers out."""

from __future__ import annotations

from ..inference import places
from . import data_folder

# Whichever door is opened first: dock, toolbox, qgis_process and scripts all come by here.
places.home_from(data_folder.chosen)
