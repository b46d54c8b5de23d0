"""One verb per file, one transaction, one audit line. Every door changes the world only through an action."""
