"""The documentation site: what is in its navigation, and how it is built."""

from __future__ import annotations

from projen import Project, YamlFile

# `docs/site.py` brings in what lies outside of docs/, and replaces patterns by all that they match.
NAVIGATION = [
    {"Home": "README.md"},
    {"Start in five minutes": "start.md"},
    {"How it works": "how-it-works.md"},
    {"Recipes": [{"For providers": "recipes.md"}, {"For consumers": "consumers.md"}]},
    {"Reference deployments": ["examples/README.md", "examples/*/README.md"]},
    {
        "API": [
            {"The provider's side": "api/provider.md"},
            {"The consumer's side": "api/consumer.md"},
            {"Errors": "api/errors.md"},
        ]
    },
    {
        "Operation": [
            {"Errors and what to do": "errors.md"},
            {"Security": "security.md"},
            {"Quotas and planning": "quotas.md"},
            "bench*.md",
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
            {"Decisions": ["decisions/README.md", "decisions/0*.md"]},
        ]
    },
]


def write_site(project: Project, *, name: str, description: str, repository: str) -> None:
    """Write the configuration of MkDocs."""
    YamlFile(
        project,
        "mkdocs.yml",
        obj={
            "site_name": name,
            "site_description": description,
            "docs_dir": "docs",
            "site_dir": "dist/docs",
            "exclude_docs": "*.py",
            "watch": ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "examples", "src"],
            "hooks": ["docs/site.py"],
            "extra_css": ["site.css"],
            "extra": {"repository": repository, "generator": False},
            "theme": {
                "name": "material",
                # Neither fonts nor anything else come from another host.
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
                        "toggle": {"icon": icon, "name": f"Switch to the {other} colours"},
                    }
                    for scheme, name, icon, other in (
                        ("light", "default", "material/weather-night", "dark"),
                        ("dark", "slate", "material/weather-sunny", "light"),
                    )
                ],
            },
            "plugins": [
                # So that the parts of names are found, too.
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
            "nav": [*NAVIGATION, {"Source": repository}],
        },
    )
