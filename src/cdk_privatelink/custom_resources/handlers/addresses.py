"""The private addresses of an endpoint.

In the template, this code follows the one of `custom_resources.py`, whose names it uses.
"""

from typing import Any

from cdk_privatelink.custom_resources.handlers.custom_resources import (
    _ACTIONS,
    _LOOKUP_SECONDS,
    PermanentError,
    RetryableError,
    _poll,
)


def _read_addresses(create_client: Any, properties: Any, seconds: float) -> dict[str, Any]:
    """Return the addresses of network interfaces, in the order of their subnets."""
    ids, subnets = properties.get('NetworkInterfaceIds'), properties.get('SubnetIds')
    if not ids or not subnets:
        # Without ids, EC2 would return all network interfaces of the account.
        raise PermanentError(
            'Check that EC2 has created the network interfaces of the endpoint: '
            f'NetworkInterfaceIds is {ids!r} in the subnets {subnets!r}'
        )
    ec2 = create_client('ec2')

    def read_once() -> dict[str, Any]:
        found = ec2.describe_network_interfaces(NetworkInterfaceIds=ids)['NetworkInterfaces']
        interfaces = {each['SubnetId']: each for each in found}
        missing = [each for each in subnets if each not in interfaces]
        if missing:
            raise RetryableError(
                f'no network interface in {missing}', 'the network interfaces of the endpoint'
            )
        ordered = [interfaces[each] for each in subnets]
        return {
            'PrivateIpAddresses': ','.join(each.get('PrivateIpAddress', '') for each in ordered),
            'Ipv6Addresses': ','.join(
                next((each['Ipv6Address'] for each in interface.get('Ipv6Addresses', [])), '')
                for interface in ordered
            ),
        }

    failure = f'The network interfaces {", ".join(ids)} were not found in time'
    addresses: dict[str, Any] = _poll(min(seconds, _LOOKUP_SECONDS), read_once, failure)
    return addresses


_ACTIONS['Custom::PrivateLinkAddresses'] = _read_addresses
