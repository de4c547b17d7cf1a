"""The acceptance of endpoints by their own stack.

In the template, this code follows the one of `custom_resources.py`, whose names it uses.
"""

from typing import Any

from cdk_privatelink.custom_resources.handlers.custom_resources import (
    _ACTIONS,
    _ENDED,
    PermanentError,
    RetryableError,
    _get_text,
    _poll,
)


def _accept(create_client: Any, properties: Any, seconds: float) -> dict[str, Any]:
    """Accept endpoints, wait until they are available, and switch on their private DNS name."""
    service_id = _get_text(properties, 'ServiceId')
    region = _get_text(properties, 'ServiceRegion')
    ids = properties.get('VpcEndpointIds')
    if not ids:
        # Without ids, EC2 would return all endpoints of the account.
        raise PermanentError(
            'Check the properties of this resource in the template: '
            f'VpcEndpointIds must be a non-empty list, got {ids!r}'
        )
    ec2, provider = create_client('ec2'), create_client('ec2', region_name=region)

    def accept_once() -> None:
        endpoints = ec2.describe_vpc_endpoints(VpcEndpointIds=ids)['VpcEndpoints']
        # EC2 documents another case than it returns.
        states = {each['VpcEndpointId']: each['State'].lower() for each in endpoints}
        ended = {key: state for key, state in states.items() if state in _ENDED}
        if ended and properties.get('RequestType') == 'Update':
            # A failure would fail the rollback, too, which is an update of the same endpoints.
            print(f'The endpoints are not accepted again: {ended}')
            return
        if ended:
            raise PermanentError(
                f'The endpoints do not wait for acceptance: {ended}. Check who rejected or deleted '
                'them, and create the endpoints again'
            )
        failures = []
        waiting = [key for key, state in states.items() if state == 'pendingacceptance']
        if waiting:
            response = provider.accept_vpc_endpoint_connections(
                ServiceId=service_id, VpcEndpointIds=waiting
            )
            failures = response.get('Unsuccessful', [])
        if set(states.values()) != {'available'}:
            raise RetryableError(
                f'the states are {states} {failures}',
                f'that {service_id} is a service of this account in {region}',
            )
        if properties.get('PrivateDnsEnabled') == 'true':
            _enable_private_dns(ec2, endpoints, service_id)

    _poll(seconds, accept_once, f'The connections of {", ".join(ids)} were not accepted in time')
    print(f'{", ".join(ids)} are connected to {service_id}')
    return {}


def _enable_private_dns(ec2: Any, endpoints: Any, service_id: str) -> None:
    disabled = [each['VpcEndpointId'] for each in endpoints if not each.get('PrivateDnsEnabled')]
    for each in disabled:
        # The endpoint is pending again until the name resolves to it.
        ec2.modify_vpc_endpoint(VpcEndpointId=each, PrivateDnsEnabled=True)
    if disabled:
        raise RetryableError(
            f'private DNS of {disabled} is being enabled',
            f'that the private DNS name of {service_id} is verified',
        )


_ACTIONS['Custom::PrivateLinkAcceptance'] = _accept
