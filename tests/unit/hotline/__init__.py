"""The command line and the runtime."""
