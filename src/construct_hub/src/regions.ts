import { IConstruct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';
import { checkedList } from './lists';
import { checkListTokens, isToken } from './tokens';

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d+$/;

/** Check the regions that consumers may connect from and return them without repetitions. */
export function checkedRegions(regions: readonly string[], scope: IConstruct): string[] {
  const argument = 'allowedRegions';
  const fix = 'pass names of regions like `eu-west-1`';
  const checked = checkedList(argument, regions, { fix, scope });
  checkListTokens(argument, checked, scope);
  for (const region of checked) {
    if (!isToken(region) && !REGION.test(region)) {
      throw new PrivateLinkValueError(argument, 'has something that is not a region', {
        got: code(region),
        fix,
        scope,
      });
    }
  }
  return checked;
}
