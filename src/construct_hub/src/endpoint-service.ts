import {
  Annotations,
  CfnResource,
  CustomResource,
  Fn,
  IResolvable,
  RemovalPolicy,
  Tags,
  Token,
} from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct, IConstruct, IDependable } from 'constructs';
import { RstPacketsSentAlarmsOptions, addAlarms, checkThreshold, checkedPlaces } from './alarms';
import { EndpointServiceBase } from './endpoint-service-base';
import { PrivateLinkValueError, code } from './errors';
import { ServiceById, ServiceByName } from './imported-service';
import { IPrivateLinkEndpointService } from './interface';
import { checkedIpAddressTypes } from './ip-address-types';
import { checkedList } from './lists';
import { LoadBalancers, checkNetwork, checkedArns } from './load-balancers';
import { ConnectionEvent, NotifyOptions, notifyTopic } from './notifications';
import { PayerResponsibility, warnOfPaying } from './payer-responsibility';
import { AllowedPrincipal, checkedPrincipals } from './principals';
import {
  PrivateDns,
  awaitVerification,
  checkPrivateDns,
  checkRoom,
  checkVerificationIds,
  publishRecord,
  recordName,
  recordValue,
  setName,
} from './private-dns';
import { checkedRegions } from './regions';
import {
  ServiceNameSource,
  deriveServiceName,
  lookUpFunction,
  lookUpService,
} from './service-name';
import { hasListToken } from './tokens';

/**
 * What an endpoint service is.
 */
export interface PrivateLinkEndpointServiceProps {
  /**
   * What answers the consumers' connections: `LoadBalancers.network(...)` or
   * `LoadBalancers.gateway(...)`.
   *
   * They can be exchanged while the service stays.
   */
  readonly loadBalancers: LoadBalancers;

  /**
   * Who may ask for a connection: accounts (`iam.AccountPrincipal`), roles and users without a path
   * in their name (`iam.Role`, `iam.User`, `iam.ArnPrincipal`), everyone (`iam.AnyPrincipal`).
   *
   * Repetitions are folded.
   *
   * @default - no one, until `allowPrincipals()` is called.
   */
  readonly allowedPrincipals?: AllowedPrincipal[];

  /**
   * The regions that consumers may connect from, like `"us-east-1"`.
   *
   * Who deploys it needs the permission `vpce:AllowMultiRegion`. Repetitions are folded.
   *
   * @default - the region of the service alone.
   */
  readonly allowedRegions?: string[];

  /**
   * Whether the owner must accept each connection before traffic flows.
   *
   * What is decided at deployment can be passed too, like `CfnParameter.value`.
   *
   * @default true
   */
  readonly acceptanceRequired?: boolean | IResolvable;

  /**
   * A domain name of yours for consumers to use, for Network Load Balancers only.
   *
   * @default - consumers use the names that AWS gives to their endpoints.
   */
  readonly privateDns?: PrivateDns;

  /**
   * The kinds of IP addresses that consumers may connect with.
   *
   * IPv6 needs load balancers that are dualstack.
   *
   * @default - what EC2 finds that the load balancers support when the service is made, which is
   * IPv4 as a rule.
   */
  readonly supportedIpAddressTypes?: ec2.IpAddressType[];

  /**
   * Who pays for the endpoints.
   *
   * `PayerResponsibility.SERVICE_OWNER` cannot be taken back, of which synthesis warns.
   *
   * @default - the owners of the endpoints.
   */
  readonly payerResponsibility?: PayerResponsibility;

  /**
   * Whether to have the rules of CloudWatch Contributor Insights that AWS PrivateLink provides, at
   * the prices of CloudWatch.
   *
   * What is decided at deployment can be passed too.
   *
   * @default - they are not made.
   */
  readonly contributorInsights?: boolean | IResolvable;

  /**
   * The tag `Name` of the service, which the console shows it by, of at most 256 characters.
   *
   * @default - none; `Tags.of()` sets it and others too.
   */
  readonly nameTag?: string;

  /**
   * Where `serviceName` comes from.
   *
   * @default - `ServiceNameSource.LOOKUP`, asked of EC2 when the stack is deployed.
   */
  readonly serviceNameSource?: ServiceNameSource;
}

