"""The shell around the ACD engine: Asterisk, the database, the desks' orders, time."""
