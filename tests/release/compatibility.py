"""What would break for those who upgrade from the last release to this work tree.

The last release is read from its tag, so nobody has to keep a record of it, and nobody can
change it: `python -m tests.release.compatibility`.
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
# Apps of users: those of the last release have to come out of this one as they did.
APPS = "examples/*/app.py"
# What the library needs for itself. It is replaced without harm, so only that it stays the same
# resource is promised, which a changed id of a function would make undeployable.
INNER = {
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
}

_COLOURS = re.compile(r"\x1b\[\d+m")


def breaks(old: Path, new: Path) -> list[str]:
    """List what works with one source tree and not with another."""
    return [
        *in_python(old / "src", new / "src"),
        *in_typescript(old / HUB, new / HUB),
        *in_templates(old, new),
    ]


def in_python(old: Path, new: Path) -> list[str]:
    """Compare the public APIs of two packages: names, arguments, their kinds and defaults."""
    before, after = (_load(folder) for folder in (old, new))
    return [
        _COLOURS.sub("", found.explain(griffe.ExplanationStyle.ONE_LINE).strip())
        for found in griffe.find_breaking_changes(before, after)
    ]


def in_typescript(old: Path, new: Path) -> list[str]:
    """Compare what jsii has compiled: two folders with an assembly each."""
    process = _run("npx", "jsii-diff", str(old), str(new), cwd=ROOT / HUB)
    output = process.stdout + process.stderr
    found = [line.strip() for line in output.splitlines() if line.startswith("err ")]
    # A difference is one reason for it to fail, that it could not read them another.
    if process.returncode != 0 and not found:
        raise ChildProcessError(output)
    return found


def in_templates(old: Path, new: Path) -> list[str]:
    """Run the apps of the old tree with either library, and compare what comes out."""
    found = []
    for app in sorted(old.glob(APPS)):
        before = synthesise(app.parent, old)
        try:
            after = synthesise(app.parent, new)
        except ChildProcessError as error:
            found.append(f"{app.parent.name}: fails with {str(error).splitlines()[-1]}")
            continue
        for stack, template in before.items():
            found += [
                f"{app.parent.name}: {stack}: {change}"
                for change in changes(template, after.get(stack, {}))
            ]
    return found


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Tell what an update from one template to the other would replace, remove or set anew."""
    resources = after.get("Resources", {})
    for logical_id, was in before["Resources"].items():
        name = f"{logical_id} ({was['Type']})"
        now = resources.get(logical_id)
        if now is None:
            yield f"{name} is gone"
        elif now["Type"] != was["Type"]:
            yield f"{name} is an {now['Type']}"
        elif was["Type"] not in INNER:
            yield from (f"{name}: {change}" for change in _changed(was, now))
    for output in before.get("Outputs", {}).keys() - after.get("Outputs", {}).keys():
        yield f"output {output} is gone"


def _changed(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    before, after = was.get("Properties", {}), now.get("Properties", {})
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield f"{key} was {before.get(key)}, is {after.get(key)}"


def synthesise(app: Path, tree: Path) -> dict[str, dict[str, Any]]:
    """Make the templates of an app with the library of a source tree."""
    with tempfile.TemporaryDirectory() as folder:
        variables = app_environment(app, Path(folder)) | {"PYTHONPATH": str(tree / "src")}
        process = _run(sys.executable, "app.py", cwd=app, variables=variables)
        if process.returncode != 0:
            raise ChildProcessError(process.stderr.strip())
        return Assembly(Path(folder)).templates


def released(tag: str, folder: Path) -> Path:
    """Lay out a release as it was tagged, with the edition for Construct Hub compiled."""
    archive = folder / "release.tar"
    for command in (
        ("git", "archive", "--output", str(archive), tag),
        ("tar", "--extract", "--file", str(archive), "--directory", str(folder)),
    ):
        _checked(_run(*command, cwd=ROOT))
    modules = folder / HUB / "node_modules"
    modules.symlink_to(ROOT / HUB / "node_modules")
    _checked(_run("npx", "jsii", cwd=folder / HUB))
    return folder


def main() -> str | None:
    """Tell what breaks although the next version may not, or else nothing."""
    releases = Releases()
    before = releases.released
    if before is None:
        sys.stdout.write("Nothing was released yet that this could be compared with\n")
        return None
    after = releases.upcoming or before
    with tempfile.TemporaryDirectory() as folder:
        found = breaks(released(f"v{before}", Path(folder)), ROOT)
    sys.stdout.write("\n".join((f"{before} -> {after}: {len(found)} breaking changes", *found, "")))
    return verdict(before, after, found)


def verdict(before: str, after: str, found: list[str]) -> str | None:
    """Tell what is wrong with changes that break something, for a version."""
    if not found or may_break(before, after):
        return None
    return (
        f"What works with {before} would not work with {after}, as the commits make it. Keep it"
        " working, or mark the commit that breaks it with `!` (`feat!: ...`), which raises the"
        " version by as much."
    )


def _load(folder: Path) -> griffe.Object | griffe.Alias:
    return griffe.load(MODULE, search_paths=[folder], try_relative_path=False)


def _run(
    *command: str, cwd: Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env=variables, capture_output=True, text=True, check=False
    )


def _checked(process: subprocess.CompletedProcess[str]) -> None:
    if process.returncode != 0:
        raise ChildProcessError(f"{process.args}: {process.stdout}{process.stderr}")


if __name__ == "__main__":
    sys.exit(main())
