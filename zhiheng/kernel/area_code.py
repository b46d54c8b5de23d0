"""The form of area codes: any length and alphabet that fits into an address and a column.

Nothing is read from a code: which area lies in which is said by ``parent`` in the book's tree. 990101, 990101002017003
and FR-75C are codes alike.
"""

from __future__ import annotations

LONGEST = 32
PATTERN = r"[0-9A-Za-z]+([._-][0-9A-Za-z]+)*"
