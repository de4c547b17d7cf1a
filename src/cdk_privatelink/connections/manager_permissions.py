"""The permissions that the function needs for one manager."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .._internal.cdk_nag import suppress_wildcards
from ..provider.allowed_regions import ALLOW_MULTI_REGION
from .rule_parameters import parameter_arns

if TYPE_CHECKING:
    from aws_cdk import aws_dynamodb as dynamodb

UNMATCHED_TAG = "cdk-privatelink:unmatched-since"


def grant_permissions(
    scope: Construct,
    role: iam.Role,
    *,
    service_arn: str,
    queue: sqs.Queue,
    tables: Sequence[dynamodb.ITable],
    changes: bool,
    rejects: bool,
    disconnects: bool,
    has_other_regions: bool,
) -> iam.Policy:
    """Allow what the options of a manager need, and nothing else."""
    # The path and the parameters in it.
    wildcards = parameter_arns(scope, queue.queue_name, "rules*")
    statements = [
        _allow(["ssm:GetParametersByPath"], *wildcards),
        _allow(
            [
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
                # A run that does not end in time continues with a message.
                "sqs:SendMessage",
            ],
            queue.queue_arn,
        ),
    ]
    if changes:
        actions = ["ec2:AcceptVpcEndpointConnections"]
        actions += ["ec2:RejectVpcEndpointConnections"] if rejects else []
        actions += [ALLOW_MULTI_REGION] if has_other_regions else []
        statements.append(_allow(actions, service_arn))
    if changes and rejects:
        # The ids of connections are unknown before consumers create them.
        connections = Stack.of(scope).format_arn(
            service="ec2", resource="vpc-endpoint-connection", resource_name="*"
        )
        wildcards.append(connections)
        statements.append(_allow_tag(connections))
    if disconnects:
        statements.append(
            _allow(
                ["ssm:GetParameter", "ssm:PutParameter"],
                *parameter_arns(scope, queue.queue_name, "disconnected"),
            )
        )
    for table in tables:
        statements.append(_allow(["dynamodb:Scan"], table.table_arn))
        if table.encryption_key is not None:
            statements.append(_allow(["kms:Decrypt"], table.encryption_key.key_arn))
    policy = iam.Policy(scope, "Policy", statements=statements)
    role.attach_inline_policy(policy)
    suppress_wildcards(
        policy,
        *wildcards,
        reason="Parameters of this manager, and one tag of connections with unknown ids",
    )
    return policy


def _allow(actions: list[str], *resources: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=actions, resources=list(resources))


def _allow_tag(connections: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["ec2:CreateTags", "ec2:DeleteTags"],
        resources=[connections],
        conditions={"ForAllValues:StringEquals": {"aws:TagKeys": [UNMATCHED_TAG]}},
    )
