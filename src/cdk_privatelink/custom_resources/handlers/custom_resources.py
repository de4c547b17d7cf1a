"""Custom resources of VPC endpoint services on AWS Lambda.

Never log the event: anybody who has its ResponseURL can send a response.
"""

import json
import signal
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

# Reserved for the response to CloudFormation.
_RESPONSE_SECONDS = 60
_MAX_INTERVAL = 10
# For a lookup that changes nothing.
_LOOKUP_SECONDS = 120
# CloudFormation rejects a longer response.
_MAX_BYTES = 4096
# EC2 documents no maximum for endpoints, and 50 for attachments of transit gateways.
_BATCH = 50
_ENDED = ('deleting', 'deleted', 'rejected', 'failed', 'expired')


Json = dict[str, Any]


class PermanentError(Exception):
    """A failure that another attempt cannot fix."""


class RetryableError(Exception):
    """A state of EC2 that may change with time."""

    def __init__(self, state: str, check: str) -> None:
        """Store the state, and the words that follow "Check" in a reason."""
        super().__init__(state)
        self.check = check


class DeadlineExceeded(BaseException):
    """The end of the time limit. botocore would retry after an `Exception`."""


def _look_up(create_client: Any, properties: Any, seconds: float) -> Json:
    """Return the name of a service, and other attributes that EC2 assigns."""
    service_id = _get_text(properties, 'ServiceId')
    ec2 = create_client('ec2')
    zones = set(properties.get('AvailabilityZones') or ())
    if not zones:
        seconds = min(seconds, _LOOKUP_SECONDS)

    def get_available_service() -> Json:
        service = _describe(ec2, service_id)
        state = service.get('ServiceState')
        message = f'state of {service_id} is {state}'
        if state in ('Failed', 'Deleting', 'Deleted'):
            raise PermanentError(
                f'The {message}. Check the events of the stack, and create the service again'
            )
        if state != 'Available':
            raise RetryableError(f'the {message}', 'whether its load balancers are active')
        missing = zones - set(service.get('AvailabilityZones', []))
        if missing:
            # EC2 reads the zones of the load balancers again. A new zone needs some minutes.
            ec2.modify_vpc_endpoint_service_configuration(ServiceId=service_id)
            raise RetryableError(
                f'{service_id} is not available in {", ".join(sorted(missing))}',
                'whether its load balancers are active in these zones',
            )
        return service

    failure = f'{service_id} did not become available in {ec2.meta.region_name} in time'
    service = _poll(seconds, get_available_service, failure)
    print(f'{service_id} is named {service["ServiceName"]}')
    return {
        'ServiceName': service['ServiceName'],
        # CloudFormation supports no lists as attributes of custom resources.
        'AvailabilityZones': ','.join(service.get('AvailabilityZones', [])),
        'AvailabilityZoneIds': ','.join(service.get('AvailabilityZoneIds', [])),
        'BaseEndpointDnsNames': ','.join(service.get('BaseEndpointDnsNames', [])),
    }


def _verify(create_client: Any, properties: Any, seconds: float) -> Json:
    """Wait until EC2 has verified the private DNS name of a service."""
    ec2 = create_client('ec2')
    service_id = _get_text(properties, 'ServiceId')
    domain_name = _get_text(properties, 'DomainName')
    started = False

    def verify_once() -> None:
        nonlocal started
        service = _describe(ec2, service_id)
        name, record = service.get('PrivateDnsName'), service.get('PrivateDnsNameConfiguration')
        if name != domain_name or not record:
            found = f'the {record.get("Type")} record {record.get("Name")}' if record else 'none'
            raise RetryableError(
                f'the private DNS name of {service_id} is {name}, its verification record {found}',
                'whether something other than this stack changes it',
            )
        state = record.get('State')
        if state == 'verified':
            return
        # EC2 fails when it queries the record before all name servers have it.
        if state == 'failed' or not started:
            ec2.start_vpc_endpoint_service_private_dns_verification(ServiceId=service_id)
            started = True
        raise RetryableError(
            f'the state of {domain_name} is {state}',
            f'that public DNS has a {record.get("Type")} record '
            f'{record.get("Name")}.{domain_name.removeprefix("*.")} with {record.get("Value")}',
        )

    region = ec2.meta.region_name
    failure = f'{domain_name} of {service_id} in {region} was not verified in time'
    _poll(seconds, verify_once, failure)
    print(f'{domain_name} of {service_id} is verified')
    return {}


