import { IConstruct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';
import { rejectMixedListTokens } from './tokens';

/**
 * Require a list that is not empty, and return it without repetitions.
 *
 * @param validate Checks one element, whose name contains its index in the list.
 */
export function uniqueList<T extends string>(
  argument: string,
  values: readonly T[],
  scope: IConstruct,
  validate?: (argument: string, value: T) => void,
): T[] {
  if (values.length === 0) {
    throw new PrivateLinkValueError(argument, 'must not be empty', {
      got: code('[]'),
      fix: 'pass one element or more, or leave it out',
      scope,
    });
  }
  values.forEach((value, index) => validate?.(`${argument}[${index.toString()}]`, value));
  rejectMixedListTokens(argument, values, scope);
  return [...new Set(values)];
}
