"""The distribution for PyPI: setup.py."""

from __future__ import annotations

from pprint import pformat

from projen import Project, TextFile

from projenrc.dependencies import RUNTIME
from projenrc.metadata import (
    AUTHOR,
    DESCRIPTION,
    KEYWORDS,
    LICENSE,
    MODULE,
    NAME,
    PYTHONS,
    REPOSITORY,
    ROOMS,
    VERSION,
)

_SETUP = {
    "name": NAME,
    "version": VERSION,
    "description": DESCRIPTION,
    "long_description_content_type": "text/markdown",
    "author": AUTHOR,
    "url": REPOSITORY,
    "project_urls": {
        "Changelog": f"{REPOSITORY}/blob/main/CHANGELOG.md",
        "Issues": f"{REPOSITORY}/issues",
        "Source": REPOSITORY,
    },
    "license": LICENSE,
    "keywords": KEYWORDS,
    "classifiers": [
        "Development Status :: 4 - Beta",
        "Framework :: AWS CDK",
        "Framework :: AWS CDK :: 2",
        "Intended Audience :: Developers",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3 :: Only",
        *(f"Programming Language :: Python :: {python}" for python in PYTHONS),
        "Topic :: System :: Networking",
        "Typing :: Typed",
    ],
    "python_requires": f">={PYTHONS[0]}",
    "install_requires": [
        f"{name}{versions.replace(' ', ',')}" for name, versions in RUNTIME.items()
    ],
    "package_dir": {"": "src"},
    "packages": [MODULE, *(f"{MODULE}.{room}" for room in ROOMS)],
    # The handlers are data: the library reads their text, and Lambda runs it.
    "package_data": {MODULE: ["py.typed"], f"{MODULE}.custom_resources": ["handlers/*.py"]},
}
# Relative links work on GitHub only. On PyPI, links are those of the release's tag.
_SCRIPT = """\
import re
from pathlib import Path

from setuptools import setup

readme = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
links = {{"docs/images/": "{repository}/raw/v{version}/", "": "{repository}/blob/v{version}/"}}
for folder, target in links.items():
    readme = re.sub(rf"\\]\\((?!https:|#)(?={{folder}})", f"]({{target}}", readme)

setup(
    long_description=readme,
{arguments}
)
"""


def write_setup(project: Project) -> None:
    """Write setup.py. The component of projen does not support a long description."""
    arguments = "\n".join(
        f"    {key}={pformat(value, width=94, sort_dicts=False)}," for key, value in _SETUP.items()
    )
    script = _SCRIPT.format(repository=REPOSITORY, version=VERSION, arguments=arguments)
    file = TextFile(project, "setup.py")
    file.add_line(f"# {file.marker}")
    for line in script.splitlines():
        file.add_line(line)
    file.add_line("")
