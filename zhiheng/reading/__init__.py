"""Files as departments really have them, read into tables of text cells.

The door of the room is ``opening.open_path``; what comes out is described in ``tables``. Nothing here knows what a row
means: a cell is text, a heading is text, and whatever can't be read says why and what to do.
"""
