import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * Who pays for the endpoints of a service, where it is not their owners.
 */
export enum PayerResponsibility {
  /**
   * The owner of the service. EC2 does not let it be taken back.
   */
  SERVICE_OWNER = 'ServiceOwner',
}

/** Warn that there is no way back. */
export function warnOfPaying(scope: IConstruct): void {
  Annotations.of(scope).addWarningV2(
    'cdk-privatelink:serviceOwnerPays',
    'The owner of this service pays for all of its endpoints, and EC2 does not let that be taken ' +
      'back. If it is meant, say so: ' +
      '`Annotations.of(service).acknowledgeWarning("cdk-privatelink:serviceOwnerPays")`.',
  );
}
