"""A log of acts says which states hold, what is due, and what happened by law; nothing else does."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.book_once import book_once
from tests.examples import examples
from tests.workflows.logs import random_log
from tests.workflows.pages import HEAD, NEW, after, day, line, page_of, parameter, time_of, workflow_of
from zhiheng.engines.conditions import BOUNDS, is_met
from zhiheng.engines.workflow.compiled import Workflow
from zhiheng.engines.workflow.family import CaseLog, replay_family
from zhiheng.engines.workflow.guards import CasePerson, refusals_of, sealed_acts
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.standing import CaseLine, CaseStanding, replay
from zhiheng.engines.workflow.stories import compiled
from zhiheng.engines.workflow.walk import walk
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.reasons import Refused

ONE = """
states:
  waiting: {label: {zh: 待答复, en: waiting}}
  testing: {label: {zh: 检测中, en: testing}}
  done: {label: {zh: 办结, en: done}, final: true}
acts:
  begin: {label: {zh: 立案, en: begin}, by: [handler], opens_case: true, begins: [waiting]}
  test: {label: {zh: 送检, en: test}, by: [handler], while: [waiting], unless: [testing], begins: [testing]}
  tested: {label: {zh: 检毕, en: tested}, by: [handler], while: [testing], ends: [testing]}
  extend: {label: {zh: 延长, en: extend}, by: [head], while: [waiting]}
  answer: {label: {zh: 答复, en: answer}, by: [handler], while: [waiting], ends: [waiting, testing], begins: [done]}
  lapse: {label: {zh: 视为放弃, en: lapse}, by: [law], ends: [waiting], begins: [done]}
periods:
  answering:
    label: {zh: 答复期限, en: Answer}
    in: waiting
    within: made.answer
    not_counted_while: [testing]
    extended_by: {extend: made.more}
    right: [answer]
    else: lapse
"""
ANSWER, MORE = parameter("answer", 10, "d", "2020-01-01"), parameter("more", 5, "d", "2020-01-01")
TIME = time_of(ANSWER, MORE)


def test_期满的次日依法发生_迟录的答复使它没有发生() -> None:
    workflow = workflow_of(ONE)
    begun = line("2026-03-02", "begin", 1)
    last = after(workflow, TIME, "2026-03-12", begun)
    assert last.stands == ("waiting",)
    assert [clock.day for clock in last.clocks()] == [day("2026-03-12")]
    over = after(workflow, TIME, "2026-03-13", begun)
    assert over.stands == ("done",)
    assert [(each.on, each.act) for each in over.derived] == [(day("2026-03-13"), "lapse")]
    in_time = after(workflow, TIME, "2026-03-20", begun, line("2026-03-12", "answer", 2))
    assert in_time.derived == ()


def test_届满时规定已经没有的_不依法发生_也不再显示期限() -> None:
    text = ONE.replace("by: [law], ends: [waiting]", "by: [law], until: 2026-03-13, ends: [waiting]").replace(
        "right: [answer]", ""
    )
    workflow = workflow_of(text)
    assert after(workflow, TIME, "2026-03-13", line("2026-03-02", "begin", 1)).stands == ("done",)
    too_late = after(workflow, TIME, "2026-03-14", line("2026-03-03", "begin", 1))
    assert (too_late.stands, too_late.derived, too_late.clocks()) == (("waiting",), (), ())


def test_检测期间不计入_从次日到结束之日() -> None:
    workflow = workflow_of(ONE)
    lines = (line("2026-03-02", "begin"), line("2026-03-05", "test"))
    paused = after(workflow, TIME, "2026-04-30", *lines)
    assert paused.stands == ("waiting", "testing"), "a paused period does not expire"
    assert paused.clocks()[0].provisional
    ended = after(workflow, TIME, "2026-03-09", *lines, line("2026-03-09", "tested"))
    assert ended.clocks()[0].day == day("2026-03-16")
    assert any("检测中" in sentence.zh for sentence in ended.clocks()[0].why)


def test_延长从原来的最后一日接着算() -> None:
    workflow = workflow_of(ONE)
    longer = after(workflow, TIME, "2026-03-05", line("2026-03-02", "begin"), line("2026-03-04", "extend"))
    assert longer.clocks()[0].day == day("2026-03-17")
    late = after(workflow, TIME, "2026-03-12", line("2026-03-02", "begin"))
    late.now = day("2026-03-13")
    codes = [refusal.code for refusal in refusals_of(late, workflow.acts["extend"])]
    assert codes == ["workflow.right_answering"]


def test_按小时的期限到时刻为止() -> None:
    workflow = workflow_of(ONE)
    time = time_of(parameter("answer", 24, "hour", "2020-01-01"), MORE)
    begun = line("2026-03-02T09:30", "begin")
    assert after(workflow, time, "2026-03-03T09:29", begun).stands == ("waiting",)
    over = after(workflow, time, "2026-03-03T09:31", begun)
    assert [each.on for each in over.derived] == [day("2026-03-03T09:30")]


BOUNDED = """
fields:
  amount: {label: {zh: 数额, en: Amount}, type: number}
  on: {label: {zh: 日期, en: Day}, type: day}
  names: {label: {zh: 名称, en: Names}, type: names}
