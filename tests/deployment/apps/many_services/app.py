"""Hundreds of services: one stack as full as CloudFormation allows, and some that are not."""

from __future__ import annotations

from aws_cdk import App, CfnOutput, CfnParameter, Stack
from aws_cdk import aws_iam as iam

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService, ServiceNameSource

MOST_RESOURCES = 500


class Offers(Stack):
    """A stack of services behind one load balancer."""

    def __init__(self, app: App, id: str) -> None:
        """Ask for the load balancer."""
        super().__init__(app, id)
        arn = CfnParameter(self, "LoadBalancer").value_as_string
        self.load_balancers = LoadBalancers.network(arn)


def offer(
    stack: Offers, id: str, source: ServiceNameSource = ServiceNameSource.LOOKUP
) -> PrivateLinkEndpointService:
    """Make a service."""
    return PrivateLinkEndpointService(
        stack, id, load_balancers=stack.load_balancers, service_name_source=source
    )


# The CDK would add a resource of its own to each stack.
app = App(analytics_reporting=False)
full = Offers(app, "Full")
# The function, its role and its log group; then three resources a service.
looked_up, left = divmod(MOST_RESOURCES - 3, 3)
for number in range(looked_up):
    service = offer(full, f"LookedUp{number}")
    service.allow_principals(iam.AccountPrincipal(f"{number:012}"))
    if number % 50 == 0:
        CfnOutput(full, f"Name{number}", value=service.service_name)
# One resource each: nobody is allowed, and nothing is looked up.
for number in range(left):
    offer(full, f"Derived{number}", ServiceNameSource.DERIVED)

for name in ("Red", "Green", "Blue"):
    stack = Offers(app, name)
    for number in range(30):
        offer(stack, f"Service{number}")

app.synth()
