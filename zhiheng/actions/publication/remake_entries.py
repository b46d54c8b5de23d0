"""Make the entries that are shown again from their facts, and name those that say something else.

Compared are entries whose form and law are still those of the book: others were approved under an earlier rule, and
what was approved stands in the public log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from zhiheng.actions.publication.entry_writer import form_of
from zhiheng.engines.publication import Release
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.ledger.models import Alias, Fact, IdentityAct
from zhiheng.ledger.verify import VerifyFinding
from zhiheng.office.publication import PublicationMark
from zhiheng.published import entry_text
from zhiheng.published.models import PublishedEntry, PublishedParty
from zhiheng.queries import publishable

_AT_ONCE = 500


def differing_entries(
    call: Call, turn: int | None, round_: int, progress: Callable[[int, int], None] | None = None
) -> Iterator[VerifyFinding]:
    """Entries that are shown and say other things than their facts give, or stand on another enterprise's file.

    ``turn``: only those whose number leaves this rest when divided by ``round_`` (None: all).
    """
    if call.book[PUBLICATION] is None:
        return
    rules = publishable.ready(call.book)
    forms = {record: form_of(record, releaser).digest for record, releaser in rules.items()}
    shown = PublishedEntry.objects.filter(state=PublishedEntry.State.SHOWN).order_by("pk")
    numbers = [pk for pk in shown.values_list("pk", flat=True) if turn is None or pk % round_ == turn]
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        entries = list(shown.filter(pk__in=some).select_related("product"))
        facts = Fact.objects.in_bulk([entry.fact for entry in entries])
        for entry in entries:
            fact = facts.get(entry.fact)
            if fact is None:
                yield _finding(entry, "它所依据的事实不在台账里", "rests on a fact that the ledger does not have")
                continue
            if forms.get(entry.record) != entry.form_id or entry.record not in rules:
                continue
            made = rules[entry.record].release(publishable.told(fact), today=call.today)
            if isinstance(made, Release) and (which := _differing(entry, fact, made)):
                yield _finding(
                    entry, f"与台账不符（{'、'.join(which)}）", f"is not what the ledger gives ({', '.join(which)})"
                )
        yield from _astray(some)
        if progress is not None:
            progress(start + len(some), len(numbers))


def _differing(entry: PublishedEntry, fact: Fact, made: Release) -> list[str]:
    product = entry.product.name if entry.product is not None else ""
    sides = {
        "values": (entry.values, entry_text.packed(made.values)),
        "title": ((entry.title_zh, entry.title_en), (made.title.zh, made.title.en)),
        "kind": (entry.kind, made.kind),
        "product": (product, made.product),
        "outcome": (entry.outcome, fact.outcome or ""),
        "record": (entry.record, fact.record),
        "area": (entry.area, fact.area),
        "unit": (entry.unit, fact.unit),
        "occurred_on": (entry.occurred_on, fact.occurred_on),
    }
    return [name for name, (stored, wanted) in sides.items() if stored != wanted]


def _astray(entries: Sequence[int]) -> Iterator[VerifyFinding]:
    """Entries on the public file of another enterprise than their party stands for; none while a merge is not followed
    yet.
    """
    mark = PublicationMark.objects.filter(name="identity").values_list("value", flat=True).first() or 0
    if IdentityAct.objects.filter(id__gt=mark).exists():
        return
    parties = PublishedParty.objects.filter(entry__in=entries).order_by("pk").select_related("entry", "enterprise")
    rows = list(parties)
    subjects = dict(Alias.objects.filter(id__in={row.alias for row in rows}).values_list("id", "subject_id"))
    for row in rows:
        if subjects.get(row.alias) != row.enterprise.subject:
            yield _finding(row.entry, "列在另一家企业名下", "stands on the public file of another enterprise")


def _finding(entry: PublishedEntry, zh: str, en: str) -> VerifyFinding:
    return VerifyFinding(
        "entry", 0, entry.fact, f"公示 {entry.public_id} {zh}。", f"The published entry {entry.public_id} {en}."
    )
