"""Programs that send, answer and inspect packets: Lambda code and user data of instances.

They use the standard library of Python 3.9 only, since instances have no access to the internet.
"""

from __future__ import annotations

from pathlib import Path

from aws_cdk import aws_ec2 as ec2


def read(name: str) -> str:
    """Return the code of a program."""
    return Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")


def user_data(name: str) -> ec2.UserData:
    """Return user data that runs a program as root from the first start of an instance."""
    data = ec2.UserData.for_linux()
    data.add_commands(
        f"cat > /root/{name}.py <<'PYTHON'",
        read(name),
        "PYTHON",
        f"systemd-run --unit {name} --property Restart=always python3 /root/{name}.py",
    )
    return data
