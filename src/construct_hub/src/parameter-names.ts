import { Stack, Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { IConstruct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';
import { isLiteral, isSingleUnknown, isToken } from './tokens';

// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html
// A name that contains a slash starts with one, and has at most fifteen levels.
const NAME = /^([A-Za-z0-9_.-]+|(\/[A-Za-z0-9_.-]+){1,15})$/;
// The ARN of `/payments` and of `payments` is the same.
const ARN = /^arn:(aws[\w-]*):ssm:([a-z0-9-]+):\d{12}:parameter(\/[A-Za-z0-9_.-]+){1,15}$/;
const MAX_NAME_LENGTH = 1011;
const RESERVED = /^(\/?(aws|ssm)[^/]*|\/(aws|ssm)\/.*)$/i;
const NAME_FIX =
  'pass a name like `payments` or `/payments/endpoint-service`, with letters, digits and `_.-`';

/** Check a name for a new parameter, which the library extends by suffixes. */
export function validateParameterName(
  name: string,
  suffixes: readonly string[],
  scope: IConstruct,
): void {
  if (!isSingleUnknown(name) && !NAME.test(name)) {
    throw new PrivateLinkValueError(
      'parameterName',
      'must be a name that Parameter Store accepts',
      { got: code(name), fix: `${NAME_FIX}, and at most 15 levels`, scope },
    );
  }
  if (isLiteral(name) && RESERVED.test(name)) {
    throw new PrivateLinkValueError(
      'parameterName',
      'must not start with `aws` or `ssm`, which AWS reserves',
      { got: code(name), fix: NAME_FIX, scope },
    );
  }
  const limit = MAX_NAME_LENGTH - Math.max(...suffixes.map((suffix) => suffix.length));
  if (isLiteral(name) && name.length > limit) {
    throw new PrivateLinkValueError(
      'parameterName',
      `must have at most ${limit.toString()} characters, because the library appends a suffix`,
      { got: `${name.length.toString()} characters`, fix: 'pass a shorter name', scope },
    );
  }
}

/** Return the account in the ARN of a parameter, `undefined` for a name. */
export function ownerOf(parameter: string): string | undefined {
  return ARN.test(parameter) ? parameter.split(':')[4] : undefined;
}

/**
 * Check the name or the ARN of an existing parameter.
 *
 * Each name is valid that may exist: the names of AWS start with `/aws/`.
 *
 * @param path The path of the service.
 */
export function validateParameter(parameter: string, stack: Stack, path: string): void {
  if (!isSingleUnknown(parameter) && !NAME.test(parameter) && !ARN.test(parameter)) {
    throw new PrivateLinkValueError(
      'parameter',
      'must be the name or the ARN of an SSM parameter',
      {
        got: code(parameter),
        fix:
          'pass a name like `/payments/endpoint-service` without a version, or an ARN like ' +
          '`arn:aws:ssm:eu-west-1:111122223333:parameter/payments/endpoint-service`',
        scope: path,
      },
    );
  }
  if (isToken(parameter)) {
    throw new PrivateLinkValueError(
      'parameter',
      'must be literal, because CloudFormation reads it before it creates resources',
      {
        got: code(parameter),
        fix:
          'pass the literal name or ARN, or pass the name of the service to ' +
          '`PrivateLinkEndpointService.fromServiceName()`',
        scope: path,
      },
    );
  }
  const [, partition, region] = ARN.exec(parameter) ?? [];
  if (partition && region) {
    validatePlace(parameter, { partition, region }, stack, path);
  }
}

function validatePlace(
  arn: string,
  { partition, region }: { partition: string; region: string },
  stack: Stack,
  path: string,
): void {
  if (Token.isUnresolved(stack.region)) {
    return;
  }
  if (region !== stack.region) {
    throw new PrivateLinkValueError(
      'parameter',
      `must be in ${stack.region}, the Region of the stack, because CloudFormation reads ` +
        'parameters of its own Region',
      {
        got: code(arn),
        fix:
          'publish the service in that Region too, or pass the name of the service to ' +
          '`PrivateLinkEndpointService.fromServiceName()`',
        scope: path,
      },
    );
  }
  const expected = RegionInfo.get(stack.region).partition;
  if (expected && partition !== expected) {
    throw new PrivateLinkValueError(
      'parameter',
      `must be in the partition of the stack, ${code(expected)}`,
      {
        got: code(arn),
        fix: 'pass the ARN of the shared parameter, as Parameter Store returns it',
        scope: path,
      },
    );
  }
}
