import { Fn } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { EndpointServiceBase } from './endpoint-service-base';
import { PrivateLinkValueError, code } from './errors';
import { PREFIX_BY_PARTITION, deriveServiceName } from './service-name';
import { isStringToken } from './tokens';

const PREFIXES = Object.values(PREFIX_BY_PARTITION).map((prefix) => prefix?.replaceAll('.', '\\.'));
const ID = /^vpce-svc-[0-9a-f]+$/;
const NAME = new RegExp(`^(${PREFIXES.join('|')})\\.([a-z0-9-]+)\\.(vpce-svc-[0-9a-f]+)$`);

const ID_EXAMPLE = 'vpce-svc-0123456789abcdef0';
const NAME_EXAMPLE = `com.amazonaws.vpce.eu-west-1.${ID_EXAMPLE}`;

/** A service of which the id is known, in the region of the stack. */
export class ServiceById extends EndpointServiceBase {
  private derivedName?: string;

  public constructor(
    scope: Construct,
    id: string,
    public readonly serviceId: string,
  ) {
    super(scope, id);
    check('serviceId', serviceId, ID, ID_EXAMPLE, this);
  }

  public get serviceName(): string {
    this.derivedName ??= deriveServiceName(this, this.serviceId);
    return this.derivedName;
  }
}

/** A service of which the name is known, in the region that the name tells. */
export class ServiceByName extends EndpointServiceBase {
  public readonly serviceId: string;
  /** @internal */
  protected override readonly _partition?: string;

  public constructor(
    scope: Construct,
    id: string,
    public readonly serviceName: string,
  ) {
    const { partition, region, serviceId } = partsOf(serviceName);
    super(scope, id, { region });
    check('serviceName', serviceName, NAME, NAME_EXAMPLE, this);
    this.serviceId = serviceId;
    this._partition = partition;
  }
}

interface Parts {
  readonly partition?: string;
  readonly region?: string;
  readonly serviceId: string;
}

/** Tell the partition, region and id in a name, as far as they are known. */
function partsOf(name: string): Parts {
  const [, prefix, region, serviceId] = NAME.exec(name) ?? [];
  if (region && serviceId) {
    return { partition: partitionOf(prefix, region), region, serviceId };
  }
  if (!isStringToken(name)) {
    return { serviceId: '' };
  }
  // All prefixes end alike, whatever their length.
  const place = Fn.split('.', Fn.select(1, Fn.split('.vpce.', name)));
  return { region: Fn.select(0, place), serviceId: Fn.select(1, place) };
}

/** Tell the partition, of which two have the same prefix. */
function partitionOf(prefix: string | undefined, region: string): string | undefined {
  if (region.startsWith('us-gov-')) {
    return 'aws-us-gov';
  }
  return Object.keys(PREFIX_BY_PARTITION).find((name) => PREFIX_BY_PARTITION[name] === prefix);
}

function check(
  argument: string,
  value: string,
  pattern: RegExp,
  example: string,
  scope: IConstruct,
): void {
  if (!isStringToken(value) && !pattern.test(value)) {
    throw new PrivateLinkValueError(argument, 'is not that of an endpoint service', {
      got: code(value),
      fix: `pass one like ${code(example)}`,
      scope,
    });
  }
}
