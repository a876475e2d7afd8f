"""The ledger: tables, sessions and migrations. PostgreSQL only."""