def _apply_rules(create_client: Any, properties: Any, seconds: float) -> Json:
    """Run a connection manager until the rules of this deployment are in force."""
    function, manager, version = (
        _get_text(properties, name) for name in ('Function', 'Manager', 'Version')
    )
    # A run may take as long as the function of the managers.
    client = create_client('lambda', read_timeout=310)

    def run_once() -> None:
        response = client.invoke(
            FunctionName=function, Payload=json.dumps({'Manager': manager}).encode()
        )
        result = json.loads(response['Payload'].read())
        check = f'the log of the function {function}'
        if 'FunctionError' in response:
            raise RetryableError(f'{result.get("errorMessage")}', check)
        if result['Version'] != version or not result['Complete']:
            raise RetryableError('the run is not complete', check)
        # In an update, the same failures would fail the rollback, too. An alarm shows them.
        if result['Failed'] and properties['RequestType'] == 'Create':
            raise RetryableError('changes or tables failed', check)

    failure = f'The rules of {manager} were not in force in time'
    _poll(seconds, run_once, failure, service='Lambda')
    return {}


def _drain(create_client: Any, event: Json, seconds: float) -> None:
    """Reject all connections of a service that is going to be deleted."""
    properties = event.get('ResourceProperties')
    service_id = _get_text(properties, 'ServiceId')
    cloudformation, ec2 = create_client('cloudformation'), create_client('ec2')

    def drain_once() -> None:
        if not _is_deleted(cloudformation, event['StackId'], properties):
            print(f'{service_id} stays, with its connections')
            return
        # The deletion of the permissions came first, so that no new requests arrive.
        connections = _find_connections(ec2, service_id)
        if connections:
            failures = _reject(ec2, service_id, connections)
            print(f'{service_id}: rejected {connections}, except {failures}')
            raise RetryableError(
                f'{connections} {failures}', 'these connections, reject them, and delete it again'
            )

    _poll(seconds, drain_once, f'The connections of {service_id} were not rejected in time')


def _is_deleted(cloudformation: Any, stack_id: str, properties: Any) -> bool:
    """Return whether the service is deleted, too."""
    # An update may remove this resource only, or be rolled back after it added this resource.
    (stack,) = cloudformation.describe_stacks(StackName=stack_id)['Stacks']
    template = cloudformation.get_template(StackName=stack_id)['TemplateBody']
    # A template in YAML is a string.
    resources: Any = template if isinstance(template, str) else template['Resources']
    logical_id = _get_text(properties, 'LogicalId')
    policy = properties.get('DeletionPolicy')
    if isinstance(resources, dict):
        # Escape hatches can set another policy than the one that synthesis knows.
        policy = resources.get(logical_id, {}).get('DeletionPolicy', policy)
    status = stack['StackStatus']
    if policy == 'Retain' or (policy == 'RetainExceptOnCreate' and 'ROLLBACK' not in status):
        return False
    return status in ('DELETE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS') or logical_id not in resources


def _find_connections(ec2: Any, service_id: str) -> Json:
    pages = ec2.get_paginator('describe_vpc_endpoint_connections').paginate(
        Filters=[{'Name': 'service-id', 'Values': [service_id]}]
    )
    return {
        each.get('TransitGatewayAttachmentId') or each['VpcEndpointId']: each['VpcEndpointState']
        for page in pages
        for each in page['VpcEndpointConnections']
        # EC2 documents another case than it returns.
        if each['VpcEndpointState'].lower() not in _ENDED
    }


