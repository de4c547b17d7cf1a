import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct } from 'constructs';
import { addFinalValidation } from './end-of-synthesis';
import { PrivateLinkValueError, code, takenId } from './errors';
import { suppressNagRule } from './cdk-nag';

export const LOOKUP_TYPE = 'Custom::PrivateLinkServiceName';
export const VERIFICATION_TYPE = 'Custom::PrivateLinkPrivateDnsVerification';
const CUSTOM_RESOURCE_TYPES = [LOOKUP_TYPE, VERIFICATION_TYPE];

// All inline policies of a role share 10,240 characters. A policy of one service needs up to 250, and
// the other permissions of the role need about 500.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
export const MAX_POLICIES = 38;

// The build copies this file from the Python edition.
const CODE = join(__dirname, '..', 'handlers', 'endpoint_service.py');

interface SingletonFunctionProps {
  readonly handler: string;
  readonly description: string;
  readonly timeoutSeconds: number;
}

/** A Lambda function that exists at most once per stack, with its code inline in the template. */
export class SingletonFunction extends Construct {
  /** Return the function of a stack, and create it on the first call. */
  public static getOrCreate(
    scope: IConstruct,
    id: string,
    props: SingletonFunctionProps,
  ): SingletonFunction {
    const existing = SingletonFunction.find(scope, id);
    if (existing) {
      return existing;
    }
    const stack = Stack.of(scope);
    addFinalValidation(stack, () => findRemoval(stack, id));
    return new SingletonFunction(stack, id, props);
  }

  /** Return the function of a stack, or `undefined` if the stack has none yet. */
  public static find(scope: IConstruct, id: string): SingletonFunction | undefined {
    const found = Stack.of(scope).node.tryFindChild(id);
    if (found && !(found instanceof SingletonFunction)) {
      throw takenId(Stack.of(scope), id, scope);
    }
    return found;
  }

  public readonly arn: string;
  private readonly resource: lambda.CfnFunction;
  private timeoutSeconds: number;
  /** The number of policies that `addPolicy()` has added. */
  public policyCount = 0;
  private readonly role: iam.Role;

  private constructor(stack: Stack, id: string, props: SingletonFunctionProps) {
    super(stack, id);
    const logGroup = new logs.LogGroup(this, 'LogGroup', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { DescribeServicesAndLog: policy(logGroup) },
    });
    const resource = this.role.node.defaultChild;
    // With `iam.Role.customizeRoles()`, the role is not in the template.
    if (resource && CfnResource.isCfnResource(resource)) {
      suppressNagRule(resource, 'AwsSolutions-IAM5', {
        finding: 'Resource::*',
        reason:
          'ec2:DescribeVpcEndpointServiceConfigurations does not support resource-level ' +
          'permissions',
      });
    }
    // An L1: the L2 adds a dependency on the role, which the reference to the role implies.
    const resourceOfFunction = new lambda.CfnFunction(this, 'Function', {
      description: props.description,
      runtime: 'python3.13',
      handler: `index.${props.handler}`,
      code: { zipFile: readFileSync(CODE, 'utf-8') },
      role: this.role.roleArn,
      loggingConfig: { logGroup: logGroup.logGroupName },
      memorySize: 256,
      timeout: props.timeoutSeconds,
    });
    suppressNagRule(resourceOfFunction, 'AwsSolutions-L1', {
      reason:
        'Python 3.13 is supported, and aws-cdk-lib uses it for its own functions. Not every ' +
        'partition has the newest runtime',
    });
    this.arn = resourceOfFunction.attrArn;
    this.resource = resourceOfFunction;
    this.timeoutSeconds = props.timeoutSeconds;
  }

  /** Raise the timeout of the function, if it is shorter. */
  public requireTimeout(seconds: number): void {
    if (seconds > this.timeoutSeconds) {
      this.timeoutSeconds = seconds;
      this.resource.timeout = seconds;
    }
  }

  /**
   * Allow the function more actions. Let the custom resource depend on the policy.
   *
   * Each custom resource has a policy of its own: a shared one would make every custom resource wait
   * for the resources of all others.
   */
  public addPolicy(
    scope: Construct,
    id: string,
    { actions, resource }: { actions: string[]; resource: string },
  ): iam.Policy {
    this.policyCount += 1;
    const statement = new iam.PolicyStatement({ actions, resources: [resource] });
    const allowed = new iam.Policy(scope, id, { statements: [statement] });
    // Attached with its statements: `iam.Role.customizeRoles()` reports them, and `roles: [...]`
    // would attach an empty policy.
    this.role.attachInlinePolicy(allowed);
    return allowed;
  }
}

/** Return an error if the user has removed a function that custom resources need. */
function findRemoval(stack: Stack, id: string): PrivateLinkValueError | undefined {
  const user = stack.node.tryFindChild(id)
    ? undefined
    : stack.node
        .findAll()
        .filter((each) => CfnResource.isCfnResource(each))
        .find((each) => CUSTOM_RESOURCE_TYPES.includes(each.cfnResourceType));
  return (
    user &&
    new PrivateLinkValueError('scope', 'must keep the functions of this library', {
      got: `${code(user.node.path)} without ${code(`${stack.node.path}/${id}`)}`,
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
