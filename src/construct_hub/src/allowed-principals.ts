import { CfnResource, IResolvable, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';
import { Lifecycle } from './lifecycle';
import { validateReservedId } from './scopes';
import { isLiteral, isSingleUnknown, referencedResource, rejectMixedListTokens } from './tokens';
import { addWarning } from './warnings';

// EC2 accepts accounts, roles and users without a path, everyone, and AWS services by their name.
// https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html#add-remove-permissions
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllowedPrincipal.html
const ARN = /^(?:\*|arn:aws[\w-]*:iam::(\d{12}):(?:(root)|(?:role|user)\/[\w+=,.@-]+))$/;
const SERVICE =
  /^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/;
const PATH = /:(role|user)\/[^/]*\//;
const ACCOUNT = /^\d{12}$/;

/** A principal that can connect. jsii has no names for unions. */
export type AllowedPrincipal = iam.ArnPrincipal | iam.ServicePrincipal | iam.IRole | iam.IUser;

/** The principals of one service, in one `AWS::EC2::VPCEndpointServicePermissions`. */
export class AllowedPrincipals {
  /** The ARNs, by the keys that `resolvePrincipals()` gives them. */
  public arns: ReadonlyMap<string, string> = new Map();
  /** The resource, once there is a principal. */
  public resource?: ec2.CfnVPCEndpointServicePermissions;
  private prerequisite?: Construct;

  public constructor(
    private readonly service: Construct,
    private readonly serviceId: string,
    private readonly acceptanceRequired: boolean | IResolvable,
    private readonly lifecycle: Lifecycle,
  ) {}

  /** Create the resource after another one, and so delete it before that one. */
  public createAfter(prerequisite: Construct): void {
    this.prerequisite = prerequisite;
    this.resource?.node.addDependency(prerequisite);
  }

  /** Allow these principals, and create the resource for the first of them. */
  public replace(arns: ReadonlyMap<string, string>): void {
    this.arns = arns;
    if (arns.size === 0) {
      return;
    }
    const allowedPrincipals = [...arns.values()];
    if (this.resource) {
      this.resource.allowedPrincipals = allowedPrincipals;
    } else {
      const scope = validateReservedId(this.service, 'Permissions');
      this.resource = new ec2.CfnVPCEndpointServicePermissions(scope, 'Permissions', {
        serviceId: this.serviceId,
        allowedPrincipals,
      });
      this.lifecycle.trackDependent(this.resource);
      this.lifecycle.addPrerequisite(this.resource);
      if (this.prerequisite) {
        this.resource.node.addDependency(this.prerequisite);
      }
    }
    if (this.acceptanceRequired === false && allowedPrincipals.includes('*')) {
      addWarning(
        this.service,
        'cdk-privatelink:openToEveryone',
        'Every AWS account can connect to this service without acceptance, which makes its load ' +
          'balancers public. Name the principals, or require acceptance.',
      );
    }
  }
}

/**
 * Return the ARNs of the allowed principals and of more principals, without repetitions.
 *
 * The keys identify principals: two tokens for the same account have the same key.
 */
export function resolvePrincipals(
  argument: string,
  principals: readonly AllowedPrincipal[],
  already: ReadonlyMap<string, string>,
  scope: IConstruct,
): Map<string, string> {
  const checked = new Map(already);
  for (const [index, principal] of principals.entries()) {
    const [key, arn] = resolvePrincipal(`${argument}[${index.toString()}]`, principal, scope);
    if (!checked.has(key)) {
      checked.set(key, arn);
    }
  }
  rejectMixedListTokens(argument, [...checked.values()], scope);
  return checked;
}

/** Return the id of an account, or its ARN if the id is a token that is not a string. */
export function resolveAccount(
  argument: string,
  principal: iam.AccountPrincipal,
  scope: IConstruct,
): string {
  if (principal instanceof iam.AccountRootPrincipal) {
    return Stack.of(scope).account;
  }
  const account: unknown = principal.accountId;
  if (typeof account !== 'string') {
    // A token that is not a string.
    return principal.arn;
  }
  if (!ACCOUNT.test(account) && !isSingleUnknown(account)) {
    throw new PrivateLinkValueError(argument, 'must be an account id', {
      got: code(account),
      fix: 'pass the twelve digits of an account id',
      scope,
    });
  }
  return account;
}

function resolvePrincipal(
  argument: string,
  principal: AllowedPrincipal,
  scope: IConstruct,
): [key: string, arn: string] {
  if (principal instanceof iam.AccountPrincipal) {
    return [resolveAccount(argument, principal, scope), principal.arn];
  }
  const arn = arnOf(principal);
  const match = ARN.exec(arn);
  const resource = findResource(principal, arn);
  if (resource && hasPath(resource)) {
    throw rejectedPath(argument, resource.node.path.replace(/\/Resource$/, ''), scope);
  }
  // A path is visible even if the rest of the ARN is a token.
  if (!match && PATH.test(arn)) {
    throw rejectedPath(argument, arn, scope);
  }
  if (!match && !SERVICE.test(arn) && isLiteral(arn)) {
    throw new PrivateLinkValueError(argument, 'must be an ARN that EC2 accepts', {
      got: code(arn),
      fix:
        'pass an account, a role or user without a path, an AWS service, or everyone: ' +
        '`arn:<partition>:iam::<account>:root`, `...:role/<name>`, `...:user/<name>`, ' +
        '`<service>.amazonaws.com` or `*`',
      scope,
    });
  }
  const [, account, root] = match ?? [];
  return [account && root ? account : arn, arn];
}

function rejectedPath(argument: string, got: string, scope: IConstruct): PrivateLinkValueError {
  return new PrivateLinkValueError(
    argument,
    'must not be a role or user with a path, which EC2 does not accept',
    {
      got: code(got),
      fix:
        'pass a role or user without a path, or its account; roles of IAM Identity Center ' +
        '(`AWSReservedSSO_...`) always have a path',
      scope,
    },
  );
}

function arnOf(principal: AllowedPrincipal): string {
  if (principal instanceof iam.ServicePrincipal) {
    return principal.service;
  }
  if ('roleArn' in principal) {
    return principal.roleArn;
  }
  return 'userArn' in principal ? principal.userArn : principal.arn;
}

/** Return the resource of a role or user of the app. */
function findResource(principal: AllowedPrincipal, arn: string): IConstruct | undefined {
  if (principal instanceof iam.ArnPrincipal) {
    return referencedResource(arn);
  }
  let child: IConstruct | undefined = Construct.isConstruct(principal) ? principal : undefined;
  // A lazy role has the role as its child, which has the resource.
  while (child && !CfnResource.isCfnResource(child)) {
    child = child.node.defaultChild;
  }
  return child;
}

/** Return whether a role or user has a path, which the token of its ARN hides. */
function hasPath(resource: IConstruct): boolean {
  const path =
    resource instanceof iam.CfnRole || resource instanceof iam.CfnUser ? resource.path : undefined;
  return path !== undefined && path !== '/' && isLiteral(path);
}
