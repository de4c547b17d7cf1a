import { Stack } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { LoadBalancers, resourcesOf, zonesOf } from './load-balancers';
import { addWarning } from './warnings';

// Load balancers that AWS PrivateLink does not support for consumers in other Regions.
// https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html#endpoint-service-cross-region
const IDLE_TIMEOUT = 'tcp.idle_timeout.seconds';
const DEFAULT_SECONDS = '350';

/** Warn about load balancers in one zone, and about listeners with another idle timeout. */
export function warnOfUnsupportedLoadBalancers(
  loadBalancers: LoadBalancers,
  service: IConstruct,
): void {
  const zones = zonesOf(loadBalancers);
  if (!zones.includes(undefined) && new Set(zones.flat()).size === 1) {
    warn(service, 'the load balancers are in one Availability Zone only');
  }
  for (const resource of resourcesOf(loadBalancers)) {
    for (const listener of resource ? listenersOf(resource) : []) {
      if (hasCustomTimeout(listener)) {
        warn(service, `the listener \`${listener.node.path}\` has a custom TCP idle timeout`);
      }
    }
  }
}

function warn(service: IConstruct, reason: string): void {
  addWarning(
    service,
    'cdk-privatelink:otherRegionsNotSupported',
    `Consumers in other Regions may not be able to connect, because ${reason}. For other Regions, ` +
      'AWS requires two Availability Zones and the default idle timeout.',
  );
}

/** Return all listeners of a load balancer, wherever they are in its stack. */
function listenersOf(loadBalancer: elbv2.CfnLoadBalancer): elbv2.CfnListener[] {
  const stack = Stack.of(loadBalancer);
  const arn = JSON.stringify(stack.resolve(loadBalancer.ref));
  return stack.node
    .findAll()
    .filter((each) => each instanceof elbv2.CfnListener)
    .filter((each) => JSON.stringify(stack.resolve(each.loadBalancerArn)) === arn);
}

function hasCustomTimeout(listener: elbv2.CfnListener): boolean {
  const attributes: unknown = Stack.of(listener).resolve(listener.listenerAttributes);
  return (
    Array.isArray(attributes) &&
    attributes.some(
      (each: { key?: unknown; value?: unknown }) =>
        each.key === IDLE_TIMEOUT && each.value !== DEFAULT_SECONDS,
    )
  );
}
