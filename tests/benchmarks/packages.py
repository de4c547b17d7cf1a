"""How large the wheel is, and how much longer it takes to install than aws-cdk-lib alone."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree

from tests.benchmarks.sampling import by_turns, ratio, run, spread
from tests.benchmarks.table import Table

ROOT = Path(__file__).parents[2]
SAMPLES = 5
UV = (sys.executable, "-m", "uv")


def measure() -> list[Table]:
    """Install both by turns, each into an empty environment."""
    with tempfile.TemporaryDirectory() as folder:
        run([sys.executable, "-m", "build", "--wheel", "--outdir", folder, f"{ROOT}"])
        (wheel,) = Path(folder).glob("*.whl")
        cdk = f"aws-cdk-lib=={version('aws-cdk-lib')}"
        contenders: dict[str, Callable[[], float]] = {
            "aws-cdk-lib": partial(_install, [cdk]),
            "cdk-privatelink, which brings aws-cdk-lib": partial(_install, [cdk, f"{wheel}"]),
        }
        sizes = [_installed([cdk]), _installed([cdk, f"{wheel}"])]
        samples = by_turns(contenders, SAMPLES)
        cdk_seconds, both_seconds = samples.values()
        rows = [
            [name, f"{size:,}", spread(taken)]
            for (name, taken), size in zip(samples.items(), sizes, strict=True)
        ]
        rows.append(
            ["ratio", f"{sizes[1] / sizes[0]:.4f}", f"{ratio(both_seconds, cdk_seconds):.2f}"]
        )
        about = (
            f"The wheel has {wheel.stat().st_size:,} bytes. Bytes as installed, and the seconds "
            "that uv takes to install from its cache into an empty environment: the median of "
            f"{SAMPLES} (least-most)."
        )
    return [Table("Installation", about, ["", "bytes", "seconds"], rows, samples)]


def _install(requirements: list[str], folder: str | None = None) -> float:
    place = folder or tempfile.mkdtemp()
    try:
        run([*UV, "venv", "--quiet", "--python", sys.executable, place])
        python = f"{Path(place, 'bin', 'python')}"
        return run([*UV, "pip", "install", "--quiet", "--python", python, *requirements]).seconds
    finally:
        if folder is None:
            rmtree(place)


def _installed(requirements: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        _install(requirements, folder)
        files = (path for path in Path(folder).rglob("*") if path.is_file())
        return sum(path.stat().st_size for path in files)
