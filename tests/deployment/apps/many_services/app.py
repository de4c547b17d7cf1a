"""Hundreds of services: one stack with the maximum number of resources, and a smaller one."""

from __future__ import annotations

from itertools import count

from aws_cdk import App, CfnOutput, CfnParameter, Fn, Stack
from aws_cdk import aws_iam as iam

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService, ServiceNameSource

MAX_RESOURCES = 500
numbers = count()


class ServiceStack(Stack):
    """A stack of services, with a load balancer for each."""

    def __init__(self, app: App, id: str) -> None:
        """Create a parameter for the load balancers of all stacks."""
        super().__init__(app, id)
        parameter = CfnParameter(self, "LoadBalancers", type="CommaDelimitedList")
        self.load_balancers = parameter.value_as_list


def create_service(
    stack: ServiceStack, id: str, source: ServiceNameSource = ServiceNameSource.LOOKUP
) -> PrivateLinkEndpointService:
    """Create a service."""
    return PrivateLinkEndpointService(
        stack,
        id,
        load_balancers=LoadBalancers.network(Fn.select(next(numbers), stack.load_balancers)),
        service_name_source=source,
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

small = ServiceStack(app, "Small")
for number in range(30):
    create_service(small, f"Service{number}")

app.synth()
