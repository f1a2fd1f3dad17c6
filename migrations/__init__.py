"""Migrations of the schema: SQLite and PostgreSQL, both directions."""
