"""The messages that start the runs of a manager. What they contain does not matter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as events_targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_pipes as pipes
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct, IDependable

# A storm of requests becomes a few runs.
_WINDOW_SECONDS = 20
_BATCH = 1000
_ATTEMPTS = 3


def add_queue(scope: Construct, *, function_seconds: int) -> tuple[sqs.Queue, sqs.Queue]:
    """Add the queue of a manager and its dead-letter queue."""
    dead_letters = sqs.Queue(
        scope, "DeadLetters", enforce_ssl=True, retention_period=Duration.days(14)
    )
    queue = sqs.Queue(
        scope,
        "Queue",
        enforce_ssl=True,
        # AWS recommends six times the timeout of the function.
        # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
        visibility_timeout=Duration.seconds(6 * function_seconds),
        dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=_ATTEMPTS, queue=dead_letters),
    )
    return queue, dead_letters


def add_mapping(
    scope: Construct,
    function: lambda_.CfnFunction,
    queue: sqs.Queue,
    *,
    after: Sequence[IDependable],
) -> None:
    """Invoke a function with the messages of a queue.

    :param after: The permissions, without which Lambda rejects the mapping, and what the service
        deletes only when no run accepts connections any more.
    """
    mapping = lambda_.CfnEventSourceMapping(
        scope,
        "QueueMapping",
        function_name=function.ref,
        event_source_arn=queue.queue_arn,
        batch_size=_BATCH,
        maximum_batching_window_in_seconds=_WINDOW_SECONDS,
        scaling_config=lambda_.CfnEventSourceMapping.ScalingConfigProperty(maximum_concurrency=2),
    )
    mapping.node.add_dependency(*after)


def add_schedule(scope: Construct, queue: sqs.Queue, interval: Duration) -> None:
    """Start a run after each interval."""
    events.Rule(
        scope,
        "Schedule",
        schedule=events.Schedule.rate(interval),
        targets=[
            cast(
                events.IRuleTarget,
                events_targets.SqsQueue(
                    queue, message=events.RuleTargetInput.from_object({"reason": "schedule"})
                ),
            )
        ],
    )


def add_topic(scope: Construct, queue: sqs.Queue) -> sns.Topic:
    """Add a topic for notifications of EC2, whose messages start runs."""
    topic = sns.Topic(scope, "Topic", enforce_ssl=True)
    topic.add_subscription(cast(sns.ITopicSubscription, subscriptions.SqsSubscription(queue)))
    return topic


def add_pipes(
    scope: Construct,
    queue: sqs.Queue,
    tables: Sequence[dynamodb.ITable],
    *,
    dead_letter_queue: sqs.Queue,
) -> None:
    """Start a run when a table changes, if it has a stream."""
    for number, table in enumerate(tables):
        if _has_stream(table):
            _add_pipe(scope, f"Pipe{number}", queue, dead_letter_queue, table)


def _has_stream(table: dynamodb.ITable) -> bool:
    # `dynamodb.TableV2` has the ARN of a stream even without one, and nothing shows whether it has
    # one. A pipe without a stream would fail the deployment.
    if isinstance(table.node.default_child, dynamodb.CfnGlobalTable):
        return False
    return table.table_stream_arn is not None


def _add_pipe(
    scope: Construct,
    id: str,
    queue: sqs.Queue,
    dead_letter_queue: sqs.Queue,
    table: dynamodb.ITable,
) -> None:
    stream_arn = cast(str, table.table_stream_arn)
    key = table.encryption_key
    # A stream is encrypted with the key of its table.
    decrypt = (
        []
        if key is None
        else [iam.PolicyStatement(actions=["kms:Decrypt"], resources=[key.key_arn])]
    )
    role = iam.Role(
        scope,
        f"{id}Role",
        assumed_by=cast(iam.IPrincipal, iam.ServicePrincipal("pipes.amazonaws.com")),
        inline_policies={
            "ReadStreamAndSend": iam.PolicyDocument(
                statements=[
                    iam.PolicyStatement(
                        actions=[
                            "dynamodb:DescribeStream",
                            "dynamodb:GetRecords",
                            "dynamodb:GetShardIterator",
                            "dynamodb:ListStreams",
                        ],
                        resources=[stream_arn],
                    ),
                    iam.PolicyStatement(
                        actions=["sqs:SendMessage"],
                        resources=[queue.queue_arn, dead_letter_queue.queue_arn],
                    ),
                    *decrypt,
                ]
            )
        },
    )
    pipes.CfnPipe(
        scope,
        id,
        role_arn=role.role_arn,
        source=stream_arn,
        source_parameters=pipes.CfnPipe.PipeSourceParametersProperty(
            dynamo_db_stream_parameters=pipes.CfnPipe.PipeSourceDynamoDBStreamParametersProperty(
                starting_position="LATEST",
                # EventBridge rejects more than the target accepts, which is 10 for SQS.
                # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
                batch_size=10,
                maximum_batching_window_in_seconds=5,
                # The schedule starts a run anyway.
                maximum_record_age_in_seconds=3600,
                maximum_retry_attempts=10,
                # Without the changes themselves: only their place in the stream.
                dead_letter_config=pipes.CfnPipe.DeadLetterConfigProperty(
                    arn=dead_letter_queue.queue_arn
                ),
            )
        ),
        target=queue.queue_arn,
        target_parameters=pipes.CfnPipe.PipeTargetParametersProperty(
            # The names of customers stay out of the queue.
            input_template='{"reason": "table"}'
        ),
    )
