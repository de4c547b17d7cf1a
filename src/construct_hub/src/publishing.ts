import { CfnResource, Fn, Names } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ram from 'aws-cdk-lib/aws-ram';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct, IConstruct } from 'constructs';
import { resolveAccount } from './allowed-principals';
import { PrivateLinkValueError, code } from './errors';
import { Lifecycle } from './lifecycle';
import { containsListToken, isListToken, isLiteral, rejectMixedListTokens } from './tokens';

export const AVAILABILITY_ZONE_IDS = '-availability-zone-ids';
export const ALLOWED_REGIONS = '-allowed-regions';
export const PRIVATE_DNS_NAME = '-private-dns-name';

/** The id and the description of each parameter, by the suffix of its name. */
const PARAMETERS = {
  '': { id: 'ServiceName', description: 'The name of a VPC endpoint service' },
  [ALLOWED_REGIONS]: {
    id: 'AllowedRegions',
    description: 'The Regions from which consumers can connect to the VPC endpoint service',
  },
  [AVAILABILITY_ZONE_IDS]: {
    id: 'AvailabilityZoneIds',
    description: 'The ids of the Availability Zones of the VPC endpoint service',
  },
  [PRIVATE_DNS_NAME]: {
    id: 'PrivateDnsName',
    description: 'The private DNS name of the VPC endpoint service',
  },
};

// https://docs.aws.amazon.com/ram/latest/APIReference/API_CreateResourceShare.html
const PRINCIPAL =
  /^(\d{12}|arn:aws[\w-]*:(organizations::\d{12}:(organization\/o-[a-z0-9]+|ou\/o-[a-z0-9]+\/ou-[a-z0-9-]+)|iam::\d{12}:(role|user)\/[\w+=,.@/-]+))$/;
const ORGANIZATION = /^arn:[^:]+:organizations::[^:]+:(organization|ou)\/.+$/;
const ROOT = /^arn:[^:]+:iam::([^:]+):root$/;
const PRINCIPAL_FIX =
  'pass an account id, or the ARN of an organization, an organizational unit, a role or a user';

/**
 * The options of published parameters.
 */
export interface PublishOptions {
  /**
   * The name of the parameter, like `/payments/endpoint-service`.
   *
   * A name that starts with a token must start with a slash when it is resolved.
   */
  readonly parameterName: string;

  /**
   * The principals that can read the parameters from other accounts through AWS RAM: ids of
   * accounts, ARNs of organizations, organizational units, roles and users, or principals like
   * `iam.AccountPrincipal`.
   *
   * Duplicates are removed. An account outside of your organization has to accept an invitation of
   * AWS RAM. Shared parameters are advanced parameters, for which AWS charges.
   *
   * @default - no sharing, and no charge.
   */
  readonly shareWith?: (string | iam.ArnPrincipal | iam.IRole | iam.IUser)[];
}

/** The values by the suffixes of the names of their parameters, first the service name. */
export type PublishedValues = Map<keyof typeof PARAMETERS, string | string[]>;

/** Return the Regions from which consumers can connect, with the Region of the service. */
export function withOwnRegion(own: string, regions: readonly string[] = []): string[] {
  // The CDK cannot write a list token beside another value.
  return regions.some(isListToken)
    ? [own, Fn.join(',', [...regions])]
    : [...new Set([own, ...regions])];
}

/** Return the principals of a resource share, without repetitions. */
export function resolveSharePrincipals(
  values: NonNullable<PublishOptions['shareWith']>,
  scope: IConstruct,
): string[] {
  const principals = values.map((value, index) =>
    resolvePrincipal(`shareWith[${index.toString()}]`, value, scope),
  );
  const unique = [...new Set(principals)];
  rejectMixedListTokens('shareWith', unique, scope);
  return unique;
}

/** Add a parameter for each value, share them, and return the first one. */
export function addParameters(
  scope: Construct,
  name: string,
  values: PublishedValues,
  { shareWith, lifecycle }: { shareWith: string[]; lifecycle: Lifecycle },
): ssm.StringParameter {
  const options = {
    // Parameter Store never changes a parameter from advanced to standard: it rejects an update
    // with the tier standard, and one without a tier. With intelligent tiering, a small new
    // parameter is standard, and a parameter that was shared before stays advanced.
    // https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
    // https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-default-tier.html
    tier: shareWith.length > 0 ? ssm.ParameterTier.ADVANCED : ssm.ParameterTier.INTELLIGENT_TIERING,
    // A name that starts with a token stands for a name that starts with a slash.
    simpleName: !name.startsWith('/') && !name.startsWith('${Token['),
  };
  const parameters = [...values].map(([suffix, value]) => {
    const { id, description } = PARAMETERS[suffix];
    const common = { parameterName: name + suffix, description, ...options };
    return typeof value === 'string'
      ? new ssm.StringParameter(scope, id, { stringValue: value, ...common })
      : new ssm.StringListParameter(scope, id, { stringListValue: value, ...common });
  });
  // A consumer that reads a parameter can connect.
  scope.node.addDependency(lifecycle.readiness);
  for (const parameter of parameters) {
    // Every deployment of a consumer reads the parameters, also of a retained service.
    lifecycle.trackDependent(parameter.node.defaultChild as CfnResource);
  }
  if (shareWith.length > 0) {
    const arns = parameters.map((parameter) => parameter.parameterArn);
    share(scope, arns, shareWith);
  }
  return parameters[0] as ssm.StringParameter;
}

/** Let principals read parameters, with the default permission of AWS RAM. */
function share(scope: Construct, resourceArns: string[], principals: string[]): void {
  new ram.CfnResourceShare(scope, 'Share', {
    name: Names.uniqueResourceName(scope, { maxLength: 64, separator: '-' }),
    // Only an organization and its units are certainly inside of the organization of the service.
    // Without this property, AWS RAM rejects an account outside of it.
    allowExternalPrincipals: !principals.every((principal) => ORGANIZATION.test(principal)),
    principals,
    resourceArns,
  });
}

function resolvePrincipal(
  argument: string,
  value: string | iam.ArnPrincipal | iam.IRole | iam.IUser,
  scope: IConstruct,
): string {
  if (typeof value === 'string' && isListToken(value)) {
    return value;
  }
  if (value instanceof iam.AccountPrincipal) {
    const account = resolveAccount(argument, value, scope);
    // A token that is not a string.
    return account === value.arn ? Fn.select(4, Fn.split(':', account)) : account;
  }
  const principal = findPrincipal(value);
  const [, root] = ROOT.exec(principal) ?? [];
  if (root) {
    return root;
  }
  if ((isLiteral(principal) || containsListToken(principal)) && !PRINCIPAL.test(principal)) {
    throw new PrivateLinkValueError(
      argument,
      'must be a principal with which AWS RAM shares parameters',
      { got: code(principal), fix: PRINCIPAL_FIX, scope },
    );
  }
  return principal;
}

function findPrincipal(value: string | iam.ArnPrincipal | iam.IRole | iam.IUser): string {
  if (typeof value === 'string') {
    return value;
  }
  if ('roleArn' in value) {
    return value.roleArn;
  }
  return 'userArn' in value ? value.userArn : value.arn;
}
