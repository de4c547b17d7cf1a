import { CustomResource, Duration, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct, IConstruct, IDependable } from 'constructs';
import { PrivateLinkValueError, code } from './errors';
import { LoadBalancers, checkNetwork } from './load-balancers';
import { StackFunction } from './stack-function';
import { isStringToken } from './tokens';

// Lower case, up to 63 characters a label and 255 in all, with a wildcard as the first label only.
// https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const DOMAIN_NAME = new RegExp(`^(?=.{1,255}$)(?:\\*\\.)?(?:${LABEL}\\.)+${LABEL}$`);

// What AWS suggests for this record.
const RECORD_SECONDS = 1800;
// The longest that Lambda allows. Two attempts fit into the time that CloudFormation waits.
const FUNCTION_SECONDS = 900;
const VERIFICATION_SECONDS = 1920;
const FUNCTION = 'PrivateLinkPrivateDnsVerification';
const POLICY_ID = 'PrivateDnsPolicy';
const VERIFICATION_ID = 'PrivateDnsVerification';
// All policies of a role may have 10,240 characters. That of a name has some 220, and what the role
// may do besides some 500.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const MOST_NAMES = 40;

/**
 * Where the DNS of a private DNS name is hosted.
 */
export interface PrivateDnsOptions {
  /**
   * The public hosted zone that the name lies in.
   *
   * The TXT record is then published in it, and the deployment waits until EC2 has verified the
   * name.
   *
   * @default - DNS is hosted elsewhere. Publish `service.privateDnsRecordName` with
   * `service.privateDnsRecordValue` there, then call `service.verifyPrivateDns()`.
   */
  readonly hostedZone?: route53.IHostedZone;
}

/**
 * A domain name of yours, by which consumers reach the service from within their VPCs.
 *
 * EC2 has to see that the domain is yours before consumers can use the name: it looks for a TXT
 * record in public DNS. It is checked when it is given to a construct, so that errors can name it.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
 */
export class PrivateDns {
  /**
   * The name.
   */
  public readonly domainName: string;

  /**
   * The public hosted zone that it lies in, if DNS is hosted in one.
   */
  public readonly hostedZone?: route53.IHostedZone;

  /**
   * Say which name, and where its DNS is hosted.
   *
   * @param domainName The name, in lower case and without a final dot, like `payments.example.com`.
   * A wildcard, like `*.example.com`, has to be literal: the record of one that is only known at
   * deployment would have the wrong name.
   * @param options Where its DNS is hosted.
   */
  public constructor(domainName: string, options: PrivateDnsOptions = {}) {
    this.domainName = domainName;
    this.hostedZone = options.hostedZone;
  }
}

/** Check the name and its zone. */
export function checkPrivateDns(
  { domainName, hostedZone }: PrivateDns,
  loadBalancers: LoadBalancers,
  scope: IConstruct,
): void {
  checkNetwork('privateDns', loadBalancers, scope);
  if (!isStringToken(domainName) && !DOMAIN_NAME.test(domainName)) {
    throw new PrivateLinkValueError('privateDns', 'has a domain name that EC2 does not accept', {
      got: code(domainName),
      fix:
        'pass a name in lower case and without a final dot, like `payments.example.com` or ' +
        '`*.example.com`, of at most 255 characters with 63 between two dots',
      scope,
    });
  }
  if (hostedZone) {
    checkHostedZone(domainName, hostedZone, scope);
    checkRoom(scope);
  }
}

/** Check that the function of the stack can be allowed to verify one more name. */
export function checkRoom(scope: IConstruct): void {
  if ((StackFunction.find(scope, FUNCTION)?.allowed ?? 0) >= MOST_NAMES) {
    throw new PrivateLinkValueError(
      'privateDns',
      'is one too many for one stack, where a single IAM role has to be allowed to verify each ' +
        'name',
      {
        got: `${MOST_NAMES.toString()} that are verified already`,
        fix: 'put the service into another stack',
        scope,
      },
    );
  }
}

/** Check that nothing else has the ids of what verifies the name. */
export function checkVerificationIds(scope: IConstruct): void {
  const taken = [POLICY_ID, VERIFICATION_ID].find((id) => scope.node.tryFindChild(id));
  if (taken) {
    throw new PrivateLinkValueError('verifyPrivateDns', 'needs an id that is taken', {
      got: code(taken),
      fix: 'give that construct another id',
      scope,
    });
  }
}

