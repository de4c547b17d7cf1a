import { Aws, CfnMapping, CustomResource, Duration, Lazy, Stack, Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct, IConstruct } from 'constructs';
import { takenId } from './errors';
import { SingletonFunction } from './singleton-function';

// https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
export const PREFIX_BY_PARTITION: Readonly<Partial<Record<string, string>>> = {
  'aws': 'com.amazonaws.vpce',
  'aws-cn': 'cn.com.amazonaws.vpce',
  'aws-eusc': 'eu.amazonaws.vpce',
  'aws-iso': 'gov.ic.c2s.vpce',
  'aws-iso-b': 'gov.sgov.sc2s.vpce',
  'aws-iso-e': 'uk.adc-e.cloud.vpce',
  'aws-iso-f': 'gov.ic.hci.csp.vpce',
  'aws-us-gov': 'com.amazonaws.vpce',
};

export const LOOKUP_TYPE = 'Custom::PrivateLinkServiceName';

// CloudFormation waits for two attempts: if the first invocation fails without a response, Lambda
// invokes the function again about a minute later.
const FUNCTION_SECONDS = 180;
const SERVICE_SECONDS = 600;
const MAPPING_ID = 'PrivateLinkServiceNamePrefix';

/**
 * The source of the name of an endpoint service.
 */
export enum ServiceNameSource {
  /**
   * A query to EC2 at deployment, by one small Lambda function per stack.
   *
   * The lookup waits until the service is available. It also returns the Availability Zones and the
   * DNS names of the service.
   */
  LOOKUP = 'lookup',

  /**
   * The id of the service and the Region, without any further resource.
   *
   * The Availability Zones and the DNS names of the service are then not available.
   */
  DERIVED = 'derived',
}

/** Return the name that EC2 gives to a service, in the partition of the deployment. */
export function deriveServiceName(scope: IConstruct, serviceId: string): string {
  const { region } = Stack.of(scope);
  const partition = Token.isUnresolved(region) ? undefined : RegionInfo.get(region).partition;
  const prefix =
    (partition && PREFIX_BY_PARTITION[partition]) ??
    Lazy.uncachedString({ produce: ({ scope: reader }) => findPrefix(Stack.of(reader)) });
  return `${prefix}.${region}.${serviceId}`;
}

/** Return the function that queries EC2 for all services of a stack. */
export function getOrCreateLookupFunction(scope: IConstruct): SingletonFunction {
  return SingletonFunction.getOrCreate(scope, 'PrivateLinkServiceNameLookup', {
    handler: 'look_up_service_name',
    description: 'Looks up the names of VPC endpoint services for CloudFormation',
    timeoutSeconds: FUNCTION_SECONDS,
  });
}

/** Add the custom resource that looks up a service. Its attributes are the results. */
export function addLookup(
  scope: Construct,
  lookupFunction: SingletonFunction,
  { serviceId, loadBalancerArns }: { serviceId: string; loadBalancerArns: string[] },
): CustomResource {
  return new CustomResource(scope, 'ServiceName', {
    resourceType: LOOKUP_TYPE,
    serviceToken: lookupFunction.arn,
    serviceTimeout: Duration.seconds(SERVICE_SECONDS),
    // The function does not read the load balancers. They repeat the lookup when they change,
    // because they determine the Availability Zones of the service.
    properties: { ServiceId: serviceId, LoadBalancerArns: loadBalancerArns },
  });
}

/**
 * Return the prefix in the partition of the deployment.
 *
 * The mapping is in the stack whose template contains the name, since a mapping is local to it.
 */
function findPrefix(stack: Stack): string {
  const mapping = stack.node.tryFindChild(MAPPING_ID) ?? addPrefixMapping(stack);
  if (!(mapping instanceof CfnMapping)) {
    throw takenId(stack, MAPPING_ID, stack);
  }
  return mapping.findInMap(Aws.PARTITION, 'Prefix');
}

function addPrefixMapping(stack: Stack): CfnMapping {
  const prefixes = Object.entries(PREFIX_BY_PARTITION);
  return new CfnMapping(stack, MAPPING_ID, {
    mapping: Object.fromEntries(
      prefixes.map(([partition, prefix]) => [partition, { Prefix: prefix }]),
    ),
  });
}
