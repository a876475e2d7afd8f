"""The core of Rebook: rules, ledger and use cases. It knows no Prefect, no HTTP and no vendor."""
