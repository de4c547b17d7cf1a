import { CustomResource, Fn, IResolvable, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct, IDependable } from 'constructs';
import {
  RstPacketsSentAlarmsOptions,
  addAlarms,
  resolveDimensions,
  validateThreshold,
} from './alarms';
import { warnOfUnsupportedLoadBalancers } from './cross-region';
import { CustomResourceFunction } from './custom-resource-function';
import { addDraining, validateDraining } from './draining';
import { addFinalCheck } from './end-of-synthesis';
import { EndpointServiceBase } from './endpoint-service-base';
import { PrivateLinkValueError, code } from './errors';
import { allowFollowing, followedZones, validateFollowing } from './followed-zones';
import { ServiceById, ServiceByName } from './imported-endpoint-service';
import { IPrivateLinkEndpointService, IPublishedEndpointService } from './interface';
import { resolveIpAddressTypes } from './ip-address-types';
import { uniqueList } from './arguments';
import { Lifecycle } from './lifecycle';
import { validateSingleUse } from './load-balancer-usage';
import { LoadBalancers, bindLoadBalancers, requireNetwork, resolveArns } from './load-balancers';
import {
  ConnectionEvent,
  ConnectionNotificationOptions,
  addNotification,
} from './connection-notifications';
import { keepLogicalIds } from './logical-ids';
import { validateParameterName } from './parameter-names';
import { PayerResponsibility, warnOfPayment } from './payer-responsibility';
import { AllowedPrincipal, AllowedPrincipals, resolvePrincipals } from './allowed-principals';
import {
  PrivateDns,
  PrivateDnsName,
  rejectParents,
  validatePrivateDns,
  validateVerification,
} from './private-dns';
import { ServiceByParameter } from './published-endpoint-service';
import {
  ALLOWED_REGIONS,
  AVAILABILITY_ZONE_IDS,
  PRIVATE_DNS_NAME,
  PublishOptions,
  PublishedValues,
  addParameters,
  resolveSharePrincipals,
  withOwnRegion,
} from './publishing';
import { ALLOW_MULTI_REGION, resolveRegions } from './regions';
import { warnOfRemovedLoadBalancers } from './removal';
import { validateId, validateReservedId, validateScope } from './scopes';
import { ServiceNameSource, addLookup, deriveServiceName } from './service-name';

/**
 * The options of an endpoint service.
 */
export interface PrivateLinkEndpointServiceProps {
  /**
   * The load balancers that receive the traffic of consumers: `LoadBalancers.network(...)` or
   * `LoadBalancers.gateway(...)`.
   *
   * You can replace them without replacing the service.
   */
  readonly loadBalancers: LoadBalancers;

  /**
   * The principals that can request a connection: accounts (`iam.AccountPrincipal`), roles and users
   * without a path (`iam.Role`, `iam.User`, `iam.ArnPrincipal`), AWS services
   * (`iam.ServicePrincipal`), or everyone (`iam.AnyPrincipal`).
   *
   * Duplicates are removed.
   *
   * @default - none, until you call `allowPrincipals()`.
   */
  readonly allowedPrincipals?: AllowedPrincipal[];

  /**
   * The Regions from which consumers can connect, like `"us-east-1"`.
   *
   * The deploying identity needs the permission `vpce:AllowMultiRegion`. Duplicates are removed, and
   * the Region of the service is added. For Network Load Balancers only.
   *
   * @default - the Region of the service only.
   */
  readonly allowedRegions?: string[];

  /**
   * `true` if you must accept each connection before traffic flows.
   *
   * Tokens like `CfnParameter.value` are supported.
   *
   * @default true
   */
  readonly acceptanceRequired?: boolean | IResolvable;

  /**
   * Your own domain name for the service, for Network Load Balancers only.
   *
   * @default - consumers use the DNS names that AWS gives to their endpoints.
   */
  readonly privateDns?: PrivateDns;

