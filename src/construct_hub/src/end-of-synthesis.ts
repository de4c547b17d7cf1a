import { AspectPriority, Aspects, CfnResource } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PrivateLinkValueError } from './errors';

/**
 * Call a function at the end of synthesis, which may add warnings.
 *
 * @param resource A resource. It has no children, so that the function is called once.
 */
export function addFinalCheck(resource: CfnResource, check: () => void): void {
  Aspects.of(resource).add({ visit: check }, { priority: AspectPriority.READONLY });
}

/** Call a function at the end of synthesis, which returns an error to stop it. */
export function addFinalValidation(
  scope: IConstruct,
  findError: () => PrivateLinkValueError | undefined,
): void {
  scope.node.addValidation({
    validate: () => {
      const error = findError();
      return error ? [error.message] : [];
    },
  });
}
