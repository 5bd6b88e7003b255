"""A telephone network, citizens and agents for demo, tests and benches."""
