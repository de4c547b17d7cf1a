"""The documentation site: its navigation and the settings of MkDocs."""

from __future__ import annotations

from projen import Project, YamlFile

from projenrc.metadata import DESCRIPTION, NAME, REPOSITORY

# docs/mkdocs_hooks.py adds the pages outside of docs/, and replaces patterns with matching pages.
NAVIGATION = [
    {"Home": "README.md"},
    {"Start in five minutes": "start.md"},
    {"How it works": "how-it-works.md"},
    {"Options at a glance": "options.md"},
    {
        "Recipes": [
            {"For providers": "recipes.md"},
            {"Connections by rule": "connections.md"},
            {"For consumers": "consumers.md"},
        ]
    },
    {"Refactor live services": "refactoring.md"},
    {"Reference deployments": ["examples/README.md", "examples/*/README.md"]},
    {
        "API": [
            {"The provider's side": "api/provider.md"},
            {"Connections": "api/connections.md"},
            {"The consumer's side": "api/consumer.md"},
            {"Assertions": "api/assertions.md"},
            {"Errors": "api/errors.md"},
        ]
    },
    {
        "Operation": [
            {"Errors and what to do": "errors.md"},
            {"Security": "security.md"},
            {"Quotas and planning": "quotas.md"},
            "bench*.md",
            {"Not proven on AWS": "unproven.md"},
        ]
    },
    {
        "Migration": [
            {"From the CloudFormation template": "migration/cloudformation.md"},
            {"From ec2.VpcEndpointService": "migration/cdk.md"},
            {"From Terraform": "migration/terraform.md"},
        ]
    },
    {
        "Project": [
            {"Changes": "CHANGELOG.md"},
            {"Contributing": "CONTRIBUTING.md"},
            {"Security policy": "SECURITY.md"},
            {"Decisions": ["decisions/README.md", "decisions/0*.md"]},
        ]
    },
]


def write_site(project: Project) -> None:
    """Write mkdocs.yml."""
    YamlFile(
        project,
        "mkdocs.yml",
        obj={
            "site_name": NAME,
            "site_description": DESCRIPTION,
            "docs_dir": "docs",
            "site_dir": "dist/docs",
            "exclude_docs": "*.py",
            "watch": [
                "README.md",
                "CHANGELOG.md",
                "CONTRIBUTING.md",
                "SECURITY.md",
                "examples",
                "src",
            ],
            "hooks": ["docs/mkdocs_hooks.py"],
            "extra_css": ["site.css"],
            "extra": {"repository": REPOSITORY, "generator": False},
            "theme": {
                "name": "material",
                # Browsers load nothing from other hosts, not even fonts.
                "font": False,
                "icon": {"logo": "material/transit-connection-variant"},
                "features": [
                    "content.code.copy",
                    "navigation.footer",
                    "navigation.indexes",
                    "navigation.sections",
                    "navigation.top",
                    "search.highlight",
                    "toc.follow",
                ],
                "palette": [
                    {
                        "media": f"(prefers-color-scheme: {scheme})",
                        "scheme": name,
                        "primary": "indigo",
                        "accent": "indigo",
                        "toggle": {"icon": icon, "name": f"Switch to {other} colors"},
                    }
                    for scheme, name, icon, other in (
                        ("light", "default", "material/weather-night", "dark"),
                        ("dark", "slate", "material/weather-sunny", "light"),
                    )
                ],
            },
            "plugins": [
                # Readers also find parts of names.
                {"search": {"separator": r'[\s\-,:!=\[\](){}"`/]+|\.(?!\d)'}},
                {
                    "mkdocstrings": {
                        "handlers": {
                            "python": {
                                "paths": ["src"],
                                "options": {
                                    "docstring_style": "sphinx",
                                    "docstring_section_style": "list",
                                    "extensions": ["docs/docstrings.py"],
                                    "filters": ["!^_"],
                                    "heading_level": 2,
                                    "merge_init_into_class": True,
                                    "scoped_crossrefs": True,
                                    "separate_signature": True,
                                    "show_root_heading": True,
                                    "show_root_full_path": False,
                                    "show_signature_annotations": True,
                                    "show_source": False,
                                    "show_symbol_type_toc": True,
                                    "signature_crossrefs": True,
                                },
                            }
                        }
                    }
                },
            ],
            "markdown_extensions": [
                "admonition",
                "tables",
                {"toc": {"permalink": True}},
                "pymdownx.highlight",
                "pymdownx.superfences",
            ],
            "validation": {
                "nav": {"omitted_files": "warn", "not_found": "warn", "absolute_links": "warn"},
                "links": {
                    "not_found": "warn",
                    "anchors": "warn",
                    "absolute_links": "warn",
                    "unrecognized_links": "warn",
                },
            },
            "nav": [*NAVIGATION, {"Source": REPOSITORY}],
        },
    )
