"""The principals that may connect to an endpoint service."""

from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import (
    App,
    CfnParameter,
    Environment,
    IResolveContext,
    IStringProducer,
    Lazy,
    Stack,
    Token,
)
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Annotations, Match

from cdk_privatelink import (
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.templates import (
    EMPTY,
    NETWORK_ARN,
    PERMISSIONS,
    make_service,
    only,
    resources_of,
    template_of,
)

ACCOUNT_ROOT = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::111122223333:root"]]}
ROLE_ARN = "arn:aws:iam::111122223333:role/consumer"


@jsii.implements(IStringProducer)
class Later:
    """A string whose value can change after the construct is created."""

    def __init__(self) -> None:
        self.value = "later"

    def produce(self, _context: IResolveContext) -> str:
        return self.value


class TestPrincipals:
    def test_a_service_has_no_permissions_by_default(self, stack: Stack) -> None:
        make_service(stack)
        assert resources_of(stack, PERMISSIONS) == {}

    def test_an_empty_list_of_principals_creates_no_permissions(self, stack: Stack) -> None:
        make_service(stack, allowed_principals=[]).allow_principals()
        assert resources_of(stack, PERMISSIONS) == {}

    def test_all_principals_are_in_one_resource_in_the_given_order(self, stack: Stack) -> None:
        service = make_service(stack, allowed_principals=[iam.ArnPrincipal(ROLE_ARN)])
        service.allow_principals(iam.AccountPrincipal("111122223333"))
        service.allow_principals(iam.ArnPrincipal("arn:aws:iam::111122223333:user/person"))
        assert only(stack, PERMISSIONS)["Properties"] == {
            "ServiceId": {"Ref": "Payments130453D3"},
            "AllowedPrincipals": [
                ROLE_ARN,
                ACCOUNT_ROOT,
                "arn:aws:iam::111122223333:user/person",
            ],
        }

    def test_repeated_principals_are_deduplicated_even_as_tokens(self, stack: Stack) -> None:
        service = make_service(
            stack,
            allowed_principals=[
                iam.AccountPrincipal("111122223333"),
                iam.ArnPrincipal(ROLE_ARN),
                iam.AccountPrincipal("111122223333"),
            ],
        )
        service.allow_principals(iam.ArnPrincipal(ROLE_ARN), iam.AccountPrincipal("111122223333"))
        allowed = only(stack, PERMISSIONS)["Properties"]["AllowedPrincipals"]
        assert allowed == [ACCOUNT_ROOT, ROLE_ARN]

    def test_an_account_and_its_root_arn_are_deduplicated(self, stack: Stack) -> None:
        root = "arn:aws:iam::111122223333:root"
        make_service(
            stack,
            allowed_principals=[iam.ArnPrincipal(root), iam.AccountPrincipal("111122223333")],
        )
        assert only(stack, PERMISSIONS)["Properties"]["AllowedPrincipals"] == [root]

    @pytest.mark.parametrize("account", [None, "111122223333"])
    def test_the_account_of_the_stack_is_deduplicated(self, account: str | None) -> None:
        stack = Stack(App(), "Stack", env=Environment(account=account))
        roots = [
            iam.AccountRootPrincipal(),
            iam.AccountRootPrincipal(),
            iam.AccountPrincipal(stack.account),
        ]
        make_service(stack, allowed_principals=roots)
        assert len(only(stack, PERMISSIONS)["Properties"]["AllowedPrincipals"]) == 1

    @pytest.mark.parametrize("literals", [True, False])
    @pytest.mark.parametrize("region", [None, "eu-west-1"])
    def test_an_account_has_the_same_arn_as_in_the_cdk(
        self, region: str | None, literals: bool
    ) -> None:
        app = App(context={"@aws-cdk/core:enablePartitionLiterals": literals})
        stack = Stack(app, "Stack", env=Environment(region=region))
        accounts = [iam.AccountPrincipal("111122223333"), iam.AccountRootPrincipal()]
        make_service(stack, allowed_principals=accounts)
        (permissions,) = resources_of(stack, PERMISSIONS).values()
        expected = [stack.resolve(account.arn) for account in accounts]
        assert permissions["Properties"]["AllowedPrincipals"] == expected

    def test_roles_of_the_same_name_in_several_stacks_are_different_principals(self) -> None:
        # GIVEN two stacks whose roles have the same logical id
        app = App()
        roles = [
            iam.Role(Stack(app, name), "Consumer", assumed_by=iam.AccountRootPrincipal())
            for name in ("Red", "Blue")
        ]
        # WHEN the service allows both
        stack = Stack(app, "Stack")
        service = make_service(stack)
        for role in roles:
            service.allow_principals(iam.ArnPrincipal(role.role_arn))
        # THEN the permissions contain both
        allowed = only(stack, PERMISSIONS)["Properties"]["AllowedPrincipals"]
        assert [each["Fn::ImportValue"].split(":")[0] for each in allowed] == ["Red", "Blue"]

    def test_tokens_with_equal_values_until_later_are_not_deduplicated(self, stack: Stack) -> None:
        one, other = Later(), Later()
        tokens = [Lazy.uncached_string(one), Lazy.uncached_string(other)]
        make_service(stack, allowed_principals=[iam.ArnPrincipal(token) for token in tokens])
        other.value = "other"
        allowed = only(stack, PERMISSIONS)["Properties"]["AllowedPrincipals"]
        assert allowed == ["later", "other"]

    @pytest.mark.parametrize("wrong", ["prod", "1111", "", "111122223333 ", "١١١١٢٢٢٢٣٣٣٣"])
    def test_an_invalid_account_id_is_rejected(self, stack: Stack, wrong: str) -> None:
        with pytest.raises(PrivateLinkValueError) as error:
            make_service(stack, allowed_principals=[iam.AccountPrincipal(wrong)])
        assert str(error.value) == (
            f"`allowed_principals[0]` must be an account id, got `{wrong or EMPTY}`; pass the "
            "twelve digits of an account id  [Stack/Payments]"
        )

    def test_an_account_id_can_be_a_token(self, stack: Stack) -> None:
        parameter = CfnParameter(stack, "Account")
        make_service(stack, allowed_principals=[iam.AccountPrincipal(parameter.value_as_string)])
        (allowed,) = only(stack, PERMISSIONS)["Properties"]["AllowedPrincipals"]
        assert allowed["Fn::Join"][1][3] == {"Ref": "Account"}

    def test_a_path_in_an_arn_that_contains_tokens_is_rejected(self, stack: Stack) -> None:
        role = iam.Role.from_role_name(stack, "Role", "team/consumer")
        with pytest.raises(PrivateLinkValueError, match="must not be a role or user with a path"):
            make_service(stack, allowed_principals=[role])

    def test_an_account_id_can_be_a_token_of_any_type(self, stack: Stack) -> None:
        account = Token.as_any({"Ref": "AWS::AccountId"})
        make_service(stack, allowed_principals=[iam.AccountPrincipal(account)])
        (allowed,) = only(stack, PERMISSIONS)["Properties"]["AllowedPrincipals"]
        assert allowed["Fn::Join"][1][3] == {"Ref": "AWS::AccountId"}

    def test_a_list_token_as_an_account_id_is_rejected(self, stack: Stack) -> None:
        accounts = CfnParameter(stack, "Accounts", type="CommaDelimitedList").value_as_list
        principals = [iam.AccountPrincipal(account) for account in accounts]
        with pytest.raises(PrivateLinkValueError) as error:
            make_service(stack, allowed_principals=principals)
        assert str(error.value) == (
            f"`allowed_principals[0]` must be an account id, got `{accounts[0]}`; pass the "
            "twelve digits of an account id  [Stack/Payments]"
        )

    def test_a_principal_arn_can_be_a_token(self, stack: Stack) -> None:
        parameter = CfnParameter(stack, "Principal")
        make_service(stack, allowed_principals=[iam.ArnPrincipal(parameter.value_as_string)])
        allowed = only(stack, PERMISSIONS)["Properties"]["AllowedPrincipals"]
        assert allowed == [{"Ref": "Principal"}]

    def test_the_arn_of_a_role_in_the_same_app_is_accepted(self, stack: Stack) -> None:
        role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
        make_service(stack, allowed_principals=[iam.ArnPrincipal(role.role_arn)])
        (allowed,) = only(stack, PERMISSIONS)["Properties"]["AllowedPrincipals"]
        assert allowed["Fn::GetAtt"][1] == "Arn"

    def test_principals_can_be_a_list_token(self, stack: Stack) -> None:
        parameter = CfnParameter(stack, "Principals", type="CommaDelimitedList")
        (whole_list,) = parameter.value_as_list
        make_service(stack, allowed_principals=[iam.ArnPrincipal(whole_list)])
        allowed = only(stack, PERMISSIONS)["Properties"]["AllowedPrincipals"]
        assert allowed == {"Ref": "Principals"}

    def test_a_list_token_beside_other_principals_is_rejected(self, stack: Stack) -> None:
        parameter = CfnParameter(stack, "Principals", type="CommaDelimitedList")
        (whole_list,) = parameter.value_as_list
        with pytest.raises(PrivateLinkValueError) as error:
            make_service(
                stack,
                allowed_principals=[iam.ArnPrincipal(ROLE_ARN), iam.ArnPrincipal(whole_list)],
            )
        assert str(error.value) == (
            "`allowed_principals` must not mix a list token with other values, got a list token "
            "among 2 values; pass either the list token alone or single values  [Stack/Payments]"
        )
        assert "Resources" not in template_of(stack)

    def test_principals_that_are_added_to_a_list_token_are_rejected(self, stack: Stack) -> None:
        parameter = CfnParameter(stack, "Principals", type="CommaDelimitedList")
        (whole_list,) = parameter.value_as_list
        service = make_service(stack, allowed_principals=[iam.ArnPrincipal(whole_list)])
        with pytest.raises(PrivateLinkValueError, match="must not mix a list"):
            service.allow_principals(iam.ArnPrincipal(ROLE_ARN))
        # The permissions are unchanged.
        allowed = only(stack, PERMISSIONS)["Properties"]["AllowedPrincipals"]
        assert allowed == {"Ref": "Principals"}

    @pytest.mark.parametrize("imported", [True, False])
    def test_roles_and_users_are_accepted(self, stack: Stack, imported: bool) -> None:
        if imported:
            role = iam.Role.from_role_arn(stack, "Role", ROLE_ARN)
            user = iam.User.from_user_arn(stack, "User", "arn:aws:iam::111122223333:user/person")
        else:
            role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
            user = iam.User(stack, "User")
        make_service(stack, allowed_principals=[role, user]).allow_principals(
            iam.ArnPrincipal(role.role_arn), user
        )
        allowed = only(stack, PERMISSIONS)["Properties"]["AllowedPrincipals"]
        assert allowed == [stack.resolve(role.role_arn), stack.resolve(user.user_arn)]

    @pytest.mark.parametrize("kind", [iam.Role, iam.User])
    def test_roles_and_users_with_a_path_are_rejected(self, stack: Stack, kind: type) -> None:
        arguments = {"assumed_by": iam.AccountRootPrincipal()} if kind is iam.Role else {}
        principal = kind(stack, "Consumer", path="/team/", **arguments)
        with pytest.raises(PrivateLinkValueError) as error:
            make_service(stack, allowed_principals=[principal])
        assert str(error.value) == (
            "`allowed_principals[0]` must not be a role or user with a path, which EC2 "
            "does not accept, got `Stack/Consumer`; pass a role or user without a path, or "
            "its account; roles of IAM Identity Center (`AWSReservedSSO_...`) always have "
            "a path  [Stack/Payments]"
        )

    @pytest.mark.parametrize("form", ["lazy", "immutable", "token", "token of the resource"])
    @pytest.mark.parametrize("path", ["/team/", None])
    def test_a_role_with_a_path_in_disguise_is_rejected(
        self, stack: Stack, form: str, path: str | None
    ) -> None:
        assumed_by = iam.AccountRootPrincipal()
        if form == "lazy":
            principal: Any = iam.LazyRole(stack, "Role", assumed_by=assumed_by, path=path)
        else:
            role = iam.Role(stack, "Role", assumed_by=assumed_by, path=path)
            resource = role.node.default_child
            assert isinstance(resource, iam.CfnRole)
            principal = {
                "immutable": role.without_policy_updates(),
                "token": iam.ArnPrincipal(role.role_arn),
                "token of the resource": iam.ArnPrincipal(resource.attr_arn),
            }[form]
        if path is None:
            make_service(stack, allowed_principals=[principal])
            return
        with pytest.raises(PrivateLinkValueError, match=r"with a path, .* got `Stack/Role"):
            make_service(stack, allowed_principals=[principal])

    def test_the_token_of_a_user_with_a_path_is_rejected(self, stack: Stack) -> None:
        user = iam.User(stack, "User", path="/team/")
        with pytest.raises(PrivateLinkValueError, match="got `Stack/User`"):
            make_service(stack).allow_principals(iam.ArnPrincipal(user.user_arn))

    def test_an_imported_role_with_a_path_is_rejected(self, stack: Stack) -> None:
        role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/team/consumer")
        with pytest.raises(PrivateLinkValueError, match="must not be a role or user with a path"):
            make_service(stack, allowed_principals=[role])

    @pytest.mark.parametrize(
        "principal",
        [
            iam.ArnPrincipal(ROLE_ARN),
            iam.ArnPrincipal("arn:aws:iam::111122223333:user/consumer"),
            iam.ArnPrincipal("ec2.amazonaws.com"),
            iam.ArnPrincipal("*"),
            iam.AccountPrincipal("111122223333"),
            iam.AccountRootPrincipal(),
            iam.AnyPrincipal(),
        ],
    )
    def test_principals_of_the_construct_of_the_cdk_move_over_unchanged(
        self, stack: Stack, principal: Any
    ) -> None:
        """``ec2.VpcEndpointService`` accepts every ``iam.ArnPrincipal``."""
        make_service(stack, allowed_principals=[principal])
        nlb = elbv2.NetworkLoadBalancer.from_network_load_balancer_attributes(
            stack, "Nlb", load_balancer_arn=NETWORK_ARN
        )
        ec2.VpcEndpointService(
            stack,
            "OfTheCdk",
            vpc_endpoint_service_load_balancers=[nlb],
            allowed_principals=[principal],
        )
        ours, theirs = (
            each["Properties"]["AllowedPrincipals"]
            for each in resources_of(stack, PERMISSIONS).values()
        )
        assert ours == theirs

    def test_hundreds_of_principals_keep_their_order(self, stack: Stack) -> None:
        accounts = [f"{number:012}" for number in range(1, 501)]
        make_service(
            stack, allowed_principals=[iam.AccountPrincipal(account) for account in accounts]
        )
        allowed = only(stack, PERMISSIONS)["Properties"]["AllowedPrincipals"]
        assert [each["Fn::Join"][1][2] for each in allowed] == [
            f":iam::{account}:root" for account in accounts
        ]

    @pytest.mark.parametrize(
        "wrong", ["111122223333", ROLE_ARN, 1, None, iam.OrganizationPrincipal("o-1234567890")]
    )
    def test_a_principal_without_an_arn_is_rejected(self, stack: Stack, wrong: object) -> None:
        with pytest.raises(PrivateLinkTypeError) as error:
            make_service(stack, allowed_principals=[wrong])
        assert str(error.value) == (
            f"`allowed_principals[0]` must be a principal with an ARN, got `{wrong!r}`; "
            "pass an `iam.AccountPrincipal`, `iam.ArnPrincipal`, `iam.ServicePrincipal`, "
            "`iam.AnyPrincipal`, "
            "`iam.Role` or `iam.User`  [Stack/Payments]"
        )

    @pytest.mark.parametrize(
        "wrong", [iam.AccountPrincipal("111122223333"), "arn:aws:iam::111122223333:root", "", 0]
    )
    def test_principals_that_are_not_a_list_are_rejected(self, stack: Stack, wrong: object) -> None:
        with pytest.raises(PrivateLinkTypeError) as error:
            make_service(stack, allowed_principals=wrong)
        assert str(error.value) == (
            f"`allowed_principals` must be a list, got `{wrong!r}`; put the value into a "
            "list  [Stack/Payments]"
        )

    @pytest.mark.parametrize(
        "wrong",
        [
            "arn:aws:iam::111122223333:group/consumers",
            "arn:aws:sts::111122223333:assumed-role/consumer/session",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::*:root",
            "arn:aws:iam::1111:root",
            "arn:other:iam::111122223333:root",
            "111122223333",
            "",
        ],
    )
    def test_an_arn_that_ec2_does_not_accept_is_rejected(self, stack: Stack, wrong: str) -> None:
        service = make_service(stack)
        with pytest.raises(PrivateLinkValueError) as error:
            service.allow_principals(iam.ArnPrincipal(wrong))
        assert str(error.value) == (
            f"`principals[0]` must be an ARN that EC2 accepts, got `{wrong or EMPTY}`; pass an "
            "account, a role or user without a path, an AWS service, or everyone: "
            "`arn:<partition>:iam::<account>:root`, `...:role/<name>`, `...:user/<name>`, "
            "`<service>.amazonaws.com` or `*`"
            "  [Stack/Payments]"
        )
        assert resources_of(stack, PERMISSIONS) == {}

    @pytest.mark.parametrize("path", ["team/consumer", "aws-reserved/AWSReservedSSO_Admin_0123"])
    def test_an_arn_with_a_path_is_rejected_with_the_reason(self, stack: Stack, path: str) -> None:
        arn = f"arn:aws:iam::111122223333:role/{path}"
        with pytest.raises(PrivateLinkValueError) as error:
            make_service(stack).allow_principals(iam.ArnPrincipal(arn))
        assert str(error.value) == (
            "`principals[0]` must not be a role or user with a path, which EC2 does not accept, "
            f"got `{arn}`; pass a role or user without a path, or its account; roles of IAM "
            "Identity Center (`AWSReservedSSO_...`) always have a path  [Stack/Payments]"
        )


class TestServices:
    @pytest.mark.parametrize("name", ["firehose.amazonaws.com", "ec2.amazonaws.com.cn"])
    def test_an_aws_service_is_accepted(self, stack: Stack, name: str) -> None:
        make_service(stack, allowed_principals=[iam.ServicePrincipal(name), iam.ArnPrincipal(name)])
        assert only(stack, PERMISSIONS)["Properties"]["AllowedPrincipals"] == [name]

    @pytest.mark.parametrize("wrong", ["amazonaws.com", "Firehose.amazonaws.com", "example.com"])
    def test_another_domain_is_rejected(self, stack: Stack, wrong: str) -> None:
        with pytest.raises(PrivateLinkValueError, match="must be an ARN that EC2 accepts"):
            make_service(stack, allowed_principals=[iam.ServicePrincipal(wrong)])


class TestOpenToEveryone:
    # The risk, the fix, and the way to acknowledge the warning.
    WARNING = Match.exact(
        "Every AWS account can connect to this service without acceptance, which makes its load "
        "balancers public. Name the principals, or require acceptance. If this is intended, "
        "acknowledge the warning: `Annotations.of(service).acknowledge_warning("
        '"cdk-privatelink:openToEveryone")`. [ack: cdk-privatelink:openToEveryone]'
    )

    def test_a_wildcard_principal_without_acceptance_adds_a_warning(self, stack: Stack) -> None:
        service = make_service(stack, acceptance_required=False)
        service.allow_principals(iam.AnyPrincipal())
        Annotations.from_stack(stack).has_warning("/Stack/Payments", self.WARNING)

    def test_a_wildcard_among_other_principals_without_acceptance_adds_a_warning(
        self, stack: Stack
    ) -> None:
        principals = [iam.AccountPrincipal("111122223333"), iam.AnyPrincipal()]
        make_service(stack, acceptance_required=False, allowed_principals=principals)
        Annotations.from_stack(stack).has_warning("/Stack/Payments", self.WARNING)

    def test_the_warning_of_a_public_service_can_be_acknowledged(self, stack: Stack) -> None:
        service = make_service(stack, acceptance_required=False)
        service.allow_principals(iam.AnyPrincipal())
        cdk.Annotations.of(service).acknowledge_warning("cdk-privatelink:openToEveryone")
        Annotations.from_stack(stack).has_no_warning("*", Match.any_value())

    def test_a_wildcard_principal_with_acceptance_adds_no_warning(self, stack: Stack) -> None:
        make_service(stack, allowed_principals=[iam.AnyPrincipal()])
        Annotations.from_stack(stack).has_no_warning("*", Match.any_value())
        assert only(stack, PERMISSIONS)["Properties"]["AllowedPrincipals"] == ["*"]

    def test_named_principals_without_acceptance_add_no_warning(self, stack: Stack) -> None:
        make_service(
            stack,
            acceptance_required=False,
            allowed_principals=[iam.AccountPrincipal("111122223333")],
        )
        Annotations.from_stack(stack).has_no_warning("*", Match.any_value())