/** Give the service its name, in a way that older releases of aws-cdk-lib know too. */
export function setName(service: ec2.CfnVPCEndpointService, { domainName }: PrivateDns): void {
  service.addPropertyOverride('PrivateDnsName', domainName);
}

/** Tell the whole name of the TXT record that EC2 looks for. */
export function recordName(service: ec2.CfnVPCEndpointService, { domainName }: PrivateDns): string {
  // A wildcard is only one as the first label. Its parent stands for it: EC2 takes the proof of a
  // domain for all names in it.
  return `${proof(service, 'Name')}.${domainName.replace(/^\*\./, '')}`;
}

/** Tell the value of the TXT record that EC2 looks for. */
export function recordValue(service: ec2.CfnVPCEndpointService): string {
  return proof(service, 'Value');
}

/** Publish the TXT record that EC2 looks for. */
export function publishRecord(
  scope: Construct,
  service: ec2.CfnVPCEndpointService,
  privateDns: PrivateDns,
  hostedZone: route53.IHostedZone,
): route53.CfnRecordSet {
  // An L1, since the L2 needs to know the name of the zone, which imports by id do not.
  return new route53.CfnRecordSet(scope, 'PrivateDnsRecord', {
    hostedZoneId: hostedZone.hostedZoneId,
    name: recordName(service, privateDns),
    type: 'TXT',
    ttl: RECORD_SECONDS.toString(),
    resourceRecords: [`"${recordValue(service)}"`],
  });
}

/** Start the verification when the stack is deployed, and wait for it to end well. */
export function awaitVerification(
  scope: Construct,
  {
    serviceId,
    serviceArn,
    domainName,
    after,
  }: { serviceId: string; serviceArn: string; domainName: string; after: IDependable[] },
): CustomResource {
  const verify = StackFunction.of(scope, FUNCTION, {
    handler: 'verify_private_dns',
    description: 'Verifies private DNS names of VPC endpoint services for CloudFormation',
    timeoutSeconds: FUNCTION_SECONDS,
  });
  const policy = verify.allow(scope, POLICY_ID, {
    action: 'ec2:StartVpcEndpointServicePrivateDnsVerification',
    resource: serviceArn,
  });
  const verification = new CustomResource(scope, VERIFICATION_ID, {
    resourceType: 'Custom::PrivateLinkPrivateDnsVerification',
    serviceToken: verify.arn,
    serviceTimeout: Duration.seconds(VERIFICATION_SECONDS),
    // A changed name is an update, and so verified anew.
    properties: { ServiceId: serviceId, DomainName: domainName },
  });
  verification.node.addDependency(policy, ...after);
  return verification;
}

function proof(service: ec2.CfnVPCEndpointService, part: string): string {
  return service.getAtt(`PrivateDnsNameConfiguration.${part}`).toString();
}

function checkHostedZone(
  domainName: string,
  hostedZone: route53.IHostedZone,
  scope: IConstruct,
): void {
  if (isPrivate(hostedZone)) {
    throw new PrivateLinkValueError('privateDns', 'has a hosted zone that the public cannot see', {
      got: 'a private hosted zone',
      fix: 'pass the public hosted zone of the domain, where EC2 can find the TXT record',
      scope,
    });
  }
  const name = zoneName(hostedZone);
  if (name === undefined || Token.isUnresolved(name) || Token.isUnresolved(domainName)) {
    return;
  }
  if (!`.${domainName}`.endsWith(`.${name.toLowerCase().replace(/\.+$/, '')}`)) {
    throw new PrivateLinkValueError(
      'privateDns',
      'has a hosted zone that the name does not lie in',
      {
        got: `${code(domainName)} and the zone ${code(name)}`,
        fix: 'pass the public hosted zone of that domain',
        scope,
      },
    );
  }
}

/** Whether it is a zone of this app that is only there for some VPCs. */
function isPrivate(hostedZone: route53.IHostedZone): boolean {
  const zone = hostedZone.node.defaultChild;
  if (!(zone instanceof route53.CfnHostedZone)) {
    return false;
  }
  const vpcs: unknown = Stack.of(zone).resolve(zone.vpcs);
  return Array.isArray(vpcs) && vpcs.length > 0;
}

function zoneName(hostedZone: route53.IHostedZone): string | undefined {
  try {
    return hostedZone.zoneName;
  } catch {
    // A zone that was imported by its id alone does not know its name, and says so.
    return undefined;
  }
}
