"""Accounts, roles, codes, keys, the audit trail and the verification of the ledger."""
