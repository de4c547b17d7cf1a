"""A service with a private DNS name in a domain that another DNS provider hosts.

Environment variables differ per deployment: `VERIFY`, `FUNCTION_SECONDS`.
"""

from __future__ import annotations

import os

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
    private_dns=PrivateDns("payments.example.org"),
)
CfnOutput(stack, "RecordName", value=service.domain_verification_name)
CfnOutput(stack, "RecordValue", value=service.domain_verification_value)
if os.environ.get("VERIFY"):
    service.verify_private_dns()
    # Shorter than the default, which is for public DNS.
    function = stack.node.find_child("PrivateLinkCustomResources").node.find_child("Function")
    assert isinstance(function, lambda_.CfnFunction)
    function.timeout = int(os.environ["FUNCTION_SECONDS"])
app.synth()
