"""Who answers a call, which department acts, and whether it is in time."""
