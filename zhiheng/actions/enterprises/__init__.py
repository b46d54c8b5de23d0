"""Enterprises and those who look for them: invitations, undertakings, consents, saved searches."""
