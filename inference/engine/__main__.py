"""Where the engine process starts: ``python -I <this file>``.

With ``-I`` nothing of the caller's environment or folders is on ``sys.path``. The package is
found by this file's place instead and registered under its fixed name, whatever its folder is
called, so that no neighbour of that folder can be imported by accident.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import BinaryIO

PACKAGE = "geofm"


def _register_package() -> None:
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    spec = importlib.util.spec_from_file_location(
        PACKAGE, os.path.join(root, "__init__.py"), submodule_search_locations=[root]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"No package in {root}.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = module
    spec.loader.exec_module(module)


def _take_wire() -> tuple[BinaryIO, BinaryIO]:
    """Keep stdin and stdout for the wire alone.

    Afterwards whatever a library prints goes to the log, and whatever reads stdin (on Windows
    also the C runtime of a library being imported) meets the null device, not our pipe.
    """
    wire_in = os.fdopen(os.dup(0), "rb")
    wire_out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return wire_in, wire_out


def main() -> int:
    wire_in, wire_out = _take_wire()
    _register_package()
    worker = importlib.import_module(f"{PACKAGE}.inference.engine.worker")
    return int(worker.main(wire_in, wire_out))


if __name__ == "__main__":
    sys.exit(main())
