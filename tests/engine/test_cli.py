"""The command door, as a shell calls it: real processes, real exit codes, no QGIS."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from geofm.cli import resolved
from geofm.inference.client import Progress
from geofm.inference.console import progress_text
from geofm.inference.jobs import Job, RasterRef, SampleRef, Task

Shell = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def shell(plugins: Path, scratch_home: Path, engine_python: Path) -> Shell:
    """``geofm(*words)`` runs ``python -m geofm words...`` beside the package."""

    def geofm(*words: str, check: int = 0, **variables: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "geofm", *words],
            cwd=plugins,
            env={**os.environ, "GEOFM_PYTHON": str(engine_python), **variables},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == check, done.stdout + done.stderr
        return done

    return geofm


@pytest.fixture
def small_raster(tmp_path: Path) -> Path:
    """90 x 70 pixels of four bands that say what they are; its two halves differ."""
    import numpy as np
    import rasterio
    from rasterio.transform import from_origin

    rng = np.random.default_rng(7)
    pixels = rng.uniform(0.05, 0.1, (4, 70, 90)).astype("float32")
    pixels[3, :, 45:] += 0.4
    path = tmp_path / "scene.tif"
    profile = {"driver": "GTiff", "width": 90, "height": 70, "count": 4, "dtype": "float32"}
    place = {"crs": "EPSG:32633", "transform": from_origin(500000, 5000000, 10, 10)}
    with rasterio.open(path, "w", **profile, **place) as raster:
        raster.write(pixels)
        raster.descriptions = ("B02", "B03", "B04", "B08")
    return path


def _job_file(folder: Path, **entries: Any) -> Path:
    path = folder / "a.job.json"
    path.write_text(json.dumps({"geofm": 1, "job": entries}), encoding="utf-8")
    return path


# --- run --------------------------------------------------------------------------------------


def test_run_does_the_job_of_a_file_whose_paths_are_its_own(
    shell: Shell, small_raster: Path, tmp_path: Path
) -> None:
    job = {"task": "cluster", "inputs": [{"path": "scene.tif"}], "model": "spectral-texture", "classes": 2}
    path = _job_file(tmp_path, output="out.tif", **job)
    done = shell("run", str(path), "--json")
    result = json.loads(done.stdout)
    assert Path(result["outputs"]["OUTPUT"]) == tmp_path / "out.tif"
    assert (tmp_path / "out.tif").is_file()
    assert result["device"].startswith("CPU")
    assert result["pixels"] == 70 * 90
    first = (tmp_path / "out.tif").read_bytes()
    (tmp_path / "out.tif").unlink()
    again = shell("run", str(tmp_path / "out.tif.job.json"))
    assert "out.tif" in again.stdout
    assert "Device: CPU" in again.stdout
    assert (tmp_path / "out.tif").read_bytes() == first


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cannot be read"),
        ("{}", "not a GeoFM job file"),
        ('{"geofm": 1, "job": {"task": "fly", "inputs": [], "output": "x"}}', "Unknown task"),
        ('{"geofm": 1, "job": {"task": "embed", "inputs": [{"path": "x"}], "output": "y"}}', "needs model"),
    ],
)
def test_a_bad_job_file_is_a_wrong_use(shell: Shell, tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "a.job.json"
    path.write_text(text, encoding="utf-8")
    done = shell("run", str(path), "--json", check=2)
    assert words in done.stderr
    assert json.loads(done.stdout)["error"]["data"]["kind"] == "invalid_request"


def test_a_job_that_fails_says_why_and_exits_with_1(shell: Shell, tmp_path: Path) -> None:
    job = {"task": "embed", "inputs": [{"path": "none.tif"}], "model": "spectral-texture", "output": "y.tif"}
    done = shell("run", str(_job_file(tmp_path, **job)), check=1)
    assert done.stdout == ""
    assert "Error:" in done.stderr
    assert "none.tif" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "y.tif").exists()


def test_several_jobs_share_one_engine_and_one_model(
    shell: Shell, small_raster: Path, scratch_home: Path, tmp_path: Path
) -> None:
    """The one in the middle reads a file that is cut off; one more is no job at all."""
    broken = tmp_path / "broken.tif"
    broken.write_bytes(small_raster.read_bytes()[:30_000])
    paths = []
    for name, scene in (("a", small_raster), ("b", broken), ("c", small_raster)):
        job = {"task": "cluster", "model": "spectral-texture", "classes": 2 if name == "a" else 3}
        job.update(inputs=[{"path": str(scene)}], output=f"../{name}.tif")
        (tmp_path / name).mkdir()
        paths.append(str(_job_file(tmp_path / name, **job)))
    (tmp_path / "d.job.json").write_text("{", encoding="utf-8")
    done = shell("run", *paths, str(tmp_path / "d.job.json"), "--json", check=1)
    rows = json.loads(done.stdout)
    assert [sorted(set(row) - {"job"}) for row in rows] == [["result"], ["error"], ["result"], ["error"]]
    assert [row["job"] for row in rows[:3]] == paths
    assert "broken.tif cannot be opened as a raster." in rows[1]["error"]["message"]
    assert done.stderr.count("broken.tif cannot be opened as a raster.") == 1
    assert not (tmp_path / "b.tif").exists()
    log = (scratch_home / "engine.log").read_text(encoding="utf-8")
    assert log.count("Loading spectral-texture.") == 1
    assert (tmp_path / "a.tif").is_file()
    # What an engine made after other jobs, one that does nothing else makes too.
    together = (tmp_path / "c.tif").read_bytes()
    (tmp_path / "c.tif").unlink()
    shell("run", str(tmp_path / "c.tif.job.json"))
    assert (tmp_path / "c.tif").read_bytes() == together


def test_the_end_of_several_jobs_tells_which_failed(
    shell: Shell, small_raster: Path, tmp_path: Path
) -> None:
    job = {"task": "embed", "inputs": [{"path": "scene.tif"}], "model": "spectral-texture"}
    good = str(_job_file(tmp_path, output="out.tif", **job))
    done = shell("run", "none.job.json", good, check=1)
    assert "out.tif" in done.stdout
    assert done.stdout.splitlines()[-2] == "1 of 2 jobs are done."
    assert done.stdout.splitlines()[-1].startswith("Failed: none.job.json: The job file none.job.json cannot")
    assert shell("run", good, good).stdout.splitlines()[-1] == "2 of 2 jobs are done."


def test_relative_paths_start_from_the_job_file(tmp_path: Path) -> None:
    for name in ("here.tif", "card.json", "WMS:odd"):
        (tmp_path / name).touch()
    inputs = (
        "here.tif",
        "sub/not-yet.tif",
        "/data/abs.tif",
        "/vsizip/a.zip/b.tif",
        "WMS:http://x",
        "WMS:odd",
    )
    job = Job(
        Task.TRAIN,
        tuple(RasterRef(path) for path in inputs),
        "out/model.geofm",
        model="card.json",
        samples=SampleRef("points.gpkg", field="class"),
        report="",
    )
    found = resolved(job, tmp_path)
    here = str(tmp_path)
    assert [ref.path for ref in found.inputs] == [
        f"{here}/here.tif",
        f"{here}/sub/not-yet.tif",
        "/data/abs.tif",
        "/vsizip/a.zip/b.tif",
        "WMS:http://x",
        f"{here}/WMS:odd",
    ]
    assert found.output == f"{here}/out/model.geofm"
    assert found.model == f"{here}/card.json"
    assert found.samples == SampleRef(f"{here}/points.gpkg", field="class")
    assert found.report == ""
    assert resolved(dataclasses.replace(job, model="galileo-nano"), tmp_path).model == "galileo-nano"


# --- models -----------------------------------------------------------------------------------


def test_models_are_listed_and_shown_without_the_engine(shell: Shell) -> None:
    rows = json.loads(shell("models", "list", "--json", GEOFM_PYTHON="/none").stdout)
    assert {"galileo-nano", "spectral-texture", "ukis-csmask"} <= {row["id"] for row in rows}
    tasks = json.loads(shell("models", "list", "--task", "segment", "--json").stdout)
    assert all("segment" in row["tasks"] for row in tasks)
    assert "galileo-nano" in shell("models", "list").stdout
    table = shell("models", "list", GEOFM_MODELS="").stdout.splitlines()
    assert table[0].split() == ["MODEL", "GIVES", "BANDS", "PIXELS", "MEMORY", "DOWNLOAD", "TITLE"]
    line = next(line for line in table if line.startswith("galileo-nano "))
    bands = r"Sentinel-2 \(10\), Sentinel-1 \(2\), elevation \(2\)"
    assert re.search(bands + " +5-40 m +600 MB +4.2 MB +Galileo nano$", line)
    assert {line.index("features") for line in table if " features " in line} == {table[0].index("GIVES")}


def test_a_model_is_shown_with_what_it_needs_and_whose_it_is(shell: Shell, models: Path) -> None:
    shown = shell("models", "show", "galileo-nano", GEOFM_PYTHON="/none").stdout
    for words in (
        "B08", "at least: blue, green, red and near infrared", "5 to 40 m, best 10 m", "about 600 MB",
        "MIT License", "Tseng et al.", f"lies in:  {models / 'galileo-nano'}",
    ):  # fmt: skip
        assert words in shown, words
    absent = shell("models", "show", "galileo-nano", GEOFM_MODELS="").stdout
    assert "download: 4.2 MB" in absent
    assert "lies in" not in absent
    told = json.loads(shell("models", "show", "galileo-nano", "--json").stdout)
    assert (told["id"], told["ready"], told["folder"]) == ("galileo-nano", True, str(models / "galileo-nano"))
    assert told["card"]["properties"]["geofm:family"] == "galileo"


def test_models_are_ranked_for_a_raster(shell: Shell, small_raster: Path) -> None:
    command = ("models", "list", "--for", str(small_raster), "--task", "embed", "--json")
    rows = json.loads(shell(*command).stdout)
    assert [row["fits"] for row in rows] == sorted((row["fits"] for row in rows), reverse=True)
    by_id = {row["id"]: row for row in rows}
    assert by_id["spectral-texture"]["fits"]
    assert by_id["spectral-texture"]["reason"].endswith(".")
    text = shell("models", "list", "--for", str(small_raster), str(small_raster)).stdout
    found = re.search(r"^\+ spectral-texture .*\n    (.*)$", text, re.M)
    assert found is not None
    assert found.group(1).endswith("it uses all 8 bands of this layer.")
    reasons = re.findall(r"^- (.*)$", text, re.M)
    assert len(reasons) == len(set(reasons)), "each reason once, with all models that it holds for"
    unfit = [row["id"] for row in rows if not row["fits"]]
    assert unfit
    assert all(re.search(rf"^    .*\b{re.escape(name)}(,|$)", text, re.M) for name in unfit)


def test_a_raster_of_unknown_bands_is_told_what_to_do(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "plain.tif"
    with rasterio.open(path, "w", "GTiff", 8, 8, 2, "EPSG:32632", dtype="uint16", nodata=0) as dataset:
        dataset.write(np.arange(1, 129, dtype="uint16").reshape(2, 8, 8))
    assert "No band is identified. Name them" in shell("models", "list", "--for", str(path)).stderr


def test_models_are_ranked_for_a_raster_whose_bands_are_told(shell: Shell, small_raster: Path) -> None:
    reasons = []
    # The second says of one band that it is none that is known.
    for told in ("blue,green,red,nir", "blue,-,red,nir"):
        command = ("models", "list", "--for", str(small_raster), "--bands", told, "--task", "embed", "--json")
        rows = {row["id"]: row for row in json.loads(shell(*command).stdout)}
        reasons.append(rows["galileo-nano"]["reason"])
    assert reasons[0].startswith("Knows all 4")
    assert reasons[1].startswith("Needs green")
    assert "--for" in shell("models", "list", "--bands", told, check=2).stderr


def test_an_unknown_model_is_named_with_the_known_ones(shell: Shell) -> None:
    done = shell("models", "show", "no-such-model", check=1)
    assert "no-such-model" in done.stderr
    assert "models list" in done.stderr
    misspelt = shell("models", "pull", "galieo-nano", check=1)
    assert "Did you mean galileo-nano" in misspelt.stderr
    error = json.loads(shell("models", "show", "galieo-nano", "--json", check=1).stdout)["error"]
    assert error["data"]["kind"] == "model_missing"


def test_a_model_is_added_pulled_verified_and_removed(
    shell: Shell, slow_model: Any, scratch_home: Path, tmp_path: Path
) -> None:
    slow_model.pause = 0.0
    own = scratch_home / "models" / slow_model.id
    card = tmp_path / "mine.json"
    (own / "card.json").replace(card)
    assert slow_model.id not in shell("models", "list").stdout
    assert slow_model.id in shell("models", "add", str(card)).stdout
    assert shell("models", "verify", slow_model.id, check=1).stderr.startswith("Error:")
    pulled = shell("models", "pull", slow_model.id, "--json")
    files = json.loads(pulled.stdout)["files"]
    assert [Path(file).parent for file in files] == [own]
    told = pulled.stderr.splitlines()
    assert re.match(r".*: .* to download\.$", told[0])
    assert told[1].startswith("Licence: ")
    assert any("100%" in line for line in told[2:]), told
    assert "to download" not in shell("models", "pull", slow_model.id).stderr
    assert "matches its digest" in shell("models", "verify", slow_model.id).stdout
    Path(files[0]).write_bytes(b"something else")
    shell("models", "verify", slow_model.id, check=1)
    removed = json.loads(shell("models", "remove", slow_model.id, "--json").stdout)["removed"]
    assert set(removed) >= set(files)
    assert not Path(files[0]).exists()


def test_what_lies_in_a_shared_folder_is_not_removed(shell: Shell, models: Path) -> None:
    assert shell("models", "remove", "galileo-nano").stdout.startswith("Nothing to remove: ")
    assert (models / "galileo-nano" / "encoder.pt").is_file()


def test_a_model_is_added_with_the_files_beside_its_card(
    shell: Shell, slow_model: Any, scratch_home: Path, tmp_path: Path
) -> None:
    path = scratch_home / "models" / slow_model.id / "card.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    card["assets"]["weights"]["href"] = "net.onnx"
    (tmp_path / "net.json").write_text(json.dumps(card), encoding="utf-8")
    shell("models", "add", str(tmp_path / "net.json"), check=1)
    assert not path.exists()
    (tmp_path / "net.onnx").write_bytes(b"weights")
    shell("models", "add", str(tmp_path / "net.onnx"))
    assert (path.parent / "net.onnx").read_bytes() == b"weights"
    assert path.is_file()
    card["id"] = "galileo-nano"
    (tmp_path / "net.json").write_text(json.dumps(card), encoding="utf-8")
    assert "another model galileo-nano" in shell("models", "add", str(tmp_path / "net.json"), check=2).stderr


def _interruptible(plugins: Path, engine_python: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "geofm", *words],
        cwd=plugins,
        env={**os.environ, "GEOFM_PYTHON": str(engine_python)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background has had the signal ignored, which is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_ends_all_jobs(
    plugins: Path, engine_python: Path, scratch_home: Path, tmp_path: Path
) -> None:
    import numpy as np
    import rasterio

    with rasterio.open(
        tmp_path / "large.tif", "w", driver="GTiff", width=3000, height=3000, count=1, dtype="uint8"
    ) as raster:
        raster.write(np.random.default_rng(0).integers(1, 255, (1, 3000, 3000), dtype="uint8"))
    job = {"task": "cluster", "inputs": [{"path": "large.tif"}], "model": "spectral-texture", "classes": 9}
    path = str(_job_file(tmp_path, output="out.tif", **job))
    process = _interruptible(plugins, engine_python, "run", path, path, path)
    assert process.stderr is not None
    assert process.stderr.readline() == f"Job 1 of 3: {path}\n"
    process.stderr.readline()  # the first word of the engine
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out.startswith("0 of 3 jobs are done.\nFailed: ")
    assert "Job 2" not in err
    assert "Traceback" not in err
    assert sorted(found.name for found in tmp_path.glob("*")) == ["a.job.json", "home", "large.tif"]


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_cancels_and_exits_with_130(
    plugins: Path, slow_model: Any, engine_python: Path, scratch_home: Path
) -> None:
    process = _interruptible(plugins, engine_python, "models", "pull", slow_model.id)
    assert slow_model.started.wait(60)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert out == ""
    assert "Cancel" in err
    assert "Traceback" not in err


# --- doctor, setup, misuse --------------------------------------------------------------------


def test_doctor_tells_people_and_programs(shell: Shell, engine_python: Path, scratch_home: Path) -> None:
    facts = json.loads(shell("doctor", "--json").stdout)
    assert facts["problems"] == []
    assert facts["home"] == str(scratch_home)
    assert facts["environment"] == {
        "state": "ready",
        "usable": True,
        "python": str(engine_python),
        "message": "The engine runs on the Python of GEOFM_PYTHON.",
    }
    assert facts["engine"]["devices"]["chosen"]
    assert set(facts["engine"]["extras"]) == {"openvino"}
    text = shell("doctor", GEOFM_CACHE="").stdout
    words_of = ("torch", "GDAL", "Device: ", "bf16: ", "Extra openvino: ", "Free disk space")
    words_of += ("Kept encodings: 0.0 GB of at most",)
    for words in (*words_of, "Everything is in order."):
        assert words in text


@pytest.mark.skipif(os.name == "nt", reason="plants a shell script")
@pytest.mark.parametrize(
    ("driver", "words"),
    [("580.95.05", "can run CUDA 13.0"), ("550.54.14", "its driver 550.54.14 is too old")],
)
def test_doctor_says_what_the_nvidia_driver_says(
    shell: Shell, tmp_path: Path, driver: str, words: str
) -> None:
    table = "index, name, memory.total [MiB], driver_version, compute_cap\\n"
    table += f"0, NVIDIA RTX 4090, 24564 MiB, {driver}, 8.9\\n"
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\nprintf '{table}'\n", encoding="utf-8")
    program.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    facts = json.loads(shell("doctor", "--json", PATH=path).stdout)
    accelerator = facts["accelerator"]
    assert accelerator["name"] == ("cuda" if driver > "580" else "cpu")
    assert words in accelerator["reason"]
    (gpu,) = accelerator["gpus"]
    assert (gpu["name"], gpu["driver"], gpu["memory"]) == ("NVIDIA RTX 4090", driver, 24564 * 2**20)
    if not facts["engine"]["devices"]["cuda_build"]:
        # This engine cannot see it, and says what would help.
        (unseen,) = facts["engine"]["devices"]["gpus"]
        assert unseen["fault"]
    text = shell("doctor", PATH=path).stdout
    assert f"NVIDIA driver: NVIDIA RTX 4090, 24 GB, driver {driver}, compute capability 8.9" in text
    assert words in text


def test_what_is_kept_is_shown_and_cleared(shell: Shell, scratch_home: Path) -> None:
    kept = scratch_home / "encodings" / "key" / "0-0.tokens"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(bytes(80_000_000))
    facts = json.loads(shell("cache", "show", "--json", GEOFM_CACHE="").stdout)
    assert facts["folder"] == str(kept.parent.parent)
    assert (facts["entries"], facts["setting"]) == (1, 10_000_000_000)
    said = shell("cache", "show", GEOFM_CACHE="0.5").stdout
    assert said.startswith("Kept encodings: 0.1 GB of at most 0.5 GB")
    assert "0.1 GB, which GEOFM_CACHE=0 leaves alone" in shell("cache", "show", GEOFM_CACHE="0").stdout
    assert "GEOFM_CACHE is 'much'" in shell("cache", "show", GEOFM_CACHE="much", check=2).stderr
    assert shell("cache", "clear").stdout.startswith("Removed 0.1 GB")
    assert not kept.exists()


def test_doctor_without_an_engine_says_what_to_do(shell: Shell) -> None:
    done = shell("doctor", GEOFM_PYTHON="", check=1)
    assert "python -m geofm setup" in done.stdout
    facts = json.loads(shell("doctor", "--json", GEOFM_PYTHON="", check=1).stdout)
    assert facts["engine"] is None
    assert facts["environment"]["state"] == "missing"


def test_setup_leaves_a_foreign_environment_alone(shell: Shell) -> None:
    assert "GEOFM_PYTHON" in shell("setup", check=2).stderr


@pytest.mark.parametrize(
    "words", [(), ("fly",), ("run",), ("models",), ("models", "pull"), ("cache",)]
)
def test_misuse_exits_with_2(shell: Shell, words: tuple[str, ...]) -> None:
    assert "usage:" in shell(*words, check=2).stderr


def test_the_folder_itself_can_be_started_from_anywhere(scratch_home: Path, tmp_path: Path) -> None:
    root = tmp_path / "any name"
    root.symlink_to(Path(__file__).resolve().parents[2], target_is_directory=True)
    command = [sys.executable, str(root), "--version"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("GeoFM ")


def test_progress_is_one_line() -> None:
    assert progress_text(Progress("map", 30, 120, "block 3", 75.4)) == "map  25%  1 min 15 s left  block 3"
    assert progress_text(Progress("load", 0, 0)) == "load"
    assert progress_text(Progress("map", 1, 2, "", 7300.0)) == "map  50%  2 h 01 min left"
