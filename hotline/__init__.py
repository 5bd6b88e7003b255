"""Command line and runtime: Asterisk, Redis, PostgreSQL, models, assets, processes."""
