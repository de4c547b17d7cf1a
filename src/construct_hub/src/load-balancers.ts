import { CfnResource, Resource, Stack } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct, IConstruct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';
import { checkListTokens, isListToken, isToken } from './tokens';

/**
 * Any construct that makes a Gateway Load Balancer.
 */
export interface IGatewayLoadBalancer {
  /**
   * The ARN of the load balancer.
   */
  readonly loadBalancerArn: string;

  /**
   * `"gateway"`, which tells it from other load balancers.
   */
  readonly loadBalancerType: string;
}

type LoadBalancer =
  elbv2.INetworkLoadBalancer | IGatewayLoadBalancer | elbv2.CfnLoadBalancer | string;

/**
 * The load balancers behind an endpoint service.
 *
 * Made by `network()` or `gateway()`; one service cannot have both. They are checked when they are
 * given to a construct, so that errors can name it.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
 */
export class LoadBalancers {
  /**
   * Network Load Balancers: consumers connect through interface endpoints.
   *
   * @param loadBalancers One or more: `elbv2.NetworkLoadBalancer`, imported ones,
   * `elbv2.CfnLoadBalancer` of type `network`, or ARNs, literal or token. They must be in the region
   * of the service, which is offered in the zones that they have together.
   */
  public static network(
    ...loadBalancers: (elbv2.INetworkLoadBalancer | elbv2.CfnLoadBalancer | string)[]
  ): LoadBalancers {
    return new LoadBalancers('network', loadBalancers);
  }

  /**
   * Gateway Load Balancers: consumers route traffic to Gateway Load Balancer endpoints.
   *
   * @param loadBalancers One or more: constructs with a `loadBalancerArn` and the
   * `loadBalancerType` `"gateway"`, `elbv2.CfnLoadBalancer` of type `gateway`, or ARNs, literal or
   * token. They must be in the region of the service, which is offered in the zones that they have
   * together.
   */
  public static gateway(
    ...loadBalancers: (IGatewayLoadBalancer | elbv2.CfnLoadBalancer | string)[]
  ): LoadBalancers {
    return new LoadBalancers('gateway', loadBalancers);
  }

  private constructor(
    /**
     * `"network"` or `"gateway"`.
     */
    public readonly loadBalancerType: string,
    /** @internal */
    public readonly _members: readonly LoadBalancer[],
  ) {}
}

const ARN =
  /^arn:[^:\s]+:elasticloadbalancing:([^:\s]+):[^:\s]+:loadbalancer\/([^/\s]+)\/[^/\s]+\/[^/\s]+$/;
const TYPES: Partial<Record<string, string>> = {
  net: 'network',
  gwy: 'gateway',
  app: 'application',
};
// Until its context is filled, `fromLookup` gives one and the same placeholder for every load
// balancer, which spells the type out. Refusing it would keep the CLI from ever looking it up.
const PLACEHOLDER = /^.*:loadbalancer\/(network|application)\/.*$/;

/** Check the load balancers and return their ARNs in the order given. */
export function checkedArns(loadBalancers: LoadBalancers, scope: IConstruct): string[] {
  const argument = 'loadBalancers';
  const { loadBalancerType: type, _members: members } = loadBalancers;
  const arns = members.map((item) => checkedArn(item, type, scope));
  if (arns.length === 0) {
    throw new PrivateLinkValueError(argument, 'is empty', {
      got: code(`LoadBalancers.${type}()`),
      fix: 'pass one load balancer or more',
      scope,
    });
  }
  checkListTokens(argument, arns, scope);
  arns.forEach((arn, index) => {
    const first = arns.indexOf(arn);
    if (first !== index && !PLACEHOLDER.test(arn)) {
      throw new PrivateLinkValueError(argument, 'names a load balancer twice', {
        got: `the same one as number ${(first + 1).toString()} and number ${(index + 1).toString()}`,
        fix: 'pass each load balancer once',
        scope,
      });
    }
  });
  return arns;
}

/** Check that consumers connect through interface endpoints. */
export function checkNetwork(
  argument: string,
  loadBalancers: LoadBalancers,
  scope: IConstruct,
): void {
  if (loadBalancers.loadBalancerType !== 'network') {
    throw new PrivateLinkValueError(
      argument,
      'is not supported by EC2 for Gateway Load Balancers',
      {
        got: '`LoadBalancers.gateway()`',
        fix: 'leave it out, or put the service behind Network Load Balancers',
        scope,
      },
    );
  }
}

