"""The receipt of sixteen digits by which somebody without an account follows a case: fifteen digits by chance and a
check digit (ISO/IEC 7064, MOD 11,10), so that one mistyped digit, or two that changed places, is found before anything
is looked up.
"""

from __future__ import annotations

import unicodedata
from hashlib import scrypt
from typing import Final

from stdnum.iso7064 import mod_11_10

DIGITS: Final = 16
NUMBERS: Final = 10 ** (DIGITS - 1)
"""How many receipts there are."""


def receipt_of(number: int) -> str:
    """The receipt of a number below ``NUMBERS``; larger ones are cut to it."""
    body = f"{number % NUMBERS:0{DIGITS - 1}d}"
    return body + str(mod_11_10.calc_check_digit(body))


def receipt_in(text: str) -> str:
    """The sixteen digits in what somebody typed, in whatever groups and width; '' where they are no receipt."""
    digits = "".join(each for each in unicodedata.normalize("NFKC", text) if not each.isspace() and each not in "-·.")
    return digits if len(digits) == DIGITS and digits.isdecimal() and mod_11_10.is_valid(digits) else ""


def in_groups(receipt: str) -> str:
    """As it is shown and read aloud: four groups of four."""
    return " ".join(receipt[at : at + 4] for at in range(0, len(receipt), 4))


def receipt_digest(receipt: str) -> str:
    """All that is kept of a receipt, as 64 hexadecimal digits: scrypt, because a thief of the table could try
    fifteen digits out (some milliseconds each, so tens of thousands of years for all).
    """
    return scrypt(receipt.encode(), salt=b"zhiheng.receipt", n=2**12, r=8, p=1, dklen=32).hex()
