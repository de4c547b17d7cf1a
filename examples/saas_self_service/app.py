"""A service that customers connect to by themselves, once they are in a table."""

from aws_cdk import (
    App,
    CfnOutput,
    CfnParameter,
    Duration,
    Environment,
    Fn,
    LegacyStackSynthesizer,
    Stack,
)
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk_privatelink import (
    ConnectionManager,
    ConnectionRule,
    InterfaceEndpoint,
    LoadBalancers,
    PrivateLinkEndpointService,
)


class Provider(Stack):
    """The service and the table of its customers, in the provider's account."""

    def __init__(self, scope: Construct, id: str, *, account: str) -> None:
        """Create the service, and accept the connections of the customers in the table."""
        super().__init__(scope, id, env=Environment(account=account))

        # Three Availability Zones, which is all of them in most Regions: customers can only connect
        # from the zones of the service.
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

        # Everyone may ask, and the manager accepts customers only.
        service = PrivateLinkEndpointService(
            self,
            "Payments",
            load_balancers=LoadBalancers.network(load_balancer, enforce_security_groups=False),
            allowed_principals=[iam.AnyPrincipal()],
        )

        # One item per customer: `account`, and if you like `limit` and `regions`. The table stays
        # when you delete the stack, and its stream starts the manager after each change.
        customers = dynamodb.Table(
            self,
            "Customers",
            partition_key=dynamodb.Attribute(name="account", type=dynamodb.AttributeType.STRING),
            stream=dynamodb.StreamViewType.KEYS_ONLY,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
        )
        manager = ConnectionManager(
            self,
            "Connections",
            service=service,
            accept=[ConnectionRule.table(customers)],
            # Others: requests are rejected after a week, live connections after 30 days.
            reject_unmatched_after=Duration.days(7),
            disconnect_unmatched_after=Duration.days(30),
        )

        # Notifies operators of connections that the manager holds, of failures, and of targets that
        # may be unhealthy.
        operators = sns.Topic(self, "Operators", enforce_ssl=True)
        operators.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
        for alarm in (
            *manager.add_alarms("Alarms"),
            *service.add_rst_packets_sent_alarms("TargetsReset", threshold=10),
        ):
            alarm.add_alarm_action(actions.SnsAction(operators))

        CfnOutput(self, "ServiceName", value=service.service_name)
        CfnOutput(self, "ServiceId", value=service.service_id)
        CfnOutput(self, "CustomersTable", value=customers.table_name)
        CfnOutput(self, "OperatorsTopic", value=operators.topic_arn)


class Consumer(Stack):
    """The consumer, in the account of a customer, who has the service name only."""

    def __init__(self, scope: Construct, id: str, *, account: str) -> None:
        """Create the parameter for the name, and connect to the service."""
        super().__init__(scope, id, env=Environment(account=account))
        service_name = CfnParameter(
            self, "ServiceName", description="The service name, from the provider"
        )

        vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Client", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
            ],
        )
        endpoint = InterfaceEndpoint(
            self, "Payments", vpc=vpc, service=service_name.value_as_string
        )

        CfnOutput(self, "EndpointId", value=endpoint.vpc_endpoint_id)


# The template of the provider is larger than 51,200 bytes, so its account needs a bootstrap stack,
# which has a bucket for it. cdk.json contains the accounts.
app = App(default_stack_synthesizer=LegacyStackSynthesizer())
Provider(app, "SelfServiceProvider", account=app.node.get_context("provider_account"))
Consumer(app, "SelfServiceConsumer", account=app.node.get_context("customer_account"))
app.synth()
