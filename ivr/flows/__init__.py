"""The parts of a call before and after the agent."""
