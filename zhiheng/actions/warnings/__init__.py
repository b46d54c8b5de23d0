"""Signals of early warnings: looked for by the worker's clock, taken up as a case or set aside by an officer."""
