"""What a caller hears: voice menu, prompts, survey."""
