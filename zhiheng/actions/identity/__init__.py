"""Whose record is whose: subjects merged, split, and either undone."""
