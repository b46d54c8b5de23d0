"""The enterprise corner, page by page: one domain call each, nothing of anybody else."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.enterprises import give_consent as consenting
from zhiheng.actions.enterprises import sign_undertaking as signing
from zhiheng.actions.enterprises import withdraw_consent as withdrawing
from zhiheng.actions.intake import upload_delivery as uploading
from zhiheng.actions.objections import raise_objection as objecting
from zhiheng.actions.objections.as_case import term_of
from zhiheng.engines.naming import FAILS, LATELY, OPEN, OUTCOMES, QUALITIES_SHORT, REMEDIES
from zhiheng.firm.forms import ConsentForm, HandInForm, JoinForm, ObjectionForm, SignForm
from zhiheng.firm.tabs import tabs
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.corner import CORNER
from zhiheng.grammar.chapters.credit import CREDIT, CreditExtract
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import QUALITIES
from zhiheng.kernel import days
from zhiheng.kernel.deadlines import left_of
from zhiheng.kernel.media_types import MEDIA_TYPES
from zhiheng.kernel.reasons import Refused
from zhiheng.office.objections import Objection
from zhiheng.office.uploads import Upload
from zhiheng.pages import asking, named, paging
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.blank_forms import blank_form_file
from zhiheng.pages.codes import take_up
from zhiheng.pages.deadlines import due_words
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import BookField
from zhiheng.pages.ratings import shown_rating
from zhiheng.pages.refused import of_what_was_typed
from zhiheng.pages.restrictions import shown_listings
from zhiheng.pages.states import OBJECTIONS, UPLOADS, badge
from zhiheng.pages.words import chinese, label, say
from zhiheng.people import access
from zhiheng.published.entry_text import lines as shown_lines
from zhiheng.published.entry_text import outcome_of
from zhiheng.published.models import PublishedEntry
from zhiheng.quality_file.fact_lines import FileLine
from zhiheng.quality_file.file_view import TimelineFilters
from zhiheng.queries import own_file as reading
from zhiheng.queries import uploads as uploaded
from zhiheng.queries.objections import ground_of, grounds
from zhiheng.queries.ratings import own_ratings
from zhiheng.queries.restrictions import own_restrictions

# So many refused rows are shown on a page; all of them are in the file for mending.
REFUSED_SHOWN = 50


def firm_page(request: PageRequest, template: str, words: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the corner with its tabs and the name of the enterprise."""
    return render(request, f"firm/{template}.html", {**words, **tabs(request, words.get("name", ""))}, status=status)


def _outcome(outcome: str | None, word: Any) -> dict[str, str] | None:
    """What came out of it as a badge, in the words of the record."""
    return {"look": outcome or "neutral", "word": label(word)} if word is not None else None


def _line(line: FileLine) -> dict[str, Any]:
    """A fact in one line, as the corner shows it."""
    return {
        "line": line,
        "label": label(line.label),
        "unit": named.unit(line.unit),
        "outcome": _outcome(line.outcome, line.verdict),
        "gist": [{"label": label(f.label), "value": say(f.zh, f.en)} for f in line.gist],
        "over": line.replaced_by is not None or line.withdrawn,
        "ended": line.ended(today()),
    }


def _may(request: PageRequest, act: str) -> bool:
    """Whether somebody may do an act for their own enterprise: what they may not is not offered to them."""
    subject = reading.subject_of(request.actor)
    return access.may(call_of(request), act, subject=subject) is None


