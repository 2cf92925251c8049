"""Bare ONNX files, which say themselves what they take, through the toolbox and a script."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from osgeo import gdal
from qgis.core import QgsProject, QgsSingleBandPseudoColorRenderer

# Written by tests/engine/networks.py, for QGIS's Python has no onnx; reflectance of B08, B04, B03 goes in.
# One convolution of a pixel: near infrared less red and half of green.
GREENNESS = (
    "eNpdjMFKw0AURWeaBtIXF/FhFRQ1zlJcFOtCuinEnUuXioRp+iwDk0mZN7FoEfwzf80p6sbF4S7OvTcbzbYwhtS0ekUgN5h0fVDDu869"
    "YsqttvbyJJNZEpGFrOTmfk+Iz3nkSwgxfzz/neIhHGQSCxhkMpJEyh2LU9g9/tPyT1dDEMW+PwJouyXZOrytCUcPtPLE3Hl/AXljNXPt"
    "dEuMuFUTNStV1ORcrKgPXwAEY4lrNu+Eg+m1P4bcuHUf6t6ZwJh7erHUBO0a8meQLrRbMo6fVDW5VVdljJufmKrnb+XfPXg="
)
# Each pixel becomes 2 x 2, the bands times 1, 2 above and 3, 4 below.
FINER = (
    "eNptkMFKw0AQhrNpAttJwbhVEaFacpLiQawH8WKInrzWkyJhk44a3OyG3U2LnvoIPkKvvqUJemnNwMfP989phvavv10Ygl+U/BWBLBnh"
    "kXer5AJOgXDWU7WNBndY2bcHNat4jpMQ+plQ+bspPvHQXROX+abkQkzWhA5ojxJKQpKQ5f0XcZzVjbMxnR5vdl0eb3Vdvtrq/vvjyd+h"
    "7AD2KGEhuJQ09BrGLdkI2os71nFL4oET7uoRQKnmKFL7USHbmdUVao1GidoWSuohBLngxqSSl2iYJ2shdAhgC4Embd/G3OmFPoKgkFVt"
    "01oW1rBA44vA3HKZoz4GP+Nybtj+U5ScX0Vn4yYuf2MaPf8ASPdMsA=="
)


def network(path: Path, text: str) -> Path:
    path.write_bytes(zlib.decompress(base64.b64decode(text)))
    return path


def pixels(path: Path) -> np.ndarray:
    found = gdal.Open(str(path))
    read = np.frombuffer(found.ReadRaster(buf_type=gdal.GDT_Float64))
    return read.reshape(found.RasterCount, found.RasterYSize, found.RasterXSize)


def test_the_toolbox_measures_with_a_bare_file(toolbox: Any, paint: Any, tmp_path: Path) -> None:
    scene = paint(tmp_path / "scene.tif")
    model = network(tmp_path / "greenness.onnx", GREENNESS)
    values = {"INPUT": [str(scene)], "MODEL": str(model), "OUTPUT": str(tmp_path / "green.tif")}
    results = toolbox.runAndLoadResults("geofm:regress", values)
    assert results["MODEL_USED"] == "greenness"
    [layer] = QgsProject.instance().mapLayersByName("Values")
    assert isinstance(layer.renderer(), QgsSingleBandPseudoColorRenderer)
    assert layer.bandName(1) == "Band 1: greenness"
    given = pixels(scene)[:4] * 1e-4
    _, green, red, infrared = given
    assert np.abs(pixels(tmp_path / "green.tif")[0] - (infrared - red + green / 2)).max() < 1e-5


def test_the_toolbox_refines_with_a_bare_file(toolbox: Any, paint: Any, tmp_path: Path) -> None:
    scene = paint(tmp_path / "scene.tif")
    model = network(tmp_path / "finer.onnx", FINER)
    values = {"INPUT": [str(scene)], "MODEL": str(model), "OUTPUT": str(tmp_path / "fine.tif")}
    toolbox.run("geofm:superresolve", values)
    coarse, fine = gdal.Open(str(scene)), gdal.Open(str(tmp_path / "fine.tif"))
    before, after = coarse.GetGeoTransform(), fine.GetGeoTransform()
    assert (before[0], before[3]) == (after[0], after[3])
    assert (before[1] / 2, before[5] / 2) == (after[1], after[5])
    infrared = pixels(scene)[3] * 1e-4
    first = pixels(tmp_path / "fine.tif")[0]
    for (row, col), times in {(0, 0): 1, (0, 1): 2, (1, 0): 3, (1, 1): 4}.items():
        assert np.abs(first[row::2, col::2] - times * infrared).max() < 1e-5


def test_a_file_that_does_not_say_enough_is_refused_with_what_it_lacks(
    refused: Any, paint: Any, tmp_path: Path
) -> None:
    scene = paint(tmp_path / "scene.tif")
    model = network(tmp_path / "greenness.onnx", GREENNESS)
    told = model.read_bytes().replace(b"bands", b"bonds").replace(b"model_type", b"modul_type")
    model.write_bytes(told)
    values = {"INPUT": [str(scene)], "MODEL": str(model), "OUTPUT": str(tmp_path / "green.tif")}
    assert "does not say itself: task" in refused("regress", **values)


SCRIPT = """
import json, sys
from qgis.core import *
app = QgsApplication([], False)
app.initQgis()
from geofm import api
scene, greenness, finer, folder = sys.argv[1:]
layer = QgsRasterLayer(scene, "scene")
green = api.regress(layer, greenness, output=folder + "/g.tif")
fine = api.superresolve(scene, finer, output=folder + "/f.tif")
print(json.dumps({
    "green": [green.output.bandCount(), green.output.width(), green.run.facts["variables"]],
    "fine": [fine.output.bandCount(), fine.output.width(), fine.output.extent() == layer.extent()],
    "width": layer.width(),
}))
del layer, green, fine
app.exitQgis()
"""


def test_a_script_measures_and_refines(script: Any, paint: Any, tmp_path: Path) -> None:
    scene = paint(tmp_path / "scene.tif")
    models = network(tmp_path / "g.onnx", GREENNESS), network(tmp_path / "f.onnx", FINER)
    answer = script(SCRIPT, scene, *models, tmp_path)
    assert answer.code == 0, answer.err
    facts = json.loads(answer.out.splitlines()[-1])
    assert facts["green"] == [1, facts["width"], [{"name": "greenness", "unit": ""}]]
    assert facts["fine"] == [3, 2 * facts["width"], True]
