import { IConstruct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';
import { uniqueList } from './arguments';
import { rejectMixedListTokens, isToken } from './tokens';

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d+$/;

/** Check the Regions from which consumers can connect, and return them without repetitions. */
export function resolveRegions(regions: readonly string[], scope: IConstruct): string[] {
  const argument = 'allowedRegions';
  const checked = uniqueList(argument, regions, scope);
  rejectMixedListTokens(argument, checked, scope);
  checked.forEach((region, index) => {
    if (!isToken(region) && !REGION.test(region)) {
      throw new PrivateLinkValueError(
        `${argument}[${index.toString()}]`,
        'must be the name of a Region',
        { got: code(region), fix: 'pass a name like `eu-west-1`', scope },
      );
    }
  });
  return checked;
}
