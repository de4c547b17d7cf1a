import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Aws, CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct } from 'constructs';
import { addFinalValidation } from './end-of-synthesis';
import { PrivateLinkValueError, code, takenId } from './errors';
import { suppressNagRule } from './cdk-nag';

export const LOOKUP_TYPE = 'Custom::PrivateLinkServiceName';
export const VERIFICATION_TYPE = 'Custom::PrivateLinkPrivateDnsVerification';
export const DRAINING_TYPE = 'Custom::PrivateLinkDraining';
const CUSTOM_RESOURCE_TYPES = [LOOKUP_TYPE, VERIFICATION_TYPE, DRAINING_TYPE];

const FUNCTION_ID = 'PrivateLinkCustomResources';
const POLICY_ID = 'CustomResourcePolicy';
const DRAINING_POLICY_ID = 'DrainingPolicy';
// The longest timeout of Lambda. Each action has its own limit. A shorter timeout without the custom
// resources that need it would come before their deletion, in which draining needs the time.
const SECONDS = 900;
// How long CloudFormation waits for a custom resource that needs the time: two attempts of the
// function. If the first one fails without a response, Lambda starts another about a minute later.
export const LONG_SERVICE_TIMEOUT_SECONDS = 1920;
// All inline policies of a role share 10,240 characters, and the role itself needs about 500.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const MAX_POLICY_CHARACTERS = 10_240 - 500;
// A policy without its actions, with the longest ARN of a service.
const POLICY_CHARACTERS = 180;
// The statements of `allowDraining()`.
const DRAINING_CHARACTERS = 450;

// The build copies this file from the Python edition.
const CODE = join(__dirname, '..', 'handlers', 'custom_resources.py');

interface ServicePolicy {
  readonly policy: iam.Policy;
  readonly statement: iam.PolicyStatement;
}

/** The Lambda function of a stack for its custom resources, with its code inline in the template. */
export class CustomResourceFunction extends Construct {
  /** Return the function of a stack, and create it on the first call. */
  public static getOrCreate(scope: IConstruct): CustomResourceFunction {
    const existing = find(scope);
    if (existing) {
      return existing;
    }
    const stack = Stack.of(scope);
    addFinalValidation(stack, () => findRemoval(stack));
    return new CustomResourceFunction(stack);
  }

  public readonly arn: string;
  private readonly role: iam.Role;
  private readonly policies = new Map<Construct, ServicePolicy>();
  private policyCharacters = 0;
  private drainingPolicy?: iam.Policy;

  private constructor(stack: Stack) {
    super(stack, FUNCTION_ID);
    const logGroup = new logs.LogGroup(this, 'LogGroup', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { DescribeServicesAndLog: policy(logGroup) },
    });
    suppressDescribeFinding(this.role);
    // An L1: the L2 adds a dependency on the role, which the reference to the role implies.
    const resourceOfFunction = new lambda.CfnFunction(this, 'Function', {
      description: 'Custom resources of VPC endpoint services',
      runtime: 'python3.13',
      handler: 'index.handler',
      code: { zipFile: inlineCode() },
      role: this.role.roleArn,
      loggingConfig: { logGroup: logGroup.logGroupName },
      memorySize: 256,
      timeout: SECONDS,
    });
    suppressNagRule(resourceOfFunction, 'AwsSolutions-L1', {
      reason: 'Not every partition has a newer runtime',
    });
    this.arn = resourceOfFunction.attrArn;
  }

  /**
   * Allow the function actions on a service. Let the custom resource depend on the policy.
   *
   * Each service has a policy of its own: a shared one would make every custom resource wait for the
   * resources of all services.
   */
  public allow(
    service: Construct,
    { actions, serviceArn }: { actions: string[]; serviceArn: string },
  ): iam.Policy {
    this.policyCharacters += charactersOf(actions);
    const existing = this.policies.get(service);
    if (existing) {
      existing.statement.addActions(...actions);
      return existing.policy;
    }
    this.policyCharacters += POLICY_CHARACTERS;
    const statement = new iam.PolicyStatement({ actions, resources: [serviceArn] });
    const policy = new iam.Policy(service, POLICY_ID, { statements: [statement] });
    // Attached with its statement: `iam.Role.customizeRoles()` reports it, and `roles: [...]` would
    // attach an empty policy.
    this.role.attachInlinePolicy(policy);
    this.policies.set(service, { policy, statement });
    return policy;
  }

  /**
   * Allow the function to read all connections and the template of its own stack.
   *
   * The policy is a resource of its own: without it in the template, it is deleted after the custom
   * resources that depend on it. The permissions of the role would be removed before.
   */
  public allowDraining(): iam.Policy {
    if (!this.drainingPolicy) {
      this.drainingPolicy = new iam.Policy(this, DRAINING_POLICY_ID, {
        statements: [
          // EC2 supports no resource-level permissions for this action.
          new iam.PolicyStatement({
            actions: ['ec2:DescribeVpcEndpointConnections'],
            resources: ['*'],
          }),
          new iam.PolicyStatement({
            actions: ['cloudformation:DescribeStacks', 'cloudformation:GetTemplate'],
            resources: [Aws.STACK_ID],
          }),
        ],
      });
      suppressDescribeFinding(this.drainingPolicy);
      this.role.attachInlinePolicy(this.drainingPolicy);
      this.policyCharacters += DRAINING_CHARACTERS;
    }
    return this.drainingPolicy;
  }

  /** Return whether a custom resource of the stack drains a service. */
  public get drains(): boolean {
    return this.drainingPolicy !== undefined;
  }

  /** Return whether a service has a policy. */
  public hasPolicy(service: Construct): boolean {
    return this.policies.has(service);
  }

  /** The characters that all policies of services need at most. */
  public get usedCharacters(): number {
    return this.policyCharacters;
  }
}

