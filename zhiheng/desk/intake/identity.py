"""Whose record is whose: likely matches side by side, decided by keyboard or button, undone when wrong; merge and split
by search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any
from urllib.parse import urlencode

import orjson
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.identity import link_subjects as linking
from zhiheng.desk.actor_names import told
from zhiheng.desk.intake.forms import MergeForm, PairForm, SeveralPairsForm, SplitFactsForm, SplitForm
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import asking, named, paging
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import ReasonForm
from zhiheng.pages.words import label, say
from zhiheng.people import access
from zhiheng.queries import identity as reading

KINDS = {
    "enterprise": ("企业", "enterprise"),
    "person": ("人员", "person"),
    "product": ("产品", "product"),
    "batch": ("批次", "batch"),
    "project": ("工程", "project"),
    "equipment": ("设备", "equipment"),
    "premises": ("场所", "premises"),
}
VERBS = {"merge": ("合并", "merge"), "split": ("拆分", "split"), "undo": ("撤销", "undo")}
DECISIONS = {"same": ("同一主体", "the same"), "different": ("不同主体", "different")}
# Reasons that officers give most; a number key writes one of them.
USUAL = (
    ("证照代码一致，名称只是写法不同", "The codes agree, the names are two spellings"),
    ("名称和地址都一致", "Name and address agree"),
    ("已电话向企业核实", "Confirmed with the enterprise by telephone"),
    ("名称相近，但代码或地址不同", "The names are alike, but codes or addresses differ"),
    ("总店与分店，各自登记", "Parent and branch, registered separately"),
)


# What pairs are alike by, in few words; the sentence stands beside each pair.
REASONS = {
    "code.names": ("同一代码下名称不同", "one code, other names"),
    "code.shared": ("同一代码下几个名称", "one code, several names"),
    "code.differs": ("名称相同代码不同", "one name, other codes"),
    "code.invalid": ("代码校验不符", "code fails its check"),
    "code.twice": ("同一代码两份档案", "one code, two files"),
    "branch.code": ("分支用了总部代码", "branch with the parent's code"),
    "branch.several": ("几个分支同一代码", "branches with one code"),
    "branch.word": ("分支写法不同", "branch spelt otherwise"),
    "code.register": ("登记名称与先前报来的不同", "the register's name for a code told before"),
    "name.former": ("写明的曾用名", "former name"),
    "name.same": ("名称相同", "one name"),
    "address.same": ("名称地址相同", "name and address"),
    "name.vague": ("普通名称", "common name"),
    "form.differs": ("组织形式不同", "legal form differs"),
    "form.slip": ("组织形式有误", "slip in the form"),
    "place.within": ("区划一方较细", "place within place"),
    "place.open": ("区划有歧义", "place is open"),
    "place.missing": ("一方缺少区划", "place missing"),
    "place.moved": ("区划位置不同", "place in another position"),
    "name.number": ("数字写法不同", "numbers written otherwise"),
    "place.slip": ("区划写错", "slip in the place"),
    "place.differs": ("区划不同", "places differ"),
    "note.differs": ("括号说明不同", "notes differ"),
    "line.differs": ("行业表述不同", "line of business differs"),
    "name.longer": ("一方包含另一方", "one contains the other"),
    "name.missing": ("少一个字", "a character missing"),
    "name.sound": ("音同字异", "sound alike"),
    "name.sight": ("字形相近", "look alike"),
    "name.character": ("一字之差", "one character differs"),
    "name.order": ("字序颠倒", "order reversed"),
    "name.two": ("两字之差", "two characters"),
    "name.letters": ("外文拼写不同", "spelling in letters"),
    "person.same": ("人员姓名单位相同", "person and employer"),
}


def _tabs(here: str, may: bool) -> list[dict[str, Any]]:
    tabs = [("identity", say("疑似匹配", "Likely matches")), ("identity_acts", say("办理记录", "Acts so far"))]
    if may:
        tabs += [("identity_merge", say("合并", "Merge")), ("identity_split_search", say("拆分", "Split"))]
    return [{"url": reverse(f"desk:{name}"), "label": word, "here": name == here} for name, word in tabs]


def _may(request: PageRequest) -> bool:
    return not access.scope(call_of(request), "identity.decide").nothing


def _reasons(match: Any) -> list[dict[str, str]]:
    return [{"zh": zh, "en": en} for zh, en in orjson.loads(match.reasons)]


@door("identity.read")
def waiting(request: PageRequest) -> HttpResponse:
    """Pairs that wait for a person, likeliest first."""
    return _waiting(request, {name: asking.text(request, name, 100) for name in _NARROWED})


# What the list of waiting pairs is narrowed by.
_NARROWED = ("kind", "area", "unit", "q")


def _waiting(request: PageRequest, given: Mapping[str, str], form: SeveralPairsForm | None = None) -> HttpResponse:
    asked = reading.PairFilters(*(given.get(name, "").strip()[:100] for name in _NARROWED))
    found = reading.pairs_waiting(paging.place_asked(request), call=call_of(request), asked=asked)
    form = form or SeveralPairsForm()
    ticked = form.cleaned_data.get("match", []) if form.is_bound else []
    rows = [
        {
            "match": m,
            "score": f"{m.score / 10:.0f}",
            "reasons": _reasons(m)[:3],
            "ticked": m.id in ticked,
            "decidable": m.id in found.decidable,
        }
        for m in found.rows
    ]
    query = {name: value for name, value in zip(_NARROWED, astuple(asked), strict=True) if value}
    words = {
        "rows": rows,
        "next": found.next,
        "tabs": _tabs("identity", _may(request)),
        "may": bool(found.decidable),
        "total": found.total,
        "asked": asked,
        "error": " ".join(problem["text"] for problem in form.problems),
        "reason": form["reason"].shown,
        "usual": [say(*one) for one in USUAL],
        "kinds": [(kind, _reason_word(kind), many) for kind, many in found.kinds],
        "query": urlencode(query),
        "fields": _fields(asked, [kind for kind, _ in found.kinds]),
        "chips": _chips(query),
        "clear": reverse("desk:identity"),
        "waiting": (waiting := sum(many for _, many in found.kinds)),
        "waiting_text": f"{waiting:,}",
        "total_text": f"{found.total:,}",
    }
    return render(request, "desk/identity.html", words, status=form.status)


def _reason_word(kind: str) -> str:
    return say(*REASONS[kind]) if kind in REASONS else say("其他依据", "Other reasons")


def _fields(asked: reading.PairFilters, kinds: Sequence[str]) -> list[dict[str, Any]]:
    everything = ("", say("全部", "All"))
    return [
        {"name": "q", "type": "search", "label": say("名称或代码", "Name or code"), "value": asked.text},
        {
            "name": "kind",
            "type": "select",
            "label": say("匹配依据", "Reason"),
            "value": asked.kind,
            "options": [everything, *((kind, _reason_word(kind)) for kind in kinds if kind)],
        },
        {
            "name": "area",
            "type": "select",
            "label": say("地区", "Area"),
            "value": asked.area,
            "options": [everything, *((area.code, label(area.name)) for area in book()[DISTRICT].areas)],
        },
        {
            "name": "unit",
            "type": "select",
            "label": say("报送单位", "Sender"),
            "value": asked.unit,
            "options": [everything, *((unit.id, label(unit.name)) for unit in book()[DISTRICT].units)],
        },
    ]


def _chips(query: Mapping[str, str]) -> list[dict[str, str]]:
    chips = []
    for name, value in query.items():
        word = {"kind": _reason_word, "area": named.area, "unit": named.unit}.get(name, str)(value)
        rest = {other: said for other, said in query.items() if other != name}
        chips.append({"label": word, "url": f"{reverse('desk:identity')}?{urlencode(rest)}"})
    return chips


@require_POST
@door("identity.decide")
def decide_several(request: PageRequest) -> HttpResponse:
    """Decide the ticked pairs of one kind together, for one reason; then the same list again."""
    form = SeveralPairsForm.of(request)
    form.is_valid()
    given = QueryDict(form.cleaned_data["query"])
    if form.errors:
        return _waiting(request, given.dict(), form)
    verdict, numbers = form.cleaned_data["verdict"], form.cleaned_data["match"]
    with form.refusals(absent=True):
        done, late = linking.decide_several(numbers, same=verdict == "same", reason=form.because, call=call_of(request))
        messages.success(
            request,
            say(
                "已把 {n} 对判为{verdict}。",
                "{n} pairs are decided: {verdict}.",
                n=len(done),
                verdict=say(*DECISIONS[verdict]),
            ),
        )
        if late:
            messages.warning(
                request,
                say(
                    "另有 {n} 对刚刚已有别人判断，未再改动。",
                    "{n} more had just been decided by others and stay so.",
                    n=len(late),
                ),
            )
        return redirect(f"{reverse('desk:identity')}?{given.urlencode()}")
    return _waiting(request, given.dict(), form)


@door("identity.read")
def pair(request: PageRequest, number: int) -> HttpResponse:
    """Both sides of a pair, with what differs marked."""
    return _pair(request, number)


def _pair(request: PageRequest, number: int, form: PairForm | None = None) -> HttpResponse:
    form = form or PairForm()
    taken = form.has_code("likely.decided")
    shown = reading.open_pair(number, call=call_of(request))
    units = {unit.id: unit.name for unit in book()[DISTRICT].units}
    areas = {area.code: area.name for area in book()[DISTRICT].areas}
    records = book()[RECORDS]
    sides = [
        {
            "side": side,
            "subject": side.alias.subject_id,
            "kind": say(*KINDS.get(side.alias.kind, (side.alias.kind,) * 2)),
            "place": label(areas[side.alias.place]) if side.alias.place in areas else side.alias.place,
            "area": label(areas[side.card.area]) if side.card and side.card.area in areas else "",
            "units": [label(units[u]) if u in units else u for u in side.units],
            "head": head,
            "lines": [
                {
                    "line": line,
                    "record": label(records[line.record].record.label) if line.record in records else line.record,
                    "unit": label(units[line.unit]) if line.unit in units else line.unit,
                }
                for line in side.lines
            ],
        }
        for side, head in ((shown.left, say("甲", "A")), (shown.right, say("乙", "B")))
    ]
    decided = shown.match.decision
    words = {
        "shown": shown,
        "match": shown.match,
        "sides": sides,
        "score": f"{shown.match.score / 10:.0f}",
        "form": form,
        "error": " ".join(problem["text"] for problem in form.problems),
        "taken": taken,
        "usual": [say(*one) for one in USUAL],
        "decided": say(*DECISIONS[decided]) if decided else "",
        "decided_by": told([shown.decided_by])[shown.decided_by],
        "same_already": shown.match.alias.subject_id == shown.match.other.subject_id,
    }
    return render(request, "desk/identity_pair.html", words, status=409 if taken else form.status)


@require_POST
@door("identity.decide")
def decide(request: PageRequest, number: int) -> HttpResponse:
    """Decide a pair, then show the next one. If another officer decided it meanwhile, the page says so and keeps what
    was typed.
    """
    form = PairForm.of(request)
    shown = reading.open_pair(number, call=call_of(request))
    if not form.is_valid():
        return _pair(request, number, form)
    verdict = form.cleaned_data["verdict"]
    try:
        match = linking.decide(number, same=verdict == "same", reason=form.because, call=call_of(request))
    except Refused as refused:
        if refused.refusals[0].code not in ("likely.decided", "reason.needed"):
            raise
        form.take(refused.refusals, {"": "reason"})
        return _pair(request, number, form)
    messages.success(
        request,
        say(
            "已判为{verdict}：{left} / {right}",
            "Decided as {verdict}: {left} / {right}",
            verdict=say(*DECISIONS[verdict]),
            left=shown.match.alias.name,
            right=shown.match.other.name,
        ),
    )
    ahead = shown.after or shown.before
    last = f"?act={match.act_id}" if match.act_id else ""
    if ahead is None:
        return redirect(reverse("desk:identity") + last)
    return redirect(reverse("desk:identity_pair", args=[ahead]) + last)


# -- acts --------------------------------------------------------------------------------------------------------------


@door("identity.read")
def acts(request: PageRequest) -> HttpResponse:
    """What was merged, split and undone; what is open can be undone."""
    return _acts(request)


def _acts(request: PageRequest, form: ReasonForm | None = None, *, wrong: int | None = None) -> HttpResponse:
    form = form or ReasonForm()
    page = reading.acts(paging.place_asked(request), call=call_of(request))
    names = told(one.act.actor for one in page.rows)
    rows = [
        {"shown": one, "verb": say(*VERBS[one.act.verb]), "who": names[one.act.actor], "wrong": one.act.id == wrong}
        for one in page.rows
    ]
    words = {
        "rows": rows,
        "next": page.next,
        "tabs": _tabs("identity_acts", _may(request)),
        "error": " ".join(problem["text"] for problem in form.problems),
        "reason": form["reason"].shown,
    }
    return render(request, "desk/identity_acts.html", words, status=form.status)


@require_POST
@door("identity.decide")
def undo(request: PageRequest, number: int) -> HttpResponse:
    """Take a merge or a split back."""
    form = ReasonForm.of(request)
    if form.is_valid():
        with form.refusals(absent=True):
            linking.undo(number, reason=form.cleaned_data["reason"], call=call_of(request))
            messages.success(
                request,
                say(
                    "操作 {n} 已撤销，名称回到原来的主体。",
                    "Act {n} is undone; the names are back where they were.",
                    n=number,
                ),
            )
            return redirect("desk:identity_acts")
    return _acts(request, form, wrong=number)


# -- merge and split by search -----------------------------------------------------------------------------------------


@door("identity.decide")
def merge(request: PageRequest) -> HttpResponse:
    """Choose subjects by search, say which of them stays, merge the others into it."""
    form = MergeForm.asked(request)
    valid = form.is_valid()
    numbers, into = form.cleaned_data.get("chosen", []), form.cleaned_data.get("into")
    if request.method == "POST" and valid:
        others = [n for n in numbers if n != into]
        if into is None or into not in numbers or not others:
            form.add_error(
                "into",
                say("请至少选两个主体，并指明保留哪一个。", "Choose at least two, and which of them stays."),
            )
        else:
            with form.refusals(dict.fromkeys(("", "into", "chosen"), "reason"), absent=True):
                act = linking.merge(into, others, reason=form.cleaned_data["reason"], call=call_of(request))
                messages.success(request, say("已合并为主体 {n}。", "Merged into subject {n}.", n=into))
                return redirect(reverse("desk:identity_acts") + f"?act={act.id}")
    text = form.cleaned_data.get("q", "")
    hits = reading.look_for(text, call=call_of(request)) if request.method == "GET" else ()
    chosen = reading.chosen_subjects(numbers, call=call_of(request))
    words = {
        "q": text,
        "hits": [_hit(request, hit, numbers) for hit in hits],
        "searched": bool(text.strip()),
        "into": form["into"].shown,
        "form": form,
        "chosen": [
            {"one": one, "without": _query(text, [n for n in numbers if n != one.head.subject])} for one in chosen
        ],
        "numbers": numbers,
        "errors": form.problems,
        "tabs": _tabs("identity_merge", True),
    }
    return render(request, "desk/identity_merge.html", words, status=form.status)


def _query(text: str, numbers: Sequence[int]) -> str:
    return "?" + urlencode([("q", text), *(("chosen", n) for n in numbers)])


def _hit(request: PageRequest, hit: Any, numbers: Sequence[int]) -> dict[str, Any]:
    areas = {area.code: area.name for area in book()[DISTRICT].areas}
    return {
        "card": hit.card,
        "area": label(areas[hit.card.area]) if hit.card.area in areas else "",
        "here": hit.card.subject in numbers,
        "add": _query(asking.text(request, "q", 200), [*numbers, hit.card.subject]),
        "split": reverse("desk:identity_split", args=[hit.card.subject]),
    }


@door("identity.decide")
def split_search(request: PageRequest) -> HttpResponse:
    """Find the subject that holds names of another one."""
    text = asking.text(request, "q", 200)
    hits = reading.look_for(text, call=call_of(request))
    words = {
        "q": text,
        "searched": bool(text.strip()),
        "hits": [_hit(request, hit, ()) for hit in hits],
        "tabs": _tabs("identity_split_search", True),
    }
    return render(request, "desk/identity_split_search.html", words)


@door("identity.decide")
def split(request: PageRequest, subject: int) -> HttpResponse:
    """Choose names of another subject; they get a new one."""
    form = SplitForm.of(request)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with form.refusals({"": "alias"}, absent=True):
            linking.split(typed["alias"], reason=typed["reason"], call=call_of(request))
            messages.success(
                request,
                say(
                    "已把 {n} 个名称拆成另一主体。", "{n} names are a subject of their own now.", n=len(typed["alias"])
                ),
            )
            return redirect("desk:identity_acts")
    head = reading.spellings_of(subject, call=call_of(request))
    words = {
        "head": head,
        "spellings": [{"one": one, "part": _part_word(one.part)} for one in head.spellings],
        "chosen": form.cleaned_data.get("alias", []) if form.is_bound else [],
        "form": form,
        "errors": form.problems,
        "tabs": _tabs("identity_split_search", True),
    }
    return render(request, "desk/identity_split.html", words, status=form.status)


def _part_word(part: str) -> str:
    """Which facts under a spelling are meant, where it is not all of them."""
    kind, _, name = part.partition(":")
    if kind == "unit":
        return say("只是{unit}报的", "only what {unit} said", unit=named.unit(name))
    return say("只是拆出的那些事实", "only the facts that were split off") if kind == "facts" else ""


@door("identity.decide")
def split_facts(request: PageRequest, subject: int, alias: int) -> HttpResponse:
    """Choose facts of another subject under one spelling: by sender, by area, or one by one."""
    form = SplitFactsForm.of(request)
    valid = request.method == "POST" and form.is_valid()
    chosen = form.cleaned_data.get("fact", []) if form.is_bound else []
    if valid:
        kind, _, name = form.cleaned_data["by"].partition(":")
        part = linking.SplitPart(
            unit=name if kind == "unit" else "",
            area=name if kind == "area" else "",
            facts=tuple(chosen) if kind == "fact" else (),
        )
        with form.refusals({"": "by"}, absent=True):
            act = linking.split_facts(alias, part, reason=form.cleaned_data["reason"], call=call_of(request))
            messages.success(
                request, say("选定的事实已归另一主体。", "The chosen facts are a subject's of their own now.")
            )
            return redirect(reverse("desk:identity_acts") + f"?act={act.id}")
    found = reading.facts_under(alias, subject, call=call_of(request))
    records = book()[RECORDS]
    words = {
        "found": found,
        "subject": subject,
        "part": _part_word(found.spelling.part or ""),
        "by": form["by"].shown,
        "form": form,
        "errors": form.problems,
        "units": [(name, named.unit(name), many) for name, many in found.units] if found.spelling.part is None else [],
        "areas": [(code, named.area(code), many) for code, many in found.areas],
        "facts": [
            {
                "fact": fact,
                "record": label(records[fact.record].record.label) if fact.record in records else fact.record,
                "unit": named.unit(fact.unit),
                "area": named.area(fact.area),
                "ticked": fact.id in chosen,
            }
            for fact in found.latest
        ],
        "more": found.facts - len(found.latest),
        "tabs": _tabs("identity_split_search", True),
    }
    return render(request, "desk/identity_split_facts.html", words, status=form.status)
