"""A service with connections, and the APIs that the function of connection managers calls.

EC2, Systems Manager, DynamoDB and SQS are one server on loopback. Each call can be preceded by a
fault: an error, or a change that something else makes at this moment.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

SERVICE = "vpce-svc-1"
STACK_ID = "arn:aws:cloudformation:eu-west-1:111122223333:stack/Provider/an-id"
MANAGER = "Manager-Queue-1"
ACCOUNTS = [f"{number:012}" for number in range(1, 30)]
UNMATCHED_TAG, HOLD_TAG = "cdk-privatelink:unmatched-since", "cdk-privatelink:hold"
_XMLNS = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'


@dataclass
class FaultError(Exception):
    """An error of AWS."""

    code: str
    status: int = 400


@dataclass
class Connection:
    """A connection as EC2 stores it."""

    id: str
    account: str = ACCOUNTS[0]
    state: str = "pendingAcceptance"
    region: str = "eu-west-1"
    created: int = 1_000
    tags: dict[str, str] = field(default_factory=dict)
    is_attachment: bool = False
    has_private_dns: bool = False


def unmatched_since(seconds: float) -> dict[str, str]:
    """Return the tags of a connection that has been unmatched for some seconds."""
    return {UNMATCHED_TAG: f"{int(time.time() - seconds)}"}


class ManagedService:
    """The state of AWS."""

    def __init__(self, *connections: Connection, page_size: int = 1000, **settings: Any) -> None:
        """Start without rules and tables."""
        self.connections = {each.id: each for each in connections}
        self.rules: list[dict[str, Any]] = []
        self.tables: dict[str, list[dict[str, Any]]] = {}
        self.settings = settings
        self.ledger = ""
        self.ledger_version = 0
        self.page_size = page_size
        self.calls: list[str] = []
        self.sizes: dict[str, list[int]] = defaultdict(list)
        self.messages: list[str] = []
        self.before: dict[str, list[Callable[[], object] | None]] = defaultdict(list)
        """Changes or errors before each call of an action."""

    def accept(self, *accounts: str, **options: Any) -> ManagedService:
        """Add a rule for accounts, or for everyone without accounts."""
        who = {"accounts": list(accounts)} if accounts else {}
        self.rules.append({"name": f"accept[{len(self.rules)}]", **who, **options})
        return self

    def table(self, name: str, *rows: dict[str, Any]) -> ManagedService:
        """Add a rule for the accounts in a table."""
        self.rules.append({"table": name})
        self.tables[name] = list(rows)
        return self

    def states(self) -> dict[str, str]:
        """Return the state of each connection."""
        return {key: each.state for key, each in self.connections.items()}

    def parameters(self) -> list[dict[str, str]]:
        """Return the parameters of the manager."""
        settings = {
            "service": SERVICE,
            "queue": "https://sqs.example/queue",
            "max_disconnects": 5,
            "dry_run": False,
            "pieces": len(self.rules),
        } | self.settings
        pieces: list[dict[str, Any]] = [{"rules": [rule]} for rule in self.rules]
        pieces[0]["settings"] = settings
        return [
            {
                "Name": f"/cdk-privatelink/{MANAGER}/rules/{number}",
                "Value": json.dumps({"version": "one"} | piece),
            }
            for number, piece in enumerate(pieces)
        ]

    def call(self, action: str, arguments: dict[str, Any]) -> Any:
        """Handle a call, and return the body of the response."""
        self.calls.append(action)
        steps = self.before[action]
        step = steps.pop(0) if steps else None
        if step is not None:
            step()
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower()
        return getattr(self, f"_{name}")(arguments)

    def _get_parameters_by_path(self, arguments: dict[str, Any]) -> Any:
        assert arguments["Path"] == f"/cdk-privatelink/{MANAGER}/rules"
        start = int(arguments.get("NextToken", 0))
        parameters = self.parameters()
        page: dict[str, Any] = {"Parameters": parameters[start : start + 10]}
        return page | ({"NextToken": f"{start + 10}"} if parameters[start + 10 :] else {})

    def _get_parameter(self, _: dict[str, Any]) -> Any:
        if not self.ledger:
            raise FaultError("ParameterNotFound")
        return {"Parameter": {"Value": self.ledger, "Version": self.ledger_version}}

    def _put_parameter(self, arguments: dict[str, Any]) -> Any:
        assert arguments["Name"] == f"/cdk-privatelink/{MANAGER}/disconnected"
        assert arguments["Type"] == "String"
        self.ledger = arguments["Value"]
        self.ledger_version += 1
        return {"Version": self.ledger_version}

    def _scan(self, arguments: dict[str, Any]) -> Any:
        rows = self.tables[arguments["TableName"]]
        start = int(arguments.get("ExclusiveStartKey", {}).get("n", {}).get("N", 0))
        page: dict[str, Any] = {"Items": rows[start : start + 500]}
        more = {"LastEvaluatedKey": {"n": {"N": f"{start + 500}"}}} if rows[start + 500 :] else {}
        return page | more

    def _send_message(self, arguments: dict[str, Any]) -> Any:
        self.messages.append(arguments["MessageBody"])
        return {"MessageId": "1", "MD5OfMessageBody": ""}

    def _describe_vpc_endpoint_connections(self, arguments: dict[str, Any]) -> str:
        assert arguments["Filter.1.Value.1"] == SERVICE
        start = int(arguments.get("NextToken", 0))
        page = list(self.connections.values())[start : start + self.page_size]
        items = "".join(map(_describe, page))
        more = start + self.page_size
        token = f"<nextToken>{more}</nextToken>" if more < len(self.connections) else ""
        return _xml(
            "DescribeVpcEndpointConnections",
            f"<vpcEndpointConnectionSet>{items}</vpcEndpointConnectionSet>{token}",
        )

    def _accept_vpc_endpoint_connections(self, arguments: dict[str, Any]) -> str:
        return self._change(arguments, "Accept", {"pendingAcceptance"}, "available")

    def _reject_vpc_endpoint_connections(self, arguments: dict[str, Any]) -> str:
        return self._change(arguments, "Reject", {"pendingAcceptance", "available"}, "rejected")

    def _change(self, arguments: dict[str, Any], verb: str, allowed: set[str], state: str) -> str:
        assert arguments["ServiceId"] == SERVICE
        ids = [value for key, value in arguments.items() if re.search(r"(Ids?|Id)\.\d+$", key)]
        self.sizes[verb].append(len(ids))
        failures = ""
        for each in ids:
            connection = self.connections.get(each)
            code = "" if connection else "InvalidVpcEndpointId.NotFound"
            if connection and connection.state not in allowed:
                code = "InvalidState"
            if code:
                failures += (
                    f"<item><resourceId>{each}</resourceId><error><code>{code}</code>"
                    "<message>It failed</message></error></item>"
                )
            elif connection:
                connection.state = state
        return _xml(f"{verb}VpcEndpointConnections", f"<unsuccessful>{failures}</unsuccessful>")

    def _create_tags(self, arguments: dict[str, Any]) -> str:
        for each in self._tagged(arguments):
            each.tags[arguments["Tag.1.Key"]] = arguments["Tag.1.Value"]
        return _xml("CreateTags", "<return>true</return>")

    def _delete_tags(self, arguments: dict[str, Any]) -> str:
        for each in self._tagged(arguments):
            del each.tags[arguments["Tag.1.Key"]]
        return _xml("DeleteTags", "<return>true</return>")

    def _tagged(self, arguments: dict[str, Any]) -> list[Connection]:
        ids = [value for key, value in arguments.items() if key.startswith("ResourceId.")]
        return [self.connections[each.removeprefix("con-")] for each in ids]


def _describe(each: Connection) -> str:
    tags = "".join(
        f"<item><key>{escape(key)}</key><value>{escape(value)}</value></item>"
        for key, value in each.tags.items()
    )
    kind, owner = "vpcEndpoint", "vpcEndpointOwner"
    if each.is_attachment:
        kind, owner = "transitGatewayAttachment", "transitGatewayAttachmentOwner"
    created = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(each.created))
    return (
        f"<item><serviceId>{SERVICE}</serviceId><{kind}Id>{each.id}</{kind}Id>"
        f"<{owner}>{each.account}</{owner}><vpcEndpointState>{each.state}</vpcEndpointState>"
        f"<creationTimestamp>{created}</creationTimestamp>"
        f"<vpcEndpointRegion>{each.region}</vpcEndpointRegion>"
        f"<vpcEndpointConnectionId>con-{each.id}</vpcEndpointConnectionId>"
        f"<tagSet>{tags}</tagSet></item>"
    )


def _xml(action: str, content: str) -> str:
    return f"<{action}Response {_XMLNS}>{content}</{action}Response>"


class DrainedService(ManagedService):
    """A service in a stack, whose status and template the function reads."""

    def __init__(
        self, *connections: Connection, status: str, template: str = '{"Resources": {}}'
    ) -> None:
        """Start in the middle of an operation of the stack."""
        super().__init__(*connections)
        self.status = status
        self.template = template

    def _describe_stacks(self, arguments: dict[str, Any]) -> str:
        assert arguments["StackName"] == STACK_ID
        return _result(
            "DescribeStacks",
            f"<Stacks><member><StackName>Provider</StackName><StackStatus>{self.status}"
            "</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime></member></Stacks>",
        )

    def _get_template(self, arguments: dict[str, Any]) -> str:
        assert arguments["StackName"] == STACK_ID
        return _result("GetTemplate", f"<TemplateBody>{escape(self.template)}</TemplateBody>")


class OwnService(ManagedService):
    """A service and its endpoints in one account."""

    def __init__(self, *connections: Connection, pending_reads: int = 0) -> None:
        """Start with endpoints.

        :param pending_reads: How often an endpoint is read as pending after each change.
        """
        super().__init__(*connections)
        self._pending_reads = pending_reads
        self._reads_left: dict[str, int] = defaultdict(int)

    def _describe_vpc_endpoints(self, arguments: dict[str, Any]) -> str:
        ids = [value for key, value in arguments.items() if key.startswith("VpcEndpointId.")]
        assert ids
        items = "".join(self._describe_own(self.connections[each]) for each in ids)
        return _xml("DescribeVpcEndpoints", f"<vpcEndpointSet>{items}</vpcEndpointSet>")

    def _describe_own(self, each: Connection) -> str:
        state = each.state
        if self._reads_left[each.id]:
            self._reads_left[each.id] -= 1
            state = "pending"
        enabled = f"{each.has_private_dns}".lower()
        return (
            f"<item><vpcEndpointId>{each.id}</vpcEndpointId><state>{state}</state>"
            f"<privateDnsEnabled>{enabled}</privateDnsEnabled></item>"
        )

    def _accept_vpc_endpoint_connections(self, arguments: dict[str, Any]) -> str:
        for key, value in arguments.items():
            if key.startswith("VpcEndpointId."):
                self._reads_left[value] = self._pending_reads
        return super()._accept_vpc_endpoint_connections(arguments)

    def _modify_vpc_endpoint(self, arguments: dict[str, Any]) -> str:
        endpoint = self.connections[arguments["VpcEndpointId"]]
        assert endpoint.state == "available"
        assert arguments["PrivateDnsEnabled"] == "true"
        endpoint.has_private_dns = True
        self._reads_left[endpoint.id] = self._pending_reads
        return _xml("ModifyVpcEndpoint", "<return>true</return>")


def _result(action: str, content: str) -> str:
    """Return a response of CloudFormation."""
    return f"<{action}Response><{action}Result>{content}</{action}Result></{action}Response>"


class Server:
    """A server for one service after the other."""

    def __init__(self) -> None:
        """Start without a service."""
        self.service = ManagedService()

    @contextmanager
    def run(self) -> Iterator[str]:
        """Start the server, and yield its URL."""
        respond = self._respond

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, text = respond(self.headers.get("X-Amz-Target", ""), body)
                self.send_response(status)
                self.send_header("Content-Length", f"{len(text.encode())}")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: object) -> None:
                """Print nothing, so that the output of tests stays readable."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()

    def _respond(self, target: str, body: str) -> tuple[int, str]:
        """Return the status and the body of a response: JSON, or XML in the case of EC2."""
        try:
            if target:
                return 200, json.dumps(self.service.call(target.split(".")[1], json.loads(body)))
            arguments = {key: value[0] for key, value in parse_qs(body).items()}
            return 200, self.service.call(arguments["Action"], arguments)
        except FaultError as fault:
            if target:
                return fault.status, json.dumps({"__type": fault.code, "message": "It failed"})
            return fault.status, (
                f"<Response><Errors><Error><Code>{fault.code}</Code><Message>It failed</Message>"
                "</Error></Errors><RequestID>1</RequestID></Response>"
            )
