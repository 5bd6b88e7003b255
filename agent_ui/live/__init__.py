"""The desk socket: closed messages, snapshot and numbered events."""
