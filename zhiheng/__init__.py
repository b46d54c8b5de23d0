"""Zhiheng (质衡): the machine. What a law, a department or a district changes lives in the book, never here."""

__version__ = "0.12.0"
