import { Fn } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct, IConstruct } from 'constructs';
import { EndpointServiceBase } from './endpoint-service-base';
import { PrivateLinkValueError, code } from './errors';
import { PREFIX_BY_PARTITION, deriveServiceName } from './service-name';
import { LOOKUP_TYPE } from './custom-resource-function';
import { validateScope } from './scopes';
import { isSingleUnknown, isStringToken, referencedResource } from './tokens';

const PREFIXES = Object.values(PREFIX_BY_PARTITION).map((prefix) => prefix?.replaceAll('.', '\\.'));
const ID = /^vpce-svc-[0-9a-f]+$/;
const NAME = new RegExp(`^(${PREFIXES.join('|')})\\.([a-z0-9-]+)\\.(vpce-svc-[0-9a-f]+)$`);

const ID_RULE = {
  pattern: ID,
  problem: 'must be the id of an endpoint service',
  fix: 'pass an id like `vpce-svc-0123456789abcdef0`',
};
const NAME_RULE = {
  pattern: NAME,
  problem: 'must be the name of an endpoint service',
  fix: 'pass a name like `com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`',
};

/** A service imported by its id, in the Region of the stack. */
export class ServiceById extends EndpointServiceBase {
  private derivedName?: string;

  public constructor(
    scope: Construct,
    id: string,
    public readonly serviceId: string,
  ) {
    super(validateScope(scope, id), id);
    validate('serviceId', serviceId, ID_RULE, this);
    rejectName(serviceId, this);
  }

  public get serviceName(): string {
    this.derivedName ??= deriveServiceName(this, this.serviceId);
    return this.derivedName;
  }
}

/** A service imported by its name, in the Region that the name contains. */
export class ServiceByName extends EndpointServiceBase {
  public readonly serviceId: string;
  /** @internal */
  protected override readonly _partition?: string;

  public constructor(
    scope: Construct,
    id: string,
    public readonly serviceName: string,
  ) {
    const { partition, region, serviceId } = parseServiceName(serviceName);
    super(validateScope(scope, id), id, { region });
    validate('serviceName', serviceName, NAME_RULE, this);
    rejectId(serviceName, this);
    this.serviceId = serviceId;
    this._partition = partition;
  }
}

interface Parts {
  readonly partition?: string;
  readonly region?: string;
  readonly serviceId: string;
}

/** Return the partition, the Region and the id in the name of a service. */
export function parseServiceName(name: string): Parts {
  const [, prefix, region, serviceId] = NAME.exec(name) ?? [];
  if (region && serviceId) {
    return { partition: partitionOf(prefix, region), region, serviceId };
  }
  if (!isStringToken(name)) {
    return { serviceId: '' };
  }
  // Every prefix ends with `.vpce`, whatever its length.
  const rest = Fn.split('.', Fn.select(1, Fn.split('.vpce.', name)));
  return { region: Fn.select(0, rest), serviceId: Fn.select(1, rest) };
}

/** Return the partition. Two partitions have the same prefix, and differ in their Regions. */
function partitionOf(prefix: string | undefined, region: string): string | undefined {
  if (region.startsWith('us-gov-')) {
    return 'aws-us-gov';
  }
  return Object.keys(PREFIX_BY_PARTITION).find((name) => PREFIX_BY_PARTITION[name] === prefix);
}

function validate(
  argument: string,
  value: string,
  { pattern, problem, fix }: { pattern: RegExp; problem: string; fix: string },
  scope: IConstruct,
): void {
  if (!isSingleUnknown(value) && !pattern.test(value)) {
    throw new PrivateLinkValueError(argument, problem, { got: code(value), fix, scope });
  }
}

/** Check that an id is not the token of a name. */
function rejectName(id: string, scope: IConstruct): void {
  const resource = referencedResource(id);
  if (resource?.cfnResourceType === LOOKUP_TYPE) {
    const service = resource.node.path.replace(/\/ServiceName(\/Default)?$/, '');
    throw new PrivateLinkValueError('serviceId', ID_RULE.problem, {
      got: code(`the name of ${service}`),
      fix: 'pass `service.serviceId`, or the service itself where a service is accepted',
      scope,
    });
  }
}

/** Check that a name is not the token of an id. */
function rejectId(name: string, scope: IConstruct): void {
  const resource = referencedResource(name);
  if (resource instanceof ec2.CfnVPCEndpointService) {
    const service = resource.node.path.replace(/\/Resource$/, '');
    throw new PrivateLinkValueError('serviceName', NAME_RULE.problem, {
      got: code(`the id of ${service}`),
      fix: 'pass `service.serviceName`, or the service itself where a service is accepted',
      scope,
    });
  }
}
