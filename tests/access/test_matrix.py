"""Who may do what, cell by cell: every role of the book, every act, every state of the target and of the role.

What is right stands in two tables that an official can read: ``matrix.csv`` (how far each role reaches with each act,
and in its last rows whose records each role sees and where its day begins) and ``states.csv`` (what each reach answers
in each state). The row of an act may stand with the tests of its action instead, in the same words: ``WHO_MAY = {act:
{role: reach}}``, by hand like the table, and never from the book that it is to judge.
"""

from __future__ import annotations

import ast
import csv
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.book_once import with_chapters
from tests.calls import noon
from zhiheng.grammar.acts import ACTS
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.roles import ROLES as BOOK_ROLES
from zhiheng.grammar.loader import load
from zhiheng.kernel.actor import PUBLIC, SYSTEM, Actor, Holding, operator
from zhiheng.kernel.reasons import Refusal
from zhiheng.people import access

HERE = Path(__file__).parent
TODAY = dt.date(2026, 7, 1)
DAY = dt.timedelta(days=1)
# A district of the book, its market bureau, and what lies around them.
OWN, BENEATH, ABOVE, OTHER = "990101", "990101003", "990100", "990102"
UNIT, NEIGHBOUR, FAR_UNIT = "liyuan_market", "liyuan_construction", "cangji_market"
OURS, THEIRS = 7, 8
# A record of each audience; for the sender alone there is none in the book, so one is made to be so.
RECORD = {"public": "food_sampling", "departments": "complaint", "sender": "annual_report", "office": "foreign_alert"}


