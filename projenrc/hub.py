"""The edition for Construct Hub: its package.json."""

from __future__ import annotations

from projen import JsonFile
from projen.python import PythonProject

from projenrc.dependencies import HUB_DEVELOPMENT, LOWEST
from projenrc.metadata import (
    AUTHOR,
    DESCRIPTION,
    HUB,
    KEYWORDS,
    LICENSE,
    MODULE,
    NAME,
    REPOSITORY,
    VERSION,
)

# jsii compiles it with the lowest versions that it supports.
_PEERS = {name: version for name, version in LOWEST.items() if name != "jsii"}


def write_hub_package(project: PythonProject) -> None:
    """Write package.json, and ignore the files that the build creates."""
    project.gitignore.exclude(
        "node_modules/",
        *(f"/{HUB}/{name}" for name in ("LICENSE", "dist/", "handlers/", "lib/", "tsconfig.json")),
        *(f"/{HUB}/{name}" for name in (".jsii*", "*.tsbuildinfo", "package-lock.json")),
    )
    JsonFile(
        project,
        f"{HUB}/package.json",
        obj={
            "name": NAME,
            "version": VERSION,
            "description": DESCRIPTION,
            "author": {"name": AUTHOR, "organization": True},
            "homepage": REPOSITORY,
            "repository": {"type": "git", "url": f"{REPOSITORY}.git", "directory": HUB},
            "bugs": {"url": f"{REPOSITORY}/issues"},
            "license": LICENSE,
            "keywords": KEYWORDS,
            "engines": {"node": ">= 20"},
            "main": "lib/index.js",
            "types": "lib/index.d.ts",
            "files": [".jsii", ".jsii.tabl.json", "handlers/*.py", "lib/**/*.js", "lib/**/*.d.ts"],
            "stability": "stable",
            "jsii": {
                "outdir": "dist",
                "versionFormat": "full",
                # pip installs the Python edition under this name. It has the same API.
                "targets": {"python": {"distName": NAME, "module": MODULE}},
                "tsc": {"rootDir": "src", "outDir": "lib"},
            },
            "peerDependencies": {name: f"^{version}" for name, version in _PEERS.items()},
            "devDependencies": {**HUB_DEVELOPMENT, **_PEERS},
        },
    )
