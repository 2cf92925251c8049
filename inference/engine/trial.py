"""Shows that an environment works: a small network in PyTorch and in ONNX Runtime, a raster, on the device.

The set-up runs this file as a script in the environment that it has just made, before that counts:
``python trial.py cpu`` or ``cuda``. Everything fails loudly but the GPU, whose fault is told in the last
line: a machine without it still has its processor.
"""

from __future__ import annotations

import base64
import json
import sys
import warnings

# y = w * x with x of 1 x 2 x 3 x 3 and both weights 0.5: opset 17, made with the onnx package.
_NETWORK = base64.b64decode(
    "CAg6ZwoPCgF4CgF3EgF5IgRDb252EgFnKhcIAQgCCAEIARABQgF3SggAAAA/AAAAP1obCgF4EhYKFAgBEhAKAggB"
    "CgIIAgoCCAMKAggDYhsKAXkSFgoUCAESEAoCCAEKAggBCgIIAwoCCANCBAoAEBE="
)
PASSED = "geofm-trial-passed"


class WrongError(Exception):
    """A library computes something else than it must."""


def _expect(what: str, found: object, right: object) -> None:
    if found != right:
        raise WrongError(f"{what} gives {found!r}, not {right!r}")


def _libraries() -> None:
    import pyogrio  # noqa: F401
    import safetensors.torch  # noqa: F401
    import scipy.ndimage  # noqa: F401
    import shapely  # noqa: F401
    import sklearn.linear_model  # noqa: F401
    import transformers  # noqa: F401


def _raster() -> None:
    import numpy
    import rasterio
    from rasterio.warp import transform

    warnings.simplefilter("ignore")
    with rasterio.MemoryFile() as memory:
        with memory.open(
            driver="GTiff", width=2, height=2, count=1, dtype="uint8", crs="EPSG:32633"
        ) as raster:
            raster.write(numpy.ones((1, 2, 2), "uint8"))
        with memory.open() as raster:
            _expect("a raster", (int(raster.read().sum()), raster.crs.to_epsg()), (4, 32633))
    # PROJ finds its database: the central meridian of zone 33.
    (easting,), _ = transform("EPSG:4326", "EPSG:32633", [15.0], [0.0])
    _expect("PROJ", round(easting), 500_000)


def _torch_network(device: str) -> None:
    import torch

    network = torch.nn.Conv2d(2, 1, 1, bias=False).to(device)
    torch.nn.init.constant_(network.weight, 0.5)
    with torch.inference_mode():
        answer = network(torch.ones(1, 2, 3, 3, device=device))
    _expect("PyTorch", float(answer.sum()), 9.0)


def _onnx_network(device: str) -> None:
    import numpy
    import onnxruntime

    provider = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}[device]
    session = onnxruntime.InferenceSession(_NETWORK, providers=[provider])
    # A provider that does not load is left out by ONNX Runtime with no more than a line.
    _expect("ONNX Runtime's provider", session.get_providers()[0], provider)
    (answer,) = session.run(None, {"x": numpy.ones((1, 2, 3, 3), "float32")})
    _expect("ONNX Runtime", float(answer.sum()), 9.0)


def _gpu_fault() -> str:
    """Why the GPU cannot be used; empty if it can."""
    try:
        _torch_network("cuda")
        _onnx_network("cuda")
    except Exception as error:  # a driver fails in any way it likes
        lines = str(error).strip().splitlines()
        return lines[0] if lines else type(error).__name__
    return ""


def main(device: str) -> None:
    """Try everything; the last line says that it passed, and what the GPU lacks."""
    _libraries()
    _raster()
    _torch_network("cpu")
    _onnx_network("cpu")
    fault = _gpu_fault() if device == "cuda" else ""
    sys.stdout.write(f"{PASSED} {json.dumps({'gpu_fault': fault})}\n")


if __name__ == "__main__":
    main(sys.argv[1])
