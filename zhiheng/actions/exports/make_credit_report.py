"""Make the credit report of an enterprise for an institution that it consents to: a PDF and a signed JSON file that say
the same. The reading is noted and seen by the enterprise.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.exports import refusals
from zhiheng.actions.exports.paper_rows import PaperRows, grouped
from zhiheng.engines.naming import Names
from zhiheng.engines.restrictions import Restriction, longest_end
from zhiheng.engines.signed_report import FORMAT, signed
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.credit import CREDIT
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.documents import CREDIT_REPORT, DOCUMENTS, SectionText
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.restrictions import RESTRICTIONS
from zhiheng.grammar.types import Citation
from zhiheng.kernel.deadlines import Deadline
from zhiheng.kernel.reasons import Refused
from zhiheng.office import extract_content
from zhiheng.office.consents import Consent, CreditRead
from zhiheng.office.models import Extract
from zhiheng.office.signing_key import signing_seed
from zhiheng.published.entry_text import lines as entry_lines
from zhiheng.published.ids import public_id
from zhiheng.queries.credit import opened_under
from zhiheng.queries.credit_report import CreditFindings, ReportedRating, credit_findings
from zhiheng.queries.ratings import RatedPoint, points_of


@dataclass(frozen=True)
class CreditReportMade:
    """The report that was kept, and its two files."""

    extract: Extract
    pdf: bytes
    json: bytes

    def together(self) -> bytes:
        """Both files in one ZIP, as they are handed over."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in (("report.pdf", self.pdf), ("report.json", self.json)):
                file.writestr(zipfile.ZipInfo(name, self.extract.at.timetuple()[:6]), content)
        return out.getvalue()


def make_credit_report(number: int, *, verify_at: str, call: Call, language: str = "zh") -> CreditReportMade:
    """Make a report under a consent.

    Args:
        number: of the consent; it has to be given to the own institution and to hold today.
        verify_at: the address of the verification page, to which the number of the report is added.

    Raises:
        Refused: without such a consent, and where the book has no such paper.
    """
    consent, scope = opened_under(number, call=call)
    document = call.book[DOCUMENTS].get(CREDIT_REPORT)
    if document is None:
        raise Refused(refusals.document_missing(CREDIT_REPORT))
    found = credit_findings(consent, scope, call=call)
    text, writing = document.text, _ReportRows(document.text, Names(call.book, language), call.today, call)
    code = public_id()
    office = writing.names.said(call.book[DISTRICT].name)
    name = found.card.name if found.card is not None else found.head.names[0] if found.head.names else ""
    content = extract_content.Content(
        writing.said(text.title),
        office,
        writing.said(text.number).format(number=grouped(code)),
        writing.said(text.as_of).format(as_of=call.today, known_on=call.today),
        writing.about(found, name, consent),
        tuple(writing.section(section, found) for section in text.sections),
        writing.said(text.statement),
    )
    reader = writing.reader(consent)
    paper = extract_content.ExtractPaper(
        content,
        writing.said(text.verification),
        f"{verify_at}{code}/",
        writing.said(text.content_hash),
        writing.said(text.watermark).format(who=reader, day=call.today, purpose=writing.purpose(consent)),
        writing.said(text.page_of),
        language,
    )
    # Read when the first report is made: what writes paper is a good part of all code.
    from zhiheng.office import extract_pdf

    pdf = extract_pdf.write(paper)
    pdf_digest = sha256(pdf).hexdigest()
    report = {
        "format": FORMAT,
        "number": code,
        "issued_at": call.now.isoformat(timespec="seconds"),
        "issued_by": office,
        "verify_at": f"{verify_at}{code}/",
        "as_of": call.today.isoformat(),
        "known_on": call.today.isoformat(),
        "content": asdict(content),
        "content_sha256": content.digest,
        "pdf_sha256": pdf_digest,
        "data": _data(found, consent, call.book),
    }
    file = signed(report, signing_seed())
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        extract = Extract.objects.create(
            id=code,
            document=CREDIT_REPORT,
            subject=consent.subject,
            name=name,
            code=found.head.codes[0] if found.head.codes else "",
            form=Extract.Form.PDF,
            as_of=call.today,
            known_on=call.today,
            file_digest=pdf_digest,
            content_digest=content.digest,
            facts=found.facts,
            last_fact=found.last_fact,
            last_delivery=found.last_delivery,
            link=found.link,
            at=call.now,
            actor=str(call.actor)[:160],
            actor_name=call.actor.name[:60],
            unit="",
            purpose=f"{reader}：{writing.purpose(consent)}",
        )
        CreditRead.note(consent, call.actor, found.facts, call.now)
        audit.write(
            call,
            "credit.read",
            f"subject:{consent.subject}",
            purpose=consent.purpose,
            detail={"consent": consent.pk, "report": code},
        )
    return CreditReportMade(extract, pdf, file)


