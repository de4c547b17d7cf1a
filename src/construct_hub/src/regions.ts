import { IConstruct } from 'constructs';
import { uniqueList } from './arguments';
import { PrivateLinkValueError, code } from './errors';
import { isToken } from './tokens';

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d+$/;

/** Check the Regions from which consumers can connect, and return them without repetitions. */
export function resolveRegions(regions: readonly string[], scope: IConstruct): string[] {
  return uniqueList('allowedRegions', regions, scope, (argument, region) => {
    if (!isToken(region) && !REGION.test(region)) {
      throw new PrivateLinkValueError(argument, 'must be the name of a Region', {
        got: code(region),
        fix: 'pass a name like `eu-west-1`',
        scope,
      });
    }
  });
}
