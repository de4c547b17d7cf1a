"""The project: `npx projen` writes every file that is marked as generated.

Edit the modules in projenrc/ instead of the generated files.
"""

from projen import License
from projen.python import PythonProject

from projenrc.dependencies import ACTIONS, DEVELOPMENT, PUBLIB, RUNTIME
from projenrc.hub import write_hub_package
from projenrc.metadata import AUTHOR, LICENSE, MODULE, NAME, PYTHONS, VERSION
from projenrc.mkdocs import write_site
from projenrc.packaging import write_setup
from projenrc.pyproject import write_pyproject
from projenrc.tasks import Tasks
from projenrc.workflows import Workflows

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
License(project, spdx=LICENSE)
project.gitignore.exclude(".ruff_cache/", ".coverage*", "cdk.out/")
write_hub_package(project)
write_setup(project)
write_pyproject(project)
write_site(project)
Tasks(project)
Workflows(project, actions=ACTIONS, pythons=PYTHONS, publib=PUBLIB)
project.synth()
