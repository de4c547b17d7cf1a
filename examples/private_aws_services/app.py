"""A VPC without internet access, with every type of endpoint to a service."""

from aws_cdk import App, CfnOutput, LegacyStackSynthesizer, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_privatelink import InterfaceEndpoint, LoadBalancers, PrivateLinkEndpointService


class Provider(Stack):
    """A service in a VPC of its own."""

    def __init__(self, scope: Construct, id: str) -> None:
        """Create the service."""
        super().__init__(scope, id)
        vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
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

        # The consumer is in the same app, so no acceptance is required.
        self.service = PrivateLinkEndpointService(
            self,
            "Payments",
            load_balancers=LoadBalancers.network(load_balancer, enforce_security_groups=False),
            allowed_principals=[iam.AccountPrincipal(self.account)],
            acceptance_required=False,
        )

        CfnOutput(self, "ServiceName", value=self.service.service_name)
        CfnOutput(self, "ServiceId", value=self.service.service_id)


class Workload(Stack):
    """A VPC without internet access, and endpoints for all services that it uses."""

    def __init__(self, scope: Construct, id: str, *, payments: PrivateLinkEndpointService) -> None:
        """Create the VPC, a bucket, a table, a queue, and the endpoints."""
        super().__init__(scope, id)
        vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Workload", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED
                )
            ],
        )
        bucket = s3.Bucket(self, "Documents", enforce_ssl=True)
        table = dynamodb.Table(
            self,
            "Orders",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
        )
        queue = sqs.Queue(self, "Jobs", enforce_ssl=True)

        # Members of this group may use the interface endpoints.
        workload = ec2.SecurityGroup(self, "Workload", vpc=vpc, description="Uses the endpoints")

        # Gateway endpoints: free routes to Amazon S3 and Amazon DynamoDB. Their policies allow this
        # bucket and this table, for requests of this account.
        gateway_to_s3 = vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        gateway_to_s3.add_to_policy(
            self.only("s3:GetObject", "s3:PutObject", resource=bucket.arn_for_objects("*"))
        )
        gateway_to_dynamodb = vpc.add_gateway_endpoint(
            "DynamoDb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB
        )
        gateway_to_dynamodb.add_to_policy(
            self.only("dynamodb:GetItem", "dynamodb:PutItem", resource=table.table_arn)
        )

        # An interface endpoint to an AWS service: IP addresses in the VPC behind the usual name.
        endpoint_to_sqs = vpc.add_interface_endpoint(
            "Sqs", service=ec2.InterfaceVpcEndpointAwsService.SQS, open=False
        )
        endpoint_to_sqs.connections.allow_default_port_from(workload)
        endpoint_to_sqs.add_to_policy(
            self.only("sqs:ReceiveMessage", "sqs:SendMessage", resource=queue.queue_arn)
        )

        # An interface endpoint to the service of this app.
        endpoint_to_payments = InterfaceEndpoint(
            self, "Payments", vpc=vpc, service=payments, open=False
        )
        endpoint_to_payments.connections.allow_default_port_from(workload)

        CfnOutput(self, "EndpointId", value=endpoint_to_payments.vpc_endpoint_id)

    def only(self, *actions: str, resource: str) -> iam.PolicyStatement:
        """Return a statement that allows actions on resources for this account only."""
        return iam.PolicyStatement(
            principals=[iam.AnyPrincipal()],
            actions=list(actions),
            resources=[resource],
            conditions={"StringEquals": {"aws:PrincipalAccount": self.account}},
        )


# The app has no assets, so the account does not have to be bootstrapped.
app = App(default_stack_synthesizer=LegacyStackSynthesizer())
provider = Provider(app, "PrivateServicesProvider")
Workload(app, "PrivateServicesWorkload", payments=provider.service)
app.synth()
