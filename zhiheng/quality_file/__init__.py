"""The quality file as a read model of the ledger: what holds of an enterprise, who said it, when it was known; access
as SQL conditions.

Nothing is stored here; storage is the ledger.
"""
