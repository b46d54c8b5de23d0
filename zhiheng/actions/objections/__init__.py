"""Objections to facts and publications: raised, answered, and what they hold back meanwhile."""
