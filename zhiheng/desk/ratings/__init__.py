"""Ratings as officers read them: the grades of an area, an enterprise point by point, two editions compared."""
