"""The automatic call distributor: a pure engine and the shell that runs it."""
