"""Makes the audio of the voice prompts; only `voice` and `phonemes` need the optional extra."""
