import { Stack } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { PrivateLinkValueError, code, takenId } from './errors';
import { isToken } from './tokens';

/**
 * Return the scope if it can contain a construct with this id.
 *
 * Constructors call it in the arguments of `super()`, so that an error leaves no construct behind.
 */
export function validateScope(scope: Construct, id: string): Construct {
  validateId(id, scope);
  const path = `${scope.node.path}/${id}`.replace(/^\//, '');
  if (!isInStack(scope)) {
    throw new PrivateLinkValueError('scope', 'must be a stack or in a stack', {
      got: code(scope.node.path || scope.constructor.name),
      fix: 'pass a stack or a construct in a stack',
      scope: path,
    });
  }
  if (scope.node.tryFindChild(id)) {
    throw new PrivateLinkValueError('id', 'must be unique in its scope', {
      got: `${code(id)}, which another construct in ${code(scope.node.path)} has`,
      fix: 'pass another id',
      scope: path,
    });
  }
  return scope;
}

/** Check that a string can be the id of a construct. */
export function validateId(id: string, scope: IConstruct): void {
  if (!id || isToken(id)) {
    throw new PrivateLinkValueError('id', 'must not be empty or a token', {
      got: code(id),
      fix: 'pass a string that is not empty and contains no token',
      scope,
    });
  }
}

/** Return the parent of a child that this library needs, if no user has taken its id. */
export function validateReservedId<T extends IConstruct>(parent: T, id: string): T {
  if (parent.node.tryFindChild(id)) {
    throw takenId(parent, id, parent);
  }
  return parent;
}

function isInStack(scope: IConstruct): boolean {
  try {
    return Stack.isStack(Stack.of(scope));
  } catch {
    // The CDK throws an error for a scope outside of a stack, such as an app or a stage.
    return false;
  }
}
