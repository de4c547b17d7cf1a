import { Lazy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { addFinalCheck } from './end-of-synthesis';
import { referencedResource } from './tokens';
import { addWarning } from './warnings';

// The address of the only outbound rule of a group with `allowAllOutbound: false`.
const NOWHERE = '255.255.255.255/32';

// EC2 evaluates security groups of Network Load Balancers for traffic from endpoints.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html

/**
 * Switch the evaluation off, if the load balancer has security groups after synthesis.
 *
 * AWS rejects the property for a load balancer without security groups.
 */
export function stopEnforcement(loadBalancer: elbv2.CfnLoadBalancer): void {
  loadBalancer.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic = Lazy.uncachedString({
    produce: () => (hasSecurityGroups(loadBalancer) ? 'off' : undefined),
  });
}

/** Add a warning at the end of synthesis if no security group has an ingress rule. */
export function warnOfMissingRules(loadBalancer: elbv2.CfnLoadBalancer, service: IConstruct): void {
  addFinalCheck(loadBalancer, () => {
    if (isEnforced(loadBalancer) && admitsNoOne(loadBalancer)) {
      addWarning(
        service,
        'cdk-privatelink:noIngressRule',
        'No security group of the load balancer ' +
          `\`${loadBalancer.node.path.replace(/\/Resource$/, '')}\` has an ingress rule, so the ` +
          'load balancer drops all traffic from consumers. Allow the IP addresses of the ' +
          'consumers, or pass `enforceSecurityGroups: false` to `LoadBalancers`.',
      );
    }
  });
}

/**
 * Add a warning at the end of synthesis if no security group has an egress rule.
 *
 * Health checks need outbound rules, also if the inbound rules are not evaluated.
 */
export function warnOfMissingEgress(
  loadBalancer: elbv2.CfnLoadBalancer,
  service: IConstruct,
): void {
  addFinalCheck(loadBalancer, () => {
    const groups = findGroups(loadBalancer);
    if (groups.length > 0 && !groups.some(hasEgressRule)) {
      addWarning(
        service,
        'cdk-privatelink:noEgressRule',
        'No security group of the load balancer ' +
          `\`${loadBalancer.node.path.replace(/\/Resource$/, '')}\` has an egress rule, so the ` +
          'load balancer reaches no target. Allow the targets: ' +
          '`loadBalancer.connections.allowTo(...)`.',
      );
    }
  });
}

function hasEgressRule(group: ec2.CfnSecurityGroup): boolean {
  const stack = Stack.of(group);
  const rules: unknown = stack.resolve(group.securityGroupEgress);
  // Without the property, EC2 allows everything. The CDK has a rule that allows nothing.
  const allowsMore =
    !Array.isArray(rules) || rules.some((rule: { cidrIp?: unknown }) => rule.cidrIp !== NOWHERE);
  return allowsMore || hasSeparateRule(group, ec2.CfnSecurityGroupEgress);
}

/**
 * Return whether a rule that is its own resource belongs to the group.
 *
 * The rule may be anywhere in the app, depending on its peer and on how the user defines it.
 */
function hasSeparateRule(
  group: ec2.CfnSecurityGroup,
  ruleType: typeof ec2.CfnSecurityGroupIngress | typeof ec2.CfnSecurityGroupEgress,
): boolean {
  const stack = Stack.of(group);
  const ids = [group.attrGroupId, group.ref].map((id) => JSON.stringify(stack.resolve(id)));
  return group.node.root.node
    .findAll()
    .some(
      (each) =>
        each instanceof ruleType &&
        ids.includes(JSON.stringify(Stack.of(each).resolve(each.groupId))),
    );
}

function isEnforced(loadBalancer: elbv2.CfnLoadBalancer): boolean {
  const value: unknown = Stack.of(loadBalancer).resolve(
    loadBalancer.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic,
  );
  return value === undefined || value === 'on';
}

function admitsNoOne(loadBalancer: elbv2.CfnLoadBalancer): boolean {
  if (!hasSecurityGroups(loadBalancer)) {
    return false;
  }
  const groups = findGroups(loadBalancer);
  return groups.length > 0 && !groups.some(hasIngressRule);
}

/** Return the security groups, or nothing if the app does not define all of them. */
function findGroups(loadBalancer: elbv2.CfnLoadBalancer): ec2.CfnSecurityGroup[] {
  const parent = loadBalancer.node.scope;
  const groups =
    parent instanceof elbv2.NetworkLoadBalancer
      ? parent.connections.securityGroups.map((each) => each.node.defaultChild)
      : // An L1 has ids of security groups, mostly tokens of groups in the app.
        (loadBalancer.securityGroups ?? []).map(referencedResource);
  const known = groups.filter((each) => each instanceof ec2.CfnSecurityGroup);
  return known.length === groups.length ? known : [];
}

function hasSecurityGroups(loadBalancer: elbv2.CfnLoadBalancer): boolean {
  const groups: unknown = Stack.of(loadBalancer).resolve(loadBalancer.securityGroups);
  return Array.isArray(groups) ? groups.length > 0 : groups !== undefined;
}

function hasIngressRule(group: ec2.CfnSecurityGroup): boolean {
  const inline: unknown = Stack.of(group).resolve(group.securityGroupIngress);
  const hasInlineRule = Array.isArray(inline) && inline.length > 0;
  return hasInlineRule || hasSeparateRule(group, ec2.CfnSecurityGroupIngress);
}
