"""What a book may say, as pydantic models. Every mistake is reported with file, line, field and what to write
instead.
"""
