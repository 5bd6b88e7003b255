"""The telephone network in miniature: a second Asterisk with citizens and department phones."""
