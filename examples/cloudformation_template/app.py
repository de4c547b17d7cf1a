"""An endpoint service for an existing load balancer, as a stand-alone template."""

from typing import cast

from aws_cdk import (
    App,
    Aws,
    CfnCondition,
    CfnOutput,
    CfnParameter,
    CfnResource,
    Fn,
    LegacyStackSynthesizer,
    Stack,
)
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService


class EndpointService(Stack):
    """The service and its permissions, for a load balancer whose ARN is a parameter."""

    def __init__(self, scope: Construct, id: str) -> None:
        """Create the parameters, the service and the outputs."""
        super().__init__(scope, id, description="Creates an Amazon VPC endpoint service.")
        load_balancer, acceptance, principals = self._declare_parameters()
        arn = load_balancer.value_as_string
        (all_principals,) = principals.value_as_list

        service = PrivateLinkEndpointService(
            self,
            "VpcEndpointService",
            load_balancers=LoadBalancers.gateway(arn),
            allowed_principals=[iam.ArnPrincipal(all_principals)],
            acceptance_required=acceptance.value,
        )
        self._host_either_type(service, arn)
        self._keep_logical_ids(service)

        CfnOutput(
            self,
            "SecurityVpcEndpointServiceId",
            description="Id of the VPC endpoint service",
            value=service.service_id,
        )
        CfnOutput(
            self,
            "SecurityVpcEndpointServiceName",
            description="Name of the VPC endpoint service, which consumers connect to",
            value=service.service_name,
        )

    def _declare_parameters(self) -> tuple[CfnParameter, CfnParameter, CfnParameter]:
        load_balancer = CfnParameter(
            self,
            "ElbArn",
            description="The Gateway or Network Load Balancer behind the service",
            allowed_pattern="arn:[^:]+:elasticloadbalancing:[^:]+:[^:]+:loadbalancer/.+",
            constraint_description="must be the ARN of a load balancer",
        )
        acceptance = CfnParameter(
            self,
            "ConnectionAcceptance",
            description="Whether the owner has to accept each connection",
            allowed_values=["true", "false"],
            default="false",
            constraint_description="must be true or false",
        )
        principals = CfnParameter(
            self,
            "AwsAccountToWhitelist",
            type="CommaDelimitedList",
            description="Who may connect: ARNs of accounts, roles and users, or * for everyone",
            constraint_description="must be one ARN or more, separated by commas",
        )
        self.template_options.metadata = {
            "AWS::CloudFormation::Interface": {
                "ParameterGroups": [
                    {
                        "Label": {"default": "Endpoint Service Configuration"},
                        "Parameters": [load_balancer.logical_id, acceptance.logical_id],
                    },
                    {
                        "Label": {"default": "Endpoint Service Permissions"},
                        "Parameters": [principals.logical_id],
                    },
                ],
                "ParameterLabels": {
                    load_balancer.logical_id: {
                        "default": "ELB Amazon Resource Names (ARNs) for your service."
                    },
                    acceptance.logical_id: {
                        "default": "Indicate whether requests from service consumers to create an "
                        "endpoint to your service must be accepted."
                    },
                    principals.logical_id: {
                        "default": "The Amazon Resource Names (ARN) of one or more principals (IAM "
                        "users, IAM roles, and AWS accounts). Permissions are granted to the "
                        "principals in this list."
                    },
                },
            }
        }
        return load_balancer, acceptance, principals

    def _host_either_type(self, service: PrivateLinkEndpointService, arn: str) -> None:
        """Set the property for the load balancer type, which a condition reads from the ARN."""
        is_network = CfnCondition(
            self,
            "IsNetworkLoadBalancer",
            # arn:...:loadbalancer/net/<name>/<id>
            expression=Fn.condition_equals(Fn.select(1, Fn.split("/", arn)), "net"),
        ).logical_id
        resource = service.cfn_endpoint_service
        resource.add_property_override(
            "GatewayLoadBalancerArns", Fn.condition_if(is_network, Aws.NO_VALUE, [arn])
        )
        resource.add_property_override(
            "NetworkLoadBalancerArns", Fn.condition_if(is_network, [arn], Aws.NO_VALUE)
        )

    def _keep_logical_ids(self, service: PrivateLinkEndpointService) -> None:
        """Set the logical ids of the original template, so that an update keeps the service."""
        permissions = cast(CfnResource, service.node.find_child("Permissions"))
        service.cfn_endpoint_service.override_logical_id("VpcEndpointService")
        permissions.override_logical_id("VpcEndpointServicePermissions")


# The template has no assets, so any tool can deploy it, without a bootstrap stack.
app = App(default_stack_synthesizer=LegacyStackSynthesizer())
EndpointService(app, "VpcEndpointService")
app.synth()
