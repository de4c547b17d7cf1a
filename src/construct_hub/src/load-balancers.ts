import { CfnResource, Resource, Stack } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct, IConstruct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';
import { stopEnforcement, warnOfMissingEgress, warnOfMissingRules } from './security-groups';
import { allZonesBySubnetId, zonesBySubnetId } from './subnets';
import {
  isListToken,
  isLiteral,
  isToken,
  referencedResource,
  rejectMixedListTokens,
} from './tokens';

/**
 * A construct that defines a Gateway Load Balancer.
 */
export interface IGatewayLoadBalancer {
  /**
   * The ARN of the load balancer.
   */
  readonly loadBalancerArn: string;

  /**
   * The type of the load balancer: `"gateway"`.
   */
  readonly loadBalancerType: string;
}

type LoadBalancer =
  elbv2.INetworkLoadBalancer | IGatewayLoadBalancer | elbv2.CfnLoadBalancer | string;

/**
 * The options of Network Load Balancers.
 */
export interface NetworkLoadBalancerOptions {
  /**
   * `false` to admit all connections that the service accepts, whatever the inbound rules of the
   * load balancers' security groups are.
   *
   * The load balancers must be defined in the same app. With `true`, the inbound rules must admit
   * the private IP addresses of the clients in the consumers' VPCs, and synthesis shows a warning
   * if there is no rule.
   *
   * @default true
   */
  readonly enforceSecurityGroups?: boolean;
}

/**
 * The load balancers of an endpoint service.
 *
 * Created by `network()` or `gateway()`. One service cannot have both types. The construct that
 * receives the load balancers validates them, so that errors can name the construct.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
 */
export class LoadBalancers {
  /**
   * Use Network Load Balancers: consumers connect through interface endpoints.
   *
   * @param loadBalancers One or more `elbv2.NetworkLoadBalancer`, imported Network Load Balancers,
   * `elbv2.CfnLoadBalancer` of type `network`, or ARNs. They must be in the Region of the service.
   * The service is available in all of their Availability Zones.
   */
  public static network(
    ...loadBalancers: (elbv2.INetworkLoadBalancer | elbv2.CfnLoadBalancer | string)[]
  ): LoadBalancers {
    return new LoadBalancers('network', loadBalancers);
  }

  /**
   * Use Network Load Balancers with options.
   *
   * @param options The options, before the load balancers: jsii supports no arguments after them.
   * @param loadBalancers See `network()`.
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
   */
  public static networkWithOptions(
    options: NetworkLoadBalancerOptions,
    ...loadBalancers: (elbv2.INetworkLoadBalancer | elbv2.CfnLoadBalancer | string)[]
  ): LoadBalancers {
    return new LoadBalancers('network', loadBalancers, options.enforceSecurityGroups);
  }

  /**
   * Use Gateway Load Balancers: consumers route traffic to Gateway Load Balancer endpoints.
   *
   * @param loadBalancers One or more constructs with a `loadBalancerArn` and the `loadBalancerType`
   * `"gateway"`, `elbv2.CfnLoadBalancer` of type `gateway`, or ARNs. They must be in the Region of
   * the service. The service is available in all of their Availability Zones.
   */
  public static gateway(
    ...loadBalancers: (IGatewayLoadBalancer | elbv2.CfnLoadBalancer | string)[]
  ): LoadBalancers {
    return new LoadBalancers('gateway', loadBalancers);
  }

  private constructor(
    /**
     * The type of the load balancers: `"network"` or `"gateway"`.
     */
    public readonly loadBalancerType: string,
    /** @internal */
    public readonly _members: readonly LoadBalancer[],
    /** @internal */
    public readonly _enforceSecurityGroups = true,
  ) {}
}

const ARN =
  /^arn:[^:\s]+:elasticloadbalancing:([^:\s]+):([^:\s]+):loadbalancer\/([^/\s]+)\/[^/\s]+\/[^/\s]+$/;
const TYPES: Partial<Record<string, string>> = {
  net: 'network',
  gwy: 'gateway',
  app: 'application',
};
// `fromLookup()` returns the same placeholder for every load balancer until the CLI has looked it up.
// An error would keep the CLI from the lookup.
const PLACEHOLDER = /^.*:loadbalancer\/(network|application)\/.*$/;

/** Check the load balancers and return their ARNs in the given order. */
export function resolveArns(loadBalancers: LoadBalancers, scope: IConstruct): string[] {
  const argument = 'loadBalancers';
  const { loadBalancerType: type, _members: members } = loadBalancers;
  const arns = members.map((item) => resolveArn(item, type, scope));
  if (arns.length === 0) {
    throw new PrivateLinkValueError(argument, 'must not be empty', {
      got: code(`LoadBalancers.${type}()`),
      fix: 'pass one load balancer or more',
      scope,
    });
  }
  rejectMixedListTokens(argument, arns, scope);
  validateEnforcement(loadBalancers, scope);
  arns.forEach((arn, index) => {
    const first = arns.indexOf(arn);
    if (first !== index && !isPlaceholderArn(arn)) {
      throw new PrivateLinkValueError(argument, 'must not contain a load balancer twice', {
        got: `the same one as number ${(first + 1).toString()} and number ${(index + 1).toString()}`,
        fix: 'pass each load balancer once',
        scope,
      });
    }
  });
  return arns;
}

