import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';
import { uniqueList } from './arguments';
import { LoadBalancers, findIpv4Only } from './load-balancers';

/** Check the IP address types with which consumers can connect. */
export function resolveIpAddressTypes(
  types: readonly ec2.IpAddressType[],
  loadBalancers: LoadBalancers,
  scope: IConstruct,
): ec2.IpAddressType[] {
  const argument = 'supportedIpAddressTypes';
  const checked = uniqueList(argument, types, scope);
  const ipv4Only = checked.includes(ec2.IpAddressType.IPV6) && findIpv4Only(loadBalancers);
  if (ipv4Only) {
    throw new PrivateLinkValueError(
      argument,
      'must not contain IPv6 unless every load balancer is dual-stack',
      {
        got: `IPv4 load balancer ${code(ipv4Only.node.path)}`,
        fix: 'make that load balancer dual-stack, or leave out `ec2.IpAddressType.IPV6`',
        scope,
      },
    );
  }
  return checked;
}
