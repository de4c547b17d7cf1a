"""The files of the hub: the published front-end, and the data from its back-end."""

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
    """Write all files of the hub to a folder."""
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
    # There are no downloads.
    _write(site / "stats.json", {"packages": {}, "updated": package.packed_at})
    _write(site / "config.json", _config())
    # There are no scripts of an operator.
    (site / "preload.js").touch()
    _document(package, data)


def _assembly(package: Package) -> dict[str, Any]:
    """Return the assembly without the parts that the front-end does not read."""
    unused = "types", "readme", "dependencyClosure"
    return {key: value for key, value in package.assembly.items() if key not in unused}


def _metadata(package: Package) -> dict[str, Any]:
    """Return the metadata that the ingestion of the hub creates."""
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
    """Return a catalog with this package only."""
    manifest, metadata = package.manifest, _metadata(package)
    # The catalog has no license texts, which would affect the search.
    del metadata["licenseText"]
    keys = "author", "description", "keywords", "license", "name", "version"
    entry = {
        **{key: manifest[key] for key in keys},
        "languages": manifest["jsii"]["targets"],
        "major": int(manifest["version"].split(".")[0]),
        "metadata": metadata,
    }
    return {"packages": [entry], "updated": package.packed_at}


def _config() -> dict[str, Any]:
    """Return the default configuration of the hub."""
    return {
        "packageLinks": [],
        "packageTags": [],
        "packageTagGroups": [],
        "featuredPackages": {"sections": [{"name": "Recently updated", "showLastUpdated": 10}]},
    }


def _document(package: Package, folder: Path) -> None:
    """Render the documentation of the tarball, not of the sources."""
    with tempfile.TemporaryDirectory(prefix="local-hub-") as unpacked:
        source = package.unpack(Path(unpacked))
        # The dependencies that npm would install, whose assemblies the API refers to.
        (source / "node_modules").symlink_to(SOURCE / "node_modules")
        subprocess.run(["node", str(DOCS), str(source), str(folder)], cwd=SOURCE, check=True)


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
