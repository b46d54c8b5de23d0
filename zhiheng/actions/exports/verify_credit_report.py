"""Check the signature of a credit report that somebody holds, and tell what is on record of it. Open to the public: the
file is read once and kept nowhere.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zhiheng.actions.exports.verify_extract import Verified, verify_extract
from zhiheng.engines.signed_report import ALGORITHM, verified
from zhiheng.grammar.book import Book
from zhiheng.kernel.reasons import Refused
from zhiheng.office.signing_key import public_keys


@dataclass(frozen=True)
class ReportVerified:
    """A report whose signature fits; ``record``: what is on record of its number, None where there is none any more."""

    report: Mapping[str, Any]
    record: Verified | None


def verify_credit_report(file: bytes, *, book: Book) -> ReportVerified:
    """The report of a signed JSON file.

    Raises Refused for a file that is no signed report, and for one that another platform signed or somebody altered.
    """
    report = verified(file, public_keys())
    try:
        record: Verified | None = verify_extract(str(report.get("number", "")), book=book)
    except Refused:
        record = None
    return ReportVerified(report, record)


def published_keys() -> list[dict[str, str]]:
    """The public keys of this installation, the oldest first, as they are published."""
    return [
        {"id": name, "algorithm": ALGORITHM, "public_key": base64.b64encode(public).decode()}
        for name, public in public_keys().items()
    ]


__all__ = ["ReportVerified", "published_keys", "verify_credit_report"]
