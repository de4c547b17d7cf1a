import { CfnDeletionPolicy, CfnResource } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { code } from './errors';
import { LoadBalancers, resourcesOf } from './load-balancers';
import { addWarning } from './warnings';

const RETAINED: unknown[] = [CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE];

/**
 * Warn if a service is retained, and a load balancer of the app is not.
 *
 * EC2 does not allow you to delete a load balancer of a service, so that the deletion of the stack
 * fails halfway.
 */
export function warnOfRemovedLoadBalancers(
  resource: CfnResource,
  loadBalancers: LoadBalancers,
  service: IConstruct,
): void {
  if (!isRetained(resource)) {
    return;
  }
  for (const loadBalancer of resourcesOf(loadBalancers)) {
    if (loadBalancer && !isRetained(loadBalancer)) {
      addWarning(
        service,
        'cdk-privatelink:loadBalancerNotRetained',
        'The service is retained, but its load balancer ' +
          `${code(loadBalancer.node.path.replace(/\/Resource$/, ''))} is not. The deletion of ` +
          'the stack fails then, because the service uses the load balancer. Apply ' +
          '`RemovalPolicy.RETAIN` to the load balancer with its listeners and target groups.',
      );
    }
  }
}

function isRetained(resource: CfnResource): boolean {
  return RETAINED.includes(resource.cfnOptions.deletionPolicy);
}
