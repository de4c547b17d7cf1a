"""The tests that also run on AWS, and `npx --yes projen integ`, which runs them there."""
