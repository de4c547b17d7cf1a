"""Hundreds of services: one stack with the maximum number of resources, and three smaller ones."""

from __future__ import annotations

from aws_cdk import App, CfnOutput, CfnParameter, Stack
from aws_cdk import aws_iam as iam

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService, ServiceNameSource

MAX_RESOURCES = 500


class ServiceStack(Stack):
    """A stack of services with one load balancer."""

    def __init__(self, app: App, id: str) -> None:
        """Create a parameter for the load balancer."""
        super().__init__(app, id)
        arn = CfnParameter(self, "LoadBalancer").value_as_string
        self.load_balancers = LoadBalancers.network(arn)


def create_service(
    stack: ServiceStack, id: str, source: ServiceNameSource = ServiceNameSource.LOOKUP
) -> PrivateLinkEndpointService:
    """Create a service."""
    return PrivateLinkEndpointService(
        stack, id, load_balancers=stack.load_balancers, service_name_source=source
    )


# Otherwise the CDK adds `AWS::CDK::Metadata` to each stack.
app = App(analytics_reporting=False)
full = ServiceStack(app, "Full")
# The function, its role and its log group, then three resources per service.
lookups, remaining = divmod(MAX_RESOURCES - 3, 3)
for number in range(lookups):
    service = create_service(full, f"LookedUp{number}")
    service.allow_principals(iam.AccountPrincipal(f"{number:012}"))
    if number % 50 == 0:
        CfnOutput(full, f"Name{number}", value=service.service_name)
# One resource per service, without permissions and lookups.
for number in range(remaining):
    create_service(full, f"Derived{number}", ServiceNameSource.DERIVED)

for name in ("Red", "Green", "Blue"):
    stack = ServiceStack(app, name)
    for number in range(30):
        create_service(stack, f"Service{number}")

app.synth()
