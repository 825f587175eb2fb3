"""Databases with replicas: their load, their lag, their commits and their failover."""
