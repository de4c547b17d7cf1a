import { IConstruct } from 'constructs';

/**
 * An argument has a value that cannot work. The message names the argument, what is wrong, what was
 * got, what to do, and the construct.
 *
 * Not exported: to jsii, and so to languages other than TypeScript, an error is its message.
 */
export class PrivateLinkValueError extends Error {
  public override readonly name = 'PrivateLinkValueError';

  public constructor(
    argument: string,
    problem: string,
    { got, fix, scope }: { got: string; fix: string; scope: IConstruct },
  ) {
    super(`${code(argument)} ${problem}, got ${got}; ${fix}  [${scope.node.path}]`);
  }
}

/** Mark a value as code within a message. */
export function code(value: string | number): string {
  return '`' + value.toString() + '`';
}
