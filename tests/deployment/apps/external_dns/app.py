"""A service with a private DNS name in a domain that another DNS provider hosts.

The context differs per deployment: with `function_seconds`, the stack waits for the verification.
"""

from __future__ import annotations

from aws_cdk import App, CfnOutput, CfnParameter, LegacyStackSynthesizer, Stack
from aws_cdk import aws_lambda as lambda_

from cdk_privatelink import LoadBalancers, PrivateDns, PrivateLinkEndpointService

app = App(default_stack_synthesizer=LegacyStackSynthesizer())
stack = Stack(app, "Provider")
load_balancer = CfnParameter(stack, "LoadBalancer").value_as_string
service = PrivateLinkEndpointService(
    stack,
    "Payments",
    load_balancers=LoadBalancers.network(load_balancer),
    private_dns=PrivateDns(f"payments.{app.node.get_context('domain')}"),
)
CfnOutput(stack, "RecordName", value=service.domain_verification_name)
CfnOutput(stack, "RecordValue", value=service.domain_verification_value)
CfnOutput(stack, "ServiceId", value=service.service_id)
seconds = app.node.try_get_context("function_seconds")
if seconds:
    service.verify_private_dns()
    # A failure takes as long as the function, by default a quarter of an hour.
    function = stack.node.find_child("PrivateLinkCustomResources").node.find_child("Function")
    assert isinstance(function, lambda_.CfnFunction)
    function.timeout = int(seconds)
app.synth()
