"""``python -m geofm``: the command door. Needs no QGIS.

Also ``python <the plugin's folder>``, whatever that folder is called.
"""

from __future__ import annotations

import importlib.util
import os
import sys


def _package() -> str:
    """The package's name; registers it when Python was given the folder instead of the name."""
    if __package__:
        return __package__
    root = os.path.dirname(os.path.abspath(__file__))
    # Python put the folder itself in front, where its modules would hide others.
    sys.path[:] = [place for place in sys.path if os.path.abspath(place) != root]
    spec = importlib.util.spec_from_file_location(
        "geofm", os.path.join(root, "__init__.py"), submodule_search_locations=[root]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"No package in {root}.")
    module = importlib.util.module_from_spec(spec)
    sys.modules["geofm"] = module
    spec.loader.exec_module(module)
    return "geofm"


if __name__ == "__main__":
    sys.exit(importlib.import_module(f"{_package()}.cli").main())