@door("firm.open")
def home(request: PageRequest) -> HttpResponse:
    """What is about us, what expires, what is asked of us."""
    found = reading.home(call=call_of(request))
    soon = today() + dt.timedelta(days=reading.SOON_DAYS)
    # What has ended and was not told again is the first to be looked at.
    expiring = [
        *found.urgent.ended,
        *(line for line in found.urgent.ending if line.valid_until and line.valid_until <= soon),
    ]
    corner = book()[CORNER]
    signed = {one.undertaking for one in found.signatures}
    unsigned = [
        {"id": name, "label": label(page.label), "says": label(page.says)}
        for name, page in (corner.undertakings.items() if corner else ())
        if name not in signed
    ]
    words = {
        "found": found,
        "name": found.card.name if found.card else found.head.names[0],
        "area": named.area(found.card.area) if found.card else "",
        "expiring": [
            {**_line(line), "left": days.left(today(), line.valid_until, "d", book()[CALENDAR])}
            for line in expiring
            if line.valid_until
        ],
        "problems": [_line(line) for line in found.urgent.problems],
        "listings": shown_listings(
            own_restrictions(call=call_of(request)), lambda fact: reverse("firm:fact", args=[fact])
        ),
        "further": found.urgent.open_in_all - len(found.urgent.problems),
        "facts": found.card.facts
        if found.card and found.counts is None
        else sum(one.facts for one in (found.counts or {}).values()),
        "standing": [
            {
                "quality": quality,
                "url": f"{reverse('firm:file')}?quality={quality}",
                "open_url": f"{reverse('firm:file')}?{urlencode({'quality': quality, 'fails': OPEN})}",
                "fails_url": f"{reverse('firm:file')}?{urlencode({'quality': quality, 'fails': LATELY})}",
                **_standing(found, quality),
            }
            for quality in QUALITIES
        ],
        "latest": [_line(line) for line in found.latest.rows],
        "unsigned": unsigned if _may(request, "firm.commit") else [],
        "may_deliver": _may(request, "firm.deliver"),
        "answered": _answered(found.answered),
        "objections": [_objection(one) for one in found.objections],
        "uploads": [{"upload": one, "badge": badge(UPLOADS, one.state)} for one in found.uploads],
    }
    return firm_page(request, "home", words)


def _standing(found: reading.OwnFileHome, quality: str) -> dict[str, Any]:
    """How the enterprise stands in a quality: by its card, or counted among the facts that the reader's role may
    see.
    """
    if found.counts is None:
        return dict(found.card.standing_of.get(quality, {})) if found.card else {}
    counted = found.counts.get(quality)
    return {"facts": counted.facts, "fails": counted.fails} if counted else {}


@door("firm.open")
def file(request: PageRequest) -> HttpResponse:
    """What every department has said of us, the latest first."""
    asked = {name: asking.text(request, name, 60) for name in ("quality", "outcome", "record", "fails")}
    filters = TimelineFilters(
        quality=asked["quality"],
        outcome=asking.choice(request, "outcome", OUTCOMES),
        record=asked["record"],
        fails=asking.choice(request, "fails", FAILS),
    )
    _, found = reading.timeline(filters, after=paging.place_asked(request), call=call_of(request))
    every = say("全部", "All")
    fields: list[dict[str, Any]] = [
        {
            "name": "quality",
            "label": say("质量", "Quality"),
            "value": asked["quality"],
            "type": "select",
            "options": [
                ("", every),
                *((name, label(word)) for name, word in QUALITIES_SHORT.items()),
            ],
        },
        {
            "name": "outcome",
            "label": say("结论", "Outcome"),
            "value": asked["outcome"],
            "type": "select",
            "options": [("", every), *((name, label(word)) for name, word in OUTCOMES.items())],
        },
    ]
    chips = [
        {
            "label": f"{field['label']}：{dict(field['options']).get(asked[str(field['name'])], '')}",
            "url": "?" + urlencode({k: v for k, v in asked.items() if v and k != field["name"]}),
        }
        for field in fields
        if asked[str(field["name"])]
    ]
    if asked["fails"]:
        chips.append(
            {
                "label": label(FAILS[asked["fails"]]),
                "url": "?" + urlencode({k: v for k, v in asked.items() if v and k != "fails"}),
            }
        )
    words = {
        "rows": [_line(line) for line in found.rows],
        "next": found.next,
        "fields": fields,
        "chips": chips,
        "clear": reverse("firm:file"),
        "any": any(asked.values()),
        "total": found.total,
        "keep": [("fails", asked["fails"])] if asked["fails"] else [],
    }
    return firm_page(request, "file", words)


@door("firm.open")
def fact(request: PageRequest, number: int) -> HttpResponse:
    """One fact: what was delivered, by whom, under which law; and the way to object."""
    subject = reading.subject_of(request.actor)
    sheet = reading.own_fact(number, subject, call=call_of(request))
    words = {
        "sheet": sheet,
        "label": label(sheet.label),
        "unit": named.unit(sheet.unit),
        "outcome": _outcome(sheet.outcome, sheet.verdict),
        "fields": [{"label": label(f.label), "value": say(f.zh, f.en), "masked": f.masked} for f in sheet.fields],
        "law": sheet.law,
        "area": named.area(sheet.area),
        "may_object": _may(request, "firm.object"),
    }
    return firm_page(request, "fact", words)