def _reject(ec2: Any, service_id: str, ids: Iterable[str]) -> list[Any]:
    failures = []
    # EC2 accepts one kind of ids in a call. The next attempt reads the ids again, so that one id
    # that does not exist any more disturbs the others for a moment only.
    kinds = {
        'VpcEndpointIds': [each for each in ids if each.startswith('vpce-')],
        'TransitGatewayAttachmentIds': [each for each in ids if not each.startswith('vpce-')],
    }
    for kind, matches in kinds.items():
        for start in range(0, len(matches), _BATCH):
            # EC2 requires the list of endpoints, even if it is empty.
            arguments = {'VpcEndpointIds': [], kind: matches[start : start + _BATCH]}
            response = ec2.reject_vpc_endpoint_connections(ServiceId=service_id, **arguments)
            failures += response.get('Unsuccessful', [])
    return failures


def _get_text(properties: Any, name: str) -> str:
    value = properties.get(name) if isinstance(properties, dict) else None
    if not isinstance(value, str) or not value:
        raise PermanentError(
            'Check the properties of this resource in the template: '
            f'{name} must be a non-empty string, got {value!r}'
        )
    return value


def _describe(ec2: Any, service_id: str) -> Json:
    # An empty page may not be the last one.
    pages = ec2.get_paginator('describe_vpc_endpoint_service_configurations')
    service: Json
    for page in pages.paginate(ServiceIds=[service_id]):
        for service in page.get('ServiceConfigurations', []):
            if service.get('ServiceId') == service_id and service.get('ServiceName'):
                return service
    raise RetryableError(
        f'DescribeVpcEndpointServiceConfigurations returned no service {service_id}',
        'that it exists in this account and Region',
    )


def _poll(seconds: float, attempt: Callable[[], Any], failure: str, *, service: str = 'EC2') -> Any:
    """Return the result of the first attempt that succeeds in time."""
    last_error: Exception = TimeoutError('none')
    interval = 1
    end = time.monotonic() + seconds
    try:
        with _deadline(seconds):
            while time.monotonic() < end:
                try:
                    return attempt()
                except PermanentError:
                    raise
                except Exception as error:
                    # EC2 is eventually consistent, and its outages end.
                    last_error = error
                time.sleep(interval)
                interval = min(interval * 2, _MAX_INTERVAL)
        raise DeadlineExceeded
    except DeadlineExceeded:
        # The check comes first, because a long reason is cut off.
        raise PermanentError(
            f'{failure}. Check {_get_check(last_error, service)}. '
            f'Last response from {service}: {last_error}'
        ) from None


