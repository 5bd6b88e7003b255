"""Cases whose personal values are known, and a walk that looks for them everywhere."""
