"""Heads of the chain that this house has noted for itself, at other places than the chain: each must still be in it.

Whoever rewrites the chain from its beginning leaves a whole one behind. To go unseen, the papers handed out, the trail
of verifications, the lake and the note of the last backup would have to be rewritten with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings

from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.merkle import GENESIS
from zhiheng.ledger.models import AuditLine, Delivery
from zhiheng.ledger.verify import VerifyFinding
from zhiheng.office.extracts import Extract
from zhiheng.people.models import TrailLine

# Verifications that are compared: the last ones, and with them all before, since one is compared with the other.
_LINES = 200


@dataclass(frozen=True)
class NotedHead:
    """A head and where it is noted; ``after`` is the number of the delivery whose link it was, where that is noted."""

    zh: str
    en: str
    link: str
    after: int | None = None


def compare_heads() -> list[VerifyFinding]:
    """What is noted of heads that are not in the chain any more, or not at their place."""
    numbers = {link: number for number, link in Delivery.objects.values_list("id", "link")} | {GENESIS.hex(): 0}
    found = []
    for head in _noted():
        number = numbers.get(head.link)
        if number is None or head.after not in (None, number):
            found.append(
                VerifyFinding(
                    "known_head",
                    head.after or 0,
                    None,
                    f"{head.zh}记下的链尾 {head.link[:16]}… 已不在链中：历史被改写或截断过，或那处记载被改动过。",
                    f"The head {head.link[:16]}… noted in {head.en} is no longer in the chain: history was rewritten "
                    "or cut off, or the note was changed.",
                )
            )
    return found


def _noted() -> Iterator[NotedHead]:
    extracts = Extract.objects.exclude(link="").order_by("at", "pk").values_list("pk", "last_delivery", "link")
    for paper, after, link in extracts.iterator():
        yield NotedHead(f"档案摘录 {paper} ", f"extract {paper}", link, after)
    for model in (AuditLine, TrailLine):
        lines = model._default_manager.filter(verb="ledger.verify").order_by("-id").values_list("id", "detail")
        for number, detail in lines[:_LINES]:
            # One that found something may have noted a link that was not right.
            if _said(detail.encode()).get("findings") == 0 and (link := _of(detail.encode(), "head")):
                yield NotedHead(f"核验留痕 {number} ", f"line {number} of the trail", link)
    lake = inside(settings.DATA, "lake") / "manifest.json"
    if lake.is_file() and (link := _of(lake.read_bytes(), "link")):
        yield NotedHead("数据湖的清单", "the manifest of the lake", link)
    last = inside(settings.DATA, "last-backup.json")
    if last.is_file() and (link := _of(last.read_bytes(), "head")):
        yield NotedHead("最近一次备份", "the last backup", link)


def _of(text: bytes, name: str) -> str:
    """A head out of a JSON object; '': it has none."""
    found = _said(text).get(name)
    return found if isinstance(found, str) else ""


def _said(text: bytes) -> Mapping[str, Any]:
    """A JSON object; nothing where it can't be read, which other checks tell."""
    try:
        found = orjson.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
