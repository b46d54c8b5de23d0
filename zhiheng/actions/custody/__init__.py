"""Sealed identities: who keeps them, sealing one, and opening it by two people of different units."""