@door("firm.open")
def ratings(request: PageRequest) -> HttpResponse:
    """How we are rated: every point with its fact, its law and when it fades, and the way to object to each fact."""
    found = [
        shown_rating(
            each,
            lambda fact: reverse("firm:fact", args=[fact]),
            objection=lambda fact: reverse("firm:object", args=[fact]),
        )
        for each in own_ratings(call=call_of(request))
    ]
    return firm_page(request, "ratings", {"ratings": found, "may_object": _may(request, "firm.object")})


@door("firm.open")
def readings(request: PageRequest) -> HttpResponse:
    """Which units have looked into our file, how often and when last."""
    found = reading.readings(call=call_of(request))
    rows = [{"one": one, "unit": named.unit(one.unit) or say("其他单位", "another unit")} for one in found]
    return firm_page(request, "readings", {"rows": rows})


@door("firm.open")
def published(request: PageRequest) -> HttpResponse:
    """What the public reads of us, until when, and under which law."""
    found = reading.published(after=paging.place_asked(request), call=call_of(request))
    side = "zh" if say("zh", "en") == "zh" else "en"
    page = book()[PUBLICATION]
    lists = page.portal.lists if page else {}
    rows = [_published(one, side, lists) for one in found.rows]
    total = reading.published_in_all(call=call_of(request))
    return firm_page(request, "published", {"rows": rows, "next": found.next, "total": total})


def _published(one: PublishedEntry, side: str, lists: Any) -> dict[str, Any]:
    return {
        "entry": one,
        "title": one.title_zh if side == "zh" else one.title_en,
        "basis": one.basis_zh if side == "zh" else one.basis_en,
        "list": label(lists[one.list].label) if one.list in lists else one.list,
        "outcome": _outcome(
            one.outcome, outcome_of(one.outcome, one.form.columns, one.values, book()[RECORDS].get(one.record))
        ),
        "lines": [
            line for line in shown_lines(one.form.columns, one.values, "zh" if side == "zh" else "en") if line.listed
        ],
    }


# -- undertakings ------------------------------------------------------------------------------------------------------


@door("firm.open")
def undertakings(request: PageRequest) -> HttpResponse:
    """What can be signed, and what was."""
    corner = book()[CORNER]
    signed = reading.signatures(call=call_of(request))
    pages = corner.undertakings if corner else {}
    may_sign = _may(request, "firm.commit")
    # The latest first: what holds today is said where it can be signed.
    holding = [one for one in signed if one.ended_at is None and one.last_day >= today()]
    until_of = {one.undertaking: one.last_day for one in reversed(holding)}
    words = {
        "pages": [
            {"id": name, "label": label(page.label), "says": label(page.says), "until": until_of.get(name)}
            for name, page in pages.items()
        ],
        "signed": [
            {
                "one": one,
                "label": label(pages[one.undertaking].label) if one.undertaking in pages else one.undertaking,
                "over": one.ended_at is not None or one.last_day < today(),
                "can_end": may_sign and bool(one.undertaking in pages and pages[one.undertaking].end),
            }
            for one in signed
        ],
        "may_sign": may_sign,
    }
    return firm_page(request, "undertakings", words)


@door("firm.open")
def sign(request: PageRequest, name: str) -> HttpResponse:
    """Read, fill in, sign with one's own name; who may not sign reads what is to be signed."""
    corner = book()[CORNER]
    page = corner.undertakings.get(name) if corner else None
    if page is None:
        messages.error(request, say("没有这份承诺书或责任书。", "There is no such undertaking."))
        return redirect("firm:undertakings")
    subject = reading.subject_of(request.actor)
    # Longer than the action takes, so that it is the action that says so.
    asks = [
        BookField(ask, label(word), most=2 * signing.LONGEST, needed=ask not in page.optional)
        for ask, word in page.asks.items()
    ]
    form = SignForm(asks, request.POST) if request.method == "POST" else SignForm(asks)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with form.refusals():
            signed = signing.sign(
                subject,
                name,
                signer=typed["signer"],
                filled={ask: typed[ask] for ask in page.asks},
                agreed=typed["agreed"],
                call=call_of(request),
            )
            messages.success(
                request,
                say(
                    "已签署，编号 {number}；几分钟内进入本企业质量档案。",
                    "Signed as {number}; it enters your file within minutes.",
                    number=signed.number,
                ),
            )
            return redirect("firm:undertakings")
    signer, filled = form["signer"].shown, {ask: form[ask].shown for ask in page.asks}
    blanks = signing.blanks_of(subject, page, signer=signer or request.actor.name, filled=filled, today=today())
    zh, en = signing.wording(page, blanks)
    words = {
        "id": name,
        "label": label(page.label),
        "says": label(page.says),
        "zh": zh,
        "en": en,
        "agreed": signing.text_digest(page),
        "form": form,
        "asks": [form[ask] for ask in page.asks],
        "law": [c for c in page.law if c.holds(today())],
        "errors": form.problems,
        "until": blanks["until"],
        "may_sign": _may(request, "firm.commit"),
    }
    return firm_page(request, "sign", words, form.status)


