"""Which department acts on a case, and how it is told."""
