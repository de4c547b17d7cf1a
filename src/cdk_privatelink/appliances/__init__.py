"""Appliances that inspect traffic: Gateway Load Balancers and their targets."""
