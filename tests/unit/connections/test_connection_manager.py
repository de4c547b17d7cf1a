"""Connection managers: their resources, their permissions and their errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import (
    App,
    CfnParameter,
    DefaultStackSynthesizer,
    Duration,
    LegacyStackSynthesizer,
    Stack,
)
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Annotations, Match, Template
from constructs import Construct

from cdk_privatelink import (
    ConnectionManager,
    ConnectionRule,
    LoadBalancers,
    PrivateDns,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.networks import IRELAND, catch_error
from tests.unit.templates import GATEWAY_ARN, make_service, resources_of

PARAMETER, NOTIFICATION = "AWS::SSM::Parameter", "AWS::EC2::VPCEndpointConnectionNotification"
RULES, PIPE = "Custom::PrivateLinkConnectionRules", "AWS::Pipes::Pipe"
ACCOUNT, OTHER = "111122223333", "444455556666"
SERVICE_ID = "vpce-svc-0123456789abcdef0"


def manage(stack: Stack, id: str = "Connections", **options: Any) -> ConnectionManager:
    defaults: dict[str, Any] = {"accept": [ConnectionRule.accounts(ACCOUNT)]}
    if "service" not in options:
        defaults["service"] = make_service(stack)
    return ConnectionManager(stack, id, **defaults | options)


def table_in(stack: Stack, **options: Any) -> dynamodb.Table:
    key = dynamodb.Attribute(name="account", type=dynamodb.AttributeType.STRING)
    return dynamodb.Table(stack, "Customers", partition_key=key, **options)


def parameters(stack: Stack) -> dict[str, Any]:
    """Return the value of each parameter, by the end of its name."""
    found = {}
    for each in resources_of(stack, PARAMETER).values():
        value = each["Properties"]["Value"]
        if not isinstance(value, str):
            # References become the logical ids of their targets.
            parts = value["Fn::Join"][1]
            value = "".join(
                part if isinstance(part, str) else str(*part.values()) for part in parts
            )
        found[each["Properties"]["Name"]["Fn::Join"][1][-1]] = json.loads(value)
    return found


def policy_of(stack: Stack, role: str = "PrivateLinkConnectionManagers") -> dict[str, Any]:
    """Return the resources by action, in the policies for the function of managers."""
    return {
        action: statement["Resource"]
        for policy in resources_of(stack, "AWS::IAM::Policy").values()
        if policy["Properties"]["Roles"][0]["Ref"].startswith(role)
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }


class TestRules:
    def test_the_function_reads_the_rules_from_parameters(self, stack: Stack) -> None:
        manage(
            stack,
            accept=[
                ConnectionRule.accounts(ACCOUNT, iam.AccountPrincipal(OTHER), limit=2),
                ConnectionRule.everyone(limit=1, regions=["eu-west-1", "us-east-1"]),
            ],
        )
        found = parameters(stack)
        version = found["/rules/0"]["version"]
        assert found == {
            "/rules/0": {
                "version": version,
                "rules": [{"name": "accept[0]", "limit": 2, "accounts": [ACCOUNT, OTHER]}],
                "settings": {
                    "service": "Payments130453D3",
                    "queue": found["/rules/0"]["settings"]["queue"],
                    "max_disconnects": 5,
                    "dry_run": False,
                    "pieces": 2,
                },
            },
            "/rules/1": {
                "version": version,
                "rules": [{"name": "accept[1]", "limit": 1, "regions": ["eu-west-1", "us-east-1"]}],
            },
        }

    def test_hundreds_of_accounts_are_in_several_parameters(self, stack: Stack) -> None:
        accounts = [f"{number:012}" for number in range(400)]
        regions = [f"ap-southeast-{number}" for number in range(1, 35)]
        manage(stack, accept=[ConnectionRule.accounts(*accounts, regions=regions)])
        rules = [rule for each in parameters(stack).values() for rule in each["rules"]]
        assert sorted(account for rule in rules for account in rule["accounts"]) == accounts
        values = [each["Properties"]["Value"] for each in resources_of(stack, PARAMETER).values()]
        assert max(len(value) for value in values if isinstance(value, str)) <= 4096

    def test_tokens_are_accounts(self, stack: Stack) -> None:
        account = CfnParameter(stack, "Account").value_as_string
        manage(stack, accept=[ConnectionRule.accounts(account)])
        assert parameters(stack)["/rules/0"]["rules"][0]["accounts"] == ["Account"]

    def test_tokens_are_times(self, stack: Stack) -> None:
        days = CfnParameter(stack, "Seconds", type="Number").value_as_number
        manage(stack, disconnect_unmatched_after=Duration.seconds(days))
        (value,) = [
            each["Properties"]["Value"]["Fn::Join"][1]
            for each in resources_of(stack, PARAMETER).values()
            if "settings" in str(each)
        ]
        assert {"Ref": "Seconds"} in value

    def test_the_version_changes_with_the_rules_only(self) -> None:
        versions = []
        for limit in (1, 1, 2):
            stack = Stack(App(), "Stack")
            manage(stack, accept=[ConnectionRule.everyone(limit=limit)])
            (rules,) = resources_of(stack, RULES).values()
            versions.append(rules["Properties"]["Version"])
        assert versions[0] == versions[1] != versions[2]

    def test_the_custom_resource_waits_for_the_rules_and_the_service(self, stack: Stack) -> None:
        manage(
            stack,
            service=make_service(stack, allowed_principals=[iam.AccountPrincipal(ACCOUNT)]),
        )
        (rules,) = resources_of(stack, RULES).values()
        kinds = count_kinds(stack, rules["DependsOn"])
        assert kinds[PARAMETER] == 1
        assert kinds["AWS::IAM::Policy"] == 2
        assert kinds["AWS::EC2::VPCEndpointServicePermissions"] == 1


def count_kinds(stack: Stack, ids: list[str]) -> dict[str, int]:
    resources = Template.from_stack(stack).to_json()["Resources"]
    kinds = [resources[each]["Type"] for each in ids]
    return {kind: kinds.count(kind) for kind in kinds}


class TestNudges:
    def test_a_network_service_notifies_of_requests_and_deletions(self, stack: Stack) -> None:
        manage(stack)
        (notification,) = resources_of(stack, NOTIFICATION).values()
        assert notification["Properties"]["ConnectionEvents"] == ["Connect", "Delete"]
        (subscription,) = resources_of(stack, "AWS::SNS::Subscription").values()
        assert subscription["Properties"]["Protocol"] == "sqs"

    def test_other_services_have_the_schedule_only(self, stack: Stack) -> None:
        gateways = LoadBalancers.gateway(GATEWAY_ARN)
        manage(stack, service=make_service(stack, load_balancers=gateways))
        imported = PrivateLinkEndpointService.from_service_id(stack, "Imported", SERVICE_ID)
        manage(stack, "Other", service=imported, interval=Duration.hours(1))
        assert resources_of(stack, NOTIFICATION) == {}
        rates = [
            each["Properties"]["ScheduleExpression"]
            for each in resources_of(stack, "AWS::Events::Rule").values()
        ]
        assert rates == ["rate(5 minutes)", "rate(1 hour)"]

    def test_messages_are_coalesced_and_failures_kept(self, stack: Stack) -> None:
        manager = manage(stack)
        (mapping,) = resources_of(stack, "AWS::Lambda::EventSourceMapping").values()
        assert mapping["Properties"]["BatchSize"] == 1000
        assert mapping["Properties"]["MaximumBatchingWindowInSeconds"] == 20
        # Without the permission to read the queue, Lambda would reject the mapping.
        assert count_kinds(stack, mapping["DependsOn"]) == {
            "AWS::IAM::Policy": 1,
            # Runs without all rules would fail.
            PARAMETER: 1,
        }
        redrive = [
            each["Properties"].get("RedrivePolicy")
            for each in resources_of(stack, "AWS::SQS::Queue").values()
        ]
        target = stack.resolve(manager.dead_letter_queue.queue_arn)
        assert redrive == [None, {"deadLetterTargetArn": target, "maxReceiveCount": 3}]

    @pytest.mark.parametrize("stream", [None, dynamodb.StreamViewType.KEYS_ONLY])
    def test_a_table_with_a_stream_starts_runs(self, stack: Stack, stream: Any) -> None:
        table = table_in(stack, stream=stream)
        rules = [ConnectionRule.table(table), ConnectionRule.table(table)]
        manager = manage(stack, accept=rules)
        pipes = resources_of(stack, PIPE).values()
        assert len(pipes) == (0 if stream is None else 1)
        for pipe in pipes:
            assert pipe["Properties"]["Source"] == stack.resolve(table.table_stream_arn)
            assert pipe["Properties"]["TargetParameters"] == {
                "InputTemplate": '{"reason": "table"}'
            }
            source = pipe["Properties"]["SourceParameters"]["DynamoDBStreamParameters"]
            dead_letters = stack.resolve(manager.dead_letter_queue.queue_arn)
            assert source["DeadLetterConfig"] == {"Arn": dead_letters}
            assert source["MaximumRetryAttempts"] == 10
            (role,) = [
                each["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
                for key, each in resources_of(stack, "AWS::IAM::Role").items()
                if "Pipe" in key
            ]
            assert dead_letters in role[1]["Resource"]


class TestPermissions:
    def test_a_manager_may_accept_by_default_and_nothing_else(self, stack: Stack) -> None:
        service = make_service(stack)
        manage(stack, service=service)
        allowed = policy_of(stack)
        assert {action for action in allowed if action.startswith("ec2")} == {
            "ec2:AcceptVpcEndpointConnections"
        }
        assert allowed["ec2:AcceptVpcEndpointConnections"] == stack.resolve(service.service_arn)
        assert "ssm:PutParameter" not in allowed

    @pytest.mark.parametrize(
        ("options", "added"),
        [
            (
                {"reject_unmatched_after": Duration.days(1)},
                {"ec2:RejectVpcEndpointConnections", "ec2:CreateTags", "ec2:DeleteTags"},
            ),
            (
                {"disconnect_unmatched_after": Duration.days(1)},
                {
                    "ec2:RejectVpcEndpointConnections",
                    "ec2:CreateTags",
                    "ec2:DeleteTags",
                    "ssm:GetParameter",
                    "ssm:PutParameter",
                },
            ),
            ({"dry_run": True}, set()),
        ],
        ids=["reject", "disconnect", "dry run"],
    )
    def test_options_add_what_they_need(
        self, stack: Stack, options: dict[str, Any], added: set[str]
    ) -> None:
        manage(stack, **options)
        always = {"ssm:GetParametersByPath"} | {
            f"sqs:{name}"
            for name in ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage", "SendMessage")
        }
        accept = set() if options.get("dry_run") else {"ec2:AcceptVpcEndpointConnections"}
        assert policy_of(stack).keys() == always | accept | added

    def test_only_the_tag_of_the_manager_may_be_written(self, stack: Stack) -> None:
        manage(stack, disconnect_unmatched_after=Duration.days(1))
        (statement,) = [
            statement
            for policy in resources_of(stack, "AWS::IAM::Policy").values()
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            if "ec2:CreateTags" in statement["Action"]
        ]
        assert statement["Condition"] == {
            "ForAllValues:StringEquals": {"aws:TagKeys": ["cdk-privatelink:unmatched-since"]}
        }

    def test_other_regions_need_one_more_action(self, stack: Stack) -> None:
        service = make_service(stack, allowed_regions=["us-east-1"])
        manage(stack, service=service)
        assert policy_of(stack)["vpce:AllowMultiRegion"] == stack.resolve(service.service_arn)

    def test_a_table_is_only_read(self, stack: Stack) -> None:
        key = kms.Key(stack, "Key")
        table = table_in(
            stack, encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED, encryption_key=key
        )
        manage(stack, accept=[ConnectionRule.table(table)])
        allowed = policy_of(stack)
        assert allowed["dynamodb:Scan"] == stack.resolve(table.table_arn)
        assert allowed["kms:Decrypt"] == stack.resolve(key.key_arn)

    def test_the_role_has_room_for_all_managers_of_a_stack(self, stack: Stack) -> None:
        tables = [ConnectionRule.table(table_in(stack))]
        for number in range(5):
            service = make_service(stack, f"S{number}", allowed_regions=["us-east-1"])
            manage(
                stack,
                f"M{number}",
                service=service,
                accept=tables,
                disconnect_unmatched_after=Duration.days(1),
            )
        policies = [
            policy["Properties"]["PolicyDocument"]
            for policy in resources_of(stack, "AWS::IAM::Policy").values()
            if "Managers" in str(policy["Properties"]["Roles"])
        ]
        size = sum(len(json.dumps(deployed(each), separators=(",", ":"))) for each in policies)
        assert size < 9_740
        with pytest.raises(PrivateLinkValueError, match="at most 5 managers per stack"):
            manage(stack, "Last", service=make_service(stack, "Last5"))


def deployed(value: Any) -> Any:
    """Return a policy with long values instead of references."""
    if isinstance(value, list):
        return [deployed(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Join" in value:
        return "".join(deployed(value["Fn::Join"][1]))
    if "Fn::GetAtt" in value:
        return "x" * (130 if value["Fn::GetAtt"][1] == "Arn" else 80)
    if "Ref" in value:
        names = {"AWS::Partition": "aws-us-gov", "AWS::Region": "ap-southeast-2"}
        return names.get(value["Ref"], "x" * 26)
    return {key: deployed(each) for key, each in value.items()}


class TestMetrics:
    @pytest.mark.parametrize(
        ("method", "name", "statistic"),
        [
            ("metric_accepted", "Accepted", "Sum"),
            ("metric_rejected", "Rejected", "Sum"),
            ("metric_disconnected", "Disconnected", "Sum"),
            ("metric_failed", "Failed", "Sum"),
            ("metric_pending", "Pending", "Maximum"),
            ("metric_blocked", "Blocked", "Maximum"),
            ("metric_held", "Held", "Maximum"),
            ("metric_oldest_pending_age", "OldestPendingAge", "Maximum"),
        ],
    )
    def test_each_metric_has_its_name_and_statistic(
        self, stack: Stack, method: str, name: str, statistic: str
    ) -> None:
        service = make_service(stack)
        metric = getattr(manage(stack, service=service), method)()
        assert (metric.namespace, metric.metric_name) == ("CdkPrivateLink", name)
        assert metric.statistic == statistic
        assert metric.dimensions == {"Service Id": service.service_id}

    def test_alarms_watch_what_needs_a_person(self, stack: Stack) -> None:
        manager = manage(stack)
        assert len(manager.add_alarms("Alarms")) == 3
        alarms = resources_of(stack, "AWS::CloudWatch::Alarm").values()
        assert [each["Properties"]["MetricName"] for each in alarms] == [
            "Blocked",
            "Failed",
            "ApproximateNumberOfMessagesVisible",
        ]
        assert {each["Properties"]["TreatMissingData"] for each in alarms} == {"notBreaching"}

    def test_ids_of_alarms_are_used_once(self, stack: Stack) -> None:
        manager = manage(stack)
        manager.add_alarms("Alarms")
        with pytest.raises(PrivateLinkValueError, match="must be unique in its scope"):
            manager.add_alarms("Alarms")


class TestFunction:
    def test_all_managers_of_a_stack_share_one_function(self, stack: Stack) -> None:
        first = manage(stack)
        second = manage(stack, "Other", service=make_service(stack, "Orders"))
        assert first.function.function_arn == second.function.function_arn
        functions = resources_of(stack, "AWS::Lambda::Function")
        assert len(functions) == 2  # this one, and the one for custom resources

    def test_the_function_is_another_one_than_that_of_custom_resources(self, stack: Stack) -> None:
        """A dead letter must never contain the address for a response to CloudFormation."""
        manage(stack)
        (mapping,) = resources_of(stack, "AWS::Lambda::EventSourceMapping").values()
        (rules,) = resources_of(stack, RULES).values()
        assert mapping["Properties"]["FunctionName"]["Ref"] not in str(
            rules["Properties"]["ServiceToken"]
        )

    @pytest.mark.parametrize(
        ("synthesizer", "options"),
        [
            (DefaultStackSynthesizer, {}),
            # Without the rule for the version of the bootstrap stack, which has a bucket.
            (LegacyStackSynthesizer, {"disconnect_unmatched_after": Duration.days(30)}),
        ],
    )
    def test_a_stack_with_everything_needs_no_bucket(
        self, synthesizer: Any, options: dict[str, Any]
    ) -> None:
        app = App()
        stack = Stack(app, "Stack", synthesizer=synthesizer())
        zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
        service = make_service(
            stack,
            allowed_principals=[iam.AccountPrincipal(ACCOUNT)],
            private_dns=PrivateDns("payments.example.com", hosted_zone=zone),
        )
        service.reject_connections_on_delete()
        manage(stack, service=service, **options)
        path = app.synth().get_stack_by_name("Stack").template_full_path
        assert Path(path).stat().st_size < 51_200


class TestTokens:
    def test_another_value_of_a_token_repeats_the_run(self, stack: Stack) -> None:
        token = CfnParameter(stack, "Account").value_as_string
        manage(stack, accept=[ConnectionRule.accounts(token)])
        ((parameter_id, _),) = resources_of(stack, PARAMETER).items()
        (rules,) = resources_of(stack, RULES).values()
        assert rules["Properties"]["Values"] == [{"Fn::GetAtt": [parameter_id, "Value"]}]

    def test_literal_rules_have_their_version_only(self, stack: Stack) -> None:
        manage(stack)
        (rules,) = resources_of(stack, RULES).values()
        assert "Values" not in rules["Properties"]


class TestTables:
    @pytest.mark.parametrize("stream", [None, dynamodb.StreamViewType.KEYS_ONLY])
    def test_a_global_table_has_no_pipe(self, stack: Stack, stream: Any) -> None:
        # It has the ARN of a stream even without one.
        key = dynamodb.Attribute(name="account", type=dynamodb.AttributeType.STRING)
        table = dynamodb.TableV2(stack, "Customers", partition_key=key, dynamo_stream=stream)
        manage(stack, accept=[ConnectionRule.table(table)])
        assert resources_of(stack, PIPE) == {}

    def test_the_pipe_of_an_encrypted_table_can_decrypt_its_stream(self, stack: Stack) -> None:
        key = kms.Key(stack, "Key")
        table = table_in(stack, stream=dynamodb.StreamViewType.KEYS_ONLY, encryption_key=key)
        manage(stack, accept=[ConnectionRule.table(table)])
        (pipe,) = resources_of(stack, PIPE).values()
        source = pipe["Properties"]["SourceParameters"]["DynamoDBStreamParameters"]
        # More than SQS accepts in a batch would be rejected.
        assert source["BatchSize"] == 10
        (statements,) = [
            each["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
            for name, each in resources_of(stack, "AWS::IAM::Role").items()
            if "Pipe" in name
        ]
        assert [each["Resource"] for each in statements if each["Action"] == "kms:Decrypt"] == [
            stack.resolve(key.key_arn)
        ]

    def test_more_tables_than_the_role_has_room_for(self, stack: Stack) -> None:
        key = dynamodb.Attribute(name="account", type=dynamodb.AttributeType.STRING)
        tables = [dynamodb.Table(stack, f"T{n}", partition_key=key) for n in range(40)]
        service = make_service(stack)
        rules = [ConnectionRule.table(table) for table in tables]
        with pytest.raises(PrivateLinkValueError, match="must have as many tables as the IAM role"):
            manage(stack, service=service, accept=rules)


class TestServices:
    def test_a_service_of_another_region_is_an_error(self) -> None:
        stack = Stack(App(), "Stack", env=IRELAND)
        name = f"com.amazonaws.vpce.us-east-1.{SERVICE_ID}"
        service = PrivateLinkEndpointService.from_service_name(stack, "Imported", name)
        message = catch_error(stack, PrivateLinkValueError, lambda: manage(stack, service=service))
        assert message == (
            "`service` must be in the Region of the manager, got `Stack/Imported in us-east-1`; "
            "create the manager in a stack in us-east-1  [Stack/Connections]"
        )

    @pytest.mark.parametrize("place", ["us-east-1:111122223333", "eu-west-1:444455556666"])
    def test_a_table_of_another_environment_is_an_error(self, place: str) -> None:
        stack = Stack(App(), "Stack", env=IRELAND)
        arn = f"arn:aws:dynamodb:{place}:table/customers"
        rule = ConnectionRule.table(dynamodb.Table.from_table_arn(stack, "Customers", arn))
        service = make_service(stack)
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: manage(stack, service=service, accept=[rule]),
        )
        assert "`accept[0].table` must be in the account and Region of the manager" in message

    def test_an_import_of_the_same_service_is_found(self) -> None:
        app = App()
        stack, other = Stack(app, "Stack"), Stack(app, "Other")
        service = make_service(stack)
        manage(stack, service=service)
        imported = PrivateLinkEndpointService.from_service_id(other, "Imported", service.service_id)
        with pytest.raises(PrivateLinkValueError, match="must have one manager only"):
            manage(other, service=imported)

    def test_errors_of_metrics_name_the_manager(self, stack: Stack) -> None:
        manager = manage(stack)
        with pytest.raises(PrivateLinkTypeError) as error:
            manager.metric_held(unknown=1)  # type: ignore[call-arg]
        assert f"{error.value}".endswith("[Stack/Connections]")

    def test_services_of_several_stacks_can_have_the_same_id(self) -> None:
        app = App()
        stacks = [Stack(app, name) for name in ("Development", "Production")]
        for stack in stacks:
            manage(stack, service=make_service(stack))
        assert [len(resources_of(stack, RULES)) for stack in stacks] == [1, 1]


class TestWarnings:
    def warnings_of(self, stack: Stack) -> list[str]:
        """Return the ids of warnings of managers."""
        found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
        ids = [f"{each.entry.data}".rpartition("cdk-privatelink:")[2].rstrip("]") for each in found]
        return [each for each in ids if each not in ("openToEveryone",)]

    @pytest.mark.parametrize("is_late", [False, True])
    def test_a_table_without_everyone_is_a_warning(self, stack: Stack, is_late: bool) -> None:
        service = make_service(stack)
        manage(stack, service=service, accept=[ConnectionRule.table(table_in(stack))])
        if is_late:
            service.allow_principals(iam.AnyPrincipal())
        assert self.warnings_of(stack) == ([] if is_late else ["tableWithoutEveryone"])

    @pytest.mark.parametrize("is_late", [False, True])
    def test_an_account_without_permission_is_a_warning(self, stack: Stack, is_late: bool) -> None:
        service = make_service(stack, allowed_principals=[iam.AccountPrincipal(OTHER)])
        manage(stack, service=service, accept=[ConnectionRule.accounts(ACCOUNT, OTHER)])
        if is_late:
            service.allow_principals(iam.AccountPrincipal(ACCOUNT))
        assert self.warnings_of(stack) == ([] if is_late else ["ruleWithoutPrincipal"])

    def test_accounts_of_roles_everyone_tokens_and_the_own_account_may_ask(self) -> None:
        stack = Stack(App(), "Stack", env=IRELAND)
        role = iam.ArnPrincipal(f"arn:aws:iam::{OTHER}:role/consumer")
        token = CfnParameter(stack, "Account").value_as_string
        service = make_service(stack, allowed_principals=[role])
        manage(stack, service=service, accept=[ConnectionRule.accounts(OTHER, token, ACCOUNT)])
        assert self.warnings_of(stack) == []

    def test_a_service_that_accepts_everything_is_a_warning(self, stack: Stack) -> None:
        service = make_service(
            stack, allowed_principals=[iam.AccountPrincipal(ACCOUNT)], acceptance_required=False
        )
        manage(stack, service=service)
        assert self.warnings_of(stack) == ["managerWithoutAcceptance"]

    def test_an_imported_service_may_allow_everyone(self, stack: Stack) -> None:
        imported = PrivateLinkEndpointService.from_service_id(stack, "Imported", SERVICE_ID)
        table, accounts = ConnectionRule.table(table_in(stack)), ConnectionRule.accounts(ACCOUNT)
        manage(stack, service=imported, accept=[table, accounts])
        assert self.warnings_of(stack) == []


class TestRejected:
    @pytest.mark.parametrize(
        ("create", "message"),
        [
            (
                lambda stack: manage(stack, accept=[]),
                "`accept` must not be empty, got `[]`; pass one element or more",
            ),
            (
                lambda stack: manage(stack, accept=[ConnectionRule.accounts("12")]),
                "`accept[0].accounts[0]` must be the id of an account, got `12`; pass an account "
                "id like `111122223333`, or an `iam.AccountPrincipal`",
            ),
            (
                lambda stack: manage(stack, accept=[ConnectionRule.accounts()]),
                "`accept[0].accounts` must not be empty, got `()`; pass one element or more",
            ),
            (
                lambda stack: manage(
                    stack,
                    accept=[
                        ConnectionRule.table(
                            dynamodb.Table(
                                stack,
                                "Numbers",
                                partition_key=dynamodb.Attribute(
                                    name="account", type=dynamodb.AttributeType.NUMBER
                                ),
                            )
                        )
                    ],
                ),
                "`accept[0].table` must have strings as the attribute `account`, got `type N`; "
                "create the table with `dynamodb.AttributeType.STRING` for `account`",
            ),
            (
                lambda stack: manage(stack, accept=[ConnectionRule.everyone(limit=0)]),
                "`accept[0].limit` must be 1 or more, got `0`; pass the number of connections of "
                "one account",
            ),
            (
                lambda stack: manage(stack, disconnect_unmatched_after=Duration.seconds(59)),
                "`disconnect_unmatched_after` must be between 60 and 31536000 whole seconds, got "
                "`Duration.seconds(59)`; pass a `Duration` of 60 to 31536000 whole seconds",
            ),
            (
                lambda stack: manage(stack, interval=Duration.days(2)),
                "`interval` must be between 60 and 86400 whole seconds, got "
                "`Duration.days(2)`; pass a `Duration` of 60 to 86400 whole seconds",
            ),
            (
                lambda stack: manage(stack, interval=Duration.seconds(90)),
                "`interval` must be in whole minutes, got `Duration.seconds(90)`; pass a duration "
                "like `Duration.minutes(5)`",
            ),
            (
                lambda stack: manage(stack, max_disconnects=101),
                "`max_disconnects` must be between 1 and 90, got `101`; pass the number of "
                "connections per day",
            ),
        ],
    )
    def test_wrong_values_are_rejected(
        self, stack: Stack, create: Callable[[Stack], object], message: str
    ) -> None:
        with pytest.raises(PrivateLinkValueError) as error:
            create(stack)
        assert f"{error.value}" == f"{message}  [Stack/Connections]"
        assert resources_of(stack, "AWS::SQS::Queue") == {}

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"service": SERVICE_ID}, "`service` must be an endpoint service of this library"),
            ({"accept": [ACCOUNT]}, "`accept[0]` must be a `ConnectionRule`"),
            ({"accept": [ConnectionRule(ACCOUNT)]}, "`accept[0]` must be a `ConnectionRule`"),
            ({"accept": [ConnectionRule.accounts(1)]}, "`accept[0].accounts[0]` must be an"),  # type: ignore[arg-type]
            ({"accept": [ConnectionRule.table("t")]}, "`accept[0].table` must be a DynamoDB"),  # type: ignore[arg-type]
            ({"dry_run": "yes"}, "`dry_run` must be a bool"),
        ],
    )
    def test_wrong_types_are_rejected(
        self, stack: Stack, options: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(PrivateLinkTypeError) as error:
            manage(stack, **options)
        assert f"{error.value}".startswith(message)

    def test_two_managers_for_one_service_are_rejected(self, stack: Stack) -> None:
        service = make_service(stack)
        manage(stack, service=service)
        with pytest.raises(PrivateLinkValueError) as error:
            manage(stack, "Other", service=service)
        assert f"{error.value}" == (
            "`service` must have one manager only, because two would undo the changes of each "
            "other, got `Stack/Payments` with the manager `Stack/Connections`; put the rules of "
            "both into one manager  [Stack/Other]"
        )

    def test_a_service_of_another_stack_is_rejected(self, stack: Stack) -> None:
        service = make_service(Stack(stack.node.scope, "Elsewhere"))  # type: ignore[arg-type]
        with pytest.raises(PrivateLinkValueError, match="must be in the stack of the manager"):
            manage(stack, service=service)

    def test_an_id_in_use_is_rejected(self, stack: Stack) -> None:
        Construct(stack, "PrivateLinkConnectionManagers")
        with pytest.raises(PrivateLinkValueError, match="must keep the ids of this library free"):
            manage(stack)
