"""Runs all or some benchmarks: ``python -m tests.benchmarks synthesis``.

The output in ``dist/benchmarks/`` is tables as Markdown, all samples as JSON, and a plot.
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
# The module names of benchmarks.
MEASUREMENTS = (
    *("round_trips", "deployed", "imports", "packages", "handlers", "managers", "synthesis"),
    "endpoints",
)


def main(names: Sequence[str]) -> None:
    """Run the benchmarks and write the results."""
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        sys.exit(f"Unknown benchmark `{unknown[0]}`; pass one of {', '.join(MEASUREMENTS)}")
    # pip compiles the modules when it installs the wheel.
    compile_dir(ROOT / "src", quiet=1)
    RESULTS.mkdir(parents=True, exist_ok=True)
    tables: list[Table] = []
    for name in names or MEASUREMENTS:
        new_tables = import_module(f"tests.benchmarks.{name}").measure()
        for table in new_tables:
            sys.stdout.write(f"{table.as_markdown()}\n")
        tables += new_tables
    properties = describe_machine()
    (RESULTS / "results.json").write_text(
        json.dumps(
            {"machine": properties, "tables": [table.as_json() for table in tables]}, indent=2
        ),
        encoding="utf-8",
    )
    description = ", ".join(f"{name} {value}" for name, value in properties.items())
    markdown = "\n".join(table.as_markdown() for table in tables)
    (RESULTS / "results.md").write_text(f"{description}\n\n{markdown}", encoding="utf-8")
    _plot(tables)


def describe_machine() -> dict[str, str]:
    """Return the properties of the machine."""
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
    time_tables = [table for table in tables if "services" in table.samples]
    if time_tables:
        # Imported lazily: only the plot requires matplotlib.
        from tests.benchmarks.plot import plot

        plot(time_tables, RESULTS / "benchmarks.svg")


if __name__ == "__main__":
    main(sys.argv[1:])
