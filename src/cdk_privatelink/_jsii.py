"""The module that jsii expects in the Python package of an npm package.

A Python package that jsii generates imports it from each dependency. This library is not generated.
"""

raise ImportError(
    "libraries that jsii generates must bundle the npm package `cdk-privatelink`, because the "
    "package on PyPI is written in Python; ask the maintainers of the library that imports this "
    "module to add `cdk-privatelink` to `bundledDependencies` in its package.json"
)
