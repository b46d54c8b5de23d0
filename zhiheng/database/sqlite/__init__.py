"""Django's backend of SQLite with a queue for the writers of one process (``base``)."""
