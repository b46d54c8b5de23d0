"""Codes on paper: short enough to copy by hand, too long to guess in the few tries that one has.

A code is the number of its invitation and twelve characters: the number says which invitation a wrong try counts
against. The number is random, so that nobody who has not seen a letter can use its tries up.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
from typing import Final

# Without characters that people take for one another on paper: 0 O, 1 I L, 5 S, 2 Z, 8 B.
ALPHABET: Final = "34679ACDEFGHJKMNPQRTUVWXY"
LENGTH: Final = 12
TRIES: Final = 5
_CODE: Final = re.compile(rf"(\d{{1,18}})-?([{ALPHABET}]{{{LENGTH}}})\Z")
# So long the one who took a second factor away gives no code, and the other way round; so long nobody confirms who got
# a code from the one who gives.
BOTH_WITHIN = dt.timedelta(days=1)


# Eight digits by chance: nobody finds the number of a letter by counting.
_FIRST_NUMBER, _LAST_NUMBER = 10_000_000, 99_999_999


def new_number() -> int:
    """A number for an invitation; one that is taken already is refused by the table."""
    return _FIRST_NUMBER + secrets.randbelow(_LAST_NUMBER - _FIRST_NUMBER + 1)


def new_secret() -> str:
    """Twelve random characters: 55 bits, against five tries."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def written(number: int, secret: str) -> str:
    """The code as it is printed: ``48219073-ACDE-FGHJ-KMNP``."""
    return "-".join([str(number), *(secret[i : i + 4] for i in range(0, LENGTH, 4))])


def read(code: str) -> tuple[int, str] | None:
    """The number and the secret of a typed code, with blanks, in small letters, without hyphens; else None."""
    kept = re.sub(r"[\s‐-―－_.]+", "-", code.strip().upper())
    number, _, rest = kept.partition("-")
    found = _CODE.match(f"{number}-{rest.replace('-', '')}" if rest else kept)
    return (int(found[1]), found[2]) if found else None