  /**
   * The IP address types with which consumers can connect.
   *
   * IPv6 requires dual-stack load balancers.
   *
   * @default - EC2 derives the types from the load balancers when it creates the service, usually
   * IPv4.
   */
  readonly supportedIpAddressTypes?: ec2.IpAddressType[];

  /**
   * The payer for the endpoints.
   *
   * EC2 does not allow you to revert `PayerResponsibility.SERVICE_OWNER`, so synthesis adds a
   * warning.
   *
   * @default - the owners of the endpoints.
   */
  readonly payerResponsibility?: PayerResponsibility;

  /**
   * `true` to create the CloudWatch Contributor Insights rules of AWS PrivateLink, for which
   * CloudWatch charges.
   *
   * Tokens are supported.
   *
   * @default - no rules.
   */
  readonly contributorInsights?: boolean | IResolvable;

  /**
   * The source of `serviceName`.
   *
   * @default - `ServiceNameSource.LOOKUP`, a query to EC2 at deployment.
   */
  readonly serviceNameSource?: ServiceNameSource;

  /**
   * `true` to make the service available in Availability Zones that its load balancers get later:
   * when their subnets change, the lookup modifies the service and waits until it is available
   * there, for at most 14 minutes.
   *
   * The load balancers must be defined in the same app. With `false`, the service keeps the zones
   * that its load balancers had when it was created or last modified.
   *
   * @default false
   */
  readonly followAvailabilityZones?: boolean;
}

/**
 * A VPC endpoint service with its permissions and its service name.
 *
 * @example
 * const service = new PrivateLinkEndpointService(this, 'Payments', {
 *   loadBalancers: LoadBalancers.network(nlb),
 *   allowedPrincipals: [new iam.AccountPrincipal('111122223333')],
 * });
 * new CfnOutput(this, 'ServiceName', { value: service.serviceName });
 *
 * @see https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
 * @resource AWS::EC2::VPCEndpointService
 */
export class PrivateLinkEndpointService extends EndpointServiceBase {
  /**
   * Import a service in the Region of the stack by its id.
   *
   * The name of the service is derived, as with `ServiceNameSource.DERIVED`.
   *
   * @param scope The stack, or a construct in the stack, that uses the service.
   * @param id The id of this construct in `scope`.
   * @param serviceId The id of the service, like `vpce-svc-0123456789abcdef0`, or a token.
   */
  public static fromServiceId(
    scope: Construct,
    id: string,
    serviceId: string,
  ): IPrivateLinkEndpointService {
    return new ServiceById(scope, id, serviceId);
  }

  /**
   * Import a service by its name, in any account and Region.
   *
   * The name determines the id, the Region and the partition of the service.
   *
   * @param scope The stack, or a construct in the stack, that uses the service.
   * @param id The id of this construct in `scope`.
   * @param serviceName The name of the service, like
   * `com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`, or a token. The name does not contain
   * the account: ARN and metrics use the account of the stack.
   */
  public static fromServiceName(
    scope: Construct,
    id: string,
    serviceName: string,
  ): IPrivateLinkEndpointService {
    return new ServiceByName(scope, id, serviceName);
  }

  /**
   * Import a service by the SSM parameter in which `publish()` has written its name.
   *
   * CloudFormation reads the parameter in every deployment of the stack. The name can be the name of
   * a service in another Region.
   *
   * @param scope The stack, or a construct in the stack, that uses the service.
   * @param id The id of this construct in `scope`.
   * @param parameter The literal name of a parameter in the account and Region of the stack, like
   * `/payments/endpoint-service`, or the literal ARN of a parameter that another account shares, like
   * `arn:aws:ssm:eu-west-1:111122223333:parameter/payments/endpoint-service`. The parameter must
   * exist before the deployment. In the app that defines the service, pass the service itself to its
   * consumers.
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
   */
  public static fromParameter(
    scope: Construct,
    id: string,
    parameter: string,
  ): IPublishedEndpointService {
    return new ServiceByParameter(scope, id, parameter);
  }

  /**
   * The id of the service, like `vpce-svc-0123456789abcdef0`.
   *
   * @attribute
   */
  public readonly serviceId: string;

