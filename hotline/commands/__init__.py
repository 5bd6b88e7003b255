"""The subcommands of `hotline`, one module each with a `register` for `hotline/cli.py`."""
