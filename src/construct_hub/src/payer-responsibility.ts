import { IConstruct } from 'constructs';
import { addWarning } from './warnings';

/**
 * The payer for the endpoints of a service, if not the owners of the endpoints.
 */
export enum PayerResponsibility {
  /**
   * The owner of the service. EC2 does not allow you to revert this choice.
   */
  SERVICE_OWNER = 'ServiceOwner',
}

/** Warn that the owner pays for all endpoints, for good. */
export function warnOfPayment(scope: IConstruct): void {
  addWarning(
    scope,
    'cdk-privatelink:serviceOwnerPays',
    'The owner of this service pays for all of its endpoints, and EC2 does not allow you to revert ' +
      'this choice.',
  );
}