@require_POST
@door("firm.commit")
def end_signature(request: PageRequest, number: int) -> HttpResponse:
    """End an appointment before its day."""
    try:
        signing.end(number, call=call_of(request))
    except Refused as refused:
        if not of_what_was_typed(refused):
            raise
        messages.error(request, label(refused.refusals[0]))
    else:
        messages.success(
            request, say("已终止，几分钟内写入本企业质量档案。", "Ended; it enters your file within minutes.")
        )
    return redirect("firm:undertakings")


# -- handing in --------------------------------------------------------------------------------------------------------


@door("firm.deliver")
def deliveries(request: PageRequest) -> HttpResponse:
    """What we hand in ourselves, and what became of it."""
    form = HandInForm.of(request)
    subject = reading.subject_of(request.actor)
    if request.method == "POST" and form.is_valid():
        unit = signing.unit_of(subject, book())
        if unit is None:
            form.add_error(
                "files",
                say(
                    "还不知道本企业在哪个区划，请联系属地质强办。",
                    "It is not known where the enterprise lies; ask the quality office.",
                ),
            )
        else:
            with form.refusals():
                for one in form.cleaned_data["files"]:
                    uploading.upload_delivery(
                        one.chunks(),
                        name=one.name or "",
                        unit=unit,
                        subject=subject,
                        call=call_of(request),
                        door="firm",
                    )
                messages.success(request, say("文件已提交，正在接收。", "The file was taken and is being received."))
                return redirect("firm:deliveries")
    corner, records = book()[CORNER], book()[RECORDS]
    words = {
        "rows": [
            {
                "upload": one,
                "badge": badge(UPLOADS, one.state),
                "facts": sum(t["facts"] for t in one.result),
                "refused": sum(t["refused"] for t in one.result),
            }
            for one in reading.uploads(call=call_of(request))
        ],
        "forms": [
            {
                "label": label(records[name].record.label),
                "url": reverse("firm:blank_form", args=[name]),
                "headings": list(next(iter(records[name].sources.values())).columns),
            }
            for name in (corner.hands_in if corner else ())
        ],
        "form": form,
        "errors": form.problems,
    }
    return firm_page(request, "deliveries", words, form.status)


@door("firm.deliver")
def blank_form(request: PageRequest, name: str) -> HttpResponse:
    """The blank form of a record that enterprises hand in themselves."""
    corner = book()[CORNER]
    if corner is None or name not in corner.hands_in:
        raise Http404("enterprises do not hand this in")
    return blank_form_file(book(), name)


@door("firm.deliver")
def delivery(request: PageRequest, number: int) -> HttpResponse:
    """What became of a file, table by table, refused rows with the reason."""
    found = uploaded.upload(number, call=call_of(request))
    tables = []
    for table in found.result:
        refusals = None
        if table["refused"] and table["deliveries"]:
            refusals = uploaded.refused(
                number, table["deliveries"][0], after="", limit=REFUSED_SHOWN, call=call_of(request)
            )
        tables.append(
            {
                "table": table,
                "download": table["deliveries"][0] if refusals else None,
                "further": table["refused"] > REFUSED_SHOWN,
                "refusal": label(table["refusal"]) if table["refusal"] else "",
                "headings": refusals.headings if refusals else [],
                "rows": [
                    {"number": row.number, "cells": row.cells, "reasons": [label(dict(r)) for r in row.reasons]}
                    for row in refusals.rows
                ]
                if refusals
                else [],
            }
        )
    words = {
        "upload": found,
        "badge": badge(UPLOADS, found.state),
        "tables": tables,
        "failure": label(found.failure) if found.failure else "",
        "under_way": found.state in Upload.UNDER_WAY,
        "refused_in_all": sum(table["refused"] for table in found.result),
    }
    return firm_page(request, "delivery", words)


