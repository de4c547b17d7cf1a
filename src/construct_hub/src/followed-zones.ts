import { Lazy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { CustomResourceFunction, validatePermissions } from './custom-resource-function';
import { addFinalValidation } from './end-of-synthesis';
import { PrivateLinkValueError } from './errors';
import { LoadBalancers, zonesOf } from './load-balancers';
import { ServiceNameSource } from './service-name';

// A service is available in the zones that its load balancers had when it was created or last
// modified. CloudFormation does not modify the service when a load balancer gets another subnet.
// https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html
const ARGUMENT = 'followAvailabilityZones';
const ACTION = 'ec2:ModifyVpcEndpointServiceConfiguration';

/** Check that a lookup can follow the load balancers. */
export function validateFollowing(
  loadBalancers: LoadBalancers,
  source: ServiceNameSource | undefined,
  scope: Construct,
  moreActions: string[],
): void {
  if (source === ServiceNameSource.DERIVED) {
    throw new PrivateLinkValueError(ARGUMENT, 'must be used on a service whose name is looked up', {
      got: '`serviceNameSource: ServiceNameSource.DERIVED`',
      fix: 'pass `ServiceNameSource.LOOKUP`',
      scope,
    });
  }
  const error = findUnknownZones(loadBalancers, scope);
  if (error) {
    throw error;
  }
  // Subnets can be changed after the service.
  addFinalValidation(scope, () => findUnknownZones(loadBalancers, scope));
  validatePermissions(ARGUMENT, [ACTION, ...moreActions], scope);
}

function findUnknownZones(
  loadBalancers: LoadBalancers,
  scope: Construct,
): PrivateLinkValueError | undefined {
  return zonesOf(loadBalancers).includes(undefined)
    ? new PrivateLinkValueError(
        ARGUMENT,
        'must be used with load balancers whose Availability Zones are known at synthesis, so ' +
          'that a change of them starts an update',
        {
          got: 'a load balancer with unknown zones',
          fix:
            'pass load balancers and subnets that are defined in the same app, or import subnets ' +
            'with their zones',
          scope,
        },
      )
    : undefined;
}

/** Return the Availability Zones of the load balancers at the end of synthesis. */
export function followedZones(loadBalancers: LoadBalancers): unknown {
  return Lazy.uncachedAny({
    produce: () => [...new Set(zonesOf(loadBalancers).flatMap((zones) => zones ?? []))],
  });
}

/** Allow the lookup to modify a service, for as long as the new zones need. */
export function allowFollowing(
  service: Construct,
  lookupFunction: CustomResourceFunction,
  { serviceArn, moreActions }: { serviceArn: string; moreActions: string[] },
): iam.Policy {
  return lookupFunction.allow(service, { actions: [ACTION, ...moreActions], serviceArn });
}
