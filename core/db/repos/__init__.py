"""Queries by intent."""
