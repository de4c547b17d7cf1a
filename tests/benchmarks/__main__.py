"""Runs all benchmarks, or the named ones: ``python -m tests.benchmarks synthesis``.

The results go into ``dist/benchmarks/``: a table as Markdown, all samples as JSON, and a plot.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from compileall import compile_dir
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.table import Table

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "dist" / "benchmarks"
# By their modules.
MEASUREMENTS = ("round_trips", "deployed", "imports", "packages", "handlers", "synthesis")


def main(names: Sequence[str]) -> None:
    """Measure, and write down what came of it."""
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        sys.exit(f"There is no benchmark `{unknown[0]}`, but {', '.join(MEASUREMENTS)}")
    # As pip does it, when it installs the wheel.
    compile_dir(ROOT / "src", quiet=1)
    RESULTS.mkdir(parents=True, exist_ok=True)
    tables: list[Table] = []
    for name in names or MEASUREMENTS:
        measured = import_module(f"tests.benchmarks.{name}").measure()
        for table in measured:
            sys.stdout.write(f"{table.as_markdown()}\n")
        tables += measured
    facts = machine()
    (RESULTS / "results.json").write_text(
        json.dumps({"machine": facts, "tables": [table.as_json() for table in tables]}, indent=2),
        encoding="utf-8",
    )
    told = ", ".join(f"{name} {value}" for name, value in facts.items())
    written = "\n".join(table.as_markdown() for table in tables)
    (RESULTS / "results.md").write_text(f"{told}\n\n{written}", encoding="utf-8")
    _plot(tables)


def machine() -> dict[str, str]:
    """Tell what it was measured on."""
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return {
        "CPUs": f"{os.cpu_count()}",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "Node.js": node.stdout.strip(),
        "aws-cdk-lib": version("aws-cdk-lib"),
        "jsii": version("jsii"),
        "boto3": version("boto3"),
        "load at the end": f"{os.getloadavg()[2]:.1f}",
    }


def _plot(tables: Sequence[Table]) -> None:
    plotted = [table for table in tables if "services" in table.samples]
    if plotted:
        # Only who plots needs what it is plotted with.
        from tests.benchmarks.plot import plot

        plot(plotted, RESULTS / "benchmarks.svg")


if __name__ == "__main__":
    main(sys.argv[1:])
