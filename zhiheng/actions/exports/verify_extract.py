"""Check whether an extract is genuine and whether facts have changed since it was made. Open to the public.

The number of an extract proves that the reader has the paper; the page shows no more than the paper does, and counts of
later changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from zhiheng.actions.exports import refusals
from zhiheng.engines.naming import Names
from zhiheng.engines.transparency.spoken import spoken
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.documents import DOCUMENTS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import log
from zhiheng.ledger.models import Alias, Delivery, Fact
from zhiheng.office.models import Extract
from zhiheng.quality_file.file_head import merged_into
from zhiheng.quality_file.scope_filters import facts_of


@dataclass(frozen=True)
class Verified:
    """What is known of an extract. ``added``, ``corrected`` and ``withdrawn`` count what came to the file after it was
    made; ``chain_whole`` says that the ledger still has the link that stood at its end then.
    """

    extract: Extract
    label: dict[str, str]
    office: dict[str, str]
    added: int
    corrected: int
    withdrawn: int
    chain_whole: bool
    # The head of the public log that the paper names: how many entries, and its characters; 0 where there was none.
    log_size: int = 0
    log_words: str = ""

    @property
    def changed(self) -> bool:
        """Whether anything came to the file since."""
        return bool(self.added or self.corrected or self.withdrawn)


def verify_extract(number: str, *, book: Book) -> Verified:
    """What is known of the extract with this number, however it was typed. Raises Refused where there is none."""
    plain = "".join(number.lower().split()).replace("-", "")
    extract = Extract.objects.filter(id=plain).first()
    if extract is None:
        raise Refused(refusals.extract_absent())
    subject = extract.subject
    if not Alias.objects.filter(subject_id=subject).exists():
        subject = merged_into(subject) or subject
    about = facts_of([subject])
    # Records that are for one office alone are not counted to the public.
    open_records = [n for n, entry in book[RECORDS].items() if entry.record.audience in ("public", "departments")]
    later = Fact.objects.filter(id__gt=extract.last_fact)
    added = later.filter(id__in=about, kind=Fact.Kind.STATEMENT, record__in=open_records).count()
    changes = dict.fromkeys((Fact.Kind.CORRECTION, Fact.Kind.WITHDRAWAL), 0)
    touched = later.filter(Q(concerns__in=about), record__in=open_records).exclude(kind=Fact.Kind.STATEMENT)
    for kind in touched.values_list("kind", flat=True):
        changes[Fact.Kind(kind)] += 1
    document = book[DOCUMENTS].get(extract.document)
    label = (
        document.text.label.model_dump() if document is not None else {"zh": extract.document, "en": extract.document}
    )
    said = {language: Names(book, language) for language in ("zh", "en")}
    office = {
        language: names.unit(extract.unit) if extract.unit else names.said(book[DISTRICT].name)
        for language, names in said.items()
    }
    link = Delivery.objects.filter(id=extract.last_delivery).values_list("link", flat=True).first()
    printed = log.head_printed(extract.at)
    return Verified(
        extract,
        label,
        office,
        added,
        changes[Fact.Kind.CORRECTION],
        changes[Fact.Kind.WITHDRAWAL],
        extract.last_delivery == 0 or link == extract.link,
        0 if printed is None else printed.size,
        "" if printed is None else spoken(printed),
    )
