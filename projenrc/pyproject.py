"""The settings of the tools: pyproject.toml."""

from __future__ import annotations

from projen import Project, TomlFile

from projenrc.metadata import HUB, MODULE

_CODE = ["src", "tests", "tools", "examples", "docs", "projenrc"]
_WRONG_USE = "tests/typing/wrong_use.py"
# Imports go one way: from each room to the rooms below it.
_IMPORT_LINTER = {
    "root_package": MODULE,
    "contracts": [
        {
            "name": "Rooms",
            "type": "layers",
            "containers": [MODULE],
            "layers": [
                "assertions",
                "connections | consumer",
                "appliances | provider",
                "custom_resources",
                "_internal",
                "errors",
            ],
            # A new room needs a place among the others.
            "exhaustive": True,
            # Only libraries that jsii generates import it.
            "exhaustive_ignores": ["_jsii"],
        }
    ],
}
_MYPY = {
    "strict": True,
    "files": [*_CODE, ".projenrc.py"],
    "mypy_path": "src",
    "explicit_package_bases": True,
    "exclude": [_WRONG_USE, HUB],
    # cfn-lint has no types, and matplotlib is installed for benchmarks only.
    "overrides": [{"module": ["cfnlint.*", "matplotlib.*"], "ignore_missing_imports": True}],
}
_PYRIGHT = {
    "include": _CODE,
    "exclude": [_WRONG_USE, HUB],
    "venvPath": ".",
    "venv": ".venv",
    # The classes and interfaces of aws-cdk-lib name their arguments differently, so that pyright
    # rejects every role and principal that is passed to a construct. mypy checks these arguments.
    "executionEnvironments": [
        {"root": "src"},
        {"root": ".", "extraPaths": ["src"], "reportArgumentType": False},
    ],
}
_PYTEST = {
    "ini_options": {
        "testpaths": ["tests"],
        "pythonpath": ["."],
        "addopts": ["--import-mode=importlib", "--strict-markers", "-ra"],
        "markers": ["local_only: holds in the local AWS only, not in an account of AWS"],
        "xfail_strict": True,
    }
}
_RUFF = {
    "line-length": 100,
    "target-version": "py310",
    "extend-exclude": ["setup.py", HUB],
    "lint": {
        "select": [
            *("A", "ANN", "ARG", "B", "C4", "D", "E", "F", "I", "N", "PT", "PTH"),
            *("RET", "RUF", "S", "SIM", "T20", "UP", "W"),
        ],
        # `id` is the name of the second argument of every construct. `Any` is the type of values
        # that come from untyped code.
        "ignore": ["A002", "ANN401"],
        "pydocstyle": {"convention": "pep257"},
        "per-file-ignores": {
            "tests/**": ["D", "S"],
            "tests/integ/{__main__,execution,report}.py": ["T20"],
            "examples/**": ["S", "T20"],
            "tools/**": ["S603", "S607", "T20"],
            "projenrc/**": ["S603"],
            # The output of a function is its log.
            "src/**/handlers/**": ["T20"],
        },
    },
}
_COVERAGE = {
    "run": {
        "branch": True,
        "source_pkgs": [MODULE],
        # Lambda runs the handlers, in tests as processes of their own.
        "omit": ["*/handlers/*"],
    },
    "report": {"fail_under": 99.5, "precision": 1, "skip_covered": True, "show_missing": True},
}
_CODESPELL = {
    # American spelling.
    "builtin": "clear,rare,en-GB_to_en-US",
    # An interface of constructs, and a part of the file name `.jsii.tabl.json`.
    "ignore-words-list": "ivalidation,tabl",
    "skip": f".git,.venv,node_modules,dist,*.svg,*.cast,{HUB}/lib",
}
# deptry compares imports with requirements: of the library here, of everything else by its options.
_DEPTRY = {
    "known_first_party": [MODULE, "examples", "projenrc", "tests", "tools"],
    # Lambda's runtime brings what the handlers import.
    "exclude": ["src/.*/handlers/", "tests/typing/wrong_use.py"],
    "requirements_files_dev": [],
}


def write_pyproject(project: Project) -> None:
    """Write pyproject.toml."""
    TomlFile(
        project,
        "pyproject.toml",
        obj={
            "build-system": {
                "requires": ["setuptools>=80"],
                "build-backend": "setuptools.build_meta",
            },
            "tool": {
                "codespell": _CODESPELL,
                "coverage": _COVERAGE,
                "deptry": _DEPTRY,
                "importlinter": _IMPORT_LINTER,
                "mypy": _MYPY,
                "pyright": _PYRIGHT,
                "pytest": _PYTEST,
                "ruff": _RUFF,
            },
        },
    )
