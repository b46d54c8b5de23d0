"""Verify what the ledger keeps beside its tables, and what was made from it: kept files, the lake, figures, entries.

None of these is covered by a hash of the ledger: a kept file only names its delivery, and the rest can be thrown away
and made again, as can the facts that ratings read in another order than the lake's. So each is made again here and
compared; nothing is written, and a difference is named. It takes as long as projecting the lake anew; ``zhiheng ledger
verify`` without ``--deep`` looks at a part of the files and entries that is another one every day, and leaves the lake
and the figures out.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from django.conf import settings

from zhiheng.actions.projections.recompute_figures import differing_figures
from zhiheng.actions.publication.remake_entries import differing_entries
from zhiheng.analytics.lake import Lake
from zhiheng.analytics.lake_compare import LakeNotMade, differences, lake_made_anew
from zhiheng.database.content_store import FILES, digest_of
from zhiheng.grammar.call import Call
from zhiheng.kernel.progress import Counting
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Delivery
from zhiheng.ledger.verify import VerifyFinding
from zhiheng.queries.figures import lake_of
from zhiheng.queries.ratings import rating_facts

# Without ``deep`` every file and every entry is looked at once in so many days.
ROUND: Final = 30
# So many of one kind are named, then counted.
_NAMED: Final = 200


def verify_deeply(*, call: Call, deep: bool, progress: Counting | None = None) -> list[VerifyFinding]:
    """What differs. With ``deep`` everything is looked at, else a part of the kept files and of the entries that are
    shown. ``progress`` is called with (done, total).
    """
    turn = None if deep else call.today.toordinal() % ROUND
    findings = _few(kept_files(turn, progress), "kept")
    findings += _few(differing_entries(call, turn, ROUND, progress), "entry")
    if deep:
        findings += _of_the_lake(call, progress)
    return findings


def kept_files(turn: int | None = None, progress: Counting | None = None) -> Iterator[VerifyFinding]:
    """Kept originals that are gone or have other bytes than their name says; ``turn`` looks at those of one day."""
    rows = Delivery.objects.exclude(file_digest="").order_by("file_digest", "id")
    found: dict[str, int] = {}
    for digest, number in rows.values_list("file_digest", "id").iterator(chunk_size=2_000):
        if turn is None or int(digest[:8], 16) % ROUND == turn:
            found.setdefault(digest, number)
    for done, (digest, number) in enumerate(found.items(), start=1):
        path = FILES.path_of(digest)
        if not path.is_file():
            if Delivery.objects.filter(file_digest=digest).exclude(source__in=("correction", "withdrawal")).exists():
                yield VerifyFinding(
                    "kept_gone",
                    number,
                    None,
                    f"报送 {number} 的存档文件不在了，请从备份恢复。",
                    f"The kept file of delivery {number} is gone; bring it back from a backup.",
                )
        elif digest_of(path) != digest:
            yield VerifyFinding(
                "kept_changed",
                number,
                None,
                f"报送 {number} 的存档文件被改动过，请从备份恢复。",
                f"The kept file of delivery {number} has been changed; bring it back from a backup.",
            )
        if progress is not None:
            progress(done, len(found))


def _of_the_lake(call: Call, progress: Counting | None) -> list[VerifyFinding]:
    lake = lake_of(call.book)

    def told(_what: str, done: int, total: int | None) -> None:
        if progress is not None and total:
            progress(done, total)

    try:
        if not lake.manifest().link:
            return []
        with lake_made_anew(lake, settings.DATA, told) as fresh:
            found = [
                VerifyFinding(
                    "lake",
                    0,
                    difference.numbers[0] if difference.numbers else None,
                    f"数据湖的“{difference.part}”有 {difference.rows or '若干'} 行与台账不符"
                    + (f"（事实 {'、'.join(map(str, difference.numbers[:10]))} 等）" if difference.numbers else "")
                    + "；台账本身不受影响，请删除数据目录里的 lake，再运行 zhiheng refresh --whole。",
                    f"The lake's {difference.part!r} has {difference.rows or 'some'} rows that the ledger does not say"
                    + (f" (facts {', '.join(map(str, difference.numbers[:10]))})" if difference.numbers else "")
                    + "; the ledger is sound. Remove the folder lake and run zhiheng refresh --whole.",
                )
                for difference in differences(lake, fresh)
            ]
            found += _few(_of_sorted_facts(lake), "sorted")
            return found + _few(differing_figures(call, fresh), "figure")
    except Refused as cause:
        return [VerifyFinding("lake", 0, None, each.zh, each.en) for each in cause.refusals]
    except LakeNotMade:
        return [
            VerifyFinding(
                "lake",
                0,
                None,
                "台账里有读不出来的行，数据湖没有比对；请先处理其他发现，再核验一次。",
                "The ledger has rows that can't be read, so the lake was not compared. See to the other findings "
                "first, then verify again.",
            )
        ]


def _of_sorted_facts(lake: Lake) -> Iterator[VerifyFinding]:
    for record in rating_facts().differing(lake):
        yield VerifyFinding(
            "sorted",
            0,
            None,
            f"评价用的、按企业排好的“{record}”与数据湖不符；台账本身不受影响，"
            "请删除数据目录里的 ratings，再运行 zhiheng rating keep。",
            f"What ratings read of {record!r}, sorted by enterprise, is not what the lake says; the ledger is sound. "
            "Remove the folder ratings and run zhiheng rating keep.",
        )


def _few(found: Iterator[VerifyFinding], kind: str) -> list[VerifyFinding]:
    named = list(islice(found, _NAMED))
    if more := sum(1 for _ in found):
        named.append(
            VerifyFinding(kind, 0, None, f"同类的还有 {more} 处。", f"There are {more} more of the same kind.")
        )
    return named
