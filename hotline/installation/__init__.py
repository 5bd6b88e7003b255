"""What `hotline setup` lays down: programs, assets and speech models."""
