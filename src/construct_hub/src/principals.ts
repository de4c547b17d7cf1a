import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';
import { checkListTokens, isStringToken, isToken } from './tokens';

// EC2 knows these and no others: an account, a role, a user, everyone. A path in the name of a role
// or user is not supported.
// https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html#add-remove-permissions
const ARN = /^(?:\*|arn:aws[\w-]*:iam::(\d{12}):(?:(root)|(?:role|user)\/[\w+=,.@-]+))$/;
const PATH = /:(role|user)\/[^/]*\//;
const ACCOUNT = /^\d{12}$/;

/** Who can be allowed to connect. To jsii it is the union alone, without a name. */
export type AllowedPrincipal = iam.ArnPrincipal | iam.IRole | iam.IUser;

/**
 * Check the principals and return their ARNs behind those that are allowed already.
 *
 * The keys are what makes principals the same: the first one is kept.
 */
export function checkedPrincipals(
  argument: string,
  principals: readonly AllowedPrincipal[],
  already: ReadonlyMap<string, string>,
  scope: IConstruct,
): Map<string, string> {
  const checked = new Map(already);
  for (const principal of principals) {
    const [key, arn] = checkedPrincipal(argument, principal, scope);
    if (!checked.has(key)) {
      checked.set(key, arn);
    }
  }
  checkListTokens(argument, [...checked.values()], scope);
  return checked;
}

function checkedPrincipal(
  argument: string,
  principal: AllowedPrincipal,
  scope: IConstruct,
): [key: string, arn: string] {
  if (principal instanceof iam.AccountPrincipal) {
    return [accountKey(argument, principal, scope), principal.arn];
  }
  const arn = arnOf(principal);
  const match = ARN.exec(arn);
  if ((principal instanceof iam.Role || principal instanceof iam.User) && hasPath(principal)) {
    throw new PrivateLinkValueError(
      argument,
      'has a role or user with a path, which EC2 does not accept',
      {
        got: code(principal.node.path),
        fix: 'pass one without a path, or its account',
        scope,
      },
    );
  }
  // A path can be seen even where the rest of the ARN is only known at deployment.
  if (!match && (!isToken(arn) || PATH.test(arn))) {
    throw new PrivateLinkValueError(argument, 'has an ARN that EC2 does not accept', {
      got: code(arn),
      fix:
        'pass an account, a role or user without a path, or everyone: ' +
        '`arn:<partition>:iam::<account>:root`, `...:role/<name>`, `...:user/<name>` or `*`',
      scope,
    });
  }
  const [, account, root] = match ?? [];
  return [account && root ? account : arn, arn];
}

function arnOf(principal: AllowedPrincipal): string {
  if ('roleArn' in principal) {
    return principal.roleArn;
  }
  return 'userArn' in principal ? principal.userArn : principal.arn;
}

/** Whether a role or user of this app has a path, which the token of its ARN hides. */
function hasPath(principal: iam.Role | iam.User): boolean {
  const resource = principal.node.defaultChild;
  const path =
    resource instanceof iam.CfnRole || resource instanceof iam.CfnUser ? resource.path : undefined;
  return path !== undefined && path !== '/' && !isToken(path);
}

/** Tell accounts apart by their id, since each principal has a token of its own as ARN. */
function accountKey(argument: string, principal: iam.AccountPrincipal, scope: IConstruct): string {
  if (principal instanceof iam.AccountRootPrincipal) {
    return Stack.of(scope).account;
  }
  const account: unknown = principal.accountId;
  if (typeof account !== 'string') {
    // One that is known at deployment, and not as a string.
    return principal.arn;
  }
  if (!ACCOUNT.test(account) && !isStringToken(account)) {
    throw new PrivateLinkValueError(argument, 'has an account that cannot exist', {
      got: code(account),
      fix: 'pass the twelve digits of its id',
      scope,
    });
  }
  return account;
}
