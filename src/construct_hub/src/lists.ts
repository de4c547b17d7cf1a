import { IConstruct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';

/** Check that a list is not empty, and fold repetitions. */
export function checkedList<T>(
  argument: string,
  values: readonly T[],
  { fix, scope }: { fix: string; scope: IConstruct },
): T[] {
  if (values.length === 0) {
    throw new PrivateLinkValueError(argument, 'is empty', { got: code('[]'), fix, scope });
  }
  return [...new Set(values)];
}
