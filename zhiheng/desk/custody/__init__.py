"""Custodians of sealed identities at the desk."""
