"""Measures from a click in QGIS to the painted map; `make bench PARTS=desktop` runs it.

The story of tests/desktop/teach_story.py is told in QGIS under Xvfb; what it saw is printed as a section of
docs/benchmarks.md. Times are wall times: let nothing else compute meanwhile.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEST = ROOT / "tests" / "desktop" / "test_teaching_desktop.py"
STALLS = {
    "opening": "opening an image and naming classes",
    "labelling": "first labels, by click, polygon and brush",
    "encoding": "encoding the enlarged image",
    "clicking": "clicking on it",
}


def told() -> dict[str, object]:
    """What the story saw.

    Raises:
        subprocess.CalledProcessError: if the story or one of its tests fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_RUNTIME_DIR": folder,
            "GEOFM_STORY": str(report),
        }
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(TEST)]
        subprocess.run(command, check=True, stdout=sys.stderr, env=environment, cwd=ROOT)
        return json.loads(report.read_text(encoding="utf-8"))


def main() -> int:
    seen = told()
    times, parts = sorted(seen["times"]), seen["parts"]
    width, height = seen["preview_size"]
    late = times[min(len(times) - 1, round(0.95 * len(times)))]
    steps = {name: statistics.median(part[1][name] for part in parts) for name in ("fit", "predict", "write")}
    answered = statistics.median(part[0] for part in parts)
    print("## Live in QGIS: from the mouse to the painted map\n")
    print(
        f"QGIS itself under Xvfb, driven by mouse and key events: {len(times)} clicks on an enlarged "
        "Sentinel-2 chip, `spectral-texture`, method ensemble, confidence and hatching. The "
        f"map has {width} x {height} pixels, as many as the canvas. "
        "From the release of the mouse to the canvas painted with it.\n"
    )
    print("| | milliseconds |\n|---|---|")
    print(f"| median | {1000 * statistics.median(times):.0f} |")
    print(f"| 95th percentile | {1000 * late:.0f} |")
    print(f"| of the median: until the preview is answered | {1000 * answered:.0f} |")
    for name, value in steps.items():
        print(f"| of that, in the engine: {name} | {value:.0f} |")
    print("\nThe longest that the main thread was ever away, by a clock that ticks every 5 ms:\n")
    print("| while | milliseconds | of processor time |\n|---|---|---|")
    for key, words in STALLS.items():
        stall, work = seen[f"{key}_stall"], seen[f"{key}_work"]
        print(f"| {words} | {1000 * stall:.0f} | {1000 * work:.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
