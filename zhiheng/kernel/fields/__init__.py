"""Value types: what a cell may say. All of them stand in ``by_name``; a process that needs one imports that one
alone.
"""
