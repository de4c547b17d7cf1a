import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PrivateLinkValueError } from './errors';

const LIST = /#\{Token\[[^\]]*\]\}/;
const WHOLE_LIST = new RegExp(`^${LIST.source}$`);

/** Return whether a string is, or contains, a token of any kind. */
export function isToken(value: string): boolean {
  return isStringToken(value) || isListToken(value);
}

/** Return whether a string contains string tokens and no list token. */
export function isStringToken(value: string): boolean {
  return Token.isUnresolved(value) && !containsListToken(value);
}

/** Return whether a string stands for a whole list, like the element of `valueAsList`. */
export function isListToken(value: string): boolean {
  return WHOLE_LIST.test(value) && Token.isUnresolved([value]);
}

/** Return whether a string contains a list token, which the CDK cannot concatenate. */
export function containsListToken(value: string): boolean {
  return LIST.test(value);
}

/** Reject a list token beside other values, which the CDK cannot write into a template. */
export function rejectMixedListTokens(
  argument: string,
  values: readonly string[],
  scope: IConstruct,
): void {
  if (values.length > 1 && values.some(isListToken)) {
    throw new PrivateLinkValueError(argument, 'must not mix a list token with other values', {
      got: `a list token among ${values.length.toString()} values`,
      fix: 'pass either the list token alone or single values',
      scope,
    });
  }
}
