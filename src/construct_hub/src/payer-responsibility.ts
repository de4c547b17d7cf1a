import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

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
  Annotations.of(scope).addWarningV2(
    'cdk-privatelink:serviceOwnerPays',
    'The owner of this service pays for all of its endpoints, and EC2 does not allow you to revert ' +
      'this choice. If this is intended, acknowledge the warning: ' +
      '`Annotations.of(service).acknowledgeWarning("cdk-privatelink:serviceOwnerPays")`.',
  );
}
