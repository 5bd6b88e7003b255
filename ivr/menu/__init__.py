"""The voice menu as a pure engine over a table."""
