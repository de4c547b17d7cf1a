"""Helpers of all rooms, without any AWS feature of their own."""
