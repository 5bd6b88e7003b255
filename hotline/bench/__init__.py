"""Measures a whole instance of its own with real calls."""
