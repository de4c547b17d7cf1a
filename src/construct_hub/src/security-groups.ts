import { Annotations, AspectPriority, Aspects, IAspect, Lazy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';

// EC2 evaluates security groups of Network Load Balancers for traffic from endpoints.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
const WARNING_ID = 'cdk-privatelink:noIngressRule';

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
  Aspects.of(loadBalancer).add(new IngressRuleWarning(loadBalancer, service), {
    priority: AspectPriority.READONLY,
  });
}

/** An aspect, since rules can be added after the service. */
class IngressRuleWarning implements IAspect {
  public constructor(
    private readonly loadBalancer: elbv2.CfnLoadBalancer,
    private readonly service: IConstruct,
  ) {}

  public visit(): void {
    if (this.isEnforced() && this.admitsNoOne()) {
      Annotations.of(this.service).addWarningV2(
        WARNING_ID,
        'No security group of the load balancer ' +
          `\`${this.loadBalancer.node.path.replace(/\/Resource$/, '')}\` has an ingress rule, ` +
          'so the load balancer drops all traffic from consumers. Allow the IP addresses of the ' +
          'consumers, or pass `enforceSecurityGroups: false` to `LoadBalancers`. If this is ' +
          'intended, acknowledge the warning: ' +
          `\`Annotations.of(service).acknowledgeWarning("${WARNING_ID}")\`.`,
      );
    }
  }

  private isEnforced(): boolean {
    const value: unknown = Stack.of(this.loadBalancer).resolve(
      this.loadBalancer.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic,
    );
    return value === undefined || value === 'on';
  }

  private admitsNoOne(): boolean {
    if (!hasSecurityGroups(this.loadBalancer)) {
      return false;
    }
    const groups = this.findGroups();
    return groups.length > 0 && !groups.some(hasIngressRule);
  }

  /** Return the security groups, or nothing if the app does not define all of them. */
  private findGroups(): ec2.CfnSecurityGroup[] {
    const parent = this.loadBalancer.node.scope;
    if (!(parent instanceof elbv2.NetworkLoadBalancer)) {
      // An L1 has ids of security groups, which may be tokens of any kind.
      return [];
    }
    const groups = parent.connections.securityGroups.map((each) => each.node.defaultChild);
    const known = groups.filter((each) => each instanceof ec2.CfnSecurityGroup);
    return known.length === groups.length ? known : [];
  }
}

function hasSecurityGroups(loadBalancer: elbv2.CfnLoadBalancer): boolean {
  const groups: unknown = Stack.of(loadBalancer).resolve(loadBalancer.securityGroups);
  return Array.isArray(groups) ? groups.length > 0 : groups !== undefined;
}

function hasIngressRule(group: ec2.CfnSecurityGroup): boolean {
  const stack = Stack.of(group);
  const inline: unknown = stack.resolve(group.securityGroupIngress);
  if (Array.isArray(inline) && inline.length > 0) {
    return true;
  }
  const ids = [group.attrGroupId, group.ref].map((id) => JSON.stringify(stack.resolve(id)));
  // The rule may be anywhere in the app, depending on its peer and on how the user defines it.
  return group.node.root.node
    .findAll()
    .some(
      (each) =>
        each instanceof ec2.CfnSecurityGroupIngress &&
        ids.includes(JSON.stringify(Stack.of(each).resolve(each.groupId))),
    );
}
