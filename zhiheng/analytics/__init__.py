"""The lake: a typed columnar projection of the ledger, and the indicators that are read from it."""