  /**
   * The load balancers of this service.
   */
  public readonly loadBalancers: LoadBalancers;

  /**
   * The CloudFormation resource, for properties that this construct does not offer.
   */
  public readonly cfnEndpointService: ec2.CfnVPCEndpointService;

  private readonly arns: string[];
  private readonly lifecycle = new Lifecycle();
  private readonly principals: AllowedPrincipals;
  private readonly lookup?: CustomResource;
  private readonly moreActions: string[];
  private readonly privateDns?: PrivateDnsName;
  private derivedName?: string;
  private alarms?: Construct;
  private draining?: Construct;
  private published?: Construct;
  private readonly allowedRegions?: string[];

  /**
   * Create an endpoint service.
   *
   * @param scope The stack, or a construct in the stack, that contains this service.
   * @param id The id of this construct in `scope`.
   * @param props The options of the service.
   */
  public constructor(scope: Construct, id: string, props: PrivateLinkEndpointServiceProps) {
    super(validateScope(scope, id), id);
    // All checks come first, so that an error leaves no resource behind.
    const { loadBalancers, acceptanceRequired = true, payerResponsibility, privateDns } = props;
    this.loadBalancers = loadBalancers;
    this.arns = resolveArns(loadBalancers, this);
    const principals = resolvePrincipals(
      'allowedPrincipals',
      props.allowedPrincipals ?? [],
      new Map(),
      this,
    );
    const regions =
      props.allowedRegions && resolveRegions(props.allowedRegions, loadBalancers, this);
    this.moreActions = regions ? [ALLOW_MULTI_REGION] : [];
    if (privateDns) {
      validatePrivateDns(privateDns, loadBalancers, this, this.moreActions);
    }
    const ipAddressTypes =
      props.supportedIpAddressTypes &&
      resolveIpAddressTypes(props.supportedIpAddressTypes, loadBalancers, this);

    if (props.followAvailabilityZones) {
      validateFollowing(loadBalancers, props.serviceNameSource, this, this.moreActions);
    }
    const usesLookup = props.serviceNameSource !== ServiceNameSource.DERIVED;
    const lookup = usesLookup ? CustomResourceFunction.getOrCreate(this) : undefined;

    const network = loadBalancers.loadBalancerType === 'network';
    this.cfnEndpointService = new ec2.CfnVPCEndpointService(this, 'Resource', {
      acceptanceRequired,
      networkLoadBalancerArns: network ? this.arns : undefined,
      gatewayLoadBalancerArns: network ? undefined : this.arns,
      supportedRegions: regions,
      supportedIpAddressTypes: ipAddressTypes,
      payerResponsibility,
      contributorInsightsEnabled: props.contributorInsights,
    });
    bindLoadBalancers(loadBalancers, this);
    validateSingleUse(loadBalancers, this.arns, {
      service: this,
      resource: this.cfnEndpointService,
    });
    if (regions) {
      addFinalCheck(this.cfnEndpointService, () => {
        warnOfUnsupportedLoadBalancers(loadBalancers, this);
      });
    }
    this.serviceId = this.cfnEndpointService.ref;
    this.allowedRegions = props.allowedRegions;
    this.principals = new AllowedPrincipals(
      this,
      this.serviceId,
      acceptanceRequired,
      this.lifecycle,
    );
    this.principals.replace(principals);
    if (payerResponsibility === PayerResponsibility.SERVICE_OWNER) {
      warnOfPayment(this);
    }
    const zones = props.followAvailabilityZones ? followedZones(loadBalancers) : undefined;
    this.lookup = lookup && addLookup(this, lookup, this.cfnEndpointService, zones);
    if (lookup && props.followAvailabilityZones) {
      const { serviceArn, moreActions } = this;
      this.lookup?.node.addDependency(allowFollowing(this, lookup, { serviceArn, moreActions }));
    }
    this.privateDns =
      privateDns &&
      new PrivateDnsName(
        this,
        this.cfnEndpointService,
        privateDns,
        this.lifecycle,
        this.moreActions,
      );
  }