/** Apply the enforcement of security groups to the load balancers of the app. */
export function bindLoadBalancers(loadBalancers: LoadBalancers, service: IConstruct): void {
  if (loadBalancers.loadBalancerType !== 'network') {
    return;
  }
  for (const resource of resourcesOf(loadBalancers)) {
    if (resource) {
      warnOfMissingEgress(resource, service);
    }
    if (resource && loadBalancers._enforceSecurityGroups) {
      warnOfMissingRules(resource, service);
    } else if (resource) {
      stopEnforcement(resource);
    }
  }
}

/** Check that the service has Network Load Balancers. */
export function requireNetwork(
  argument: string,
  loadBalancers: LoadBalancers,
  scope: IConstruct,
): void {
  if (loadBalancers.loadBalancerType !== 'network') {
    throw new PrivateLinkValueError(
      argument,
      'must not be used with Gateway Load Balancers, for which EC2 does not support it',
      {
        got: '`LoadBalancers.gateway()`',
        fix: 'leave it out, or use Network Load Balancers',
        scope,
      },
    );
  }
}

/** The CDK names Availability Zones like this until the CLI has looked up their real names. */
const PLACEHOLDER_ZONE = /^dummy1[a-z]$/;

/** Return the zones of each load balancer, `undefined` where the app cannot know. */
export function zonesOf(loadBalancers: LoadBalancers): (string[] | undefined)[] {
  return loadBalancers._members.map((item) => {
    const resource = findResource(item);
    const zones = resource ? zonesOfSubnets(resource) : [];
    return zones.length > 0 && !zones.some(isListToken) ? zones : undefined;
  });
}

/**
 * Return the zones of the subnets, which may be fewer than the zones of the VPC.
 *
 * The list is empty if the app does not know all subnets.
 */
function zonesOfSubnets(resource: elbv2.CfnLoadBalancer): string[] {
  const parent = resource.node.scope;
  const vpc = parent instanceof elbv2.NetworkLoadBalancer ? parent.vpc : undefined;
  const ids = subnetIds(resource);
  if (
    vpc &&
    ids.length === 0 &&
    vpc.availabilityZones.some((zone) => PLACEHOLDER_ZONE.test(zone))
  ) {
    // The CDK knows the subnets of a group after the lookup of the VPC.
    return vpc.availabilityZones;
  }
  let zoneById = zonesBySubnetId(vpc);
  if (!ids.every((id) => zoneById.has(id))) {
    // An L1 has ids only, and subnets of a selection can be anywhere in the app.
    zoneById = new Map([...zoneById, ...allZonesBySubnetId(resource)]);
  }
  const zones = ids.map((id) => zoneById.get(id));
  const known = zones.filter((zone) => zone !== undefined);
  return known.length === zones.length ? [...new Set(known)] : [];
}

function subnetIds(resource: elbv2.CfnLoadBalancer): string[] {
  if (Array.isArray(resource.subnetMappings)) {
    return resource.subnetMappings.flatMap((each) => ('subnetId' in each ? [each.subnetId] : []));
  }
  return resource.subnets ?? [];
}

/** Return a load balancer of the app that certainly accepts no IPv6 connections. */
export function findIpv4Only(loadBalancers: LoadBalancers): Construct | undefined {
  return (
    loadBalancers._members
      // Imported load balancers and ARNs have no address type.
      .filter(
        (item) =>
          item instanceof elbv2.NetworkLoadBalancer || item instanceof elbv2.CfnLoadBalancer,
      )
      .find(({ ipAddressType }) => !ipAddressType || ipAddressType === 'ipv4')
  );
}

/** Return the resource of each load balancer, `undefined` for one that the app does not define. */
export function resourcesOf(loadBalancers: LoadBalancers): (elbv2.CfnLoadBalancer | undefined)[] {
  return loadBalancers._members.map(findResource);
}

/** Return whether the CLI has yet to look up the ARN of a load balancer. */
export function isPlaceholderArn(arn: string): boolean {
  return PLACEHOLDER.test(arn) || (!isLiteral(arn) && !isToken(arn));
}

/** Return the CloudFormation resource of a load balancer, `undefined` if it is imported. */
function findResource(loadBalancer: LoadBalancer): elbv2.CfnLoadBalancer | undefined {
  if (loadBalancer instanceof elbv2.CfnLoadBalancer) {
    return loadBalancer;
  }
  const child =
    typeof loadBalancer === 'string'
      ? referencedResource(loadBalancer)
      : loadBalancer instanceof elbv2.NetworkLoadBalancer && loadBalancer.node.defaultChild;
  return child instanceof elbv2.CfnLoadBalancer ? child : undefined;
}

function validateEnforcement(loadBalancers: LoadBalancers, scope: IConstruct): void {
  const imported = loadBalancers._members.find((each) => !findResource(each));
  if (!loadBalancers._enforceSecurityGroups && imported !== undefined) {
    throw new PrivateLinkValueError(
      'enforceSecurityGroups',
      'must be `true` for load balancers that the app does not define',
      {
        got: `load balancer ${code(displayName(imported))}`,
        fix: 'switch the enforcement off where the load balancer is defined, and leave it out here',
        scope,
      },
    );
  }
}