@door("firm.deliver")
def refused_rows(request: PageRequest, number: int, delivery: int) -> FileResponse:
    """The refused rows under our own headings, with the reasons in the last column, to be mended and handed in
    again.
    """
    with tempfile.TemporaryDirectory(prefix="zhiheng-") as folder:
        out = Path(folder) / "refused.xlsx"
        uploaded.write_refused(number, delivery, out, call=call_of(request), language="zh" if chinese() else "en")
        file = out.open("rb")
    name = say("退回行-{n}.xlsx", "refused-rows-{n}.xlsx", n=delivery)
    return FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPES["xlsx"])


# -- consents ----------------------------------------------------------------------------------------------------------


@door("firm.consent")
def consents(request: PageRequest) -> HttpResponse:
    """Which banks may read what, for what, until when; and each reading."""
    return _consents(request)


def _consents(request: PageRequest, form: ConsentForm | None = None) -> HttpResponse:
    given, reads = reading.consents(call=call_of(request))
    extracts = book()[CREDIT]
    readers = {r.id: label(r.name) for page in extracts.values() for r in page.readers}
    purposes = {name: label(word) for page in extracts.values() for name, word in page.purposes.items()}
    first = next(iter(extracts.items()), None)
    form = form or ConsentForm()
    choose = ("", say("请选择", "Choose"))
    form.offer(reader=[choose, *readers.items()], purpose=[choose, *purposes.items()])
    words = {
        "rows": [
            {
                "one": one,
                "reader": readers.get(one.reader, one.reader),
                "purpose": purposes.get(one.purpose, one.purpose),
                "live": one.withdrawn_at is None and one.replaced_at is None and one.last_day >= today(),
            }
            for one in given
        ],
        "reads": [
            {
                "one": one,
                "reader": readers.get(one.consent.reader, one.consent.reader),
                "purpose": purposes.get(one.purpose, one.purpose),
            }
            for one in reads
        ],
        "latest": consenting.latest_day(first[1], today()).isoformat() if first else "",
        "records": [label(book()[RECORDS][r].record.label) for r in (first[1].records if first else ())],
        "form": form,
        "errors": form.problems,
        "agreed": _consent_to_read(first[1], reading.name_of(request.actor)) if first else "",
    }
    return firm_page(request, "consents", words, form.status)


def _consent_to_read(extract: CreditExtract, name: str) -> str:
    """What a consent will say, to be read before it is given: what is chosen below stands as a blank."""
    return label(extract.text).format(
        enterprise=name,
        reader=say("（所选金融机构）", "(the institution chosen)"),
        purpose=say("（所选用途）", "(the purpose chosen)"),
        first=today().isoformat(),
        last=say("（所选截止日期）", "(the last day chosen)"),
    )


@require_POST
@door("firm.consent")
def give_consent(request: PageRequest) -> HttpResponse:
    """Let a bank read for a purpose until a day."""
    form = ConsentForm.of(request)
    if not form.is_valid():
        return _consents(request, form)
    typed = form.cleaned_data
    extract = next(iter(book()[CREDIT]), "")
    subject = reading.subject_of(request.actor)
    before = consenting.standing(subject, today()).get((typed["reader"], typed["purpose"]))
    with form.refusals():
        given = consenting.give(
            subject,
            extract=extract,
            reader=typed["reader"],
            purpose=typed["purpose"],
            last=typed["last"],
            call=call_of(request),
        )
        told = say("已授权；随时可以撤回。", "Consent given; you may withdraw it at any time.")
        if before is not None and before.pk != given.pk:
            told += say(
                "原来至 {day} 的授权由这一份替代。", " It takes the place of the one until {day}.", day=before.last_day
            )
        messages.success(request, told)
        return redirect("firm:consents")
    return _consents(request, form)


