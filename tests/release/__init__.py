"""Releases: breaking changes since the last release, and a dry run with registries on loopback."""