/** Tell the zones of each load balancer, `undefined` where that is not known here. */
export function zonesOf(loadBalancers: LoadBalancers): (string[] | undefined)[] {
  return loadBalancers._members.map((item) => {
    const zones = item instanceof elbv2.NetworkLoadBalancer ? item.vpc?.availabilityZones : [];
    return zones?.length && !zones.some(isListToken) ? zones : undefined;
  });
}

/** Find a load balancer that is known here to answer no connections over IPv6. */
export function firstWithoutIpv6(loadBalancers: LoadBalancers): Construct | undefined {
  return (
    loadBalancers._members
      // Imported load balancers and ARNs do not tell.
      .filter(
        (item) =>
          item instanceof elbv2.NetworkLoadBalancer || item instanceof elbv2.CfnLoadBalancer,
      )
      .find(({ ipAddressType }) => !ipAddressType || ipAddressType === 'ipv4')
  );
}

function checkedArn(loadBalancer: LoadBalancer, expected: string, scope: IConstruct): string {
  if (isMadeHere(loadBalancer)) {
    checkRegion(Stack.of(loadBalancer).region, loadBalancer.node.path, scope);
  }
  if (loadBalancer instanceof elbv2.CfnLoadBalancer) {
    // CloudFormation makes an Application Load Balancer where the type is left out.
    const found = loadBalancer.type ?? 'application';
    if (found !== expected && !isToken(found)) {
      throw wrongType(found, `load balancer ${code(loadBalancer.node.path)}`, scope);
    }
    return loadBalancer.ref;
  }
  if (loadBalancer instanceof elbv2.ApplicationLoadBalancer) {
    throw wrongType('application', `load balancer ${code(loadBalancer.node.path)}`, scope);
  }
  if (loadBalancer instanceof elbv2.NetworkLoadBalancer && expected === 'gateway') {
    throw wrongType('network', `load balancer ${code(loadBalancer.node.path)}`, scope);
  }
  if (typeof loadBalancer === 'string') {
    return checkedLiteral(loadBalancer, expected, scope);
  }
  const arn = loadBalancer.loadBalancerArn;
  const declared = 'loadBalancerType' in loadBalancer ? loadBalancer.loadBalancerType : expected;
  if (declared !== expected && Object.values(TYPES).includes(declared)) {
    throw wrongType(declared, `load balancer ${code(arn)}`, scope);
  }
  return checkedLiteral(arn, expected, scope);
}

function checkedLiteral(arn: string, expected: string, scope: IConstruct): string {
  const [, region, type] = ARN.exec(arn) ?? [];
  const found = type && TYPES[type];
  if (!region || !found) {
    if (isToken(arn) || PLACEHOLDER.test(arn)) {
      return arn;
    }
    const kind = expected === 'network' ? 'net' : 'gwy';
    throw new PrivateLinkValueError(
      'loadBalancers',
      'has something that is not the ARN of a load balancer',
      {
        got: code(arn),
        fix:
          'pass `arn:<partition>:elasticloadbalancing:<region>:<account>:loadbalancer/' +
          `${kind}/<name>/<id>\``,
        scope,
      },
    );
  }
  if (found !== expected) {
    throw wrongType(found, `ARN ${code(arn)}`, scope);
  }
  checkRegion(region, arn, scope);
  return arn;
}

/** Whether its stack tells its region, which those of imported ones need not. */
function isMadeHere(loadBalancer: LoadBalancer): loadBalancer is LoadBalancer & Construct {
  return (
    Construct.isConstruct(loadBalancer) &&
    (CfnResource.isCfnResource(loadBalancer) || Resource.isOwnedResource(loadBalancer))
  );
}

function checkRegion(region: string, knownAs: string, scope: IConstruct): void {
  const own = Stack.of(scope).region;
  if (region !== own && !isToken(region) && !isToken(own)) {
    throw new PrivateLinkValueError(
      'loadBalancers',
      "has a load balancer of another region than the service's",
      { got: code(knownAs), fix: `pass one of ${own}`, scope },
    );
  }
}

function wrongType(found: string, loadBalancer: string, scope: IConstruct): PrivateLinkValueError {
  const got = `${found} ${loadBalancer}`;
  if (found !== 'network' && found !== 'gateway') {
    return new PrivateLinkValueError(
      'loadBalancers',
      'has a load balancer that cannot host an endpoint service',
      { got, fix: 'put a Network Load Balancer in front of it and pass that one', scope },
    );
  }
  const other = found === 'network' ? 'gateway' : 'network';
  return new PrivateLinkValueError(
    'loadBalancers',
    `has a ${found} load balancer in ${code(`LoadBalancers.${other}()`)}`,
    {
      got,
      fix: `pass it to ${code(`LoadBalancers.${found}()`)}, to a service of its own`,
      scope,
    },
  );
}
