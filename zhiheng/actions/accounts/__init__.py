"""Accounts: who has one, which roles it holds or lends, its codes, keys and second factor."""
