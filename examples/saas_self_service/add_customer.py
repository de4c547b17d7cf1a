"""Adds a customer to the table, and watches its requests until they are connected.

With credentials of the provider: `python3 add_customer.py 444455556666 --limit 2`
"""

import argparse
import time

import boto3

# Longer than a change of the table needs to start the manager.
SECONDS = 180
# On the way to a connection.
WAITING = "pendingAcceptance", "pending"


def main() -> None:
    """Add the customer of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("account", help="the account id of the customer")
    parser.add_argument("--limit", type=int, help="the number of connections; default: as before")
    parser.add_argument("--stack", default="SelfServiceProvider", help="default: %(default)s")
    arguments = parser.parse_args()
    response = boto3.client("cloudformation").describe_stacks(StackName=arguments.stack)
    (stack,) = response["Stacks"]
    outputs = {
        each.get("OutputKey", ""): each.get("OutputValue", "") for each in stack.get("Outputs", [])
    }

    # An update keeps the other attributes of the item.
    key = {"account": {"S": arguments.account}}
    dynamodb, table = boto3.client("dynamodb"), outputs["CustomersTable"]
    if arguments.limit is None:
        dynamodb.update_item(TableName=table, Key=key)
    else:
        dynamodb.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="SET #limit = :limit",
            ExpressionAttributeNames={"#limit": "limit"},
            ExpressionAttributeValues={":limit": {"N": f"{arguments.limit}"}},
        )
    print(f"{arguments.account} is in the table of {outputs['ServiceName']}")
    watch(outputs["ServiceId"], arguments.account)


def watch(service_id: str, account: str) -> None:
    """Print the states of the customer's connections until no request waits."""
    end = time.monotonic() + SECONDS
    shown: dict[str, str] = {}
    while time.monotonic() < end:
        states = read_states(service_id, account)
        for endpoint_id, state in states.items():
            if shown.get(endpoint_id) != state:
                print(f"{endpoint_id} is {state}", flush=True)
        shown = states
        if not any(state in WAITING for state in states.values()):
            return
        time.sleep(1)
    print("A request still waits: it is beyond the limit, or see the log of the manager")


def read_states(service_id: str, account: str) -> dict[str, str]:
    """Return the states of the customer's connections by endpoint."""
    pages = boto3.client("ec2").get_paginator("describe_vpc_endpoint_connections")
    found = pages.paginate(
        Filters=[
            {"Name": "service-id", "Values": [service_id]},
            {"Name": "vpc-endpoint-owner", "Values": [account]},
        ]
    )
    return {
        each.get("VpcEndpointId", ""): each.get("VpcEndpointState", "")
        for page in found
        for each in page["VpcEndpointConnections"]
    }


if __name__ == "__main__":
    main()
