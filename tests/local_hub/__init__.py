"""Construct Hub on loopback, with this package in it; see README.md beside this file."""
