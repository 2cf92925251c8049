"""The model families against the original implementations: a row a case, in Markdown.

Usage: bench_conformance.py REFERENCE, the folder of the reference cases. Ends with 1 if a case differs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))

import conformance

ABOUT = """Largest difference of the main output to what the original implementation gave for the same
weights and inputs in float32 (one thread), in brackets to what it gave in float64, and the milliseconds of
the one call here. Weights are seeded random and sizes reduced, except those of Galileo and Presto, which are
the published ones. The nearer of the two must lie within 1e-5, of TerraMind within 5e-6: the originals' own
float32 is up to 1e-5 from their float64."""


def main(reference: Path) -> int:
    torch.set_num_threads(1)
    torch.set_float32_matmul_precision("highest")
    print(f"## Model families\n\n{ABOUT}\n")
    print("| family | case | largest difference | ms | |\n|---|---|---|---|---|")
    failed = 0
    for family, module in conformance.families().items():
        for case in conformance.cases(reference, family):
            found = conformance.check(module, case)
            failed += not found.passed
            word = "" if found.passed else "differs"
            far = f"{found.difference:.1e}"
            if f"{module.main_output(case)}__float64" in case.outputs:
                far += f" ({found.exact:.1e})"
            row = f"{family} | {case.name} | {far} | {found.milliseconds:.1f}"
            print(f"| {row} | {word} |")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
