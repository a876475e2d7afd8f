"""What an operator edits in the Prefect UI. The current version is copied to the ledger, which is read."""