function displayName(loadBalancer: LoadBalancer): string {
  if (typeof loadBalancer === 'string') {
    return loadBalancer;
  }
  return Construct.isConstruct(loadBalancer)
    ? loadBalancer.node.path
    : loadBalancer.loadBalancerArn;
}

function resolveArn(loadBalancer: LoadBalancer, expected: string, scope: IConstruct): string {
  if (typeof loadBalancer === 'string') {
    loadBalancer = resolveReference(loadBalancer, scope);
  }
  if (isDefinedInApp(loadBalancer)) {
    const { region, account } = Stack.of(loadBalancer);
    validateEnvironment(region, account, loadBalancer.node.path, scope);
  }
  if (loadBalancer instanceof elbv2.CfnLoadBalancer) {
    // CloudFormation creates an Application Load Balancer by default.
    const found = loadBalancer.type ?? 'application';
    if (found !== expected && isLiteral(found)) {
      throw wrongType(found, loadBalancer.node.path, scope);
    }
    return loadBalancer.ref;
  }
  if (loadBalancer instanceof elbv2.ApplicationLoadBalancer) {
    throw wrongType('application', loadBalancer.node.path, scope);
  }
  if (loadBalancer instanceof elbv2.NetworkLoadBalancer && expected === 'gateway') {
    throw wrongType('network', loadBalancer.node.path, scope);
  }
  if (typeof loadBalancer === 'string') {
    return validateArn(loadBalancer, expected, scope);
  }
  const arn = loadBalancer.loadBalancerArn;
  const declared = 'loadBalancerType' in loadBalancer ? loadBalancer.loadBalancerType : expected;
  if (declared !== expected && Object.values(TYPES).includes(declared)) {
    throw wrongType(declared, displayName(loadBalancer), scope);
  }
  return validateArn(arn, expected, scope);
}

function validateArn(arn: string, expected: string, scope: IConstruct): string {
  const [, region, account, type] = ARN.exec(arn) ?? [];
  const found = type && TYPES[type];
  if (!region || !account || !found) {
    if (!isLiteral(arn) || PLACEHOLDER.test(arn)) {
      return arn;
    }
    throw noArn(arn, expected === 'network' ? 'net' : 'gwy', scope);
  }
  if (found !== expected) {
    throw wrongType(found, arn, scope);
  }
  validateEnvironment(region, account, arn, scope);
  return arn;
}

/** Return whether the app defines a load balancer, whose Region is then the Region of its stack. */
function isDefinedInApp(loadBalancer: LoadBalancer): loadBalancer is LoadBalancer & Construct {
  return (
    Construct.isConstruct(loadBalancer) &&
    (CfnResource.isCfnResource(loadBalancer) || Resource.isOwnedResource(loadBalancer))
  );
}

/** Return the load balancer of the app whose ARN a token is, or the ARN itself. */
function resolveReference(arn: string, scope: IConstruct): LoadBalancer {
  const resource = referencedResource(arn);
  if (resource instanceof elbv2.CfnListener || resource instanceof elbv2.CfnTargetGroup) {
    throw noArn(resource.node.path, 'net', scope);
  }
  return resource instanceof elbv2.CfnLoadBalancer ? resource : arn;
}

function validateEnvironment(
  region: string,
  account: string,
  displayName: string,
  scope: IConstruct,
): void {
  const own = Stack.of(scope);
  for (const [name, found, expected] of [
    ['Region', region, own.region],
    ['account', account, own.account],
  ] as const) {
    if (found !== expected && isLiteral(found) && isLiteral(expected)) {
      throw new PrivateLinkValueError('loadBalancers', `must be in the ${name} of the service`, {
        got: code(displayName),
        fix: `pass a load balancer in ${expected}`,
        scope,
      });
    }
  }
}

function noArn(got: string, kind: string, scope: IConstruct): PrivateLinkValueError {
  return new PrivateLinkValueError('loadBalancers', 'must contain ARNs of load balancers', {
    got: code(got),
    fix:
      'pass `arn:<partition>:elasticloadbalancing:<region>:<account>:loadbalancer/' +
      `${kind}/<name>/<id>\``,
    scope,
  });
}

function wrongType(found: string, loadBalancer: string, scope: IConstruct): PrivateLinkValueError {
  const got = `${found} load balancer ${code(loadBalancer)}`;
  if (found !== 'network' && found !== 'gateway') {
    return new PrivateLinkValueError(
      'loadBalancers',
      'must contain Network or Gateway Load Balancers only',
      {
        got,
        fix: 'put a Network Load Balancer in front of this load balancer and pass that one',
        scope,
      },
    );
  }
  return new PrivateLinkValueError(
    'loadBalancers',
    'must contain load balancers of one type only',
    {
      got,
      fix: `pass this load balancer to ${code(`LoadBalancers.${found}()`)}, in a service of its own`,
      scope,
    },
  );
}
