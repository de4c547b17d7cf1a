import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';
import { checkedList } from './lists';
import { LoadBalancers, firstWithoutIpv6 } from './load-balancers';

/** Check by which kinds of IP addresses consumers may connect. */
export function checkedIpAddressTypes(
  types: readonly ec2.IpAddressType[],
  loadBalancers: LoadBalancers,
  scope: IConstruct,
): ec2.IpAddressType[] {
  const argument = 'supportedIpAddressTypes';
  const fix = 'pass `ec2.IpAddressType.IPV4`, `ec2.IpAddressType.IPV6` or both';
  const checked = checkedList(argument, types, { fix, scope });
  const without = checked.includes(ec2.IpAddressType.IPV6) && firstWithoutIpv6(loadBalancers);
  if (without) {
    throw new PrivateLinkValueError(
      argument,
      'has IPv6, for which every load balancer has to be dualstack',
      {
        got: `load balancer ${code(without.node.path)} without it`,
        fix: 'make that load balancer dualstack, or leave `ec2.IpAddressType.IPV6` out',
        scope,
      },
    );
  }
  return checked;
}
