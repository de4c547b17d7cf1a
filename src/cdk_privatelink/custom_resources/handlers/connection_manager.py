"""Accepts and rejects the connections of VPC endpoint services.

Each run reads all rules and all connections, and changes what differs.
What starts it does not matter.
"""

import json
import math
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

HOLD_TAG = 'cdk-privatelink:hold'
UNMATCHED_TAG = 'cdk-privatelink:unmatched-since'

_REQUEST = ('pendingacceptance',)
# A connection is pending while its consumer changes the endpoint.
_LIVE = ('available', 'pending', 'partial')
# EC2 documents no maximum for endpoints, and 50 for attachments of transit gateways.
_BATCH = 50
_DAY = 86400
# A run ends before the function does, and another run continues.
_RESERVED_SECONDS = 30


Json = dict[str, Any]


@dataclass(frozen=True)
class Connection:
    """A connection, or a request for one."""

    id: str
    tag_id: str
    is_attachment: bool
    account: str
    region: str
    state: str
    created: float
    tags: dict[str, str]


@dataclass
class Rules:
    """The rules of a manager, by account, and by `None` for everyone."""

    by_account: dict[str | None, list[Json]] = field(default_factory=dict)
    # Accounts in rows of tables that make no sense: nothing of them is accepted or rejected.
    protected: set[str] = field(default_factory=set)
    # Reasons for which nothing may be rejected.
    doubts: list[str] = field(default_factory=list)

    def add(self, rule: Json) -> None:
        """Add a rule."""
        for account in rule.get('accounts', [None]):
            self.by_account.setdefault(account, []).append(rule)

    def match(self, account: str, region: str) -> tuple[str, float] | None:
        """Return the name and the limit of the most generous rule."""
        rules = [*self.by_account.get(account, ()), *self.by_account.get(None, ())]
        matches = [
            (rule['name'], rule.get('limit', math.inf))
            for rule in rules
            if region in rule.get('regions', [region])
        ]
        if not matches and account in self.protected:
            return 'a row that makes no sense', 0
        return max(matches, key=lambda match: match[1], default=None)


@dataclass(frozen=True)
class Decision:
    """accept, wait, reject, disconnect, block, hold, leave or keep. Tag: create or delete."""

    connection: Connection
    action: str
    rule: str = ''
    tag: str = ''


