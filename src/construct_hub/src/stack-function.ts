import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';
import { justify } from './justifications';

// The Python edition's own file, which the build puts there.
const CODE = join(__dirname, '..', 'handlers', 'endpoint_service.py');

interface StackFunctionProps {
  readonly handler: string;
  readonly description: string;
  readonly timeoutSeconds: number;
}

/** A Lambda function that a stack has at most one of, with its code inline in the template. */
export class StackFunction extends Construct {
  /** Find the stack's function of this id, or make it. */
  public static of(scope: IConstruct, id: string, props: StackFunctionProps): StackFunction {
    return StackFunction.find(scope, id) ?? new StackFunction(Stack.of(scope), id, props);
  }

  /** Find the stack's function of this id. */
  public static find(scope: IConstruct, id: string): StackFunction | undefined {
    const found = Stack.of(scope).node.tryFindChild(id);
    if (found && !(found instanceof StackFunction)) {
      throw new PrivateLinkValueError(
        'scope',
        'is in a stack where an id of this library is taken',
        { got: code(found.node.path), fix: 'give that construct another id', scope },
      );
    }
    return found;
  }

  public readonly arn: string;
  /** How many things it has been allowed besides. */
  public allowed = 0;
  private readonly role: iam.Role;

  private constructor(stack: Stack, id: string, props: StackFunctionProps) {
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
    // `iam.Role.customizeRoles()` has roles made elsewhere, and none here.
    if (resource && CfnResource.isCfnResource(resource)) {
      justify(resource, 'AwsSolutions-IAM5', {
        finding: 'Resource::*',
        reason: 'DescribeVpcEndpointServiceConfigurations knows no narrower resource than all',
      });
    }
    // An L1, since the L2 adds a dependency on the role that the reference to it already makes.
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
    justify(resourceOfFunction, 'AwsSolutions-L1', {
      reason:
        'Python 3.13 is supported, and what aws-cdk-lib gives to its own functions; ' +
        'not every partition has the newest runtime',
    });
    this.arn = resourceOfFunction.attrArn;
  }

  /**
   * Allow the function one thing more; what needs that depends on what is returned.
   *
   * A policy for each, since one for all would make everything that waits for it wait for each
   * resource in it.
   */
  public allow(
    scope: Construct,
    id: string,
    { action, resource }: { action: string; resource: string },
  ): iam.Policy {
    this.allowed += 1;
    const statement = new iam.PolicyStatement({ actions: [action], resources: [resource] });
    const allowed = new iam.Policy(scope, id, { statements: [statement] });
    // Not by `roles: [...]`, which attaches it while it is still empty: where
    // `iam.Role.customizeRoles()` has roles made elsewhere, it has to be told what is in it.
    this.role.attachInlinePolicy(allowed);
    return allowed;
  }
}

function policy(logGroup: logs.LogGroup): iam.PolicyDocument {
  return new iam.PolicyDocument({
    statements: [
      // EC2 knows no narrower resource for this action than all.
      new iam.PolicyStatement({
        actions: ['ec2:DescribeVpcEndpointServiceConfigurations'],
        resources: ['*'],
      }),
      // The wildcard at the end of the ARN stands for the streams of this one group.
      new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    ],
  });
}