  /**
   * The name to which consumers connect.
   *
   * Like `com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`. `serviceNameSource` determines
   * its source.
   *
   * @attribute
   */
  public get serviceName(): string {
    this.derivedName ??=
      this.lookup?.getAttString('ServiceName') ?? deriveServiceName(this, this.serviceId);
    return this.derivedName;
  }

  /**
   * The names of the Availability Zones of the service, as a list token.
   *
   * Use `Fn.select` and `Fn.join` with the list. The names differ between accounts, while
   * `availabilityZoneIds` do not. A deployment updates the list when you replace a load balancer, and
   * not when a load balancer gains or loses a zone. With a derived name, reading it is an error.
   */
  public get availabilityZones(): string[] {
    return this.lookupList('AvailabilityZones', 'availabilityZones');
  }

  /**
   * The ids of the Availability Zones of the service, as a list token.
   *
   * Use `Fn.select` and `Fn.join` with the list. An id stands for the same zone in every account. A
   * deployment updates the list when you replace a load balancer, and not when a load balancer gains
   * or loses a zone. With a derived name, reading it is an error.
   */
  public get availabilityZoneIds(): string[] {
    return this.lookupList('AvailabilityZoneIds', 'availabilityZoneIds');
  }

  /**
   * The DNS names on which the names of all endpoints are based, as a list token.
   *
   * Use `Fn.select` and `Fn.join` with the list. If EC2 returns no name, as for Gateway Load
   * Balancers, the list contains one empty string. With a derived name, reading it is an error.
   */
  public get baseEndpointDnsNames(): string[] {
    return this.lookupList('BaseEndpointDnsNames', 'baseEndpointDnsNames');
  }

  /**
   * The CloudFormation resource of the allowed principals.
   *
   * If the service has no allowed principals yet, it throws an error.
   */
  public get cfnPermissions(): ec2.CfnVPCEndpointServicePermissions {
    if (!this.principals.resource) {
      throw new PrivateLinkValueError(
        'cfnPermissions',
        'must be used on a service with allowed principals',
        {
          got: 'no principals',
          fix: 'pass `allowedPrincipals`, or call `allowPrincipals()` first',
          scope: this,
        },
      );
    }
    return this.principals.resource;
  }

  /**
   * The full name of the TXT record that verifies your domain, as a token.
   *
   * Like `_6e86v84tqgqubxbwii1m.payments.example.com`. Without a private DNS name, reading it is an
   * error.
   */
  public get domainVerificationName(): string {
    return this.requirePrivateDns('domainVerificationName').recordName;
  }

  /**
   * The value of the TXT record that verifies your domain, as a token.
   *
   * Like `vpce:l6p0ERxlTt45jevFwOCp`. Without a private DNS name, reading it is an error.
   */
  public get domainVerificationValue(): string {
    return this.requirePrivateDns('domainVerificationValue').recordValue;
  }

  /**
   * Allow more principals to request a connection.
   *
   * All calls share one `AWS::EC2::VPCEndpointServicePermissions`. If you remove a principal later,
   * its connections stay.
   *
   * @param principals Accounts (`iam.AccountPrincipal`), roles and users without a path (`iam.Role`,
   * `iam.User`, `iam.ArnPrincipal`), AWS services (`iam.ServicePrincipal`), or everyone
   * (`iam.AnyPrincipal`). Duplicates are removed.
   * @see https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html#add-remove-permissions
   */
  public allowPrincipals(...principals: AllowedPrincipal[]): void {
    this.principals.replace(
      resolvePrincipals('principals', principals, this.principals.arns, this),
    );
  }

