import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PrivateLinkValueError } from './errors';

const LIST = /#\{Token\[[^\]]*\]\}/;
const WHOLE_LIST = new RegExp(`^${LIST.source}$`);

/** Whether the value, or the list that it stands for, is only known at deployment. */
export function isToken(value: string): boolean {
  return isStringToken(value) || isListToken(value);
}

/** Whether the value is a string that is only known at deployment. */
export function isStringToken(value: string): boolean {
  return Token.isUnresolved(value) && !hasListToken(value);
}

/** Whether the value stands for a whole list, as an element of `valueAsList` does. */
export function isListToken(value: string): boolean {
  return WHOLE_LIST.test(value) && Token.isUnresolved([value]);
}

/** Whether a list is written into the value, which the CDK cannot do where it is a string. */
export function hasListToken(value: string): boolean {
  return LIST.test(value);
}

/** Refuse a list token beside other values: the CDK cannot write that into a template. */
export function checkListTokens(
  argument: string,
  values: readonly string[],
  scope: IConstruct,
): void {
  if (values.length > 1 && values.some(isListToken)) {
    throw new PrivateLinkValueError(
      argument,
      'mixes a list that is only known at deployment with other values',
      {
        got: `${values.length.toString()} values`,
        fix: 'pass either that list alone or single values',
        scope,
      },
    );
  }
}
