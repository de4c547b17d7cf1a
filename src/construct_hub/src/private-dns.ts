import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct, IConstruct, IDependable } from 'constructs';
import { EndpointServiceBase } from './endpoint-service-base';
import { PrivateLinkValueError, code, takenId } from './errors';
import { Lifecycle } from './lifecycle';
import { LoadBalancers, requireNetwork } from './load-balancers';
import {
  CustomResourceFunction,
  LONG_SERVICE_TIMEOUT_SECONDS,
  VERIFICATION_TYPE,
  validatePermissions,
} from './custom-resource-function';
import { isLiteral, isSingleUnknown } from './tokens';

// Lower case, up to 63 characters per label and 255 in total, a wildcard as the first label only.
// https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const DOMAIN_NAME = new RegExp(`^(?=.{1,255}$)(?:\\*\\.)?(?:${LABEL}\\.)+${LABEL}$`);

// AWS suggests this value for the record.
const RECORD_TTL_SECONDS = 1800;
const ACTION = 'ec2:StartVpcEndpointServicePrivateDnsVerification';
const VERIFICATION_ID = 'PrivateDnsVerification';

/**
 * The options of a private DNS name.
 */
export interface PrivateDnsOptions {
  /**
   * The public hosted zone of the domain.
   *
   * The service then publishes the TXT record in the zone, and the deployment waits until EC2 has
   * verified the name.
   *
   * @default - no zone. Publish `service.domainVerificationName` with
   * `service.domainVerificationValue`, then call `service.verifyPrivateDns()`.
   */
  readonly hostedZone?: route53.IHostedZone;
}

/**
 * A domain name of yours, under which consumers reach the service from within their VPCs.
 *
 * Consumers can use the name when EC2 has verified that you own the domain: EC2 looks for a TXT
 * record in public DNS. The construct that receives the name validates it, so that errors can name
 * the construct.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
 */
export class PrivateDns {
  /**
   * The domain name.
   */
  public readonly domainName: string;

  /**
   * The public hosted zone of the domain, if the service publishes its record there.
   */
  public readonly hostedZone?: route53.IHostedZone;

  /**
   * Define the name and where its DNS is hosted.
   *
   * @param domainName The name, in lower case and without a final dot, like `payments.example.com`.
   * A wildcard, like `*.example.com`, must not be a token: its verification record would have a wrong
   * name.
   * @param options The options of the name.
   */
  public constructor(domainName: string, options: PrivateDnsOptions = {}) {
    this.domainName = domainName;
    this.hostedZone = options.hostedZone;
  }
}

/** Check the name and its hosted zone. */
export function validatePrivateDns(
  { domainName, hostedZone }: PrivateDns,
  loadBalancers: LoadBalancers,
  scope: Construct,
  moreActions: string[],
): void {
  requireNetwork('privateDns', loadBalancers, scope);
  if (!isSingleUnknown(domainName) && !DOMAIN_NAME.test(domainName)) {
    throw new PrivateLinkValueError(
      'privateDns.domainName',
      'must be a domain name that EC2 accepts',
      {
        got: code(domainName),
        fix:
          'pass a name in lower case without a final dot, like `payments.example.com` or ' +
          '`*.example.com`, of at most 255 characters with at most 63 between two dots',
        scope,
      },
    );
  }
  if (hostedZone) {
    validateHostedZone(domainName, hostedZone, scope);
    validateVerification(scope, moreActions);
  }
}

/** Check that the name can be verified. */
export function validateVerification(service: Construct, moreActions: string[]): void {
  validatePermissions('privateDns', [ACTION, ...moreActions], service);
  if (service.node.tryFindChild(VERIFICATION_ID)) {
    throw takenId(service, VERIFICATION_ID, service);
  }
}

/** Check that the verification does not wait for a construct that contains it. */
export function rejectParents(after: readonly IDependable[], service: IConstruct): void {
  const { path } = service.node;
  for (const value of after) {
    const parent = Construct.isConstruct(value) ? value.node.path : path;
    if (parent !== path && (parent === '' || path.startsWith(`${parent}/`))) {
      throw new PrivateLinkValueError(
        'after',
        'must not contain a parent of the service, which would wait for itself',
        {
          got: code(parent),
          fix: 'pass the construct that publishes the record',
          scope: service,
        },
      );
    }
  }
}