states:
  open: {label: {zh: 办理中, en: open}}
  done: {label: {zh: 办结, en: done}, final: true}
acts:
  begin: {label: {zh: 立案, en: begin}, by: [handler], opens_case: true, begins: [open]}
  close:
    label: {zh: 办结, en: close}
    by: [handler]
    while: [open]
    asks: [amount, on]
    optional: [names]
    where: {amount: {HOW: 2}, on: {HOW: 2026-03-02}, names: {HOW: 2}}
    ends: [open]
    begins: [done]
"""


@pytest.mark.parametrize("how", sorted(BOUNDS))
def test_办理的条件和别处的条件是同一种比较_多项的数有几项(how: str) -> None:
    workflow = workflow_of(BOUNDED.replace("HOW", how))
    act = workflow.acts["close"]
    standing = after(workflow, TIME, "2026-03-03", line("2026-03-02", "begin"))
    number, on = act.body.where["amount"], act.body.where["on"]
    for step in (1, 2, 3):
        for amount in (step, Decimal(step), float(step)):
            said = {"amount": amount, "on": dt.date(2026, 3, step), "names": ["甲", "乙", "丙", "甲"][:step]}
            codes = {refusal.code for refusal in refusals_of(standing, act, entered=said)}
            assert (f"workflow.{how}_amount" not in codes) == is_met(amount, number)
            assert (f"workflow.{how}_on" not in codes) == is_met(said["on"], on)
            assert (f"workflow.{how}_names" not in codes) == is_met(step, number)


RUNNING = {"started": "2026-04-10", "recounted": "2026-04-06", "later": "2026-04-10", "earlier": "2026-04-06"}


@pytest.mark.parametrize("policy", RUNNING)
def test_新规定施行时正在进行的期限_按规定的办法(policy: str) -> None:
    """30 days until the end of March, 26 since April; the case began on 11 March."""
    workflow = workflow_of(ONE, HEAD + "transition: made.policy\n")
    time = time_of(
        parameter("answer", 30, "d", "2020-01-01"),
        parameter("answer", 26, "d", "2026-04-01", text=NEW),
        MORE,
        policy=policy,
    )
    begun = line("2026-03-11", "begin")
    assert after(workflow, time, "2026-03-31", begun).clocks()[0].day == day("2026-04-10"), (
        "before that day nothing changes"
    )
    clock = after(workflow, time, "2026-04-02", begun).clocks()[0]
    assert clock.day == day(RUNNING[policy])
    assert clock.cited[0].startswith("《新办法》" if RUNNING[policy] == "2026-04-06" else "《旧办法》")
    assert after(workflow, time, "2026-04-11", begun).derived[0].on == day(RUNNING[policy]) + dt.timedelta(days=1)


def test_废止的规定没有期限_书里的空缺被指出() -> None:
    workflow = workflow_of(ONE)
    ended = time_of(parameter("answer", 10, "d", "2020-01-01", until="2026-03-01"), MORE)
    assert after(workflow, ended, "2026-06-01", line("2026-03-02", "begin")).clocks() == ()
    with pytest.raises(Refused, match="不在书中"):
        after(workflow, ended, "2026-06-01", line("2019-03-02", "begin"))


FAMILY = """
parties: {told: {label: {zh: 当事人, en: party}, kind: enterprise, role: subject}}
fields:
  parties: {label: {zh: 告知谁, en: Whom}, type: parties}
