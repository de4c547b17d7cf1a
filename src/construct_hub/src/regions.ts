import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { uniqueList } from './arguments';
import { PrivateLinkValueError, code } from './errors';
import { LoadBalancers, requireNetwork } from './load-balancers';
import { isLiteral } from './tokens';

/**
 * EC2 requires this permission for each change of a service with other Regions. It supports the ARNs
 * of endpoint services as resources.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_vpce.html
 */
export const ALLOW_MULTI_REGION = 'vpce:AllowMultiRegion';

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d+$/;

/**
 * Check the Regions from which consumers can connect, and return them with the Region of the service.
 *
 * EC2 supports the Region of the service in any case. Public reports show that it rejects an update
 * that removes the Region.
 * https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html
 */
export function resolveRegions(
  regions: readonly string[],
  loadBalancers: LoadBalancers,
  scope: IConstruct,
): string[] {
  const unique = uniqueList('allowedRegions', regions, scope, (argument, region) => {
    if (isLiteral(region) && !REGION.test(region)) {
      throw new PrivateLinkValueError(argument, 'must be the name of a Region', {
        got: code(region),
        fix: 'pass a name like `eu-west-1`',
        scope,
      });
    }
  });
  requireNetwork('allowedRegions', loadBalancers, scope);
  const own = Stack.of(scope).region;
  // A token may be the Region of the service, which must not be in the list twice.
  return unique.includes(own) || ![own, ...unique].every(isLiteral) ? unique : [...unique, own];
}
