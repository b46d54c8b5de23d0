"""The audit at the desk: one list over what was changed, read and exported."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from zhiheng.database.paging import Page
from zhiheng.desk.actor_names import told
from zhiheng.grammar.acts import VERBS
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.corner import CORNER
from zhiheng.grammar.chapters.credit import CREDIT
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.grammar.trail_words import ABOUT, ACTORS, COUNTED, DETAILS, VALUES, WHOLE, verb_words
from zhiheng.pages import asking, paging
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label, say
from zhiheng.people import access
from zhiheng.queries import audit as reading
from zhiheng.queries.objections import grounds

MOST_OF_A_LIST = 8
MOST_ASKED = 120

# Of what kind a line is about -> the page that shows it, and the act that it takes to open it.
_THINGS = {
    "fact": ("desk:fact", "fact.read"),
    "subject": ("desk:file", "file.read"),
    "account": ("desk:person", "people.read"),
    "delivery": ("desk:delivery", "delivery.list"),
    "upload": ("desk:upload_result", "delivery.list"),
    "case": ("desk:case", "case.read"),
    "objection": ("desk:objection", "objection.read"),
    "signal": ("desk:warning_signal", "warning.read"),
    "likely": ("desk:identity_pair", "identity.read"),
    "request": ("desk:publication_request", "publication.read"),
}
_ABOUT = re.compile(rf"^({'|'.join(_THINGS)}):(\d{{1,18}})$")
_WITH_PURPOSE_OF_BOOK = ("consent.", "credit.")


def _verb(verb: str, about: str = "") -> str:
    words = verb_words(verb, about)
    return say(*words) if words is not None else verb


def _word(name: str) -> str:
    return say(*DETAILS[name]) if name in DETAILS else name


class _Told:
    """Names for the numbers and ids of some lines, looked up once for all of them."""

    def __init__(self, lines: Iterable[reading.TrailEntry]) -> None:
        shown = list(lines)
        about = [line.about for line in shown]
        about += [one for line in shown for one in _texts(line.detail)]
        self.subjects = reading.names_of_subjects(
            {int(m[2]) for one in about if (m := _ABOUT.match(one)) and m[1] == "subject"}
            | {n for line in shown for n in _numbers(line.detail.get("subject"))}
        )
        self.people = told(one for one in about if one.partition(":")[0] in ACTORS)
        self.purposes = {name: what for page in book()[CREDIT].values() for name, what in page.purposes.items()}
        self.of_the_book = {
            **{u.id: u.name for u in book()[DISTRICT].units},
            **{a.code: a.name for a in book()[DISTRICT].areas},
        }
        self.of_the_book |= {name: entry.record.label for name, entry in book()[RECORDS].items()}
        self.of_the_book |= {name: role.label for name, role in book()[ROLES].items()}
        self.of_the_book |= {name: one.label for name, one in book()[INDICATORS].items()}
        self.of_the_book |= {r.id: r.name for page in book()[CREDIT].values() for r in page.readers}
        if (corner := book()[CORNER]) is not None:
            self.of_the_book |= {name: page.label for name, page in corner.undertakings.items()}
            self.of_the_book |= dict(grounds(book()))

    def about(self, about: str) -> str:
        """``fact:345`` in words: the name of an enterprise or an account where it is one, else its kind and number."""
        if about in WHOLE:
            return say(*WHOLE[about])
        kind, _, rest = about.partition(":")
        if kind == "subject" and rest.isdecimal() and int(rest) in self.subjects:
            return self.subjects[int(rest)]
        if kind in ("account", "token") and about in self.people:
            return self.people[about]
        if kind in ABOUT and rest:
            return f"{say(*ABOUT[kind])} {label(self.of_the_book[rest]) if rest in self.of_the_book else rest}"
        counted = re.fullmatch(rf"(\d+) ({'|'.join(COUNTED)})", about)
        return say(*COUNTED[counted[2]], n=counted[1]) if counted else about

    def purpose(self, line: reading.TrailEntry) -> str:
        """For what something was read: as the book calls it where it is chosen from the book, else as it was typed."""
        if line.verb.startswith(_WITH_PURPOSE_OF_BOOK) and line.purpose in self.purposes:
            return label(self.purposes[line.purpose])
        return line.purpose

    def detail(self, line: reading.TrailEntry) -> str:
        """The details without the marks of a program."""
        said = []
        for name, value in line.detail.items():
            if value in ("", None, {}, []):
                continue
            if name == "by" and line.verb in ("fact.correction", "fact.withdrawal", "publication.correct"):
                said.append(say("新记录 {n}", "new statement {n}", n=value))
            elif name == "subject" and (numbers := _numbers(value)):
                said.append(f"{_word(name)} {self.subjects.get(numbers[0], numbers[0])}")
            elif name == "sha256" or name == "file":
                said.append(f"{_word(name)} {str(value)[:12]}…")
            else:
                said.append(f"{_word(name)} {self._plain(value)}")
        return say("；", "; ").join(said)

    def _plain(self, value: Any) -> str:
        if isinstance(value, bool):
            return say("是", "yes") if value else say("否", "no")
        if isinstance(value, dict):
            return say("，", ", ").join(f"{_word(name)} {self._plain(each)}" for name, each in value.items())
        if isinstance(value, list):
            shown = say("、", ", ").join(dict.fromkeys(self._plain(each) for each in value[:MOST_OF_A_LIST]))
            return (
                shown
                if len(value) <= MOST_OF_A_LIST
                else shown + say(" 等 {n} 项", " and so on, {n} in all", n=len(value))
            )
        text = str(value)
        if text in self.of_the_book:
            return label(self.of_the_book[text])
        # The conditions of a search of the trail are told as the trail tells of people and things.
        if text in self.people:
            return self.people[text]
        if text in WHOLE or text.partition(":")[0] in ABOUT:
            return self.about(text)
        return say(*VALUES[text]) if text in VALUES else _verb(text)


def _texts(value: Any) -> list[str]:
    """Every text of a detail, however deep it stands."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []


