"""What stands in the place of a value that a reader may not see, and how a mobile telephone is written."""

import re
from typing import Final

MASK: Final = "＊＊＊"

_DIGIT: Final = "0-9０-９"
_GAP: Final = "[-‐‑–—－ \u00a0\u3000]?"
# 13912345678, 139-1234-5678, 139 1234 5678, 139.1234.5678, +86 139 1234 5678, also in the wide digits of a Chinese
# keyboard, and with digits that a source has left out (139****5678). A longer run of digits is a number of something
# else, and so is the beginning of a code of eighteen.
MOBILE: Final = re.compile(
    rf"(?<![{_DIGIT}])(?!(?<![A-Za-z])[0-9A-Z]{{18}}(?![0-9A-Za-z]))"
    rf"(?:(?:[+＋]|00)?86{_GAP})?"
    rf"(?P<number>[1１][3-9３-９][{_DIGIT}](?:{_GAP}[{_DIGIT}*＊]{{4}}{_GAP}|[.．·][{_DIGIT}*＊]{{4}}[.．·])[{_DIGIT}*＊]{{4}})"
    rf"(?![{_DIGIT}])"
)
# The fewest characters of a text in which one can stand.
MOBILE_LENGTH: Final = 11