/** The private DNS name of one service: the name, the TXT record and the verification. */
export class PrivateDnsName {
  public readonly domainName: string;
  /** The verification at deployment, if there is one. */
  public verification?: CustomResource;

  /** Set the name of the service. With a hosted zone, publish the record and verify it. */
  public constructor(
    private readonly service: EndpointServiceBase,
    private readonly resource: ec2.CfnVPCEndpointService,
    { domainName, hostedZone }: PrivateDns,
    private readonly lifecycle: Lifecycle,
    private readonly moreActions: string[],
  ) {
    this.domainName = domainName;
    // Older releases of aws-cdk-lib have no property for the name.
    resource.addPropertyOverride('PrivateDnsName', domainName);
    if (hostedZone) {
      const record = this.publish(hostedZone);
      lifecycle.trackDependent(record);
      this.verify([record]);
    }
  }

  /** The full name of the TXT record that EC2 looks for. */
  public get recordName(): string {
    // EC2 verifies a domain for all names in it, so that the record of a wildcard is at the parent.
    // A wildcard label further right has no meaning in DNS.
    return `${this.configuration('Name')}.${this.domainName.replace(/^\*\./, '')}`;
  }

  /** The value of the TXT record that EC2 looks for. */
  public get recordValue(): string {
    return this.configuration('Value');
  }

  /**
   * Verify the name at deployment, and wait for success.
   *
   * @param after The constructs to deploy before.
   */
  public verify(after: IDependable[]): void {
    const { serviceId, serviceArn } = this.service;
    const verify = CustomResourceFunction.getOrCreate(this.service);
    const actions = [ACTION, ...this.moreActions];
    const policy = verify.allow(this.service, { actions, serviceArn });
    this.verification = new CustomResource(this.service, VERIFICATION_ID, {
      resourceType: VERIFICATION_TYPE,
      serviceToken: verify.arn,
      serviceTimeout: Duration.seconds(LONG_SERVICE_TIMEOUT_SECONDS),
      // Another name is an update, which starts another verification.
      properties: { ServiceId: serviceId, DomainName: this.domainName },
    });
    this.verification.node.addDependency(policy, ...after);
    this.lifecycle.addPrerequisite(this.verification);
  }

  private publish(hostedZone: route53.IHostedZone): route53.CfnRecordSet {
    // An L1: the L2 requires the name of the zone, which zones imported by id do not have.
    return new route53.CfnRecordSet(this.service, 'PrivateDnsRecord', {
      hostedZoneId: hostedZone.hostedZoneId,
      name: this.recordName,
      type: 'TXT',
      ttl: RECORD_TTL_SECONDS.toString(),
      resourceRecords: [`"${this.recordValue}"`],
    });
  }

  private configuration(attribute: string): string {
    return this.resource.getAtt(`PrivateDnsNameConfiguration.${attribute}`).toString();
  }
}

function validateHostedZone(
  domainName: string,
  hostedZone: route53.IHostedZone,
  scope: IConstruct,
): void {
  const argument = 'privateDns.hostedZone';
  if (isPrivate(hostedZone)) {
    throw new PrivateLinkValueError(
      argument,
      'must be a public hosted zone, where EC2 can find the TXT record',
      {
        got: code(hostedZone.node.path),
        fix: 'pass the public hosted zone of the domain',
        scope,
      },
    );
  }
  const name = findZoneName(hostedZone);
  if (name === undefined || !isLiteral(name) || !isLiteral(domainName)) {
    return;
  }
  if (!`.${domainName}`.endsWith(`.${name.toLowerCase().replace(/\.+$/, '')}`)) {
    throw new PrivateLinkValueError(argument, `must contain the domain name ${code(domainName)}`, {
      got: code(name),
      fix: 'pass the public hosted zone of that domain',
      scope,
    });
  }
}

/** Return whether a zone of the app is visible in VPCs only. */
function isPrivate(hostedZone: route53.IHostedZone): boolean {
  const zone = hostedZone.node.defaultChild;
  if (!(zone instanceof route53.CfnHostedZone)) {
    return false;
  }
  const vpcs: unknown = Stack.of(zone).resolve(zone.vpcs);
  return Array.isArray(vpcs) && vpcs.length > 0;
}

function findZoneName(hostedZone: route53.IHostedZone): string | undefined {
  try {
    return hostedZone.zoneName;
  } catch {
    // The CDK throws an error for zones that are imported by id alone.
    return undefined;
  }
}
