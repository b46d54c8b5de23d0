"""Has every extract that verifies as genuine its line in the trail, with the digests that it was made with?

The page of verification believes the row of an extract. A row that was put in by hand would make a forged paper
genuine; its line in the trail, which is an entry of the public log, can't be put in behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from zhiheng.ledger.verify import VerifyFinding
from zhiheng.office.extracts import Extract
from zhiheng.people.models import TrailLine

_AT_ONCE = 2_000


def verify_extracts() -> Iterator[VerifyFinding]:
    """Extracts without their line, or with other digests than it has; lines whose extract is gone. Lines from before
    they had digests tell only that the extract was made.
    """
    told = _told()
    rows = Extract.objects.order_by("pk").values_list("pk", "form", "file_digest", "content_digest")
    for number, form, file, content in rows.iterator(chunk_size=_AT_ONCE):
        line = told.pop(number, None)
        if line is None or (line["form"], line.get("file", file), line.get("content", content)) != (
            form,
            file,
            content,
        ):
            yield VerifyFinding(
                "extract",
                0,
                None,
                f"档案摘录 {number} 的登记"
                + ("在留痕里没有：不是经平台出具的。" if line is None else "与出具时的留痕不符，被改动过。"),
                f"The extract {number} "
                + (
                    "has no line in the trail: it was not made through the platform."
                    if line is None
                    else "is not what its line in the trail says: it was changed."
                ),
            )
    for number in sorted(told):
        yield VerifyFinding(
            "extract",
            0,
            None,
            f"留痕里出具过档案摘录 {number}，它的登记已被删除。",
            f"The trail has the extract {number}; its row has been removed.",
        )


def _told() -> dict[str, dict[str, Any]]:
    """Number of the extract -> detail of its line."""
    lines = TrailLine.objects.filter(verb="extract.make").order_by("id").values_list("detail", flat=True)
    found = (orjson.loads(detail) for detail in lines.iterator(chunk_size=_AT_ONCE))
    return {detail["extract"]: detail for detail in found if "extract" in detail}