class _ReportRows(PaperRows):
    """The sections of a report as rows."""

    def __init__(self, text: Any, names: Names, day: dt.date, call: Call) -> None:
        super().__init__(text, names, day)
        self.call = call

    def reader(self, consent: Consent) -> str:
        """What the institution is called."""
        page = self.call.book[CREDIT][consent.extract]
        return next((self.said(each.name) for each in page.readers if each.id == consent.reader), consent.reader)

    def purpose(self, consent: Consent) -> str:
        """What the enterprise consented to."""
        purposes = self.call.book[CREDIT][consent.extract].purposes
        return self.said(purposes[consent.purpose]) if consent.purpose in purposes else consent.purpose

    def about(self, found: CreditFindings, name: str, consent: Consent) -> tuple[tuple[str, str], ...]:
        """Who it is, who takes it, under which consent."""
        under = f"{consent.first_day} — {consent.last_day}  SHA-256 {consent.digest[:16]}"
        return self.identity(
            found.head,
            found.card,
            name,
            self.purpose(consent),
            self.day,
            reader=self.reader(consent),
            consent=under,
        )

    def section(self, section: SectionText, found: CreditFindings) -> extract_content.Section:
        """One section of the book, filled."""
        rows: list[extract_content.Row] = {
            "grades": self._grades,
            "points": self._points,
            "listings": self._listings,
            "restrictions": self._restrictions,
            "published": self._published,
            "provenance": self._provenance,
        }[section.id](found)
        return self.made(section, rows, len(rows))

    def _grades(self, found: CreditFindings) -> list[extract_content.Row]:
        rows = []
        for each in found.ratings:
            one = each.found
            needed, begins = one.edition.evidence.at_least, points_of(one.edition.start)
            if one.band is None:
                grade = "未评" if self.zh else "not graded"
                why = (
                    f"证据不足：{one.evidence} 条，需 {needed} 条"
                    if self.zh
                    else f"insufficient evidence: {one.evidence} facts, {needed} needed"
                )
            else:
                grade = f"{one.band.name}（{self.said(one.band.label)}）"
                why = (
                    f"{one.score} 分（起评 {begins}），证据 {one.evidence} 条"
                    if self.zh
                    else f"{one.score} points (begins with {begins}), {one.evidence} facts as evidence"
                )
            edition = f"{one.edition.from_}  {one.edition.edition[:12]}"
            rows.append((grade, self.said(one.rating.label), why, edition))
        return rows

    def _points(self, found: CreditFindings) -> list[extract_content.Row]:
        rows: list[extract_content.Row] = []
        for each in found.ratings:
            rows += [self._point(one) for one in each.told]
            if each.untold:
                total = sum((one.points for one in each.untold), start=each.untold[0].points * 0)
                what = (
                    f"授权范围以外或者不再公示的事实，共 {len(each.untold)} 条"
                    if self.zh
                    else f"facts outside of the consent or no longer on show: {len(each.untold)}"
                )
                rows.append(("—", what, "—", str(total)))
        return rows

    def _point(self, one: RatedPoint) -> extract_content.Row:
        said = str(one.points)
        if one.limits_to:
            said = f"不高于 {one.limits_to}" if self.zh else f"no better than {one.limits_to}"
        elif one.changes_on is not None:
            said += (
                f"；{one.changes_on} 起 {one.changes_to}" if self.zh else f"; {one.changes_to} from {one.changes_on}"
            )
        return (str(one.occurred_on), self.said(one.item), self._law(one.law), said)

    def _listings(self, found: CreditFindings) -> list[extract_content.Row]:
        rows = []
        for one in _first_of_each(found.restrictions):
            ends = longest_end(one.page, one.listing, self.call.book[LAW], self.call.book[CALENDAR])
            remedies = "；".join(
                f"{self.said(each.label)}（{self._law([c for c in each.law if c.holds(self.day)])}）"
                for each in one.page.remedies
                if any(c.holds(self.day) for c in each.law)
            )
            rows.append((str(one.listing.listed_on), self.said(one.page.label), remedies, self._end(ends)))
        return rows

    def _end(self, end: Deadline | None) -> str:
        """The day, by what rule it was counted, and what of it may still move."""
        if end is None:
            return "—"
        open_yet = "".join(self.said(each) for each in end.doubt)
        if not self.zh:
            return f"{end.day}: {end.said.en}{f'; provisional: {open_yet}' if open_yet else ''}"
        return f"{end.day}，{end.said.zh}{f'；暂定：{open_yet}' if open_yet else ''}"

    def _restrictions(self, found: CreditFindings) -> list[extract_content.Row]:
        matrix = self.call.book[RESTRICTIONS]
        return [
            (
                str(one.since),
                self.said(matrix.departments[one.measure.department].label) if matrix is not None else "",
                self.said(one.measure.label),
                self._law(one.law),
            )
            for one in found.restrictions
        ]

    def _published(self, found: CreditFindings) -> list[extract_content.Row]:
        side: Any = "zh" if self.zh else "en"
        rows = []
        for entry in found.published:
            told = [line for line in entry_lines(entry.form.columns, entry.values, side) if line.listed]
            values = "；".join(f"{line.label} {line.value}" for line in told if line.value)
            title = entry.title_zh if self.zh else entry.title_en
            rows.append((str(entry.occurred_on), title, values, str(entry.show_until or "—")))
        return rows

    def _provenance(self, found: CreditFindings) -> list[extract_content.Row]:
        day, zh = str(self.day), self.zh
        rows = [
            (
                "账本末端" if zh else "End of the ledger",
                day,
                found.link or "—",
                f"第 {found.last_delivery} 次报送" if zh else f"delivery {found.last_delivery}",
            ),
            (
                "法律参数" if zh else "Edition of the law",
                day,
                self.call.book[LAW].digest(),
                "出具时的版本" if zh else "as of the day of issue",
            ),
        ]
        for each in found.ratings:
            rows.append(
                (self.said(each.found.rating.label), day, each.found.seen, "所见事实" if zh else "facts it saw")
            )
        return rows

    def _law(self, law: Sequence[Citation]) -> str:
        return "；".join(f"《{each.text}》{each.article}" for each in law) or "—"


