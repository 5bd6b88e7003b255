"""What tests start for real: instances of the hotline with their own ports and folders."""
