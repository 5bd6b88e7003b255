"""Unit tests of agent_ui."""