def _first_of_each(found: Sequence[Restriction]) -> list[Restriction]:
    """A restriction of each listing and list."""
    firsts = {(one.listing.fact, one.list_name): one for one in reversed(found)}
    return [one for one in found if firsts[one.listing.fact, one.list_name] is one]


def _ends(end: Deadline | None) -> dict[str, Any]:
    return {
        "ends": end.day.isoformat() if end is not None else None,
        "ends_provisional": end is not None and end.provisional,
    }


def _data(found: CreditFindings, consent: Consent, book: Book) -> dict[str, Any]:
    """The same for programs: days as ISO texts, numbers with digits after the point as texts."""
    return {
        "enterprise": {
            "name": found.card.name if found.card is not None else "",
            "codes": list(found.head.codes),
        },
        "consent": {
            "reader": consent.reader,
            "purpose": consent.purpose,
            "first_day": consent.first_day.isoformat(),
            "last_day": consent.last_day.isoformat(),
            "text_sha256": consent.digest,
        },
        "ratings": [_rating(each) for each in found.ratings],
        "listings": [
            {
                "list": one.list_name,
                "listed_on": one.listing.listed_on.isoformat(),
                **_ends(longest_end(one.page, one.listing, book[LAW], book[CALENDAR])),
            }
            for one in _first_of_each(found.restrictions)
        ],
        "restrictions": [
            {
                "list": one.list_name,
                "measure": one.name,
                "department": one.measure.department,
                "since": one.since.isoformat(),
                "until": one.until.isoformat() if one.until else None,
                "until_provisional": one.lasts is not None and one.lasts.provisional,
                "law": [f"{each.text}{each.article}" for each in one.law],
            }
            for one in found.restrictions
        ],
        "published": [
            {
                "record": entry.record,
                "occurred_on": entry.occurred_on.isoformat(),
                "title": entry.title_zh,
                "show_until": entry.show_until.isoformat() if entry.show_until else None,
                "public_id": entry.public_id,
            }
            for entry in found.published
        ],
        "ledger": {"delivery": found.last_delivery, "link": found.link},
    }


def _rating(each: ReportedRating) -> dict[str, Any]:
    """As the interface tells it, without the facts that may not be told."""
    told = {one.fact for one in each.told}
    said = each.found.as_json()
    points: Any = said["points"]
    said["points"] = [
        {**row, "fact": None} for row, one in zip(points, each.found.points, strict=True) if one.fact in told
    ]
    said["points_not_told"] = {"facts": len(each.untold), "points": str(sum(one.points for one in each.untold))}
    del said["subject"]
    return said