states:
  open: {label: {zh: 办理中, en: open}}
  done: {label: {zh: 办结, en: done}, final: true}
acts:
  begin: {label: {zh: 立案, en: begin}, by: [handler], opens_case: true, begins: [open]}
  tell: {label: {zh: 告知, en: tell}, by: [handler], while: [open], asks: [parties], opens: {child: notice, for_each: parties}}
  hear: {label: {zh: 得知异议, en: hear}, hears: notice.object, while: [open]}
  close: {label: {zh: 办结, en: close}, by: [head], while: [open], settled: [notice], where: {objections: 0}, ends: [open], begins: [done]}
children: {notice: {workflow: notice, label: {zh: 告知书, en: Notice}}}
tallies: {objections: {label: {zh: 异议, en: Objections}, take: count, act: [notice.object]}}
"""
NOTICE = """
parties: {told: {label: {zh: 当事人, en: party}, kind: enterprise, role: subject}}
states:
  may_object: {label: {zh: 可异议, en: may object}}
  ended: {label: {zh: 了结, en: ended}, final: true}
acts:
  serve: {label: {zh: 送达, en: serve}, by: [handler], opens_case: true, begins: [may_object]}
  object: {label: {zh: 异议, en: object}, by: [told], while: [may_object], ends: [may_object], begins: [ended]}
  lapse: {label: {zh: 未异议, en: none}, by: [law], ends: [may_object], begins: [ended]}
