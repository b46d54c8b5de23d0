"""The read models, brought up to the ledger."""
