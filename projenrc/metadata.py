"""The project: its name, its version, and what it supports."""

NAME = "cdk-privatelink"
MODULE = "cdk_privatelink"
ROOMS = [
    "assertions",
    "provider",
    "connections",
    "consumer",
    "appliances",
    "custom_resources",
    "_internal",
]
VERSION = "0.1.0"
DESCRIPTION = "AWS PrivateLink endpoint services for the AWS CDK, as one versioned component"
AUTHOR = "The cdk-privatelink maintainers"
REPOSITORY = "https://github.com/cdk-privatelink/cdk-privatelink"
LICENSE = "Apache-2.0"
KEYWORDS = ["aws", "aws-cdk", "cdk", "privatelink", "vpc-endpoint"]
# The versions that aws-cdk-lib and jsii support.
PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]

# The edition for Construct Hub, which lists npm packages that jsii compiles.
HUB = "src/construct_hub"
