"""Calls that we place to citizens: decided purely here, carried out by the shell."""
