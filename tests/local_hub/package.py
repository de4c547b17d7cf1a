"""The npm package as it would be published: what `npx --yes projen package:hub` has packed."""

from __future__ import annotations

import json
import tarfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# Where it is made, and where the tools are that it is made with.
SOURCE = ROOT / "src" / "construct_hub"
# The functions' code is the Python edition's.
HANDLERS = ROOT / "src" / "cdk_privatelink" / "custom_resources" / "handlers"


class Package:
    """A packed tarball, read."""

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
        """What npm knows of it."""
        return dict(json.loads(self.files["package/package.json"]))

    @property
    def assembly(self) -> dict[str, Any]:
        """What jsii knows of it."""
        return dict(json.loads(self.files["package/.jsii"]))

    @property
    def packed_at(self) -> str:
        """When it was packed, as nobody has published it yet."""
        packed = datetime.fromtimestamp(_changed(self.tarball), timezone.utc)
        return packed.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def unpack(self, folder: Path) -> Path:
        """Unpack it, and give the folder with its package.json."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder / "package"


def packed() -> Path:
    """Find the tarball, which has to be of the sources as they are now."""
    manifest = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))
    tarball = ROOT / "dist" / "js" / f"{manifest['name']}-{manifest['version']}.tgz"
    found, remedy = tarball.relative_to(ROOT), "run `npx --yes projen package:hub`"
    if not tarball.exists():
        raise LookupError(f"{found} is missing: {remedy}")
    newest = max(_sources(), key=_changed)
    if _changed(newest) > _changed(tarball):
        raise LookupError(f"{found} is older than {newest.relative_to(ROOT)}: {remedy}")
    return tarball


def _sources() -> list[Path]:
    """List what the tarball is made of."""
    return [
        SOURCE / "README.md",
        SOURCE / "package.json",
        *(SOURCE / "src").rglob("*.ts"),
        *(SOURCE / "rosetta").glob("*"),
        *HANDLERS.glob("*.py"),
    ]


def _changed(path: Path) -> float:
    return path.stat().st_mtime
