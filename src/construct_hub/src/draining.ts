import { CfnResource, CustomResource, Duration, Lazy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import {
  CustomResourceFunction,
  DRAINING_TYPE,
  LONG_SERVICE_TIMEOUT_SECONDS,
  validatePermissions,
} from './custom-resource-function';
import { takenId } from './errors';

// EC2 does not allow you to delete a service that has connections.
// https://docs.aws.amazon.com/vpc/latest/privatelink/delete-endpoint-service.html
const ID = 'Draining';
const ACTION = 'ec2:RejectVpcEndpointConnections';

/** Check that a service can get the custom resource. */
export function validateDraining(service: Construct, moreActions: string[]): void {
  if (service.node.tryFindChild(ID)) {
    throw takenId(service, ID, service);
  }
  validatePermissions('rejectConnectionsOnDelete', [ACTION, ...moreActions], service, {
    drains: true,
  });
}

/** Add the custom resource whose deletion rejects the connections of a service. */
export function addDraining(
  service: Construct,
  resource: CfnResource,
  { serviceArn, moreActions }: { serviceArn: string; moreActions: string[] },
): CustomResource {
  const drain = CustomResourceFunction.getOrCreate(service);
  const policy = drain.allow(service, { actions: [ACTION, ...moreActions], serviceArn });
  const draining = new CustomResource(service, ID, {
    resourceType: DRAINING_TYPE,
    serviceToken: drain.arn,
    serviceTimeout: Duration.seconds(LONG_SERVICE_TIMEOUT_SECONDS),
    properties: {
      ServiceId: resource.ref,
      // The function compares them with the template and the status of the stack.
      LogicalId: resource.logicalId,
      // The deletion policy can be set after the call.
      DeletionPolicy: Lazy.uncachedAny({ produce: () => resource.cfnOptions.deletionPolicy }),
    },
  });
  draining.node.addDependency(policy, drain.allowDraining());
  return draining;
}
