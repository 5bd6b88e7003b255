"""The event bus: Redis streams, an in-memory twin, and the relay from the outbox."""
