import { Aspects, CfnResource, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';
import { isSingleUnknown } from './tokens';

/**
 * Give all resources of a construct the logical ids that they had at another path.
 *
 * An aspect, since resources can be added after the call.
 */
export function keepLogicalIds(construct: Construct, formerPath: string): void {
  if (!isSingleUnknown(formerPath) && !/^[^/]+(\/[^/]+)*$/.test(formerPath)) {
    throw new PrivateLinkValueError('formerPath', 'must be the path of a construct in its stack', {
      got: code(formerPath),
      fix: 'pass the ids from the stack to the construct, like `Payments` or `Api/Payments`',
      scope: construct,
    });
  }
  const depth = construct.node.scopes.length;
  Aspects.of(construct).add({
    visit: (node) => {
      if (CfnResource.isCfnResource(node)) {
        const below = node.node.scopes.slice(depth).map((each) => each.node.id);
        node.overrideLogicalId(logicalId([...formerPath.split('/'), ...below]));
      }
    },
  });
}

/** Return the logical id that the CDK gives to a resource at a path in a stack. */
function logicalId(path: string[]): string {
  const stack = new Stack();
  const parent = path
    .slice(0, -1)
    .reduce<Construct>((scope, id) => new Construct(scope, id), stack);
  const resource = new CfnResource(parent, path[path.length - 1] ?? '', {
    type: 'AWS::EC2::VPCEndpointService',
  });
  return stack.getLogicalId(resource);
}