/**
 * Check that the function of a stack can be allowed more actions on a service.
 *
 * @param drains `true` if the service also needs `allowDraining()`.
 */
export function validatePermissions(
  argument: string,
  actions: string[],
  service: Construct,
  { drains = false } = {},
): void {
  const existing = find(service);
  if (!existing?.hasPolicy(service) && service.node.tryFindChild(POLICY_ID)) {
    throw takenId(service, POLICY_ID, service);
  }
  const draining = drains && !existing?.drains ? DRAINING_CHARACTERS : 0;
  const used = (existing?.usedCharacters ?? 0) + draining;
  if (used + POLICY_CHARACTERS + charactersOf(actions) > MAX_POLICY_CHARACTERS) {
    throw new PrivateLinkValueError(
      argument,
      'must need permissions for which the IAM role of the stack has room, because all ' +
        'constructs of this library in the stack share it',
      {
        got: code(`${used.toString()} characters of policies before`),
        fix: 'move the service into another stack',
        scope: service,
      },
    );
  }
}

function find(scope: IConstruct): CustomResourceFunction | undefined {
  const found = Stack.of(scope).node.tryFindChild(FUNCTION_ID);
  if (found && !(found instanceof CustomResourceFunction)) {
    throw takenId(Stack.of(scope), FUNCTION_ID, scope);
  }
  return found;
}

/** Suppress the finding of cdk-nag for actions of EC2 that know no resources. */
function suppressDescribeFinding(construct: iam.Role | iam.Policy): void {
  const resource = construct.node.defaultChild;
  // With `iam.Role.customizeRoles()`, roles and policies are not in the template.
  if (resource && CfnResource.isCfnResource(resource)) {
    suppressNagRule(resource, 'AwsSolutions-IAM5', {
      finding: 'Resource::*',
      // Users can add statements to a role. A policy has only statements of this library.
      suppressesAll: construct instanceof iam.Policy,
      reason: 'The action has no resource-level permissions',
    });
  }
}

/** Return the code without comments, with one space per level of indentation. */
function inlineCode(): string {
  return readFileSync(CODE, 'utf-8')
    .replaceAll('\n\n\n', '\n\n')
    .replace(/^ *#.*\n| {2}# noqa.*$/gm, '')
    .replace(/^(?: {4})+/gm, (indent) => ' '.repeat(indent.length / 4));
}

// With the quotes and the comma.
function charactersOf(actions: string[]): number {
  return actions.reduce((sum, action) => sum + action.length + 3, 0);
}

/** Return an error if the user has removed the function that custom resources need. */
function findRemoval(stack: Stack): PrivateLinkValueError | undefined {
  const user = stack.node.tryFindChild(FUNCTION_ID)
    ? undefined
    : stack.node
        .findAll()
        .filter((each) => CfnResource.isCfnResource(each))
        .find((each) => CUSTOM_RESOURCE_TYPES.includes(each.cfnResourceType));
  return (
    user &&
    new PrivateLinkValueError('scope', 'must keep the function of this library', {
      got: `${code(user.node.path)} without ${code(`${stack.node.path}/${FUNCTION_ID}`)}`,
      fix: 'remove the construct that needs the function, too',
      scope: stack,
    })
  );
}

function policy(logGroup: logs.LogGroup): iam.PolicyDocument {
  return new iam.PolicyDocument({
    statements: [
      // EC2 supports no resource-level permissions for this action.
      new iam.PolicyStatement({
        actions: ['ec2:DescribeVpcEndpointServiceConfigurations'],
        resources: ['*'],
      }),
      // The wildcard at the end of the ARN stands for the streams of this log group.
      new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    ],
  });
}
