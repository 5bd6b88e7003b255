"""The demonstration: a whole instance, a telephone network, citizens and an agent."""
