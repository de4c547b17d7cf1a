"""A service for customers with their own accounts: acceptance, notifications and alarms."""

from aws_cdk import App, CfnOutput, Environment, Fn, LegacyStackSynthesizer, Stack, Tags
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk_privatelink import InterfaceEndpoint, LoadBalancers, PrivateLinkEndpointService

PARAMETER = "/payments/endpoint-service"


class Provider(Stack):
    """The service, in the provider's account."""

    def __init__(
        self, scope: Construct, id: str, *, env: Environment, customers: list[str]
    ) -> None:
        """Create the service, allow the customers, publish its name, and notify operators."""
        super().__init__(scope, id, env=env)

        # Three Availability Zones, which is all of them in most Regions: their names differ between
        # accounts, and customers can only connect from the zones of the service.
        vpc = ec2.Vpc(
            self,
            "Vpc",
            availability_zones=[Fn.select(number, Fn.get_azs()) for number in range(3)],
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Service", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
            ],
        )

        # Register your instances, IP addresses or tasks with this target group.
        targets = elbv2.NetworkTargetGroup(
            self, "Targets", vpc=vpc, port=443, target_type=elbv2.TargetType.IP
        )
        load_balancer = elbv2.NetworkLoadBalancer(self, "LoadBalancer", vpc=vpc)
        load_balancer.add_listener("Tls", port=443, default_target_groups=[targets])
        # For security groups, which load balancers have in apps of `cdk init`.
        load_balancer.connections.allow_to(ec2.Peer.ipv4(vpc.vpc_cidr_block), ec2.Port.tcp(443))

        # Customers request connections, and you accept each one.
        service = PrivateLinkEndpointService(
            self,
            "Payments",
            load_balancers=LoadBalancers.network(load_balancer, enforce_security_groups=False),
            allowed_principals=[iam.AccountPrincipal(customer) for customer in customers],
        )

        # The stacks of the customers read the service name from a shared SSM parameter.
        service.publish("Customers", parameter_name=PARAMETER, share_with=customers)

        # The console shows this name.
        Tags.of(service.cfn_endpoint_service).add("Name", "payments")

        # Notifies operators of every request, and of targets that may be unhealthy.
        operators = sns.Topic(self, "Operators", enforce_ssl=True)
        service.add_connection_notification(operators)
        for alarm in service.add_rst_packets_sent_alarms("TargetsReset", threshold=10):
            alarm.add_alarm_action(actions.SnsAction(operators))
        # The topic's policy replaces the default policy, which allows alarms to publish.
        operators.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))

        CfnOutput(self, "ServiceName", value=service.service_name)
        CfnOutput(self, "ServiceId", value=service.service_id)
        CfnOutput(self, "OperatorsTopic", value=operators.topic_arn)


class Consumer(Stack):
    """The consumer, in the account of a customer, who reads the service name."""

    def __init__(self, scope: Construct, id: str, *, env: Environment, provider: str) -> None:
        """Import the service by its shared parameter, and connect to the service."""
        super().__init__(scope, id, env=env)
        # CloudFormation reads the parameter, so that its ARN must not contain tokens.
        service = PrivateLinkEndpointService.from_parameter(
            self, "Service", f"arn:aws:ssm:{env.region}:{provider}:parameter{PARAMETER}"
        )

        vpc = ec2.Vpc(
            self,
            "Vpc",
            availability_zones=[Fn.select(number, Fn.get_azs()) for number in range(2)],
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Client", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
            ],
        )
        # Members of this group may use the endpoint.
        clients = ec2.SecurityGroup(self, "Clients", vpc=vpc, description="Uses the endpoint")
        endpoint = InterfaceEndpoint(self, "Payments", vpc=vpc, service=service, open=False)
        endpoint.connections.allow_default_port_from(clients)

        CfnOutput(self, "EndpointId", value=endpoint.vpc_endpoint_id)


# The app has no assets, so it needs no bootstrap stack. cdk.json contains accounts and Region.
app = App(default_stack_synthesizer=LegacyStackSynthesizer())
provider, customer, region = map(
    app.node.get_context, ("provider_account", "customer_account", "region")
)
Provider(
    app,
    "SaasProvider",
    env=Environment(account=provider, region=region),
    customers=[customer],
)
Consumer(app, "SaasConsumer", env=Environment(account=customer, region=region), provider=provider)
app.synth()
