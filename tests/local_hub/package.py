"""The npm package from `npx --yes projen package:hub`."""

from __future__ import annotations

import json
import tarfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# The folder of the sources and tools of the package.
SOURCE = ROOT / "src" / "construct_hub"
# Both editions have the same Lambda functions.
HANDLERS = ROOT / "src" / "cdk_privatelink" / "custom_resources" / "handlers"


class Package:
    """The content of a tarball."""

    def __init__(self, tarball: Path) -> None:
        """Read the files of a tarball."""
        self.tarball = tarball
        with tarfile.open(tarball) as archive:
            self.files = {
                member.name: content.read()
                for member in archive
                if (content := archive.extractfile(member))
            }

    @property
    def manifest(self) -> dict[str, Any]:
        """The `package.json` file."""
        return dict(json.loads(self.files["package/package.json"]))

    @property
    def assembly(self) -> dict[str, Any]:
        """The jsii assembly."""
        return dict(json.loads(self.files["package/.jsii"]))

    @property
    def packed_at(self) -> str:
        """The time of packing, which replaces the time of publication."""
        packed = datetime.fromtimestamp(_modified_time(self.tarball), timezone.utc)
        return packed.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def unpack(self, folder: Path) -> Path:
        """Unpack the tarball and return the folder with `package.json`."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder / "package"


def find_tarball() -> Path:
    """Return the path of the tarball, or raise an error if it is older than the sources."""
    manifest = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))
    tarball = ROOT / "dist" / "js" / f"{manifest['name']}-{manifest['version']}.tgz"
    name, fix = tarball.relative_to(ROOT), "run `npx --yes projen package:hub`"
    if not tarball.exists():
        raise LookupError(f"{name} is missing: {fix}")
    newest = max(_sources(), key=_modified_time)
    if _modified_time(newest) > _modified_time(tarball):
        raise LookupError(f"{name} is older than {newest.relative_to(ROOT)}: {fix}")
    return tarball


def _sources() -> list[Path]:
    """Return the source files of the tarball."""
    return [
        SOURCE / "README.md",
        SOURCE / "package.json",
        *(SOURCE / "src").rglob("*.ts"),
        *(SOURCE / "rosetta").glob("*"),
        *HANDLERS.glob("*.py"),
    ]


def _modified_time(path: Path) -> float:
    return path.stat().st_mtime