  /**
   * Send connection events to an SNS topic, for Network Load Balancers only.
   *
   * The method extends the policies of the topic, and of the key that encrypts the topic, to allow
   * it. If the topic or the key is imported, its policy must allow it already. The policy of a key,
   * or of a topic in another stack, allows all endpoint services of the account and Region: with the
   * id of this service, the two would depend on each other.
   *
   * @param topic The topic. You can call the method again for the same topic to add events.
   * @param options The options of the notifications.
   * @see https://docs.aws.amazon.com/vpc/latest/privatelink/create-notification-endpoint-service.html
   */
  public addConnectionNotification(
    topic: sns.ITopic,
    options: ConnectionNotificationOptions = {},
  ): void {
    requireNetwork('addConnectionNotification', this.loadBalancers, this);
    const events = options.events ?? Object.values(ConnectionEvent);
    addNotification(this, topic, uniqueList('events', events, this));
  }

  /**
   * Add the alarms that AWS recommends for unhealthy targets.
   *
   * There is one alarm per load balancer and Availability Zone. Its state is ALARM when the load balancer
   * sends more than `threshold` reset packets per minute for five minutes. Add actions with
   * `alarm.addAlarmAction()`.
   *
   * @param id The id of the alarms in this construct.
   * @param options The options of the alarms.
   * @returns The alarms, in the order of the load balancers.
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html#PrivateLinkServices
   */
  public addRstPacketsSentAlarms(
    id: string,
    options: RstPacketsSentAlarmsOptions,
  ): cloudwatch.Alarm[] {
    validateId(id, this);
    validateThreshold(options.threshold, this);
    const dimensions = resolveDimensions(
      options.availabilityZones,
      this.loadBalancers,
      this.arns,
      this,
    );
    // A construct of their own, so that their ids cannot collide with the ids of this library.
    this.alarms ??= new Construct(
      validateReservedId(this, 'RstPacketsSentAlarms'),
      'RstPacketsSentAlarms',
    );
    const alarms = new Construct(validateScope(this.alarms, id), id);
    return addAlarms(alarms, this, dimensions, options.threshold);
  }

  /**
   * Write the service name to an SSM parameter, for stacks and accounts of consumers.
   *
   * More parameters have the same name with a suffix: `-allowed-regions`, a list that starts with
   * the Region of the service, `-availability-zone-ids`, a list, if the service name is looked up,
   * and `-private-dns-name`, if the service has one. CloudFormation creates them after the
   * permissions of the service and the verification of its private DNS name. Import the service with
   * `fromParameter()`.
   *
   * @param id The id of the parameters in this construct.
   * @param options The options of the parameters.
   * @returns The parameter with the service name.
   * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-shared-parameters.html
   */
  public publish(id: string, options: PublishOptions): ssm.StringParameter {
    validateId(id, this);
    const regions = withOwnRegion(Stack.of(this).region, this.allowedRegions);
    const values: PublishedValues = new Map();
    values.set('', this.serviceName).set(ALLOWED_REGIONS, regions);
    if (this.lookup) {
      // The function has joined the ids with commas already.
      values.set(AVAILABILITY_ZONE_IDS, [this.lookup.getAttString('AvailabilityZoneIds')]);
    }
    if (this.privateDns) {
      values.set(PRIVATE_DNS_NAME, this.privateDns.domainName);
    }
    validateParameterName(options.parameterName, [...values.keys()], this);
    const shareWith = resolveSharePrincipals(options.shareWith ?? [], this);
    // A construct of their own, so that their ids cannot collide with ids of this library.
    this.published ??= new Construct(validateReservedId(this, 'Published'), 'Published');
    const parameters = new Construct(validateScope(this.published, id), id);
    const { lifecycle } = this;
    return addParameters(parameters, options.parameterName, values, { shareWith, lifecycle });
  }

  /**
   * Start the verification of the private DNS name at deployment, and wait for it.
   *
   * Call the method only if you publish the TXT record yourself: with a `hostedZone`, the service
   * verifies its name already. If public DNS does not have the record, the deployment fails after 15
   * minutes.
   *
   * @param after The constructs to deploy before, like the construct that publishes the record, in
   * the same stack. Default: the service only.
   */
  public verifyPrivateDns(...after: IDependable[]): void {
    const privateDns = this.requirePrivateDns('verifyPrivateDns');
    if (privateDns.verification) {
      throw new PrivateLinkValueError(
        'verifyPrivateDns',
        'must be called once, and never with a `hostedZone`',
        {
          got: `${code(privateDns.domainName)}, which the service verifies already`,
          fix: 'remove this call',
          scope: this,
        },
      );
    }
    rejectParents(after, this);
    validateVerification(this, this.moreActions);
    privateDns.verify(after);
  }

