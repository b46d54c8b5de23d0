"""The door of financial institutions: enterprises that consent, and what they let the institution read."""
