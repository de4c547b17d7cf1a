import { IConstruct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';

/** Require a list that is not empty, and return it without repetitions. */
export function uniqueList<T>(argument: string, values: readonly T[], scope: IConstruct): T[] {
  if (values.length === 0) {
    throw new PrivateLinkValueError(argument, 'must not be empty', {
      got: code('[]'),
      fix: 'pass one element or more, or leave it out',
      scope,
    });
  }
  return [...new Set(values)];
}