  /**
   * Reject all connections before CloudFormation deletes the service.
   *
   * Without this call, CloudFormation cannot delete a service that has connections. With it, the
   * deletion of the stack, or of the service in the stack, disconnects all consumers: it first
   * removes the allowed principals, and then rejects all requests and connections, for at most 14
   * minutes. A consumer may have to create another endpoint to connect again.
   *
   * Nothing is rejected if the service stays: if it is retained, if you remove only this call, or if
   * CloudFormation rolls back the update that added it. Further calls change nothing.
   *
   * @see https://docs.aws.amazon.com/vpc/latest/privatelink/delete-endpoint-service.html
   */
  public rejectConnectionsOnDelete(): void {
    if (this.draining) {
      return;
    }
    validateDraining(this, this.moreActions);
    const { serviceArn, moreActions } = this;
    this.draining = addDraining(this, this.cfnEndpointService, { serviceArn, moreActions });
    this.principals.createAfter(this.draining);
    this.lifecycle.addPrerequisite(this.draining);
  }

  /**
   * Apply a removal policy to the service and to the resources that it needs.
   *
   * @param policy `RemovalPolicy.RETAIN` keeps the service when you delete the stack or this
   * construct, with its permissions, the TXT record of its private DNS name and its SSM parameters.
   * They are no longer shared then. Retain a hosted zone of the same stack as well, since it is not
   * empty then. Default: CloudFormation deletes the service, which fails while endpoints are
   * connected.
   */
  public override applyRemovalPolicy(policy: RemovalPolicy): void {
    if (policy === RemovalPolicy.SNAPSHOT) {
      throw new PrivateLinkValueError('policy', 'must be a supported member of `RemovalPolicy`', {
        got: '`RemovalPolicy.SNAPSHOT`',
        fix:
          'pass `RemovalPolicy.RETAIN`, `RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE` or ' +
          '`RemovalPolicy.DESTROY`',
        scope: this,
      });
    }
    super.applyRemovalPolicy(policy);
    addFinalCheck(this.cfnEndpointService, () => {
      warnOfRemovedLoadBalancers(this.cfnEndpointService, this.loadBalancers, this);
    });
    this.lifecycle.applyRemovalPolicy(policy);
  }

  /**
   * Keep the logical ids of all resources of this service, after you have moved it.
   *
   * With another logical id, CloudFormation replaces the service, which disconnects all consumers,
   * or deletes its permissions, which revokes all principals. Call the method when you give the
   * construct another id or scope in the same stack.
   *
   * @param formerPath The ids from the stack to the former place of this construct, like
   * `Payments` or `Api/Payments`.
   *
   * @see https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html#identifiers-logical-ids
   */
  public keepLogicalIds(formerPath: string): void {
    keepLogicalIds(this, formerPath);
  }

  private requirePrivateDns(member: string): PrivateDnsName {
    if (!this.privateDns) {
      throw new PrivateLinkValueError(member, 'must be used on a service with a private DNS name', {
        got: '`privateDns: undefined`',
        fix: 'pass `privateDns: new PrivateDns(...)` to the service',
        scope: this,
      });
    }
    return this.privateDns;
  }

  private lookupList(attribute: string, member: string): string[] {
    if (!this.lookup) {
      throw new PrivateLinkValueError(member, 'must be used on a service whose name is looked up', {
        got: '`serviceNameSource: ServiceNameSource.DERIVED`',
        fix: 'pass `ServiceNameSource.LOOKUP`',
        scope: this,
      });
    }
    // Attributes of custom resources are strings, so the function joins lists with commas.
    return Fn.split(',', this.lookup.getAttString(attribute));
  }
}
