"""Measures how well audio becomes drafts, on folders of calls whose truth is known."""
