"""Makes the pictures of the documents from what QGIS really looks like: `make pictures`.

The stories of tests/desktop use the plugin by mouse and keyboard and leave their pictures in
build/screenshots; some of these become small files in docs/images.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QImage

ROOT = Path(__file__).resolve().parents[1]
SHOTS = ROOT / "build" / "screenshots"
IMAGES = ROOT / "docs" / "images"
# Each picture and the one of the stories that it is made of. Photographs of windows with maps are JPEG,
# those of the dock alone PNG.
PICTURES = {
    "dock.jpg": "desktop.png",
    "tutorial-map.png": "dock.png",
    "tutorial-teach.jpg": "teach-6-corrected.png",
    "tutorial-run.jpg": "teach-9-run.png",
    "tutorial-change.jpg": "change-5-lowered.png",
    "tutorial-edits.jpg": "edits-6-swipe.png",
}
WIDEST = 1120
MOST_BYTES = 150_000
_QUALITIES = range(90, 50, -5)


def shrink(source: Path, target: Path) -> int:
    """Write a picture no wider than documents show it, and no larger than :data:`MOST_BYTES`; its size.

    Raises:
        ValueError: if there is no such picture, or it cannot be made that small.
    """
    image = QImage(str(source))
    if image.isNull():
        raise ValueError(f"{source} is no picture: run the stories of the desktop first.")
    if image.width() > WIDEST:
        image = image.scaledToWidth(WIDEST, Qt.TransformationMode.SmoothTransformation)
    for quality in [0] if target.suffix == ".png" else _QUALITIES:
        image.save(str(target), None, quality)
        if target.stat().st_size <= MOST_BYTES:
            return target.stat().st_size
    raise ValueError(f"{target.name} has more than {MOST_BYTES:,} bytes.")


def main() -> int:
    """Run the stories, unless ``--as-they-are`` takes the pictures of the last time, and shrink."""
    if "--as-they-are" not in sys.argv:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        environment.pop("DISPLAY", None)  # the stories want a screen of their own, of a known size
        # Stories end well or there is nothing to show; how quick QGIS was meanwhile is for `make test`.
        command = [sys.executable, "-m", "pytest", "-q", "-k", "pictures", "tests/desktop"]
        told = subprocess.run(command, cwd=ROOT, env=environment, check=False)
        if told.returncode:
            return told.returncode
    IMAGES.mkdir(exist_ok=True)
    for path in IMAGES.iterdir():
        if path.name not in PICTURES:
            path.unlink()
    for name, shot in PICTURES.items():
        print(f"docs/images/{name}: {shrink(SHOTS / shot, IMAGES / name):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
