import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { addFinalValidation } from './end-of-synthesis';
import { PrivateLinkValueError, code } from './errors';
import { LoadBalancers, isPlaceholderArn, resourcesOf } from './load-balancers';

interface User {
  readonly service: IConstruct;
  readonly resource: ec2.CfnVPCEndpointService;
}

/** The first service of each load balancer of the app, or of each ARN in a stack. */
const FIRST_USERS = new WeakMap<IConstruct, Map<string, User>>();

/**
 * Stop synthesis at its end if another service has one of the load balancers.
 *
 * EC2 rejects the second service with "currently associated with another service". The check is at
 * the end, because services with different conditions may share a load balancer.
 */
export function validateSingleUse(
  loadBalancers: LoadBalancers,
  arns: readonly string[],
  user: User,
): void {
  const resources = resourcesOf(loadBalancers);
  for (const [index, arn] of arns.entries()) {
    // Stacks may be alternatives, or deployed to other environments, where one ARN of another app
    // can stand for several load balancers.
    const owner = resources[index] ?? Stack.of(user.service);
    const users = FIRST_USERS.get(owner) ?? new Map<string, User>();
    FIRST_USERS.set(owner, users);
    const key = resources[index] ? '' : arn;
    const first = users.get(key);
    if (!first) {
      users.set(key, user);
    } else if (!isPlaceholderArn(arn)) {
      addFinalValidation(user.service, () => findError(arn, first, user));
    }
  }
}

function findError(arn: string, first: User, second: User): PrivateLinkValueError | undefined {
  if (!uses(first, arn) || !uses(second, arn)) {
    return undefined;
  }
  return new PrivateLinkValueError(
    'loadBalancers',
    'must not contain a load balancer of another service, which EC2 does not allow',
    {
      got: code(first.service.node.path),
      fix: 'pass a load balancer of its own to each service',
      scope: second.service,
    },
  );
}

function uses({ resource }: User, arn: string): boolean {
  // With a condition, the service may not exist.
  if (resource.cfnOptions.condition) {
    return false;
  }
  const arns = resource.networkLoadBalancerArns ?? resource.gatewayLoadBalancerArns ?? [];
  return arns.includes(arn);
}