/**
 * A VPC endpoint service, who may connect to it, and the name that consumers need.
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
   * Take an existing service of the stack's region by its id.
   *
   * Its name is composed, as with `ServiceNameSource.DERIVED`.
   *
   * @param scope The stack, or a construct in it, that uses the service.
   * @param id The name of this construct within `scope`.
   * @param serviceId Like `vpce-svc-0123456789abcdef0`, or known at deployment.
   */
  public static fromServiceId(
    scope: Construct,
    id: string,
    serviceId: string,
  ): IPrivateLinkEndpointService {
    return new ServiceById(scope, id, serviceId);
  }

  /**
   * Take an existing service, of this or another account and region, by its name.
   *
   * Its id, region and partition are those that the name tells.
   *
   * @param scope The stack, or a construct in it, that uses the service.
   * @param id The name of this construct within `scope`.
   * @param serviceName Like `com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`, or known at
   * deployment. It does not tell the account: ARN and metrics take that of the stack.
   */
  public static fromServiceName(
    scope: Construct,
    id: string,
    serviceName: string,
  ): IPrivateLinkEndpointService {
    return new ServiceByName(scope, id, serviceName);
  }

  /**
   * The id of the service, like `vpce-svc-0123456789abcdef0`.
   *
   * @attribute
   */
  public readonly serviceId: string;

  /**
   * The load balancers that this service was made with.
   */
  public readonly loadBalancers: LoadBalancers;

  /**
   * The CloudFormation resource, for what this construct does not offer.
   */
  public readonly endpointService: ec2.CfnVPCEndpointService;

  private readonly arns: string[];
  private readonly openToAll: boolean;
  private readonly lookUp?: CustomResource;
  private readonly privateDns?: PrivateDns;
  private derivedName?: string;
  private principals: ReadonlyMap<string, string> = new Map();
  private permissions?: ec2.CfnVPCEndpointServicePermissions;
  private verification?: CustomResource;
  private alarms?: Construct;
  /** What an endpoint service is of no use without, in the order of its making. */
  private readonly companions: CfnResource[] = [];
  private removalPolicy?: RemovalPolicy;

  /**
   * Make an endpoint service.
   *
   * @param scope The stack, or a construct in it, that this service belongs to.
   * @param id The name of this construct within `scope`.
   * @param props What the service is.
   */
  public constructor(scope: Construct, id: string, props: PrivateLinkEndpointServiceProps) {
    super(scope, id);
    // Everything is checked before any resource is made, so that an error leaves nothing behind.
    const { loadBalancers, acceptanceRequired = true, payerResponsibility, privateDns } = props;
    this.loadBalancers = loadBalancers;
    this.arns = checkedArns(loadBalancers, this);
    const principals = this.checked('allowedPrincipals', props.allowedPrincipals ?? []);
    const regions = props.allowedRegions && checkedRegions(props.allowedRegions, this);
    if (privateDns) {
      checkPrivateDns(privateDns, loadBalancers, this);
    }
    const ipAddressTypes =
      props.supportedIpAddressTypes &&
      checkedIpAddressTypes(props.supportedIpAddressTypes, loadBalancers, this);
    if (props.nameTag !== undefined) {
      checkNameTag(props.nameTag, this);
    }

    const looksUp = props.serviceNameSource !== ServiceNameSource.DERIVED;
    const lookUp = looksUp ? lookUpFunction(this) : undefined;

    const network = loadBalancers.loadBalancerType === 'network';
    this.endpointService = new ec2.CfnVPCEndpointService(this, 'Resource', {
      acceptanceRequired,
      networkLoadBalancerArns: network ? this.arns : undefined,
      gatewayLoadBalancerArns: network ? undefined : this.arns,
      supportedRegions: regions,
      supportedIpAddressTypes: ipAddressTypes,
      payerResponsibility,
      contributorInsightsEnabled: props.contributorInsights,
    });
    this.serviceId = this.endpointService.ref;
    this.openToAll = acceptanceRequired === false;
    this.allow(principals);
    if (payerResponsibility === PayerResponsibility.SERVICE_OWNER) {
      warnOfPaying(this);
    }
    if (props.nameTag !== undefined) {
      Tags.of(this.endpointService).add('Name', props.nameTag);
    }
    this.lookUp =
      lookUp &&
      lookUpService(this, lookUp, { serviceId: this.serviceId, loadBalancerArns: this.arns });
    this.privateDns = privateDns;
    if (privateDns) {
      this.setPrivateDns(privateDns);
    }
  }

  /**
   * The name that consumers connect to.
   *
   * Like `com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`. `serviceNameSource` says where
   * it comes from.
   *
   * @attribute
   */
  public get serviceName(): string {
    this.derivedName ??=
      this.lookUp?.getAttString('ServiceName') ?? deriveServiceName(this, this.serviceId);
    return this.derivedName;
  }

  /**
   * The names of the zones that the service is offered in, a list known at deployment.
   *
   * Take it apart with `Fn.select` and put it together with `Fn.join`. Zone names differ between
   * accounts; `availabilityZoneIds` do not. Asked again when the load balancers are exchanged, not
   * when one of them gains or loses a zone. With a derived name it is an error to ask, since nothing
   * is looked up then.
   */
  public get availabilityZones(): string[] {
    return this.lookedUpList('AvailabilityZones', 'availabilityZones');
  }

  /**
   * The ids of the zones that the service is offered in, a list known at deployment.
   *
   * Take it apart with `Fn.select` and put it together with `Fn.join`. They mean the same zones in
   * every account. Asked again when the load balancers are exchanged, not when one of them gains or
   * loses a zone. With a derived name it is an error to ask, since nothing is looked up then.
   */
  public get availabilityZoneIds(): string[] {
    return this.lookedUpList('AvailabilityZoneIds', 'availabilityZoneIds');
  }

  /**
   * The DNS names that every endpoint of the service extends, a list known at deployment.
   *
   * Take it apart with `Fn.select` and put it together with `Fn.join`. Where EC2 gives none, as for
   * Gateway Load Balancers, it is a single empty string. With a derived name it is an error to ask,
   * since nothing is looked up then.
   */
  public get baseEndpointDnsNames(): string[] {
    return this.lookedUpList('BaseEndpointDnsNames', 'baseEndpointDnsNames');
  }

  /**
   * The whole name of the TXT record that proves a private DNS name to be yours.
   *
   * Like `_6e86v84tqgqubxbwii1m.payments.example.com`, known at deployment. Without a private DNS
   * name it is an error to ask.
   */
  public get privateDnsRecordName(): string {
    return recordName(this.endpointService, this.withPrivateDns('privateDnsRecordName'));
  }

  /**
   * The value of that TXT record, like `vpce:l6p0ERxlTt45jevFwOCp`, known at deployment.
   *
   * Without a private DNS name it is an error to ask.
   */
  public get privateDnsRecordValue(): string {
    this.withPrivateDns('privateDnsRecordValue');
    return recordValue(this.endpointService);
  }

  /**
   * Allow more principals to ask for a connection.
   *
   * All calls together make one `AWS::EC2::VPCEndpointServicePermissions`. To take a principal away
   * later does not cut the connections that it has.
   *
   * @param principals Accounts (`iam.AccountPrincipal`), roles and users without a path in their
   * name (`iam.Role`, `iam.User`, `iam.ArnPrincipal`), everyone (`iam.AnyPrincipal`). Those that are
   * already allowed are folded.
   * @see https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html#add-remove-permissions
   */
  public allowPrincipals(...principals: AllowedPrincipal[]): void {
    this.allow(this.checked('principals', principals));
  }

  /**
   * Have a topic told what becomes of connections, for Network Load Balancers only.
   *
   * The policy of the topic, and of the key that it is encrypted with, is extended to allow it.
   * Those of imported topics and keys have to allow it already. A key, and a topic of another stack,
   * are opened to all endpoint services of the account and region, since they could not name this
   * one without depending on it while it depends on them.
   *
   * @param topic The topic. It can be passed again to add events.
   * @param options What it is told of.
   * @see https://docs.aws.amazon.com/vpc/latest/privatelink/create-notification-endpoint-service.html
   */
  public notify(topic: sns.ITopic, options: NotifyOptions = {}): void {
    checkNetwork('notify', this.loadBalancers, this);
    const names = Object.keys(ConnectionEvent);
    const events = checkedList('events', options.events ?? Object.values(ConnectionEvent), {
      fix: `pass one or more of ${names.map((name) => code(`ConnectionEvent.${name}`)).join(', ')}`,
      scope: this,
    });
    notifyTopic(this, topic, events);
  }

  /**
   * Alarm when targets seem unhealthy, as AWS recommends it.
   *
   * One alarm for each load balancer in each zone goes off when more than `threshold` packets that
   * reset a connection are sent in each of five minutes in a row. Add what shall be done then with
   * `alarm.addAlarmAction()`.
   *
   * @param id The name of the alarms within this construct.
   * @param options When to alarm.
   * @returns The alarms, in the order of the load balancers.
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html#PrivateLinkServices
   */
  public addRstPacketsSentAlarms(
    id: string,
    options: RstPacketsSentAlarmsOptions,
  ): cloudwatch.Alarm[] {
    checkThreshold(options.threshold, this);
    const places = checkedPlaces(options.availabilityZones, this.loadBalancers, this.arns, this);
    // Below a construct of their own, so that no id can meet those of this library.
    this.alarms ??= new Construct(this, 'RstPacketsSentAlarms');
    return addAlarms(new Construct(this.alarms, id), this, places, options.threshold);
  }

  /**
   * Start the verification of the private DNS name, and wait for it, at deployment.
   *
   * Only for DNS that is hosted elsewhere: with a `hostedZone` it is done already. Call it when the
   * TXT record is published, or else the deployment fails after a quarter of an hour.
   *
   * @param after What has to be deployed first, like the construct that publishes the record, in the
   * same stack. Default: nothing but the service.
   */
  public verifyPrivateDns(...after: IDependable[]): void {
    const { domainName } = this.withPrivateDns('verifyPrivateDns');
    if (this.verification) {
      throw new PrivateLinkValueError(
        'verifyPrivateDns',
        'is called although the name is verified already',
        {
          got: code(domainName),
          fix: 'call it once, and not at all with a `hostedZone`',
          scope: this,
        },
      );
    }
    checkRoom(this);
    checkVerificationIds(this);
    this.awaitVerification(domainName, after);
  }

  /**
   * Say what becomes of the service, and of what it needs to be used, when it is removed.
   *
   * @param policy `RemovalPolicy.RETAIN` keeps it when the stack or this construct goes, with who
   * may connect to it and the TXT record of its private DNS name. A hosted zone of the same stack
   * has to be retained as well, for it is not empty then. Default: they are deleted, which fails as
   * long as endpoints are connected.
   */
  public override applyRemovalPolicy(policy: RemovalPolicy): void {
    if (policy === RemovalPolicy.SNAPSHOT) {
      throw new PrivateLinkValueError(
        'policy',
        'asks for a snapshot, which endpoint services do not have',
        {
          got: '`RemovalPolicy.SNAPSHOT`',
          fix: 'pass `RemovalPolicy.RETAIN`, `.RETAIN_ON_UPDATE_OR_DELETE` or `.DESTROY`',
          scope: this,
        },
      );
    }
    super.applyRemovalPolicy(policy);
    this.removalPolicy = policy;
    for (const companion of this.companions) {
      companion.applyRemovalPolicy(policy);
    }
  }

  private checked(argument: string, principals: AllowedPrincipal[]): ReadonlyMap<string, string> {
    return checkedPrincipals(argument, principals, this.principals, this);
  }

  private allow(principals: ReadonlyMap<string, string>): void {
    this.principals = principals;
    if (principals.size === 0) {
      return;
    }
    const arns = [...principals.values()];
    if (this.permissions) {
      this.permissions.allowedPrincipals = arns;
    } else {
      this.permissions = new ec2.CfnVPCEndpointServicePermissions(this, 'Permissions', {
        serviceId: this.serviceId,
        allowedPrincipals: arns,
      });
      this.accompany(this.permissions);
    }
    if (this.openToAll && arns.includes('*')) {
      Annotations.of(this).addWarningV2(
        'cdk-privatelink:openToEveryone',
        'Everyone may connect to this service and no connection has to be accepted, so its ' +
          'load balancers are public. Name the principals or require acceptance. If it is meant, ' +
          'say so: ' +
          '`Annotations.of(service).acknowledgeWarning("cdk-privatelink:openToEveryone")`.',
      );
    }
  }

  private accompany(resource: CfnResource): void {
    this.companions.push(resource);
    if (this.removalPolicy) {
      resource.applyRemovalPolicy(this.removalPolicy);
    }
  }

  private setPrivateDns(privateDns: PrivateDns): void {
    setName(this.endpointService, privateDns);
    if (privateDns.hostedZone) {
      const { domainName, hostedZone } = privateDns;
      const record = publishRecord(this, this.endpointService, privateDns, hostedZone);
      this.accompany(record);
      this.awaitVerification(domainName, [record]);
    }
  }

  private awaitVerification(domainName: string, after: IDependable[]): void {
    const { serviceId, serviceArn } = this;
    this.verification = awaitVerification(this, { serviceId, serviceArn, domainName, after });
  }

  private withPrivateDns(asked: string): PrivateDns {
    if (!this.privateDns) {
      throw new PrivateLinkValueError(asked, 'is only there with a private DNS name', {
        got: '`privateDns: undefined`',
        fix: 'pass `privateDns: new PrivateDns(...)` to the service',
        scope: this,
      });
    }
    return this.privateDns;
  }

  private lookedUpList(answer: string, attribute: string): string[] {
    if (!this.lookUp) {
      throw new PrivateLinkValueError(attribute, 'is only known when the service is looked up', {
        got: '`serviceNameSource: ServiceNameSource.DERIVED`',
        fix: 'use `ServiceNameSource.LOOKUP`',
        scope: this,
      });
    }
    // Custom resources are only sure to hand over strings, so lists travel joined by commas.
    return Fn.split(',', this.lookUp.getAttString(answer));
  }
}

function checkNameTag(name: string, scope: IConstruct): void {
  if (hasListToken(name)) {
    throw new PrivateLinkValueError('nameTag', 'has a list that is only known at deployment', {
      got: code(name),
      fix: 'pass one string of it, with `Fn.select`',
      scope,
    });
  }
  const { length } = Array.from(name);
  if (!Token.isUnresolved(name) && length > 256) {
    throw new PrivateLinkValueError('nameTag', 'is longer than a tag may be', {
      got: `${length.toString()} characters`,
      fix: 'pass at most 256',
      scope,
    });
  }
}
