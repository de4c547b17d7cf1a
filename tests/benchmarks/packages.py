"""The size of the wheel, and the time to install the library compared with aws-cdk-lib."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree

from tests.benchmarks.sampling import ratio, run, sample_in_turns, spread
from tests.benchmarks.table import Table

ROOT = Path(__file__).parents[2]
SAMPLES = 5
UV = (sys.executable, "-m", "uv")


def measure() -> list[Table]:
    """Install both packages in turns, each in an empty environment."""
    with tempfile.TemporaryDirectory() as folder:
        run([sys.executable, "-m", "build", "--wheel", "--outdir", folder, f"{ROOT}"])
        (wheel,) = Path(folder).glob("*.whl")
        cdk = f"aws-cdk-lib=={version('aws-cdk-lib')}"
        contenders: dict[str, Callable[[], float]] = {
            "aws-cdk-lib": partial(_install, [cdk]),
            "cdk-privatelink with aws-cdk-lib": partial(_install, [cdk, f"{wheel}"]),
        }
        sizes = [_measure_size([cdk]), _measure_size([cdk, f"{wheel}"])]
        samples = sample_in_turns(contenders, SAMPLES)
        cdk_seconds, both_seconds = samples.values()
        rows = [
            [name, f"{size:,}", spread(seconds)]
            for (name, seconds), size in zip(samples.items(), sizes, strict=True)
        ]
        rows.append(
            ["ratio", f"{sizes[1] / sizes[0]:.4f}", f"{ratio(both_seconds, cdk_seconds):.2f}"]
        )
        description = (
            f"The wheel has {wheel.stat().st_size:,} bytes. The table has installed bytes and the "
            "seconds to install with uv from its cache in an empty environment: the median of "
            f"{SAMPLES} (minimum-maximum)."
        )
    return [Table("Installation", description, ["", "bytes", "seconds"], rows, samples)]


def _install(requirements: list[str], folder: str | None = None) -> float:
    directory = folder or tempfile.mkdtemp()
    try:
        run([*UV, "venv", "--quiet", "--python", sys.executable, directory])
        python = f"{Path(directory, 'bin', 'python')}"
        return run([*UV, "pip", "install", "--quiet", "--python", python, *requirements]).seconds
    finally:
        if folder is None:
            rmtree(directory)


def _measure_size(requirements: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        _install(requirements, folder)
        files = (path for path in Path(folder).rglob("*") if path.is_file())
        return sum(path.stat().st_size for path in files)
