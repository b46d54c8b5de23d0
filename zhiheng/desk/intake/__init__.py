"""Deliveries, who owes what, and whose record is whose."""
