"""Use cases of the ledger, each one transaction with its audit entries. No network here."""