def _get_check(error: Exception, service: str) -> str:
    if isinstance(error, RetryableError):
        return error.check
    # A `ClientError` of botocore has the response of EC2.
    response = getattr(error, 'response', None)
    code = response.get('Error', {}).get('Code', '') if isinstance(response, dict) else ''
    if code in ('UnauthorizedOperation', 'AccessDenied', 'AccessDeniedException'):
        return (
            "the permissions of this function's role, its permissions boundary and service control "
            'policies'
        )
    if code.endswith('.NotFound'):
        return 'that it exists in this account and Region'
    return f'the health of {service} in this Region, and deploy again'


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Interrupt the block, even while it receives a slow response."""

    def interrupt(*_: object) -> None:
        raise DeadlineExceeded

    if threading.current_thread() is not threading.main_thread():
        # Python supports signals in the main thread only. Sockets and loops have limits, too.
        yield
        return
    signal.signal(signal.SIGALRM, interrupt)
    # Repeated every second, because Python discards exceptions that a `__del__` raises.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


_DRAINING = 'Custom::PrivateLinkDraining'
_ACTIONS: Json = {
    'Custom::PrivateLinkServiceName': _look_up,
    'Custom::PrivateLinkPrivateDnsVerification': _verify,
    'Custom::PrivateLinkConnectionRules': _apply_rules,
    # Nothing, until it is deleted.
    _DRAINING: lambda *_: {},
}


def handler(event: Json, context: Any) -> None:
    """Send exactly one response to CloudFormation, even if the action fails."""
    request_type = event.get('RequestType')
    response = {
        'StackId': event.get('StackId'),
        'RequestId': event.get('RequestId'),
        'LogicalResourceId': event.get('LogicalResourceId'),
        'PhysicalResourceId': event.get('PhysicalResourceId') or event.get('LogicalResourceId'),
        'Status': 'SUCCESS',
        'Reason': '',
    }
    try:
        if request_type in ('Create', 'Update'):
            properties: Any = event.get('ResourceProperties')
            if isinstance(properties, dict):
                properties['RequestType'] = request_type
            action = _get_action(event.get('ResourceType'))
            create_client = _import_sdk()
            # Read after the import, which takes seconds in a new environment.
            seconds = max(_seconds_left(context) - _RESPONSE_SECONDS, 1)
            response['Data'] = action(create_client, properties, seconds)
            # The same id for the same subject, so that CloudFormation replaces nothing.
            response['PhysicalResourceId'] = properties.get('ServiceId') or properties['Manager']
        elif request_type != 'Delete':
            raise PermanentError(
                'Check what invoked this function: the request type must be Create, Update or '
                f'Delete, got {request_type!r}'
            )
        elif event.get('ResourceType') == _DRAINING:
            create_client = _import_sdk()
            _drain(create_client, event, max(_seconds_left(context) - _RESPONSE_SECONDS, 1))
        # The other types have nothing to delete: their actions create no resource.
    except PermanentError as error:
        response |= {'Status': 'FAILED', 'Reason': f'{error}'}
    except Exception as error:
        # With its class, because the message of an unexpected error may be empty.
        response |= {'Status': 'FAILED', 'Reason': f'Check the code of this function: {error!r}'}
    print(f'{request_type}: {response["Status"]} {response["Reason"]}')
    _send(event['ResponseURL'], _encode(response), context)


def _get_action(resource_type: Any) -> Any:
    action = _ACTIONS.get(resource_type)
    if action is None:
        raise PermanentError(
            'Check what invoked this function: the resource type must be one of '
            f'{", ".join(_ACTIONS)}, got {resource_type!r}'
        )
    return action


def _import_sdk() -> Any:
    # Imported here, so that a failing import sends a response, and a deletion needs none.
    import boto3
    from botocore.config import Config

    def create_client(service: str, read_timeout: int = 10, **options: Any) -> Any:
        config = Config(connect_timeout=5, read_timeout=read_timeout, retries={'mode': 'standard'})
        create: Any = boto3.client
        return create(service, config=config, **options)

    return create_client


def _encode(response: Json) -> bytes:
    body = json.dumps(response).encode()
    if len(body) > _MAX_BYTES and response.pop('Data', None):
        response |= {
            'Status': 'FAILED',
            'Reason': 'Check with AWS Support: EC2 returned more than CloudFormation accepts',
        }
    while len(body := json.dumps(response).encode()) > _MAX_BYTES and response['Reason']:
        response['Reason'] = response['Reason'][: len(response['Reason']) * 3 // 4]
    return body


# Follows the redirects of a PUT, as Amazon S3 sends them. urllib follows those of a GET.
class _Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, *details: Any, **_: Any) -> Any:
        _, code, _, _, url = details
        # The others turn a PUT into a GET, which delivers nothing.
        return _put(url, req.data) if code in (307, 308) else None


def _put(url: str, body: Any) -> urllib.request.Request:
    # CloudFormation signs the URL for an empty content type.
    return urllib.request.Request(url, body, {'Content-Type': ''}, method='PUT')  # noqa: S310


def _send(url: str, body: bytes, context: Any) -> None:
    while (seconds := _seconds_left(context)) > 5:
        try:
            # Enough for a slow receiver, and short enough for a retry.
            timeout = min(30, seconds / 2)
            with _deadline(timeout):
                opener = urllib.request.build_opener(_Redirects)
                opener.open(_put(url, body), timeout=timeout).close()
            return
        except (Exception, DeadlineExceeded) as error:
            # Only the class of the error, because its message may contain the URL.
            print(f'CloudFormation did not accept the response: {type(error).__name__}')
        time.sleep(2)
    raise RuntimeError('CloudFormation received no response')


def _seconds_left(context: Any) -> float:
    return float(context.get_remaining_time_in_millis()) / 1000
