"""The subcommands of `hotline`, one module each; `hotline/cli.py` finds them by their `register`."""