periods: {objecting: {label: {zh: 异议期, en: Objecting}, in: may_object, within: made.answer, right: [object], else: lapse}}
"""


def family_of(*notice: CaseLine, closed: bool = True) -> dict[str, CaseLog]:
    """A case that told one party, and its notice."""
    opened = CaseLine(day("2026-03-03"), "tell", ("李敏",), {"parties": ["甲"]}, 2, ("甲",))
    lines = (line("2026-03-02", "begin", 1), opened, line("2026-03-20", "close", 4))
    return {
        "": CaseLog(workflow_of(FAMILY), lines=lines if closed else lines[:2]),
        "甲": CaseLog(workflow_of(NOTICE, name="notice"), ("",), "甲", (line("2026-03-04", "serve", 3), *notice)),
    }


def test_子案期满了结_本案才能办结() -> None:
    waiting = replay_family(family_of(closed=False), TIME, day("2026-03-14"))[""]
    assert [r.code for r in refusals_of(waiting, waiting.workflow.acts["close"])] == ["workflow.children"]
    settled = replay_family(family_of(closed=False), TIME, day("2026-03-15"))[""]
    assert refusals_of(settled, settled.workflow.acts["close"]) == ()


def test_迟录的异议不会丢_已办结的一行列为不合规() -> None:
    before = replay_family(family_of(), TIME, day("2026-03-25"), audit=True)
    assert before[""].irregular == ()
    late = family_of(line("2026-03-10", "object", 5))
    found = replay_family(late, TIME, day("2026-03-26"), audit=True)
    assert found["甲"].stands == ("ended",)
    assert found[""].tally("objections") == 1
    assert [(each.act, [reason.code for reason in reasons]) for each, reasons in found[""].irregular] == [
        ("close", ["workflow.where_objections"])
    ]
    assert found[""].stands == ("done",), "nothing is silently undone"


def test_划去的一行不算_它的后果也不算() -> None:
    case = family_of(line("2026-03-10", "object", 5))
    struck = replay_family(case, TIME, day("2026-03-26"), struck=frozenset({5}))
    assert struck[""].tally("objections") == 0
    assert [each.act for each in struck["甲"].derived] == ["lapse"]


def test_一件子案可以属于几件案件() -> None:
    case = family_of(line("2026-03-10", "object", 5), closed=False)
    other = CaseLog(case[""].workflow, lines=tuple(replace_number(each, 10) for each in case[""].lines))
    case = {**case, "另案": other, "甲": replace(case["甲"], parents=("", "另案"))}
    found = replay_family(case, TIME, day("2026-03-26"))
    assert [found[number].tally("objections") for number in ("", "另案")] == [1, 1]


def test_几家案件一起推算_与各家分别推算一样() -> None:
    late = family_of(line("2026-03-10", "object", 5))
    others = {
        f"另{number}": CaseLog(log.workflow, tuple(f"另{each}" for each in log.parents), log.party, log.lines)
        for number, log in family_of().items()
    }
    together = replay_family({**late, **others}, TIME, day("2026-03-26"), audit=True)
    apart = replay_family(late, TIME, day("2026-03-26"), audit=True)
    apart |= replay_family(others, TIME, day("2026-03-26"), audit=True)
    assert list(together) == [*late, *others]
    for number, standing in together.items():
        assert (standing.stands, standing.derived) == (apart[number].stands, apart[number].derived)
        assert (standing.irregular, standing.clocks()) == (apart[number].irregular, apart[number].clocks())


def replace_number(each: CaseLine, more: int) -> CaseLine:
    """The line with another number."""
    return each._replace(number=each.number + more)


SEALED = """
fields:
  jurors: {label: {zh: 评委, en: Jurors}, type: persons}
  points: {label: {zh: 分数, en: Points}, type: number}
hands:
  handler: {label: {zh: 承办人, en: handler}, takes: case.handle}
  juror: {label: {zh: 评委, en: juror}, takes: case.score, apart_from: [handler]}
states:
  scoring: {label: {zh: 评分中, en: scoring}}
  done: {label: {zh: 办结, en: done}, final: true}
acts:
  begin: {label: {zh: 立案, en: begin}, by: [handler], opens_case: true, asks: [jurors], assigns: {juror: jurors}, begins: [scoring]}
  score: {label: {zh: 评分, en: score}, by: [juror], each: true, while: [scoring], asks: [points], sealed_until: [open_scores]}
  open_scores: {label: {zh: 开封, en: open}, by: [handler], while: [scoring], everyone: [score], ends: [scoring], begins: [done]}
