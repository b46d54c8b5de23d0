"""References of the European alert system are a year and a number of four digits; a table that keeps them as numbers loses
the zeros at the end (2024.0010 becomes 2024.001). They are put back, so that the same notice has one reference.
"""  # noqa: E501

from __future__ import annotations

import re
from typing import Any

_YEAR_AND_NUMBER = re.compile(r"((?:19|20)[0-9]{2})\.([0-9]{1,4})")


def clean_row(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its reference in four digits after the point; the delivered text stays in the ledger."""
    found = _YEAR_AND_NUMBER.fullmatch(str(row["reference"]))
    if found and row["alert_system"] == "rasff":
        row["reference"] = f"{found[1]}.{found[2]:<04}"
    return row
