"""The tasks: `npx --yes projen TASK`. Each one installs what it needs first."""

from __future__ import annotations

from collections.abc import Mapping

from projen import Task
from projen.python import PythonProject

from projenrc.dependencies import (
    BENCHMARKS_NODE,
    BENCHMARKS_PYTHON,
    CDK_CLI,
    DEVELOPMENT,
    DOCS,
    LOCAL_AWS,
    LOWEST,
    MERMAID,
    NODE_TOOLS,
    NODEJS,
    PUBLIB,
    UV,
    VERDACCIO,
)
from projenrc.metadata import HUB, MODULE, NAME, VERSION

_BENCHMARKS = "dist/benchmarks"
_PACK_HUB = "npm pack --silent --pack-destination ../../dist/js"
# MkDocs Material prints a maintenance notice in every build: see decision 18.
_QUIET = {"NO_MKDOCS_2_WARNING": "1"}


class Tasks:
    """The tasks of the project."""

    def __init__(self, project: PythonProject) -> None:
        """Create all tasks."""
        self._tasks = project.tasks
        # Everything is installed into .venv, which comes first on the PATH of the tasks.
        self._tasks.add_environment("VIRTUAL_ENV", "$(echo $PWD/.venv)")
        self._tasks.add_environment("PATH", "$(echo $PWD/.venv/bin:$PATH)")
        self._python = self._add_install_library()
        self._cdk = self._add_install_local()
        self._install = self._add_install()
        self._compile_hub = self._add_compile_hub()
        self._lint = self._add_lint()
        self._add_tests()
        self._add_demo_and_docs()
        self._add_packages()
        self._add_releases()
        if project.default_task:
            project.default_task.prepend_spawn(self._install)

    def _task(self, name: str, description: str, *prerequisites: Task) -> Task:
        """Create a task, or replace the steps of projen's own, after the tasks that it needs."""
        task = self._tasks.try_find(name)
        if task is None:
            task = self._tasks.add_task(name, description=description)
        task.description = description
        task.reset()
        for prerequisite in prerequisites:
            task.spawn(prerequisite)
        return task

    def _add_install_library(self) -> Task:
        task = self._task("install:library", "Install the library into .venv, with uv and Node.js")
        task.exec(
            "python3 -c 'import sys; sys.version_info >= (3, 10) or"
            ' sys.exit("The project needs Python 3.10 or newer as python3")\''
        )
        task.exec("python3 -m venv .venv", condition="! test -f .venv/bin/python")
        task.exec(
            f"python -m pip install -qq uv=={UV}",
            condition=f"! uv --version 2> /dev/null | grep -qF 'uv {UV} '",
        )
        # setup.py holds everything that an editable installation depends on.
        task.exec(
            "uv pip install --quiet --editable . && cp setup.py .venv/setup.py",
            condition="! cmp -s setup.py .venv/setup.py",
        )
        # Node.js releases with even numbers have long-term support. Releases up to 20 have ended.
        task.exec(
            f"uv pip install --quiet {NODEJS}",
            condition="! node -e 'const v = parseInt(process.versions.node);"
            " process.exit(v >= 22 && v % 2 == 0 ? 0 : 1)'",
        )
        return task

    def _add_install_local(self) -> Task:
        task = self._task("install:local", "Install the CDK CLI and the local AWS", self._python)
        task.exec(f"uv pip install --quiet {_requirements(LOCAL_AWS)}")
        _install_node_tool(task, CDK_CLI)
        return task

    def _add_install(self) -> Task:
        task = self._task("install", "Install everything for development into .venv", self._cdk)
        task.exec("uv pip install --quiet --requirement requirements-dev.txt")
        # npm reports only whether any of several packages is installed, so one at a time.
        for tool in (MERMAID, *NODE_TOOLS):
            _install_node_tool(task, tool)
        return task

    def _add_compile_hub(self) -> Task:
        task = self._task("compile:hub", "Compile the edition for Construct Hub", self._install)
        task.exec(
            "npm install --no-package-lock --no-audit --no-fund --loglevel error",
            cwd=HUB,
            condition=f"! npm ls --prefix {HUB} --loglevel silent > /dev/null",
        )
        # Files of deleted sources would be packed, and examples that fail would not be noticed.
        task.exec("rm -rf lib handlers .jsii .jsii.tabl.json", cwd=HUB)
        task.exec(f"mkdir -p {HUB}/handlers dist/js")
        task.exec(f"cp src/{MODULE}/custom_resources/handlers/custom_resources.py {HUB}/handlers/")
        task.exec(f"cp LICENSE {HUB}/")
        task.exec("npx jsii --fail-on-warnings", cwd=HUB)
        task.exec("npx jsii-rosetta extract --compile --fail", cwd=HUB)
        return task

    def _add_lint(self) -> Task:
        task = self._task("lint", "Check style, spelling, imports and types", self._compile_hub)
        task.exec("ruff check")
        task.exec("ruff format --check")
        task.exec("git ls-files -z | xargs -0 codespell")
        task.exec("lint-imports")
        task.exec(f"deptry src/{MODULE}")
        task.exec(
            "deptry tests tools docs projenrc examples"
            " --requirements-files requirements.txt,requirements-dev.txt"
            " --per-rule-ignores 'DEP001=depending_library|index|matplotlib,"
            f"DEP002={'|'.join(_COMMANDS)}'"
        )
        # At once: each of them uses one core.
        task.exec("sh -c 'pyright & mypy && wait $!'")
        task.exec("npx eslint", cwd=HUB)
        task.exec(
            "npx prettier --config .prettierrc.json --check src eslint.config.mjs"
            " ../../tests/local_hub/docs.mjs ../../tools/render.mjs",
            cwd=HUB,
        )
        return task

    def _add_tests(self) -> None:
        test = self._task("test", "Check the code and run all tests", self._lint)
        test.exec(_PACK_HUB, cwd=HUB)
        test.exec("python -m tests.browser")
        test.exec("python -m tests.packaging.interpreters")
        # Arguments select tests, without the second run of the unit tests. Only that run measures
        # coverage, which slows tests down by half.
        test.exec(
            # Twice as many as CI has cores, since deployments and tests of time limits wait.
            "sh -c 'pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder"
            ' "${@}" && { test $# -gt 0 ||'
            " pytest --numprocesses 2 --recommended-flags --cov --cov-report=term tests/unit; }'"
            " pytest",
            receive_args=True,
        )
        unit = self._task("test:unit", "Run the unit tests, or the selected ones", self._python)
        unit.exec(f"uv pip install --quiet {_requirements(_UNIT_TESTS)}")
        unit.exec("pytest -o testpaths=tests/unit", receive_args=True)
        # The lowest versions that users of the library can have.
        floor = self._task("test:floor", "Test with the lowest supported versions", self._install)
        floor.exec("uv venv --quiet --clear .venv/floor")
        floor.exec(
            "uv pip install --quiet --python .venv/floor/bin/python"
            f" {' '.join(f'{name}=={version}' for name, version in LOWEST.items())}"
            f" cfn-lint=={DEVELOPMENT['cfn-lint']} griffe hypothesis pytest pytest-xdist"
        )
        # cdk-nag needs a newer aws-cdk-lib.
        floor.exec(
            ".venv/floor/bin/python -m pytest --numprocesses 2 tests/unit tests/properties"
            " --ignore tests/unit/test_nag.py",
            env={"PYTHONPATH": "src"},
            receive_args=True,
        )

    def _add_demo_and_docs(self) -> None:
        demo = self._task("demo", "Deploy an example to a local AWS, step by step", self._cdk)
        demo.exec("python -m tools.demo", receive_args=True)
        integ = self._task("integ", "Run the stories on AWS, which costs money", self._install)
        integ.exec("python -m tests.integ", receive_args=True)
        diagrams = self._task("diagrams", "Draw the diagrams from the templates", self._install)
        diagrams.exec("python -m tools.overview")
        diagrams.exec("python -m tools.diagram", receive_args=True)
        docs_tools = self._task("install:docs", "Install the tools of the site", self._python)
        docs_tools.exec(f"uv pip install --quiet {_requirements(DOCS)}")
        _install_node_tool(docs_tools, MERMAID)
        docs = self._task("docs", "Build the documentation site into dist/docs/", docs_tools)
        docs.exec("mkdocs build --strict --quiet", env=_QUIET)
        docs.say("The site is built: open dist/docs/index.html, or run `npx projen docs:serve`")
        serve = self._task("docs:serve", "Serve the documentation site on this machine", docs_tools)
        serve.exec("mkdocs serve", receive_args=True, env=_QUIET)
        bench = self._task("bench", f"Write the benchmarks to {_BENCHMARKS}/", self._install)
        bench.exec(f'uv pip install --quiet "{BENCHMARKS_PYTHON}"')
        bench.exec(f"mkdir -p {_BENCHMARKS}")
        bench.exec(
            f"npm install --prefix {_BENCHMARKS} --no-package-lock --no-audit --no-fund"
            f" --loglevel error {BENCHMARKS_NODE}"
        )
        bench.exec("python -m tests.benchmarks", receive_args=True)

    def _add_packages(self) -> None:
        python = self._task("package", "Build wheel and sdist into dist/python/", self._install)
        python.exec("rm -rf dist/python")
        python.exec("python -m build --outdir dist/python .")
        hub = self._task(
            "package:hub",
            "Build the npm package into dist/js/ and API.md",
            self._compile_hub,
        )
        hub.exec(_PACK_HUB, cwd=HUB)
        hub.exec("npx jsii-docgen", cwd=HUB)
        show_hub = self._task("hub", "Show the npm package in a local Construct Hub", hub)
        show_hub.exec("python -m tests.local_hub", receive_args=True)
        template = self._task(
            "package:template",
            "Build the stand-alone template into dist/cloudformation/",
            self._cdk,
        )
        template.exec("rm -rf dist/cloudformation cdk.out && mkdir -p dist/cloudformation")
        template.exec(
            "cdk synth --quiet --output ../../cdk.out", cwd="examples/cloudformation_template"
        )
        template.exec(
            "cp cdk.out/VpcEndpointService.template.json"
            f" dist/cloudformation/{NAME}-{VERSION}.template.json"
        )
        dry_run = self._task("release:dry-run", "Publish a release to registries on this machine")
        dry_run.env("DISTRIBUTION", "dist/python")
        dry_run.env("PUBLIB", PUBLIB)
        dry_run.env("VERDACCIO", VERDACCIO)
        dry_run.exec("rm -rf dist/js")
        for each in (python, hub, template):
            dry_run.spawn(each)
        dry_run.exec("twine check --strict dist/python/*")
        dry_run.exec("python -m tests.packaging.interpreters")
        dry_run.exec(
            "pytest tests/packaging/test_distribution.py tests/construct_hub/test_ingestion.py"
            " tests/release/dry_run.py",
            receive_args=True,
        )

    def _add_releases(self) -> None:
        compatibility = self._task(
            "compatibility", "Compare APIs and templates with the last release", self._compile_hub
        )
        compatibility.exec("python -m tests.release.compatibility")
        audit = self._task(
            "audit", "Find known vulnerabilities in dependencies of users", self._install
        )
        audit.exec("uvx pip-audit --requirement requirements.txt")
        audit.exec("npm install --package-lock-only --no-audit --no-fund --loglevel error", cwd=HUB)
        audit.exec("npm audit --omit dev", cwd=HUB)
        upgrade = self._task("upgrade", "Pin newer versions of the tools", self._install)
        upgrade.exec("python -m projenrc.upgrade")
        upgrade.exec("python .projenrc.py")
        prepare = self._task(
            "release:prepare", "Write the next version and its changelog", self._install
        )
        prepare.exec("python -m projenrc.release prepare")
        prepare.exec("python .projenrc.py")


