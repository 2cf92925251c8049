"""Measures accuracy and speed into docs/benchmarks.md: `make bench`, or `make bench PARTS="memory"`.

Each part is a script of its own that prints its section; a part that was not asked for keeps the
section that it has. Times are ratios taken in one run: let nothing else compute meanwhile.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Made by `make bench`; `make bench PARTS="{parts}"` repeats some. Under each title stands what the part
was measured on. Figures of speed are ratios to something measured in the same run."""


def parts() -> dict[str, list[str | Path]]:
    """The command of each part, in the page's order.

    Raises:
        KeyError: naming the variable that does not say where the development data lie.
    """
    samples = Path(os.environ["GEOFM_SAMPLES"])
    models = [Path(folder) for folder in os.environ["GEOFM_MODELS"].split(os.pathsep)]
    galileo = next(folder for folder in models if (folder / "galileo-nano").is_dir())
    qgis, engine = os.environ["QGIS_PYTHON"], ROOT / "build" / "dev" / "bin" / "python"
    weights = galileo / "galileo-nano" / "encoder.pt"
    return {
        "accuracy": [qgis, "bench_accuracy.py", samples],
        "teaching": [engine, "bench_teaching.py", samples, galileo],
        # Seed and number of scenes: all nine take half an hour.
        "planted": [engine, "bench_planted.py", samples / "sentinel2-chips", "2", "4"],
        "change": [engine, "bench_change.py", samples / "sentinel2-chips"],
        "series": [engine, "bench_series.py", samples / "sentinel2-chips", galileo],
        "fusion": [engine, "bench_fusion.py", samples / "sentinel2-chips"],
        "conformance": [engine, "bench_conformance.py", Path(os.environ["GEOFM_REFERENCE"])],
        "seams": [engine, "bench_seams.py", samples / "sentinel2-chips"],
        "precision": [engine, "bench_precision.py", samples, weights],
        "encodings": [engine, "bench_encodings.py", samples],
        "live": [engine, "bench_live.py", samples / "sentinel2-chips"],
        "desktop": [ROOT / "build" / "qgis" / "bin" / "python", "bench_desktop.py"],
        "trust": [engine, "bench_trust.py", samples],
        "throughput": [engine, "bench_throughput.py"],
        "polygons": [engine, "bench_polygons.py"],
        "memory": [engine, "bench_memory.py"],
    }


def section(command: list[str | Path]) -> str:
    """What a part prints, with what it was measured on under its title.

    Raises:
        subprocess.CalledProcessError: if it fails; its errors are on the terminal.
    """
    python, script, *arguments = map(str, command)
    start = time.monotonic()
    done = subprocess.run(
        [python, str(ROOT / "scripts" / script), *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT / "build" / "plugins",
    )
    title, _, rest = done.stdout.strip().partition("\n")
    minutes = (time.monotonic() - start) / 60
    return f"{title}\n\n*{machine()}; {minutes:.0f} min.*\n\n{rest.strip()}"


def machine() -> str:
    """Cores, processor and GPU in words."""
    facts = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    name = re.search(r"^model name\s*: (.*)$", facts, re.M)
    units = [unit for unit in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if f" {unit}" in facts]
    cpu = " ".join((name.group(1) if name else platform.processor() or platform.machine()).split())
    told = f" ({', '.join(units)})" if units else ""
    return f"{os.cpu_count()} cores of {cpu}{told}; {gpu()}"


def gpu() -> str:
    try:
        asked = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
        return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "no GPU"


def standing(page: str) -> dict[str, str]:
    """The sections of the page as it is, by part."""
    pieces = re.split(r"^<!-- (\w+) -->\n", page, flags=re.M)
    return {name: text.strip() for name, text in zip(pieces[1::2], pieces[2::2])}


def main(wanted: list[str]) -> int:
    """Measure the wanted parts, all if none is named."""
    try:
        known = parts()
    except KeyError as error:
        print(f"The benchmarks need {error.args[0]}; see CONTRIBUTING.md.", file=sys.stderr)
        return 1
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        print(f"Unknown: {', '.join(unknown)}. Known are: {', '.join(known)}.", file=sys.stderr)
        return 2
    for name in wanted or known:
        print(f"Measuring {name} ...", file=sys.stderr)
        sections = standing(PAGE.read_text(encoding="utf-8"))
        sections[name] = section(known[name])
        ordered = [f"<!-- {part} -->\n{sections[part]}" for part in known if part in sections]
        text = "\n\n".join([HEAD.format(parts=" ".join(list(known)[:2])), *ordered])
        PAGE.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
