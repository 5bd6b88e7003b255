"""The steps of a case as forms: what is asked for each, how it is read, what is said about it."""