def _numbers(value: Any) -> list[int]:
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []


def _url(about: str, cases: Collection[str], call: Call) -> str:
    """The page of a thing; '' where it has none, where the reader may open no page of its kind, or not this case.

    ``cases``: those that the reader may read.
    """
    found = _ABOUT.match(about)
    if found is None or (found[1] == "case" and about not in cases):
        return ""
    page, act = _THINGS[found[1]]
    if access.scope(call, act).nothing:
        return ""
    try:
        return reverse(page, args=[int(found[2])])
    except NoReverseMatch:
        return ""


@door("audit.read")
def audit(request: PageRequest) -> HttpResponse:
    """Both trails, the latest first."""
    asked = {name: asking.text(request, name, MOST_ASKED) for name in ("who", "verb", "about", "first", "last")}
    first, last = asking.day(request, "first"), asking.day(request, "last")
    asking.choice(request, "verb", VERBS)
    found = reading.look_up(asked["who"], asked["about"])
    filters = reading.TrailFilters(found.who, asked["verb"], found.about, first, last)
    problems = _not_found(asked, found)
    page = Page() if problems else reading.audit(filters, after=paging.place_asked(request), call=call_of(request))
    words_of = {
        "who": say("操作人", "Who"),
        "verb": say("操作", "What"),
        "about": say("对象", "About"),
        "first": say("自", "From"),
        "last": say("至", "Until"),
    }
    hints = {
        "who": say("姓名或账号名", "name or account"),
        "about": say("企业名称、代码，或“事实 123”", "an enterprise, or 'fact 123'"),
    }
    verbs = [("", say("不限", "any")), *((verb, say(*words)) for verb, words in VERBS.items())]
    fields: list[dict[str, Any]] = [
        {
            "name": name,
            "label": word,
            "value": asked[name],
            "type": "date" if name in ("first", "last") else "select" if name == "verb" else "search",
            "placeholder": hints.get(name, ""),
            "options": verbs if name == "verb" else [],
        }
        for name, word in words_of.items()
    ]
    said = told([*(line.who for line in page.rows), *found.who])
    shown = {
        **asked,
        "verb": _verb(asked["verb"]),
        "who": say("、", ", ").join(said.get(one, one) for one in found.who) or asked["who"],
    }
    chips = [
        {
            "label": f"{words_of[name]}：{shown[name]}",
            "url": "?" + urlencode({k: v for k, v in asked.items() if v and k != name}),
        }
        for name, value in asked.items()
        if value
    ]
    names = _Told(page.rows)
    call = call_of(request)
    cases = reading.cases_open_to(page.rows, call=call)
    rows = [
        {
            "line": line,
            "verb": _verb(line.verb, line.about),
            "url": _url(line.about, cases, call),
            "detail": names.detail(line),
            "purpose": names.purpose(line),
            "about": names.about(line.about),
            "who": said[line.who],
            "who_page": _url(line.who.partition(" for ")[0], cases, call),
            "who_url": "?" + urlencode({"who": line.who.partition(" for ")[0]}),
            "about_url": "?" + urlencode({"about": line.about}) if len(line.about) <= MOST_ASKED else "",
        }
        for line in page.rows
    ]
    words = {
        "rows": rows,
        "next": page.next,
        "fields": fields,
        "chips": chips,
        "clear": reverse("desk:audit"),
        "errors": problems,
    }
    return render(request, "desk/audit.html", words, status=422 if problems else 200)


def _not_found(asked: dict[str, str], found: reading.LookedUp) -> list[dict[str, str]]:
    """The conditions that match nothing: shown, never left out of the search in silence."""
    problems = []
    if asked["who"] and not found.who:
        text = say(
            "没有叫“{text}”的账号或接口令牌；请填姓名、账号名，或“系统”“公众”。",
            "Nobody is called “{text}”; give a name or an account.",
            text=asked["who"],
        )
        problems.append({"field": "who", "label": say("操作人", "Who"), "text": text})
    if asked["about"] and not found.about:
        text = say(
            "没有找到“{text}”；请填企业名称或统一社会信用代码、人员姓名，或“事实 123”“报送 12”这样的编号。",
            "Nothing is called “{text}”; give an enterprise, a person, or a number such as “fact 123”.",
            text=asked["about"],
        )
        problems.append({"field": "about", "label": say("对象", "About"), "text": text})
    return problems
