"""Acceptance and rejection of the connections to a service, by rule."""
