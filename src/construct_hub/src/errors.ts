import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * An argument with a value that cannot work. The message names the argument, the problem, the value,
 * the fix and the path of the construct.
 *
 * Not exported: jsii passes the message of an error to other languages, and nothing else.
 */
export class PrivateLinkValueError extends Error {
  public override readonly name = 'PrivateLinkValueError';

  public constructor(
    argument: string,
    problem: string,
    { got, fix, scope }: { got: string; fix: string; scope: IConstruct | string },
  ) {
    const path = typeof scope === 'string' ? scope : scope.node.path;
    super(`${code(argument)} ${problem}, got ${got}; ${fix}  [${path}]`);
  }
}

/** Format a value as code in a message. Quotes make an empty string visible. */
export function code(value: string | number): string {
  return '`' + (value === '' ? "''" : value.toString()) + '`';
}

/** Create the error for a child id that this library needs and a user has taken. */
export function takenId(parent: IConstruct, id: string, scope: IConstruct): PrivateLinkValueError {
  let fix = 'give that construct another id';
  if (Stack.isStack(parent)) {
    // Libraries that jsii compiles bundle a copy of this package, which has the same ids.
    fix += ', or use another stack if another copy of this library created it';
  }
  return new PrivateLinkValueError('scope', 'must keep the ids of this library free', {
    got: code(`${parent.node.path}/${id}`),
    fix,
    scope,
  });
}