def decide(
    connections: Sequence[Connection],
    rules: Rules,
    settings: Json,
    now: float,
    disconnected: int = 0,
) -> list[Decision]:
    """Decide on all connections. `disconnected` is the number within the last day."""
    # The oldest come first, so that two runs at once decide alike.
    ordered = sorted(connections, key=lambda each: (each.created, each.id))
    used = Counter(each.account for each in ordered if each.state in _LIVE)
    before = sum(used.values()) + disconnected
    budget = settings['max_disconnects']
    budget = (min(budget, before // 5) if before > 5 else budget) - disconnected
    decisions = []
    for each in ordered:
        match = rules.match(each.account, each.region)
        if each.state not in _REQUEST + _LIVE:
            continue
        if HOLD_TAG in each.tags:
            decision = Decision(each, 'hold')
        elif match is None:
            decision = _decide_unmatched(each, rules, settings, now, budget)
            budget -= decision.action == 'disconnect'
        else:
            rule, limit = match
            action = 'keep'
            if each.state in _REQUEST:
                action = 'accept' if used[each.account] < limit else 'wait'
                used[each.account] += action == 'accept'
            decision = Decision(each, action, rule, 'delete' if UNMATCHED_TAG in each.tags else '')
        decisions.append(decision)
    return decisions


def _decide_unmatched(
    each: Connection, rules: Rules, settings: Json, now: float, budget: int
) -> Decision:
    is_request = each.state in _REQUEST
    after = settings.get('reject_after' if is_request else 'disconnect_after')
    if after is None:
        return Decision(each, 'leave')
    if rules.doubts:
        # The time does not begin, and an alarm says that something is wrong.
        return Decision(each, 'leave' if is_request else 'block')
    # A dry run remembers nothing, and shows what happens after the time.
    since = each.tags.get(UNMATCHED_TAG, '0' if settings.get('dry_run') else '')
    if not since.isdecimal():
        return Decision(each, 'leave', tag='create')
    if now - int(since) < after:
        return Decision(each, 'leave')
    if is_request:
        return Decision(each, 'reject')
    return Decision(each, 'disconnect' if budget > 0 else 'block')


# Decisions that were carried out, or were tried, and the failures by id.
_Outcome = tuple[Sequence[Decision], dict[str, str]]


def handler(event: Json, context: Any) -> Json:
    """Run the manager whose queue or custom resource invokes this function."""
    records = event.get('Records')
    # All messages of an event are from one queue, and a manager has the name of its queue.
    name = records[0]['eventSourceARN'].rpartition(':')[2] if records else event['Manager']
    result = Run(name, context).run()
    if records and result['Failed']:
        # The queue repeats the message, and keeps it as a dead letter at the end.
        raise RuntimeError(f'{result["Failed"]} failures: read the log')
    return result


class Run:
    """A run."""

    def __init__(self, name: str, context: Any) -> None:
        """Read the rules and the connections."""
        self._ec2, self._ssm = self._create_client('ec2'), self._create_client('ssm')
        self._path = f'/cdk-privatelink/{name}'
        self._context = context
        self._counts: Counter[str] = Counter()
        self._ledger_version = 0
        self._settings, self._rules = self._read_rules()
        self._connections = self._read_connections()

    @staticmethod
    def _create_client(service: str) -> Any:
        import boto3
        from botocore.config import Config

        # EC2 throttles the calls of a whole account.
        retries: Any = {'mode': 'standard', 'max_attempts': 8}
        create: Any = boto3.client
        return create(service, config=Config(connect_timeout=5, read_timeout=20, retries=retries))

    def run(self) -> Json:
        """Let EC2 agree with the rules, and return whether it does."""
        decisions = self._decide()
        is_dry = self._settings['dry_run']
        for each in decisions:
            if each.action in ('wait', 'leave', 'block', 'hold') or is_dry:
                self._log(each, 'dry run' if is_dry else 'unchanged')
        is_complete = is_dry or self._act(decisions)
        if not is_complete:
            self._create_client('sqs').send_message(
                QueueUrl=self._settings['queue'], MessageBody='continue'
            )
        self._publish_metrics(decisions)
        return {
            'Version': self._settings['version'],
            'Complete': is_complete,
            'Failed': self._counts['Failed'],
        }

    def _decide(self) -> list[Decision]:
        recent = self._read_ledger() if 'disconnect_after' in self._settings else {}
        # A connection in the ledger that is still live was not disconnected after all.
        live = {each.id for each in self._connections if each.state in _LIVE}
        return decide(
            self._connections, self._rules, self._settings, time.time(), len(recent.keys() - live)
        )

    def _act(self, decisions: Sequence[Decision]) -> bool:
        """Change what differs, and return whether the time was enough for it."""
        steps: list[tuple[str, Any]] = [
            ('accept', self._change),
            ('delete', self._tag),
            ('create', self._tag),
            ('reject', self._reject),
            ('disconnect', self._reject),
        ]
        for step, change in steps:
            wanted = [each for each in decisions if step in (each.action, each.tag)]
            if not self._in_batches(wanted, change):
                return False
        return True

    def _in_batches(self, decisions: Sequence[Decision], change: Any) -> bool:
        for is_attachment in (False, True):
            same = [each for each in decisions if each.connection.is_attachment == is_attachment]
            for start in range(0, len(same), _BATCH):
                if self._context.get_remaining_time_in_millis() < 1000 * _RESERVED_SECONDS:
                    return False
                self._change_batch(same[start : start + _BATCH], change)
        return True

    def _change_batch(self, batch: Sequence[Decision], change: Any) -> None:
        try:
            changed, failures = change(batch)
        except Exception as error:
            # One wrong id can fail the whole call.
            if len(batch) > 1 and _code_of(error).startswith('Invalid'):
                for each in batch:
                    self._change_batch([each], change)
                return
            changed = batch
            failures = {each.connection.id: f'{_code_of(error)}: {error}' for each in batch}
        for each in changed:
            failure = failures.get(each.connection.id)
            outcome = failure or (f'tag {each.tag}d' if change == self._tag else f'{each.action}ed')
            if failure is None:
                self._counts[outcome] += 1
            elif 'NotFound' in failure:
                # Its consumer has deleted the endpoint.
                outcome = 'gone'
            else:
                self._counts['Failed'] += 1
            self._log(each, outcome)

    def _change(self, batch: Sequence[Decision]) -> _Outcome:
        verb = 'accept' if batch[0].action == 'accept' else 'reject'
        ids = [each.connection.id for each in batch]
        arguments: Json = {'VpcEndpointIds': ids}
        if batch[0].connection.is_attachment:
            # EC2 requires the list of endpoints, even if it is empty.
            arguments = {'VpcEndpointIds': [], 'TransitGatewayAttachmentIds': ids}
        change = getattr(self._ec2, f'{verb}_vpc_endpoint_connections')
        response = change(ServiceId=self._settings['service'], **arguments)
        failures = response.get('Unsuccessful', [])
        return batch, {each['ResourceId']: each['Error']['Code'] for each in failures}

    def _reject(self, batch: Sequence[Decision]) -> _Outcome:
        # The rules may have changed during this run.
        self._settings, self._rules = self._read_rules()
        current = {each.connection.id: each for each in self._decide()}
        still = [each for each in batch if current[each.connection.id] == each]
        if not still:
            return [], {}
        if still[0].action == 'disconnect':
            self._write_ledger(still)
        result = self._change(still)
        ids = {each.connection.id for each in still}
        self._connections = [each for each in self._connections if each.id not in ids]
        return result

    def _tag(self, batch: Sequence[Decision]) -> _Outcome:
        tag = {'Key': UNMATCHED_TAG}
        if batch[0].tag == 'create':
            tag['Value'] = f'{int(time.time())}'
        change = getattr(self._ec2, f'{batch[0].tag}_tags')
        change(Resources=[each.connection.tag_id for each in batch], Tags=[tag])
        return batch, {}

    def _read_rules(self) -> tuple[Json, Rules]:
        read = self._ssm.get_paginator('get_parameters_by_path')
        pages = read.paginate(Path=f'{self._path}/rules')
        found = {
            each['Name']: json.loads(each['Value']) for page in pages for each in page['Parameters']
        }
        settings = found.get(f'{self._path}/rules/0', {}).get('settings', {'pieces': 1})
        # A deployment changes one parameter after the other, and deletes parameters at its end.
        pieces: Any = [found.get(f'{self._path}/rules/{n}') for n in range(settings['pieces'])]
        if None in pieces or len({each['version'] for each in pieces}) > 1:
            raise RuntimeError(f'The parameters {self._path}/rules/ are incomplete')
        rules = Rules()
        for rule in (rule for piece in pieces for rule in piece['rules']):
            if 'table' in rule:
                self._read_table(rule['table'], rules)
            else:
                rules.add(rule)
        if not rules.by_account:
            rules.doubts.append('There are no rules')
        for doubt in rules.doubts:
            print(doubt)
        return settings | {'version': pieces[0]['version']}, rules

    def _read_table(self, table: str, rules: Rules) -> None:
        rows = wrong = 0
        try:
            scan = self._create_client('dynamodb').get_paginator('scan')
            pages = scan.paginate(TableName=table, ConsistentRead=True)
            for row in (row for page in pages for row in page['Items']):
                rows += 1
                try:
                    rules.add(_parse_row(row) | {'name': f'table {table}'})
                except ValueError as error:
                    wrong += 1
                    self._counts['wrong rows'] += 1
                    account = row.get('account', {}).get('S', '')
                    rules.protected.add(account)
                    print(f'Row {account} of the table {table}: {error}')
        except Exception as error:
            # The other rules still accept.
            self._counts['Failed'] += 1
            rules.doubts.append(f'The table {table} cannot be read: {error}')
        if not rows:
            rules.doubts.append(f'The table {table} is empty')
        if wrong > 1:
            rules.doubts.append(f'{wrong} rows of the table {table} make no sense')

    def _read_connections(self) -> list[Connection]:
        pages = self._ec2.get_paginator('describe_vpc_endpoint_connections').paginate(
            Filters=[{'Name': 'service-id', 'Values': [self._settings['service']]}],
            PaginationConfig={'PageSize': 1000},
        )
        found = [
            _parse_connection(each) for page in pages for each in page['VpcEndpointConnections']
        ]
        # A connection can move to the next page while the pages are read.
        return list({each.id: each for each in found}.values())

    def _read_ledger(self) -> dict[str, float]:
        """Return the times of all disconnections within a day."""
        try:
            parameter = self._ssm.get_parameter(Name=f'{self._path}/disconnected')['Parameter']
            ledger: dict[str, float] = json.loads(parameter['Value'])
        except Exception as error:
            # The first disconnection creates it.
            if _code_of(error) != 'ParameterNotFound':
                self._counts['Failed'] += 1
                self._rules.doubts.append(f'{self._path}/disconnected cannot be read: {error}')
            return {}
        self._ledger_version = parameter['Version']
        return {key: at for key, at in ledger.items() if time.time() - at < _DAY}

    def _write_ledger(self, batch: Sequence[Decision]) -> None:
        """Store the disconnections before they happen, so that none is forgotten."""
        ledger = self._read_ledger() | {each.connection.id: int(time.time()) for each in batch}
        response = self._ssm.put_parameter(
            Name=f'{self._path}/disconnected',
            Value=json.dumps(ledger),
            Type='String',
            Overwrite=True,
        )
        if response['Version'] != self._ledger_version + 1:
            raise RuntimeError('Another run disconnects at the same time')

    def _log(self, decision: Decision, outcome: str) -> None:
        connection = decision.connection
        line = {
            'service': self._settings['service'],
            'endpoint': connection.id,
            'account': connection.account,
            'region': connection.region,
            'state': connection.state,
            'rule': decision.rule,
            'action': decision.action,
            'outcome': outcome,
        }
        print(json.dumps(line))

    def _publish_metrics(self, decisions: Sequence[Decision]) -> None:
        """Print the metrics in CloudWatch's embedded metric format."""
        actions = Counter(each.action for each in decisions)
        requests = [each for each in decisions if each.connection.state in _REQUEST]
        waiting = [each for each in requests if each.action in ('wait', 'leave')]
        now = time.time()
        oldest = min((each.connection.created for each in waiting), default=now)
        values = {
            'Accepted': self._counts['accepted'],
            'Rejected': self._counts['rejected'],
            'Disconnected': self._counts['disconnected'],
            'Pending': len(waiting),
            'Blocked': actions['block'],
            'Held': actions['hold'],
            'Failed': self._counts['Failed'] + self._counts['wrong rows'],
            'OldestPendingAge': int(now - oldest),
        }
        directive = {
            'Namespace': 'CdkPrivateLink',
            'Dimensions': [['Service Id']],
            'Metrics': [{'Name': name} for name in values],
        }
        header = {'Timestamp': int(now * 1000), 'CloudWatchMetrics': [directive]}
        print(json.dumps({'_aws': header, 'Service Id': self._settings['service']} | values))


def _code_of(error: Exception) -> str:
    response = getattr(error, 'response', {})
    return f'{response.get("Error", {}).get("Code", type(error).__name__)}'


def _parse_connection(item: Json) -> Connection:
    attachment = item.get('TransitGatewayAttachmentId')
    return Connection(
        id=attachment or item['VpcEndpointId'],
        tag_id=item.get('VpcEndpointConnectionId', ''),
        is_attachment=attachment is not None,
        account=item.get('VpcEndpointOwner') or item.get('TransitGatewayAttachmentOwner', ''),
        # EC2 does not document the Region for endpoints in the Region of the service.
        region=item.get('VpcEndpointRegion') or os.environ['AWS_REGION'],
        # EC2 documents another case than it returns.
        state=item['VpcEndpointState'].lower(),
        created=item['CreationTimestamp'].timestamp(),
        tags={each['Key']: each['Value'] for each in item.get('Tags', [])},
    )


def _parse_row(row: dict[str, Json]) -> Json:
    # A row may have further columns.
    account = row.get('account', {}).get('S', '')
    if len(account) != 12 or not account.isdecimal():
        raise ValueError('account must be a string of 12 digits')
    rule: Json = {'accounts': [account]}
    limit, regions = row.get('limit'), row.get('regions')
    if limit is not None:
        if not limit.get('N', '').isdecimal():
            raise ValueError('limit must be a whole number')
        rule['limit'] = int(limit['N'])
    if regions is not None:
        names = regions.get('SS') or [each.get('S') for each in regions.get('L', [])]
        if not names or not all(names):
            raise ValueError('regions must be a set or a list of strings')
        rule['regions'] = names
    return rule
