import { CfnResource, Reference, Token, Tokenization } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PrivateLinkValueError } from './errors';

const LIST = /#\{Token\[[^\]]*\]\}/;
const WHOLE_LIST = new RegExp(`^${LIST.source}$`);

// `ssm.StringParameter.valueFromLookup()` returns this until the CLI has looked up the value. An
// error would keep the CLI from the lookup.
const PLACEHOLDER = 'dummy-value-for-';

/** Return whether a string is, or contains, a token of any kind. */
export function isToken(value: string): boolean {
  return isStringToken(value) || isListToken(value);
}

/** Return whether the value of a string is final at synthesis. */
export function isLiteral(value: string): boolean {
  return !isToken(value) && !value.includes(PLACEHOLDER);
}

/** Return whether a string stands for one value that is unknown at synthesis. */
export function isSingleUnknown(value: string): boolean {
  return !isLiteral(value) && !containsListToken(value);
}

/** Return the resource of the app whose id or attribute a token stands for. */
export function referencedResource(value: string): CfnResource | undefined {
  if (!isStringToken(value)) {
    return undefined;
  }
  const fragments = Tokenization.reverseString(value);
  const token = fragments.firstToken;
  // A string with more than one token, like a derived name, is no reference.
  if (fragments.length !== 1 || !Reference.isReference(token)) {
    return undefined;
  }
  return CfnResource.isCfnResource(token.target) ? token.target : undefined;
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
