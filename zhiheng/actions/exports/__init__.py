"""What leaves the house as a file: tables, lists of enterprises, extracts of quality files."""
