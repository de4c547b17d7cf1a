"""Upgrades of pinned versions, with registries of the test."""

from __future__ import annotations

from pathlib import Path

from projenrc.upgrade import pin_newest

SETTINGS_FILE = Path(__file__).parents[2] / "projenrc" / "dependencies.py"
OLD, NEW = "0" * 40, "1" * 40
SETTINGS = f"""
RUNTIME = {{"aws-cdk-lib": ">=2.227.0 <3.0.0"}}
LINTERS = {{
    "boto3-stubs[ec2]": "^1.43",
    "moto[ec2,server]": "5.2.5",
}}
TOOLS = ["aws-cdk@2.1148.1", "@scope/tool@1.6.0"]
ACTIONS = {{
    "actions/checkout": "{OLD}",  # v7.0.1
}}
HUB_DEVELOPMENT = {{
    "jsii": "6.0.16",
}}
"""


def test_pins_move_to_the_newest_release_of_their_major_version() -> None:
    requested = []

    def registry(*versions: str) -> dict[str, str]:
        return dict.fromkeys(versions, NEW)

    def pypi(name: str) -> dict[str, str]:
        requested.append(name)
        return registry("5.2.5", "5.10.0", "5.11.0rc1", "6.0.0")

    def npm(name: str) -> dict[str, str]:
        requested.append(name)
        return {
            "aws-cdk": registry("2.1148.1", "2.1149.0", "3.0.0"),
            "@scope/tool": registry("1.6.0"),
            "jsii": registry("6.0.17", "6.0.16", "6.0.18-pre.1"),
        }[name]

    def actions(name: str) -> dict[str, str]:
        requested.append(name)
        return registry("7", "7.0.1", "7.1.0", "8.0.0")

    assert pin_newest(SETTINGS, pypi=pypi, npm=npm, actions=actions) == (
        SETTINGS.replace("5.2.5", "5.10.0")
        .replace("2.1148.1", "2.1149.0")
        .replace("6.0.16", "6.0.17")
        .replace(OLD, NEW)
        .replace("v7.0.1", "v7.1.0")
    )
    assert requested == ["moto", "jsii", "aws-cdk", "@scope/tool", "actions/checkout"]


def test_every_pin_of_the_project_is_found() -> None:
    settings = SETTINGS_FILE.read_text(encoding="utf-8")
    requested: dict[str, list[str]] = {"pypi": [], "npm": [], "actions": []}

    def no_versions(registry: str, name: str) -> dict[str, str]:
        requested[registry].append(name)
        return {}

    assert settings == pin_newest(
        settings,
        pypi=lambda name: no_versions("pypi", name),
        npm=lambda name: no_versions("npm", name),
        actions=lambda name: no_versions("actions", name),
    )
    assert {"cfn-lint", "import-linter", "moto", "projen", "zizmor"} <= set(requested["pypi"])
    assert {"aws-cdk", "jsii", "publib", "verdaccio"} <= set(requested["npm"])
    assert "actions/checkout" in requested["actions"]
