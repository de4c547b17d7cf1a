"""Construct Hub on loopback with this package. See README.md in this folder."""
