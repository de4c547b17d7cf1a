"""Releases: what would break for those who upgrade, and a rehearsal on registries on loopback."""
