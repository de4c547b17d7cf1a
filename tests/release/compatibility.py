"""Breaking changes between the last release and this work tree.

The last release is read from its tag, so that no record is required that a change could affect.
Run `python -m tests.release.compatibility`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import griffe

from projenrc.release import ROOT, Releases, may_break
from tools.assembly import Assembly, app_environment

MODULE = "cdk_privatelink"
HUB = Path("src", "construct_hub")
# Apps of users, whose templates must be compatible with the last release.
APPS = "examples/*/app.py"
# Internal resources of the library. Their replacement is harmless, but a changed logical id of a
# function would prevent the deployment, so only the id and type are compared.
INTERNAL_TYPES = {
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
}

_COLORS = re.compile(r"\x1b\[\d+m")


def find_breaking_changes(old: Path, new: Path) -> list[str]:
    """Return the breaking changes between two source trees."""
    return [
        *find_python_changes(old / "src", new / "src"),
        *find_typescript_changes(old / HUB, new / HUB),
        *find_template_changes(old, new),
    ]


def find_python_changes(old: Path, new: Path) -> list[str]:
    """Compare the public APIs of two packages: names, arguments, kinds and defaults."""
    before, after = (_load(folder) for folder in (old, new))
    return [
        _COLORS.sub("", found.explain(griffe.ExplanationStyle.ONE_LINE).strip())
        for found in griffe.find_breaking_changes(before, after)
    ]


def find_typescript_changes(old: Path, new: Path) -> list[str]:
    """Compare the jsii assemblies in two folders."""
    process = _run("npx", "jsii-diff", str(old), str(new), cwd=ROOT / HUB)
    output = process.stdout + process.stderr
    found = [line.strip() for line in output.splitlines() if line.startswith("err ")]
    # jsii-diff also fails if it cannot read an assembly.
    if process.returncode != 0 and not found:
        raise ChildProcessError(output)
    return found


def find_template_changes(old: Path, new: Path) -> list[str]:
    """Run the apps of the old tree with both libraries and compare the templates."""
    found = []
    for app in sorted(old.glob(APPS)):
        before = synthesize(app.parent, old)
        try:
            after = synthesize(app.parent, new)
        except ChildProcessError as error:
            found.append(f"{app.parent.name}: fails with {str(error).splitlines()[-1]}")
            continue
        for stack, template in before.items():
            found += [
                f"{app.parent.name}: {stack}: {change}"
                for change in compare_templates(template, after.get(stack, {}))
            ]
    return found


def compare_templates(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield the resources and properties that an update would replace, remove or change."""
    resources = after.get("Resources", {})
    for logical_id, old_resource in before["Resources"].items():
        name = f"{logical_id} ({old_resource['Type']})"
        new_resource = resources.get(logical_id)
        if new_resource is None:
            yield f"{name} is gone"
        elif new_resource["Type"] != old_resource["Type"]:
            yield f"{name} is an {new_resource['Type']}"
        elif old_resource["Type"] not in INTERNAL_TYPES:
            yield from (
                f"{name}: {change}" for change in _compare_properties(old_resource, new_resource)
            )
    for output in before.get("Outputs", {}).keys() - after.get("Outputs", {}).keys():
        yield f"output {output} is gone"


def _compare_properties(
    old_resource: Mapping[str, Any], new_resource: Mapping[str, Any]
) -> Iterator[str]:
    before, after = old_resource.get("Properties", {}), new_resource.get("Properties", {})
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield f"{key} was {before.get(key)}, is {after.get(key)}"


def synthesize(app: Path, tree: Path) -> dict[str, dict[str, Any]]:
    """Return the templates of an app with the library of a source tree."""
    with tempfile.TemporaryDirectory() as folder:
        variables = app_environment(app, Path(folder)) | {"PYTHONPATH": str(tree / "src")}
        process = _run(sys.executable, "app.py", cwd=app, variables=variables)
        if process.returncode != 0:
            raise ChildProcessError(process.stderr.strip())
        return Assembly(Path(folder)).templates


def extract_release(tag: str, folder: Path) -> Path:
    """Extract a tagged release to a folder and compile the edition for Construct Hub."""
    archive = folder / "release.tar"
    for command in (
        ("git", "archive", "--output", str(archive), tag),
        ("tar", "--extract", "--file", str(archive), "--directory", str(folder)),
    ):
        _check_process(_run(*command, cwd=ROOT))
    modules = folder / HUB / "node_modules"
    modules.symlink_to(ROOT / HUB / "node_modules")
    _check_process(_run("npx", "jsii", cwd=folder / HUB))
    return folder


def main() -> str | None:
    """Print the breaking changes. Return a message if the next version must not have them."""
    releases = Releases()
    before = releases.released
    if before is None:
        sys.stdout.write("There is no release to compare with\n")
        return None
    after = releases.upcoming or before
    with tempfile.TemporaryDirectory() as folder:
        found = find_breaking_changes(extract_release(f"v{before}", Path(folder)), ROOT)
    sys.stdout.write("\n".join((f"{before} -> {after}: {len(found)} breaking changes", *found, "")))
    return check_version(before, after, found)


def check_version(before: str, after: str, found: list[str]) -> str | None:
    """Return a message if the version must not have breaking changes, otherwise `None`."""
    if not found or may_break(before, after):
        return None
    return (
        f"The changes from {before} to {after} must not be breaking. Restore compatibility, or mark"
        " the breaking commit with `!` (`feat!: ...`), which increases the version accordingly."
    )


def _load(folder: Path) -> griffe.Object | griffe.Alias:
    return griffe.load(MODULE, search_paths=[folder], try_relative_path=False)


def _run(
    *command: str, cwd: Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env=variables, capture_output=True, text=True, check=False
    )


def _check_process(process: subprocess.CompletedProcess[str]) -> None:
    if process.returncode != 0:
        raise ChildProcessError(f"{process.args}: {process.stdout}{process.stderr}")


if __name__ == "__main__":
    sys.exit(main())
