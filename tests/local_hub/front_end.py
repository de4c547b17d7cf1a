"""The files of the hub: its front-end as published, and what its back-end would make for it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .package import SOURCE, Package

DOCS = Path(__file__).with_name("docs.mjs")


def build(package: Package, site: Path) -> None:
    """Write everything that the hub serves into a folder."""
    front_end = SOURCE / "node_modules" / "construct-hub-webapp" / "build"
    shutil.copytree(front_end, site, dirs_exist_ok=True)
    name, version = package.manifest["name"], package.manifest["version"]
    data = site / "data" / name / f"v{version}"
    data.mkdir(parents=True)
    _write(data / "assembly.json", _assembly(package))
    _write(data / "metadata.json", _metadata(package))
    _write(site / "catalog.json", _catalog(package))
    _write(
        site / "all-versions.json",
        {"packages": {name: [version]}, "updatedAt": package.packed_at},
    )
    # Nobody has downloaded it.
    _write(site / "stats.json", {"packages": {}, "updated": package.packed_at})
    _write(site / "config.json", _config())
    # Scripts of whoever runs a hub: none.
    (site / "preload.js").touch()
    _document(package, data)


def _assembly(package: Package) -> dict[str, Any]:
    """Leave out what the front-end does not read."""
    unread = "types", "readme", "dependencyClosure"
    return {key: value for key, value in package.assembly.items() if key not in unread}


def _metadata(package: Package) -> dict[str, Any]:
    """Tell what the hub finds out when it takes a package in."""
    aws_cdk = package.assembly["dependencies"]["aws-cdk-lib"]
    (major,) = re.findall(r"\d+", aws_cdk)[:1]
    return {
        "constructFrameworks": [{"name": "aws-cdk", "majorVersion": int(major)}],
        "date": package.packed_at,
        "licenseText": package.files["package/LICENSE"].decode(),
        "packageLinks": {},
        "packageTags": [],
    }


def _catalog(package: Package) -> dict[str, Any]:
    """List the package, alone: the front page and the search know of nothing else."""
    manifest, metadata = package.manifest, _metadata(package)
    # It would only be in the way of the search.
    del metadata["licenseText"]
    of_manifest = "author", "description", "keywords", "license", "name", "version"
    entry = {
        **{key: manifest[key] for key in of_manifest},
        "languages": manifest["jsii"]["targets"],
        "major": int(manifest["version"].split(".")[0]),
        "metadata": metadata,
    }
    return {"packages": [entry], "updated": package.packed_at}


def _config() -> dict[str, Any]:
    """Configure the front-end as the hub does when it is told nothing."""
    return {
        "packageLinks": [],
        "packageTags": [],
        "packageTagGroups": [],
        "featuredPackages": {"sections": [{"name": "Recently updated", "showLastUpdated": 10}]},
    }


def _document(package: Package, folder: Path) -> None:
    """Render the documentation of what is packed, not of the sources that lie around it."""
    with tempfile.TemporaryDirectory(prefix="local-hub-") as unpacked:
        source = package.unpack(Path(unpacked))
        # As npm would install them for it: the assemblies of what its API refers to.
        (source / "node_modules").symlink_to(SOURCE / "node_modules")
        subprocess.run(["node", str(DOCS), str(source), str(folder)], cwd=SOURCE, check=True)


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
