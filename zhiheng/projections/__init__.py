"""Read models that are derived from the ledger and can be thrown away and made again: cards, search, figures."""
