"""Where results cannot go: one sentence, before the work where possible, and nothing left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsFeatureRequest, QgsVectorLayer
from qgis.PyQt import sip


@pytest.fixture
def clustering(paint: Any, tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "in").mkdir()
    scene = paint(tmp_path / "in" / "scene.tif")
    return {"INPUT": [str(scene)], "MODEL": "spectral-texture", "CLASSES": 3}


def test_a_folder_that_does_not_exist(
    refused: Callable[..., str], clustering: dict[str, Any], tmp_path: Path
) -> None:
    said = refused("cluster", **clustering, OUTPUT=str(tmp_path / "nowhere" / "map.tif"))
    assert "nowhere" in said
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("name", ["CONFIDENCE", "POLYGONS"])
def test_a_second_result_in_a_folder_that_does_not_exist(
    refused: Callable[..., str], clustering: dict[str, Any], taught: Path, log: Any, tmp_path: Path,
    name: str,
) -> None:
    second = tmp_path / "nowhere" / f"second.{'gpkg' if name == 'POLYGONS' else 'tif'}"
    values = {"INPUT": clustering["INPUT"], "CLASSIFIER": str(taught), name: str(second)}
    said = refused("classify", **values, OUTPUT=str(tmp_path / "map.tif"))
    assert "nowhere" in said
    assert not {"Mapping", "Drawing polygons"} & set(log.lines)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize("name", ["OUTPUT", "REPORT"])
def test_a_classifier_or_report_in_a_folder_that_does_not_exist(
    refused: Callable[..., str], clustering: dict[str, Any], points: Any, tmp_path: Path, name: str
) -> None:
    outputs = {"OUTPUT": str(tmp_path / "c.geofm"), "REPORT": str(tmp_path / "r.html")}
    outputs[name] = outputs[name].replace(str(tmp_path), str(tmp_path / "nowhere"))
    samples = points(tmp_path / "in" / "points.gpkg", Path(clustering["INPUT"][0]))
    said = refused(
        "trainclassifier", INPUT=clustering["INPUT"], SAMPLES=str(samples), FIELD="cover",
        MODEL="spectral-texture", METHOD="fast", **outputs,
    )
    assert "nowhere" in said
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_samples_of_a_memory_layer_go_nowhere_either(
    refused: Callable[..., str], clustering: dict[str, Any], points: Any, tmp_path: Path
) -> None:
    path = points(tmp_path / "in" / "points.gpkg", Path(clustering["INPUT"][0]))
    layer = QgsVectorLayer(str(path), "points", "ogr")
    memory = layer.materialize(QgsFeatureRequest())
    said = refused(
        "similarity", INPUT=clustering["INPUT"], EXAMPLES=memory, MODEL="spectral-texture",
        OUTPUT=str(tmp_path / "nowhere" / "map.tif"),
    )
    assert "nowhere" in said
    sip.delete(memory)
    sip.delete(layer)


def test_a_folder_in_which_nobody_may_write(
    refused: Callable[..., str], clustering: dict[str, Any]
) -> None:
    if not Path("/proc/self").exists():
        pytest.skip("needs /proc, where not even root can make a file")
    said = refused("cluster", **clustering, OUTPUT="/proc/map.tif")
    assert "/proc" in said or "map.tif could not be written" in said


def test_a_name_that_is_a_folder(
    refused: Callable[..., str], clustering: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "map.tif").mkdir()
    said = refused("cluster", **clustering, OUTPUT=str(tmp_path / "map.tif"))
    assert "is a folder" in said
    assert not list((tmp_path / "map.tif").iterdir())


def test_an_image_is_not_overwritten_by_its_own_map(
    refused: Callable[..., str], clustering: dict[str, Any]
) -> None:
    scene = Path(clustering["INPUT"][0])
    before = scene.read_bytes()
    said = refused("cluster", **clustering, OUTPUT=str(scene))
    assert "scene.tif" in said
    assert scene.read_bytes() == before


def test_a_failed_run_leaves_the_earlier_result(
    toolbox: Any, refused: Callable[..., str], clustering: dict[str, Any], tmp_path: Path
) -> None:
    out = tmp_path / "map.tif"
    toolbox.run("geofm:cluster", {**clustering, "OUTPUT": str(out)})
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    refused("cluster", **clustering, OUTPUT=str(out), EXTENT="0,1,0,1 [EPSG:32633]")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


FULL_DISK = """
set -e
mount -t tmpfs -o size="$2" tmpfs "$1"
status=0
"${@:3}" || status=$?
echo "left: $(ls -A "$1")"
exit "$status"
"""


# The classifier does not fit on the smallest disk; on the next it does, but not its job file.
@pytest.mark.parametrize(
    ("algorithm", "size"), [("embed", "8k"), ("trainclassifier", "4k"), ("trainclassifier", "8k")]
)
def test_a_full_disk(
    qgis_binary: str, door_environment: dict[str, str], qgis_process: Any, paint: Any, points: Any,
    tmp_path: Path, algorithm: str, size: str,
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    unshare = shutil.which("unshare")
    # Who is root already needs no such rights of a namespace, which a chroot is not given.
    rights = [] if os.geteuid() == 0 else ["--map-root-user"]
    apart = [unshare, *rights, "--mount"] if unshare else []
    mount = [*apart, "mount", "-t", "tmpfs", "tmpfs", str(disk)]
    if not unshare or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small disk of its own (unshare)")
    scene = paint(tmp_path / "scene.tif")
    command = [
        qgis_binary, "run", f"geofm:{algorithm}", f"--INPUT={scene}", "--MODEL=spectral-texture",
        f"--OUTPUT={disk / ('c.geofm' if algorithm == 'trainclassifier' else 'features.tif')}",
    ]
    if algorithm == "trainclassifier":
        samples = points(tmp_path / "points.gpkg", scene)
        command += [f"--SAMPLES={samples}", "--FIELD=cover", "--METHOD=fast"]
    done = subprocess.run(
        [*apart, "bash", "-c", FULL_DISK, "-", str(disk), size, *command],
        env=door_environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=200,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert f" could not be written. The disk of {disk} is full" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "left: "
