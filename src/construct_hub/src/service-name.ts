import { Aws, CfnMapping, CustomResource, Duration, Lazy, Stack, Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct, IConstruct } from 'constructs';
import { StackFunction } from './stack-function';

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

// Two attempts fit into the time that CloudFormation waits: should Lambda lose the first one
// without an answer, it invokes the function again about a minute later.
const FUNCTION_SECONDS = 180;
const SERVICE_SECONDS = 600;

/**
 * Where the name of an endpoint service comes from.
 */
export enum ServiceNameSource {
  /**
   * Asked of EC2 when the stack is deployed, by one small Lambda function for each stack.
   *
   * Waits until the service is available, and also tells its availability zones and DNS names.
   */
  LOOKUP = 'lookup',

  /**
   * Composed from partition, region and service id, without any further resource.
   *
   * The availability zones and DNS names of the service are then not known.
   */
  DERIVED = 'derived',
}

/** Compose the name that EC2 gives to the service, in whichever partition it is deployed. */
export function deriveServiceName(scope: IConstruct, serviceId: string): string {
  const { region } = Stack.of(scope);
  const partition = Token.isUnresolved(region) ? undefined : RegionInfo.get(region).partition;
  const prefix =
    (partition && PREFIX_BY_PARTITION[partition]) ??
    Lazy.uncachedString({ produce: ({ scope: reader }) => prefixIn(Stack.of(reader)) });
  return `${prefix}.${region}.${serviceId}`;
}

/** Find or make what asks EC2 in this stack. */
export function lookUpFunction(scope: IConstruct): StackFunction {
  return StackFunction.of(scope, 'PrivateLinkServiceNameLookup', {
    handler: 'look_up_service_name',
    description: 'Looks up the names of VPC endpoint services for CloudFormation',
    timeoutSeconds: FUNCTION_SECONDS,
  });
}

/** Ask EC2 about the service when the stack is deployed; the answers are attributes. */
export function lookUpService(
  scope: Construct,
  lookUp: StackFunction,
  { serviceId, loadBalancerArns }: { serviceId: string; loadBalancerArns: string[] },
): CustomResource {
  return new CustomResource(scope, 'ServiceName', {
    resourceType: 'Custom::PrivateLinkServiceName',
    serviceToken: lookUp.arn,
    serviceTimeout: Duration.seconds(SERVICE_SECONDS),
    // The load balancers are no part of the question. They are here so that it is asked again when
    // they change, since the zones of the service are theirs.
    properties: { ServiceId: serviceId, LoadBalancerArns: loadBalancerArns },
  });
}

/**
 * Tell the prefix in the partition of the deployment.
 *
 * A mapping in any other stack than the one whose template has the name would not be found.
 */
function prefixIn(stack: Stack): string {
  const mappingId = 'PrivateLinkServiceNamePrefix';
  const found = stack.node.tryFindChild(mappingId);
  // Should the id be that of something else, the CDK says so.
  const mapping =
    found instanceof CfnMapping
      ? found
      : new CfnMapping(stack, mappingId, {
          mapping: Object.fromEntries(
            Object.entries(PREFIX_BY_PARTITION).map(([partition, prefix]) => [
              partition,
              { Prefix: prefix },
            ]),
          ),
        });
  return mapping.findInMap(Aws.PARTITION, 'Prefix');
}
