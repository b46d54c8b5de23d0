"""The ledger: what was said, by whom, when; append-only by trigger; one Merkle root per delivery, the roots chained."""
