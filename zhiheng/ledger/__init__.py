"""The ledger: statements with their units and moments, append-only by trigger; one Merkle root per delivery, the roots
chained.
"""