def table(name: str) -> dict[str, dict[str, str]]:
    """A table of the folder: first column -> the others by heading."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return {row[0]: dict(zip(rows[0][1:], row[1:], strict=True)) for row in rows[1:]}


# Where the tests of actions stand, with them the rows of acts that are told there.
BESIDE = tuple(HERE.parent / room for room in ("actions", "api"))


def told_beside(*folders: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    """(act, how far each role reaches) as the tests of the actions say it; the modules are read, not run."""
    for path in sorted(path for folder in folders for path in folder.rglob("test_*.py")):
        if "\nWHO_MAY = {" in (text := path.read_text("utf-8")):
            for node in ast.parse(text).body:
                if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "WHO_MAY":
                    yield from ast.literal_eval(node.value).items()


def joined(
    rows: Mapping[str, Mapping[str, str]], told: Iterator[tuple[str, Mapping[str, str]]]
) -> dict[str, Mapping[str, str]]:
    """The rows of the table, with those that stand with the tests: an act that is told twice, or a role that the table
    does not have, is a mistake.
    """
    found = dict(rows)
    headings = next(iter(rows.values())).keys()
    for act, cells in told:
        assert act not in found, f"{act} is told twice: once is enough, in matrix.csv or with its test"
        assert set(cells) <= headings, f"{act}: matrix.csv has no role {set(cells) - headings}"
        found[act] = {heading: ACTS[act].zh if heading == "说明" else cells.get(heading, "") for heading in headings}
    return found


_OF_ROLES, STATES = joined(table("matrix.csv"), told_beside(*BESIDE)), table("states.csv")
_SEES = "records."
# The first page of each role: its own work; '' for programs.
_BEGINS = _OF_ROLES.pop("begins")
MATRIX = {act: row for act, row in _OF_ROLES.items() if not act.startswith(_SEES)}
ROLES = [role for role in next(iter(MATRIX.values())) if role != "说明"]
AUDIENCES = {
    role: {row.removeprefix(_SEES): cells[role] for row, cells in _OF_ROLES.items() if row.startswith(_SEES)}
    for role in ROLES
}
FIRST = {role: _BEGINS[role] for role in ROLES if _BEGINS[role]}


@cache
def book() -> Book:
    """The default book, with one record of each audience."""
    found = load(HERE.parents[1] / "book")
    records = dict(found[RECORDS])
    for audience, name in RECORD.items():
        entry = found[RECORDS][name]
        records[name] = replace(entry, record=entry.record.model_copy(update={"audience": audience}))
    return with_chapters(found, {RECORDS: records})


@dataclass(frozen=True)
class State:
    """A target, and in which state who asks holds the role."""

    target: Mapping[str, Any]
    holding: Mapping[str, Any] | None = None
    actor: Mapping[str, Any] | None = None


def product(role: Holding) -> Holding:
    """The same role, for construction projects only."""
    return replace(role, quality="project")


STATE: dict[str, State] = {
    "本区的企业": State({"area": OWN}),
    "本区下属街道的企业": State({"area": BENEATH}),
    "上级市的": State({"area": ABOVE}),
    "别的区的企业": State({"area": OTHER, "subject": THEIRS}),
    "本单位报送的": State({"unit": UNIT}),
    "本单位报送的别区的事实": State({"unit": UNIT, "area": OTHER}),
    "本区别的单位报送的": State({"unit": NEIGHBOUR}),
    "别的区的单位报送的": State({"unit": FAR_UNIT}),
    "别区的事实但企业在本区": State({"unit": FAR_UNIT, "area": (OTHER, BENEATH)}),
    "自己的企业": State({"subject": OURS}),
    "别的企业": State({"subject": THEIRS}),
    "同意查询的企业": State({"subject": THEIRS, "consent": True}),
    "没有说明对象": State({}),
    "只管工程的角色遇到产品记录": State(
        {"area": OWN, "unit": UNIT, "subject": OURS, "consent": True, "record": RECORD["public"]},
        {"quality": "project"},
    ),
    "角色昨天到期": State({"unit": UNIT}, {"last": TODAY - DAY}),
    "角色明天生效": State({"unit": UNIT}, {"first": TODAY + DAY}),
    "代人行事时遇到本单位报送的": State({"unit": UNIT}, None, {"acting_for": "account:5"}),
    "代人行事时遇到别的区的": State({"area": OTHER}, None, {"acting_for": "account:5"}),
    "委托已经到期": State({"unit": UNIT}, None, {"holdings": ()}),
    "规则书里已没有这个角色": State({"unit": UNIT}, {"role": "role_of_yesterday"}),
    "别种账号拿着这个角色": State({"unit": UNIT, "subject": OURS}, None, {"kind": "another"}),
    "没有登录": State({"unit": UNIT}, None, {"who": PUBLIC}),
    "终端上的操作员": State({}, None, {"who": operator("root")}),
    "系统自己": State({}, None, {"who": SYSTEM}),
}


def actor_in(role: str, state: State) -> Actor:
    """Somebody who holds the role, in the state."""
    changed = dict(state.actor or {})
    if "who" in changed:
        return changed["who"]
    kind = book()[BOOK_ROLES][role].kind
    if changed.get("kind") == "another":
        changed["kind"] = "enterprise" if kind == "officer" else "officer"
    holding = replace(
        Holding(role, UNIT, OWN, None, OURS) if kind in ("officer", "program") else Holding(role, subject=OURS),
        **(state.holding or {}),
    )
    live = holding.on(TODAY)
    made = Actor("account:1", kind, "甲", (holding,) if live else (), past=() if live else (holding,))
    return replace(made, **changed)


def expected(role: str, act: str, state: str) -> set[str]:
    """What the tables say: 准, or the codes of which one is to be the refusal."""
    words = MATRIX[act][role].split()
    unlimited = state in ("终端上的操作员", "系统自己")
    if unlimited or words == ["任何人"]:
        return {"准"}
    if state == "没有登录":
        return {"access.stranger"}
    if words == ["登录"]:
        # A role of any kind will do, and none at all; only a program is no person.
        return {"准"}
    if not words:
        person = ACTS[act].asked == "account"
        another = book()[BOOK_ROLES][role].kind == "program" and state == "别种账号拿着这个角色"
        return ({"准"} if another else {"access.person"}) if person else {"access.role"}
    answers = {STATES[state][word] for word in words}
    return {"准"} if "准" in answers else answers


def check(refusal: Refusal | None, act: str, wanted: set[str]) -> str:
    """'' where the answer is what is wanted and says all that a refusal should, else what is wrong."""
    if refusal is None:
        return "" if wanted == {"准"} else f"allowed, wanted {wanted}"
    if refusal.code not in wanted:
        return f"{refusal.code}, wanted {wanted}"
    for text, label, mark in ((refusal.zh, ACTS[act].zh, "。"), (refusal.en, ACTS[act].en, ".")):
        if label not in text or not text.endswith(mark):
            return f"a refusal names the act and is a sentence: {text!r}"
    if not any(word in refusal.zh for word in ("请", "需要时")):
        return f"a refusal says whom to ask: {refusal.zh!r}"
    return ""


@pytest.mark.parametrize("state", STATE)
@pytest.mark.parametrize("role", ROLES)
def test_每个角色在每种情形下能做什么_与表一致(role: str, state: str) -> None:
    found = {}
    for act in MATRIX:
        actor = actor_in(role, STATE[state])
        wrong = check(
            access.may(Call(actor, book(), noon(TODAY)), act, **STATE[state].target), act, expected(role, act, state)
        )
        if wrong:
            found[act] = wrong
    assert found == {}


@pytest.mark.parametrize("audience", RECORD)
@pytest.mark.parametrize("role", ROLES)
def test_每个角色看得到谁的记录_与表一致(role: str, audience: str) -> None:
    """On a target that is everything at once (own area, own unit, own enterprise) only the audience is left to
    refuse.
    """
    own = {"public", "departments", "sender"}
    elsewhere = {"access.area", "access.unit", "access.subject", "access.consent"}
    found = {}
    for act in MATRIX:
        words = set(MATRIX[act][role].split())
        if not words or not ACTS[act].shows:
            continue
        for target, reached in (
            ({"area": OWN, "unit": NEIGHBOUR, "subject": OURS, "consent": True}, words - {"单位", "单位*"}),
            ({"area": OTHER, "unit": UNIT}, words & {"单位", "单位*"}),
        ):
            sees = bool(AUDIENCES[role][audience]) or (target["unit"] == UNIT and audience in own)
            wanted = {"准"} if reached and sees else elsewhere | {"access.audience"}
            got = access.may(
                Call(actor_in(role, State({})), book(), noon(TODAY)), act, record=RECORD[audience], **target
            )
            if wrong := check(got, act, wanted):
                found[act, str(target)] = wrong
    assert found == {}


def test_表里有几十个行为_行为自己的测试里写的也算一行(tmp_path: Path) -> None:
    """An empty table would agree with every book."""
    assert len(MATRIX) >= 70
    assert sum(bool(row[role]) for row in MATRIX.values() for role in ROLES) >= 300
    (tmp_path / "test_burn.py").write_text('WHO = 1\n\nWHO_MAY = {"file.read": {"leader": "区"}}\n', "utf-8")
    told = list(told_beside(tmp_path))
    assert told == [("file.read", {"leader": "区"})]
    row = joined({"begins": _OF_ROLES["desk.open"]}, iter(told))["file.read"]
    assert list(row) == ["说明", *ROLES]
    assert {heading: word for heading, word in row.items() if word} == {"说明": "查看质量档案", "leader": "区"}
    for twice in ((told[0], "twice"), (("file.list", {"nobody": "区"}), "no role")):
        with pytest.raises(AssertionError, match=twice[1]):
            joined(MATRIX, iter([twice[0]]))


def test_表里的角色和行为_与规则书一个不差() -> None:
    assert set(book()[BOOK_ROLES]) == set(ROLES)
    assert set(MATRIX) == set(ACTS)
    assert {act: row["说明"] for act, row in MATRIX.items()} == {act: entry.zh for act, entry in ACTS.items()}
    assert {tuple(row)[1:] for row in MATRIX.values()} == {tuple(ROLES)}


def test_表里用到的每个说法都有一列() -> None:
    words = {word for row in MATRIX.values() for role in ROLES for word in row[role].split()}
    assert words - {"登录", "任何人"} <= set(next(iter(STATES.values())))
    assert set(STATES) == set(STATE)


def test_角色的受众与表一致() -> None:
    assert {tuple(row) for row in AUDIENCES.values()} == {tuple(RECORD)}
    wanted = {role: {a for a, seen in row.items() if seen} for role, row in AUDIENCES.items()}
    assert {name: set(role.audiences) for name, role in book()[BOOK_ROLES].items()} == wanted


def test_没有的行为是程序的错_不是拒绝() -> None:
    with pytest.raises(ValueError, match=r"acts\.py"):
        access.may(Call(SYSTEM, book(), noon(TODAY)), "file.burn")
