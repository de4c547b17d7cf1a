import { Aws, CfnMapping, CustomResource, Duration, Lazy, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct, IConstruct } from 'constructs';
import { validateReservedId } from './scopes';
import {
  CustomResourceFunction,
  LONG_SERVICE_TIMEOUT_SECONDS,
  LOOKUP_TYPE,
} from './custom-resource-function';

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

// Two attempts of the function.
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

/**
 * Add the custom resource that looks up a service. Its attributes are the results.
 *
 * @param followedZones The Availability Zones that the service must have, if it follows its load
 * balancers.
 */
export function addLookup(
  scope: Construct,
  lookupFunction: CustomResourceFunction,
  service: ec2.CfnVPCEndpointService,
  followedZones?: unknown,
): CustomResource {
  // A new Availability Zone of a load balancer needs some minutes.
  const serviceSeconds =
    followedZones === undefined ? SERVICE_SECONDS : LONG_SERVICE_TIMEOUT_SECONDS;
  return new CustomResource(scope, 'ServiceName', {
    resourceType: LOOKUP_TYPE,
    serviceToken: lookupFunction.arn,
    serviceTimeout: Duration.seconds(serviceSeconds),
    properties: {
      ServiceId: service.ref,
      // The function does not read the load balancers. They repeat the lookup when they change,
      // because they determine the Availability Zones of the service. Users can exchange them as an
      // escape hatch, or in an aspect.
      LoadBalancerArns: Lazy.uncachedAny({
        produce: () => service.networkLoadBalancerArns ?? service.gatewayLoadBalancerArns,
      }),
      AvailabilityZones: followedZones,
    },
  });
}

/**
 * Return the prefix in the partition of the deployment.
 *
 * The mapping is in the stack whose template contains the name, since a mapping is local to it.
 */
function findPrefix(stack: Stack): string {
  const mapping = MAPPINGS.get(stack) ?? addPrefixMapping(stack);
  return mapping.findInMap(Aws.PARTITION, 'Prefix');
}

/** The mappings of this library: a mapping of the user may have the same id. */
const MAPPINGS = new WeakMap<Stack, CfnMapping>();

function addPrefixMapping(stack: Stack): CfnMapping {
  const prefixes = Object.entries(PREFIX_BY_PARTITION);
  const mapping = new CfnMapping(validateReservedId(stack, MAPPING_ID), MAPPING_ID, {
    mapping: Object.fromEntries(
      prefixes.map(([partition, prefix]) => [partition, { Prefix: prefix }]),
    ),
  });
  MAPPINGS.set(stack, mapping);
  return mapping;
}
