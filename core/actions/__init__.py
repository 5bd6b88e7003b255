"""Every write: row, audit entry and event in one transaction."""
