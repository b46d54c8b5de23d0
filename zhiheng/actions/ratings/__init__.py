"""Ratings: keep them at hand after a refresh, and store the grades that were decided."""