# Packages that run as commands or as plugins, so that nothing imports them.
_COMMANDS = [
    *("boto3-stubs", "build", "codespell", "deptry", "git-cliff", "import-linter"),
    *("mkdocs-material", "mkdocstrings", "mkdocstrings-python", "mypy", "pymdown-extensions"),
    *("pypiserver", "pytest-cov", "pytest-xdist", "ruff", "twine", "types-PyYAML", "uv", "zizmor"),
]
_UNIT_TESTS = {
    name: DEVELOPMENT[name]
    for name in ("cdk-nag", "cfn-lint", "griffe", "hypothesis", "pytest", "pytest-xdist")
}


def _install_node_tool(task: Task, tool: str) -> None:
    task.exec(
        f"npm install --global --prefix .venv --loglevel error {tool}",
        condition=f"! npm ls --global --prefix .venv --loglevel silent {tool} > /dev/null",
    )


def _requirements(packages: Mapping[str, str]) -> str:
    """Return requirements for a command line, `^1.2` as `>=1.2,<2`."""
    return " ".join(f'"{name}{_range(version)}"' for name, version in packages.items())


def _range(version: str) -> str:
    if not version.startswith("^"):
        return f"=={version}"
    lowest = version.removeprefix("^")
    return f">={lowest},<{int(lowest.split('.')[0]) + 1}"
