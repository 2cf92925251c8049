"""Makes the engine's environment of pinned lists, and tries it. Standard library alone."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import Cancelled, InvalidRequest
from . import requirements
from .pythons import NO_WINDOW, NotInstalled, fault_of, find_python
from .state import STAMP, State, check, environment_folder, installed, write_stamp
from .variables import child_environment, pip_environment

_TRIAL = """
import warnings
import numpy, onnxruntime, pyogrio, rasterio, safetensors.torch, scipy, shapely, sklearn, torch
assert float((torch.ones(4, 4) @ torch.ones(4, 4)).sum()) == 64.0
assert "CPUExecutionProvider" in onnxruntime.get_available_providers()
warnings.simplefilter("ignore")
with rasterio.MemoryFile() as memory:
    profile = dict(driver="GTiff", width=2, height=2, count=1, dtype="uint8", crs="EPSG:32633")
    with memory.open(**profile) as raster:
        raster.write(numpy.ones((1, 2, 2), "uint8"))
    with memory.open() as raster:
        assert raster.read().sum() == 4 and raster.crs.to_epsg() == 32633
print("geofm-trial-passed")
"""

ProgressCallback = Callable[[str, int, int, str], None]


def create(
    progress: ProgressCallback | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    extras: Iterable[str] = (),
) -> Path:
    """Make the engine's environment, or finish or renew it; at once if it is ready.

    Args:
        progress: called with stage, done, total and a line of text, as a job's progress is.
        cancelled: asked again and again; True stops the set-up, a later call goes on from there.
        extras: what is wanted beside the engine, of ``requirements.EXTRAS``. Those that were
            installed earlier are kept.

    Returns:
        the interpreter of the environment.

    Raises:
        InvalidRequest: if GEOFM_PYTHON names an interpreter that GeoFM does not manage, or there is no
            such extra.
        NotInstalled: with the installer's last lines as detail.
        Cancelled: when asked to stop.
    """
    status = check()
    if not status.own:
        raise InvalidRequest(
            "GEOFM_PYTHON names the engine's Python; there is nothing to set up.",
            "Remove the variable GEOFM_PYTHON to let GeoFM make its own environment.",
        )
    folder, python = environment_folder(), status.python
    present = installed(folder)
    kept = [name for name, file in requirements.EXTRAS.items() if file in present]
    wanted = requirements.wanted([*kept, *extras])
    if status.state is State.READY and set(wanted) == set(present):
        return python
    steps = _Steps(progress or (lambda stage, done, total, message: None), cancelled)
    (folder / STAMP).unlink(missing_ok=True)
    if not _runs(python):
        base = find_python()
        steps.say("create", 0, 1, f"Making an environment in {folder} with {base}")
        folder.parent.mkdir(parents=True, exist_ok=True)
        steps.run([str(base), "-I", "-m", "venv", "--clear", str(folder)], child_environment())
    if set(present) & {requirements.WITH_CUDA, requirements.WITHOUT_CUDA} - set(wanted):
        steps.say("install", 0, 1, "Removing the other build of ONNX Runtime")
        steps.pip(python, ["uninstall", "-y", "onnxruntime", "onnxruntime-gpu"])
    steps.install(python, wanted)
    steps.say("verify", 0, 1, "Trying the installed libraries")
    if "geofm-trial-passed" not in steps.run([str(python), "-I", "-c", _TRIAL], child_environment()):
        raise NotInstalled("The installed libraries do not work.", "Run python -m geofm doctor.")
    write_stamp(folder, wanted)
    steps.say("verify", 1, 1, f"The engine is ready in {folder}")
    return python


@dataclass(frozen=True)
class _Steps:
    """Runs one command after the other, passing on its lines."""

    say: ProgressCallback
    cancelled: Callable[[], bool]

    def run(
        self, command: list[str], env: Mapping[str, str], on_line: Callable[[str], None] | None = None
    ) -> list[str]:
        """The lines a command wrote; NotInstalled if it failed, Cancelled if asked to stop."""
        lines: list[str] = []
        with subprocess.Popen(
            command,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            creationflags=NO_WINDOW,
        ) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    lines.append(line.rstrip())
                    if on_line is not None:
                        on_line(lines[-1])
                    if self.cancelled():
                        raise Cancelled("The set-up was cancelled.", "Run it again to go on from there.")
            except BaseException:
                process.kill()
                raise
        if process.returncode != 0:
            raise NotInstalled(
                "The engine could not be installed.",
                "Check the network, the proxy and the free disk space, then run the set-up again.",
                "\n".join(lines[-30:]),
            )
        return lines

    def install(self, python: Path, names: Iterable[str]) -> None:
        total, done = requirements.packages(names), 0

        def on_line(line: str) -> None:
            nonlocal done
            if line.startswith(("Collecting ", "Requirement already satisfied")):
                done = min(done + 1, total)
            self.say("install", done, total + 1, line.strip())

        self.say("install", 0, total + 1, f"Installing {total} packages")
        for alone in (False, True):
            files = [str(requirements.folder() / n) for n in names if (n in requirements.ALONE) == alone]
            if files:
                options = ["--progress-bar", "off", *(["--no-deps"] if alone else [])]
                listed = [word for file in files for word in ("-r", file)]
                self.pip(python, ["install", *options, *listed], on_line)

    def pip(
        self, python: Path, words: list[str], on_line: Callable[[str], None] | None = None
    ) -> None:
        self.run([str(python), "-I", "-m", "pip", *words], pip_environment(), on_line)


def _runs(python: Path) -> bool:
    """Whether an unfinished environment is worth finishing."""
    return python.is_file() and not fault_of(python)
