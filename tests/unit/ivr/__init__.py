"""Tests: what a caller hears."""