tallies: {mean: {label: {zh: 平均分, en: Mean}, take: mean, act: [score], field: points}}
"""


def test_每人评一次_评完之前密封_指定的人以外不能评() -> None:
    head = HEAD.partition("hands:")[0]
    workflow = workflow_of(SEALED, head)
    lines = [
        line("2026-03-02", "begin", 1, "李敏", jurors=["甲", "乙"]),
        line("2026-03-03", "score", 2, "甲", points=80),
    ]
    standing = after(workflow, TIME, "2026-03-03", *lines)
    assert sealed_acts(standing) == ("score",)
    assert [r.code for r in refusals_of(standing, workflow.acts["open_scores"])] == ["workflow.everyone"]

    def why(name: str) -> list[str]:
        person = CasePerson(name, frozenset({"case.score"}))
        return [r.zh for r in refusals_of(standing, workflow.acts["score"], [person], {"points": 1})]

    assert why("乙") == []
    assert "每人只办一次" in why("甲")[0]
    assert "不是本案指定的评委" in why("丙")[0]
    opened = after(
        workflow,
        TIME,
        "2026-03-05",
        *lines,
        line("2026-03-04", "score", 3, "乙", points=90),
        line("2026-03-05", "open_scores", 4),
    )
    assert sealed_acts(opened) == ()
    assert opened.tally("mean") == 85


@pytest.fixture(scope="module")
def book(book_root: Path) -> Book:
    """The default book."""
    return book_once(book_root)


@pytest.fixture(scope="module")
def courses(book: Book) -> dict[str, Workflow]:
    """The workflows of the default book, compiled."""
    return compiled(book[WORKFLOWS])


@settings(max_examples=examples(150), deadline=None)
@given(seed=st.integers(0, 2**32), name=st.sampled_from(["complaint", "report"]))
def test_没有一串行为到得了图上没有的状态_前一段就是当日的状态_不办事期限不会提前(
    book: Book, courses: dict[str, Workflow], seed: int, name: str
) -> None:
    workflow, time = courses[name], LegalTime(book[LAW], book[CALENDAR])
    reached = walk(workflow).standings
    rng = random.Random(seed)
    log = random_log(workflow, time, rng, dt.date(2026, 1, 5) + dt.timedelta(days=rng.randrange(200)))
    for count in range(1, len(log) + 1):
        head = log[:count]
        standing = replay(workflow, head, time, head[-1].on)
        assert standing.states in reached
        before: dict[tuple[str, dt.date], dt.date] = {}
        for later in range(0, 60, 7):
            on = head[-1].on + dt.timedelta(days=later)
            for clock in replay(workflow, head, time, on).clocks():
                assert before.get((clock.period, clock.start), clock.day) <= clock.day
                before[clock.period, clock.start] = clock.day
    family = replay_family({"": CaseLog(workflow, lines=tuple(log))}, time, log[-1].on)[""]
    alone = replay(workflow, log, time, log[-1].on)
    assert (family.states, family.values, family.clocks()) == (alone.states, alone.values, alone.clocks())


@settings(max_examples=examples(80), deadline=None)
@given(seed=st.integers(0, 2**32))
def test_早录迟录_同样的行为同样的状态(book: Book, courses: dict[str, Workflow], seed: int) -> None:
    workflow, time, rng = courses["complaint"], LegalTime(book[LAW], book[CALENDAR]), random.Random(seed)
    log = random_log(workflow, time, rng, dt.date(2026, 5, 6))
    as_of = log[-1].on + dt.timedelta(days=rng.randrange(40))
    prompt = replay_family({"": CaseLog(workflow, lines=tuple(log))}, time, as_of)[""]
    shuffled = tuple(rng.sample(log, len(log)))
    late = replay_family({"": CaseLog(workflow, lines=shuffled)}, time, as_of)[""]
    assert (prompt.states, prompt.values, prompt.clocks()) == (late.states, late.values, late.clocks())


def test_延长的期间里检测_也不计入() -> None:
    """10 days from 2 March, extended to the 17th; testing from the 14th to the 15th falls into the added days."""
    workflow = workflow_of(ONE)
    lines = (line("2026-03-02", "begin"), line("2026-03-04", "extend"), line("2026-03-13", "test"))
    assert after(workflow, TIME, "2026-03-14", *lines).clocks()[0].provisional
    clock = after(workflow, TIME, "2026-03-15", *lines, line("2026-03-15", "tested")).clocks()[0]
    assert clock.day == day("2026-03-19")
    assert any("检测中" in sentence.zh for sentence in clock.why)


def test_延长的规定后来才有_按决定延长之日的规定() -> None:
    time = time_of(ANSWER, replace(MORE, since=day("2026-03-03"), first=True))
    clock = after(
        workflow_of(ONE), time, "2026-03-05", line("2026-03-02", "begin"), line("2026-03-04", "extend")
    ).clocks()[0]
    assert clock.day == day("2026-03-17")


def test_按日的期限延长几小时_从最后一日终了起算() -> None:
    time = time_of(ANSWER, parameter("more", 24, "hour", "2020-01-01"))
    clock = after(
        workflow_of(ONE), time, "2026-03-05", line("2026-03-02", "begin"), line("2026-03-04", "extend")
    ).clocks()[0]
    assert clock.moment == dt.datetime(2026, 3, 14)


STATED = (
    ONE.replace(
        "\nstates:",
        "\nfields: {last: {label: {zh: 最后一日, en: last day}, type: day}}\nstates:",
    )
    .replace("opens_case: true,", "opens_case: true, asks: [last],")
    .replace("within: made.answer", "until: last")
)


def test_载明的期限也可以延长() -> None:
    clock = after(
        workflow_of(STATED),
        TIME,
        "2026-03-05",
        line("2026-03-02", "begin", last=day("2026-03-10")),
        line("2026-03-04", "extend"),
    ).clocks()[0]
    assert clock.day == day("2026-03-15")


def test_载明的最后一日早于当日_拒绝_已经录了的也不会在立案之前届满() -> None:
    workflow = workflow_of(STATED)
    standing = CaseStanding(workflow, TIME)
    standing.now = day("2026-03-02")
    early = {"last": day("2026-02-20")}
    assert [r.code for r in refusals_of(standing, workflow.acts["begin"], entered=early)] == ["workflow.too_early"]
    derived = after(workflow, TIME, "2026-03-05", line("2026-03-02", "begin", **early)).derived
    assert [each.on for each in derived] == [day("2026-03-02")]


def test_最后一日写作_9999_12_31_就是不会届满() -> None:
    standing = after(workflow_of(STATED), TIME, "2026-03-05", line("2026-03-02", "begin", last=day("9999-12-31")))
    assert (standing.stands, standing.derived) == (("waiting",), ())


@pytest.mark.parametrize("policy", ["recounted", "earlier"])
def test_新规定缩短的期限_不在新规定施行之前届满(policy: str) -> None:
    """30 days from 11 March, 10 since April: these would have been over on 21 March."""
    workflow = workflow_of(ONE, HEAD + "transition: made.policy\n")
    time = time_of(
        parameter("answer", 30, "d", "2020-01-01"),
        parameter("answer", 10, "d", "2026-04-01", text=NEW),
        MORE,
        policy=policy,
    )
    begun = line("2026-03-11", "begin")
    assert after(workflow, time, "2026-04-01", begun).clocks()[0].day == day("2026-04-01")
    assert [each.on for each in after(workflow, time, "2026-04-02", begun).derived] == [day("2026-04-02")]


def test_迟录的按时刻排_期满之前做了的不会期满() -> None:
    """24 hours from 09:30; the answer of 08:00 next day is entered after a test of 10:00 that was entered first."""
    workflow = workflow_of(ONE.replace("not_counted_while: [testing]", ""))
    time = time_of(parameter("answer", 24, "hour", "2020-01-01"), MORE)
    lines = (
        line("2026-03-02T09:30", "begin", 1),
        line("2026-03-03T10:00", "test", 2),
        line("2026-03-03T08:00", "answer", 3),
    )
    found = replay_family({"": CaseLog(workflow, lines=lines)}, time, day("2026-03-03"))[""]
    assert found.derived == ()


def test_某一时刻的情形_不含之后才做的() -> None:
    workflow = workflow_of(ONE)
    lines = (line("2026-03-02T09:30", "begin", 1), line("2026-03-02T15:00", "answer", 2))
    at_noon = replay_family({"": CaseLog(workflow, lines=lines)}, TIME, day("2026-03-02T12:00"))[""]
    assert at_noon.stands == ("waiting",)
    assert replay_family({"": CaseLog(workflow, lines=lines)}, TIME, day("2026-03-02"))[""].stands == ("done",)


def test_两件案件互相告知_一件事不会没完没了地传() -> None:
    asks = FAMILY.replace("hears: notice.object, while: [open]}", "hears: notice.echo, while: [open], tells: notice}")
    answers = NOTICE.replace(
        "acts:", "acts:\n  echo: {label: {zh: 回声, en: echo}, hears: parent.hear, while: [may_object]}"
    ).replace("\n  object: {", "\n  call: {label: {zh: 喊, en: call}, by: [told], while: [may_object]}\n  object: {")
    asks = asks.replace("notice.echo, while", "[notice.echo, notice.call], while")
    family = {
        "": CaseLog(workflow_of(asks), lines=family_of(closed=False)[""].lines),
        "甲": CaseLog(
            workflow_of(answers, name="notice"),
            ("",),
            "甲",
            (line("2026-03-04", "serve", 3), line("2026-03-05", "call", 4)),
        ),
    }
    found = replay_family(family, TIME, day("2026-03-06"))
    assert found["甲"].done("echo")
    assert found[""].done("hear")


def test_两个名称同一种子案_按立案时的名称听() -> None:
    text = FAMILY.replace(
        "children: {", "children: {other: {workflow: notice, label: {zh: 另一种, en: other}}, "
    ).replace(
        "act: [notice.object]}}",
        "act: [notice.object]}, others: {label: {zh: 另, en: Others}, take: count, act: [other.object]}}",
    )
    case = family_of(line("2026-03-10", "object", 5), closed=False)
    case[""] = replace(case[""], workflow=workflow_of(text))
    found = replay_family(case, TIME, day("2026-03-26"))[""]
    assert (found.tally("objections"), found.tally("others")) == (1, 0)


def test_终结状态中用_needs_写的行为办得了() -> None:
    workflow = workflow_of(
        ONE.replace("acts:", "acts:\n  file: {label: {zh: 归档, en: file}, by: [handler], needs: [done]}")
    )
    ended = after(workflow, TIME, "2026-03-05", line("2026-03-02", "begin"), line("2026-03-04", "answer"))
    assert refusals_of(ended, workflow.acts["file"]) == ()


@pytest.mark.parametrize("said", ["三天后", 20260310, True, {"年": 2026}, day("2026-03-10T09:00")])
def test_填得不像日期的_说明要写什么(said: object) -> None:
    standing = CaseStanding(workflow_of(STATED), TIME)
    standing.now = day("2026-03-02")
    refused = refusals_of(standing, standing.workflow.acts["begin"], entered={"last": said})
    assert [(each.code, each.field) for each in refused] == [("workflow.type", "last")]
    assert "要写一个日期" in refused[0].zh


def test_规则代码算不下去_说明哪一个() -> None:
    page = page_of(
        ONE.replace(
            "while: [waiting], ends: [waiting, testing]", "while: [waiting], rule: broken, ends: [waiting, testing]"
        )
    )
    workflow = Workflow("made", page, {"broken": lambda case, entered: case.values["nothing"]})
    standing = after(workflow, TIME, "2026-03-05", line("2026-03-02", "begin"))
    with pytest.raises(Refused, match="“broken”算不下去"):
        refusals_of(standing, workflow.acts["answer"], entered={})


def test_从行为起算的期限届满时_页面要求的状态不在_就不发生() -> None:
    text = ONE.replace("in: waiting", "after: [begin]").replace("by: [law], ends", "by: [law], while: [testing], ends")
    standing = after(workflow_of(text), TIME, "2026-03-20", line("2026-03-02", "begin"))
    assert (standing.stands, standing.derived) == (("waiting",), ())


@pytest.mark.parametrize(
    ("said", "fits"),
    [("2026-03-10T09:00", True), ("2026-03-10", True), ("2026-03-10T09:00+08:00", False), ("2026-03-10T01:00Z", False)],
)
def test_时刻是北京时间_带时区的不收_只知道日期的收(said: str, fits: bool) -> None:
    standing = CaseStanding(workflow_of(STATED.replace("type: day", "type: moment")), TIME)
    standing.now = day("2026-03-02")
    value = dt.datetime.fromisoformat(said) if "T" in said else dt.date.fromisoformat(said)
    refused = refusals_of(standing, standing.workflow.acts["begin"], entered={"last": value})
    assert [each.code for each in refused] == ([] if fits else ["workflow.type"])
