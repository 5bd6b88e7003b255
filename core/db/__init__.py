"""PostgreSQL through SQLAlchemy: tables, queries by intent, unit of work, outbox."""
