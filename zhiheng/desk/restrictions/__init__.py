"""Restrictions because of lists as officers read them: those that a unit has to carry out, and the matrix itself."""