@require_POST
@door("firm.consent")
def withdraw_consent(request: PageRequest, number: int) -> HttpResponse:
    """From now on nothing is read under it."""
    ended = withdrawing.withdraw(number, call=call_of(request))
    if ended.withdrawn_at is None:
        told = say(
            "这份授权早已由新的一份替代，没有改变什么。",
            "A newer consent had taken its place before; nothing was changed.",
        )
    else:
        told = say("已撤回授权，立即生效。", "The consent was withdrawn and ended at once.")
    others = [one for (reader, _), one in consenting.standing(ended.subject, today()).items() if reader == ended.reader]
    purposes = {name: label(word) for page in book()[CREDIT].values() for name, word in page.purposes.items()}
    for one in others:
        told += say(
            "该机构仍有另一份授权有效：用途“{purpose}”，至 {day}；不想让它再查，请一并撤回。",
            " The institution still has another consent, for {purpose}, until {day}; withdraw that as well if it "
            "should read no more.",
            purpose=purposes.get(one.purpose, one.purpose),
            day=one.last_day,
        )
    if others:
        messages.warning(request, told)
    else:
        messages.success(request, told)
    return redirect("firm:consents")


# -- objections --------------------------------------------------------------------------------------------------------


def _objection(one: Any) -> dict[str, Any]:
    record = book()[RECORDS].get(one.record)
    return {
        "one": one,
        "badge": badge(OBJECTIONS, one.state),
        "ground": label(ground_of(book(), one.ground)),
        "record": label(record.record.label) if record else one.record,
        "unit": named.unit(one.unit),
        "left": left_of(one.due_basis, one.due_on, today(), book()[CALENDAR])
        if one.state == Objection.State.OPEN
        else None,
        "basis": due_words(one.due_basis),
        "remedy": label(REMEDIES[one.remedy]) if one.remedy in REMEDIES else "",
    }


def _answered(found: Any) -> list[dict[str, Any]]:
    """Objections with the unit that answered each."""
    units = reading.answering_units(found)
    return [{**_objection(one), "answered_by": named.unit(units[one.id])} for one in found]


@door("firm.open")
def objections(request: PageRequest) -> HttpResponse:
    """What we have objected to, and where it stands."""
    found = reading.objections(call=call_of(request))
    return firm_page(request, "objections", {"rows": [_objection(one) for one in found]})


@door("firm.object")
def new_objection(request: PageRequest, number: int) -> HttpResponse:
    """Object to a fact: what is wrong, how it should be, with papers."""
    subject = reading.subject_of(request.actor)
    sheet = reading.own_fact(number, subject, call=call_of(request))
    form = ObjectionForm.of(request, entry=asking.text(request, "entry", 24))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with form.refusals():
            made = objecting.raise_objection(
                subject,
                fact=number,
                ground=typed["ground"],
                reason=typed["reason"],
                files=[objecting.Attachment(one.name or "", one.chunks()) for one in typed["files"]],
                entry=typed["entry"] or asking.text(request, "entry", 24),
                call=call_of(request),
            )
            return redirect("firm:objection", made.receipt)
    term = term_of(sheet.record, book(), today())
    form.offer(
        ground=[
            ("", say("请选择", "Choose")),
            *((name, label(word)) for name, word in grounds(book()).items()),
        ]
    )
    words = {
        "sheet": sheet,
        "label": label(sheet.label),
        "unit": named.unit(sheet.unit),
        "form": form,
        "errors": form.problems,
        "term": term,
        "counted": due_words(term.basis()),
    }
    return firm_page(request, "objection_new", words, form.status)


@door("firm.open")
def objection(request: PageRequest, receipt: str) -> HttpResponse:
    """The receipt: number, what was said, until when it is answered, the answer."""
    one = reading.objection(receipt, call=call_of(request))
    corner = book()[CORNER]
    words = {
        "row": _answered([one])[0],
        "one": one,
        "review": label(corner.objections.review) if corner else "",
        "address": request.build_absolute_uri(reverse("firm:objection", args=[receipt])),
        "may_object": _may(request, "firm.object"),
    }
    return firm_page(request, "objection", words)


@require_POST
@door("firm.object")
def withdraw_objection(request: PageRequest, receipt: str) -> HttpResponse:
    """Take it back before it was answered."""
    try:
        objecting.withdraw_objection(receipt, call=call_of(request))
    except Refused as refused:
        if not of_what_was_typed(refused):
            raise
        messages.error(request, label(refused.refusals[0]))
    else:
        messages.success(request, say("异议已撤回。", "The objection was withdrawn."))
    return redirect("firm:objection", receipt)


# -- the way in --------------------------------------------------------------------------------------------------------


@door("public")
def join(request: PageRequest) -> HttpResponse:
    """Take up an account with the code of a letter of invitation."""
    return take_up(request, "firm/join.html", JoinForm.of(request))
