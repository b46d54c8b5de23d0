"""Pure reasoning over values and columns: no database, no web, no clock."""
