"""Recording, captions, drafting, playback and retention."""
