"""Webhooks: registered, ended, delivered."""
