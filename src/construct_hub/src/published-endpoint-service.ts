import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { EndpointServiceBase } from './endpoint-service-base';
import { parseServiceName } from './imported-endpoint-service';
import { IPublishedEndpointService } from './interface';
import { ownerOf, validateParameter } from './parameter-names';
import { ALLOWED_REGIONS, AVAILABILITY_ZONE_IDS, PRIVATE_DNS_NAME } from './publishing';
import { validateReservedId, validateScope } from './scopes';

const PARENT_ID = 'PrivateLinkParameters';
const PARENTS = new WeakMap<Stack, Construct>();

/**
 * A service imported by the SSM parameter that contains its name.
 *
 * The template reads the other parameters only if somebody uses their properties: an SSM parameter
 * that does not exist fails the deployment.
 */
export class ServiceByParameter extends EndpointServiceBase implements IPublishedEndpointService {
  public readonly serviceId: string;
  public readonly serviceName: string;
  private readonly parameter: string;

  public constructor(scope: Construct, id: string, parameter: string) {
    const stack = Stack.of(validateScope(scope, id));
    validateParameter(parameter, stack, `${scope.node.path}/${id}`);
    const serviceName = read(stack, parameter, 'String').valueAsString;
    const { region, serviceId } = parseServiceName(serviceName);
    // The owner of a shared parameter is the owner of the service.
    super(scope, id, { region, account: ownerOf(parameter) });
    this.serviceId = serviceId;
    this.serviceName = serviceName;
    this.parameter = parameter;
  }

  public get availabilityZoneIds(): string[] {
    return this.readList(AVAILABILITY_ZONE_IDS);
  }

  public get allowedRegions(): string[] {
    return this.readList(ALLOWED_REGIONS);
  }

  public get privateDnsName(): string {
    return read(Stack.of(this), this.parameter + PRIVATE_DNS_NAME, 'String').valueAsString;
  }

  private readList(suffix: string): string[] {
    return read(Stack.of(this), this.parameter + suffix, 'List<String>').valueAsList;
  }
}

/**
 * Return the template parameter that reads an SSM parameter, one per stack.
 *
 * The CDK has a similar method, which rejects ARNs. Its method for ARNs gives the template parameter
 * a logical id without the ARN: with another ARN, the CDK CLI would keep the value of the last
 * deployment.
 */
function read(stack: Stack, parameter: string, type: string): CfnParameter {
  let parent = PARENTS.get(stack);
  if (!parent) {
    parent = new Construct(validateReservedId(stack, PARENT_ID), PARENT_ID);
    PARENTS.set(stack, parent);
  }
  // The CDK replaces each slash in an id with two hyphens. Escaped hyphens keep ids different.
  const id = parameter.replaceAll('-', '%-');
  const existing = parent.node.tryFindChild(id) as CfnParameter | undefined;
  return (
    existing ??
    new CfnParameter(parent, id, {
      type: `AWS::SSM::Parameter::Value<${type}>`,
      default: parameter,
    })
  );
}
