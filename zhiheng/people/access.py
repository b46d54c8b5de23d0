"""The only place that answers 'may they?'. Everything that no role of the book allows is refused, with a reason.

Roles stand in ``book/roles``; grants say which account holds which role, where and from when until when. Two rules are
not the book's: SYSTEM (the installation's own work) and an operator (at the command line) are allowed every act, and
both are named in the trail like all others.

What is not given of a target is unknown: an act on nothing in particular is an act on everything, which takes a role
that reaches everything. (A missing quality is no obstacle: a file has all four, and its lists are narrowed by
``scope``.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypedDict

from zhiheng.engines.naming import QUALITIES
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.roles import ACTS, ROLES, Clause, Role
from zhiheng.kernel.actor import EVERYTHING, NOTHING, Actor, Holding, Reach, Scope
from zhiheng.kernel.reasons import Refusal, Refused

UNLIMITED = frozenset({"system", "operator"})
# What its own unit sent, somebody sees even where it is not for other departments; what is for the office alone is not
# among it.
OF_THE_OWN_UNIT = frozenset({"public", "departments", "sender"})


class ActTarget(TypedDict, total=False):
    """The target of ``may`` and ``require``, for callers that check several acts on one target."""

    unit: str
    area: str | Collection[str]
    quality: str | None
    subject: int | Collection[int] | None
    record: str
    consent: bool
    workflow: str


@dataclass(frozen=True, slots=True)
class _Target:
    """What an act is aimed at; what is not said is not known."""

    unit: str
    areas: frozenset[str]
    quality: str | None
    subjects: frozenset[int]
    record: str
    consent: bool
    workflow: str


@dataclass(frozen=True, slots=True)
class _Way:
    """A role held today that has the act, with the clause that says so."""

    act: str
    holding: Holding
    role: Role
    clause: Clause

    def area(self, book: Book) -> str:
        """The node of the tree at which the role is held."""
        return self.holding.area or book[DISTRICT].area_of_unit.get(self.holding.unit, "")

    def areas(self, book: Book) -> frozenset[str] | None:
        """The areas that it reaches; None where that is the whole tree."""
        inside = book[DISTRICT].areas_below.get(self.area(book), frozenset())
        return None if len(inside) == len(book[DISTRICT].areas_below) else inside

    @property
    def quality(self) -> str | None:
        """The quality that it is limited to; opening a room is of no quality."""
        narrowed = self.clause.quality == "granted" and not ACTS[self.act].plain
        return self.holding.quality if narrowed else None

    @property
    def audiences(self) -> frozenset[str]:
        """The audiences whose records it sees."""
        own = OF_THE_OWN_UNIT if self.clause.reach == "unit" else frozenset()
        return own | frozenset(self.role.audiences)

    def records(self, book: Book) -> frozenset[str] | None:
        """The record types that it reaches; None where that is all of them."""
        everybodys = not ACTS[self.act].shows or len(self.audiences) == 4
        if everybodys and self.quality is None:
            return None
        return frozenset(
            entry.id
            for entry in book[RECORDS].values()
            if (everybodys or entry.record.audience in self.audiences)
            and (self.quality is None or entry.record.quality == self.quality)
        )


def may(
    call: Call,
    act: str,
    *,
    unit: str = "",
    area: str | Collection[str] = "",
    quality: str | None = None,
    subject: int | Collection[int] | None = None,
    record: str = "",
    consent: bool = False,
    workflow: str = "",
) -> Refusal | None:
    """None where the act is allowed on the target, else the reason why it is not.

    ``area``: where the target lies; of a fact several may be given (its own, that of its enterprise's card), one within
    reach is enough, and where none is given it is that of the unit. ``subject``: about whom, one or several.
    ``consent``: the enterprise consents today (the action that asks has looked it up). ``workflow``: of which workflow
    the target is a case.
    """
    if (refusal := _entry(call, act)) is not None or _unasked(call.actor, act):
        return refusal
    target = _Target(
        unit,
        frozenset([area] if isinstance(area, str) else area) - {""}
        or frozenset({call.book[DISTRICT].area_of_unit.get(unit, "")}) - {""},
        quality,
        frozenset(() if subject is None else [subject] if isinstance(subject, int) else subject),
        record,
        consent,
        workflow,
    )
    # The reason that is nearest to a yes is the one worth telling: right place, wrong quality, before wrong place.
    nearest: tuple[int, Refusal] | None = None
    for way in _ways(call, act):
        reason = _outside(way, target, call.book)
        if reason is None:
            return None
        if nearest is None or reason[0] > nearest[0]:
            nearest = reason
    assert nearest is not None
    return nearest[1]


def require(
    call: Call,
    act: str,
    *,
    unit: str = "",
    area: str | Collection[str] = "",
    quality: str | None = None,
    subject: int | Collection[int] | None = None,
    record: str = "",
    consent: bool = False,
    workflow: str = "",
) -> None:
    """Raise Refused where ``may`` gives a reason."""
    refusal = may(
        call,
        act,
        unit=unit,
        area=area,
        quality=quality,
        subject=subject,
        record=record,
        consent=consent,
        workflow=workflow,
    )
    if refusal is not None:
        raise Refused(refusal)


def require_somewhere(call: Call, act: str) -> None:
    """Raise Refused where no role held today has the act anywhere: the question that a door asks before its view."""
    if (refusal := _entry(call, act)) is not None:
        raise Refused(refusal)


def scope(call: Call, act: str, *, consents: Collection[int] = ()) -> Scope:
    """What the actor may see under an act, as values that every list narrows its SQL with.

    ``consents``: the enterprises that consent today, for roles that reach no further.
    """
    if _entry(call, act) is not None:
        return NOTHING
    if call.actor.kind in UNLIMITED:
        return EVERYTHING
    found = []
    for way in _ways(call, act):
        reach = _reach(way, call.book, consents)
        if reach is not None and reach not in found:
            found.append(reach)
    return EVERYTHING if Reach() in found else Scope(tuple(found))


def units(call: Call, act: str) -> tuple[str, ...]:
    """The units for which the actor may do an act, in the order of the book."""
    return tuple(u.id for u in call.book[DISTRICT].units if may(call, act, unit=u.id) is None)


def areas(call: Call, act: str) -> tuple[str, ...]:
    """The areas in which the actor may do an act, in the order of the book."""
    return tuple(a.code for a in call.book[DISTRICT].areas if may(call, act, area=a.code) is None)


def _unasked(actor: Actor, act: str) -> bool:
    """Whether no role is asked for."""
    return actor.kind in UNLIMITED or ACTS[act].asked != "role"


def _entry(call: Call, act: str) -> Refusal | None:
    """Why the act is refused whatever its target is."""
    if act not in ACTS:
        raise ValueError(f"{act!r} is no act of grammar/chapters/roles.py; add it there, and to a role of the book")
    if call.actor.kind in UNLIMITED or ACTS[act].asked == "anyone":
        return None
    zh, en = ACTS[act].zh, ACTS[act].en
    if call.actor.kind == "public":
        return Refusal(
            "access.stranger",
            f"“{zh}”需要登录；请先登录，没有账号请找质强办或系统管理员开通。",
            f"To {en} you have to sign in; if you have no account, ask the quality office or an administrator for one.",
        )
    if ACTS[act].asked == "account":
        if call.actor.kind in ("officer", "enterprise", "bank"):
            return None
        return Refusal(
            "access.person",
            f"“{zh}”只能由人登录后办，令牌不行；请用自己的账号登录。",
            f"Only a person who has signed in may {en}, no token; sign in with your own account.",
        )
    if call.actor.only is not None and act not in call.actor.only:
        return Refusal(
            "access.token",
            f"这个令牌的范围不含“{zh}”（{act}）；请向管理员换发含它的令牌。",
            f"The scopes of this token do not have {act} ({en}); ask an administrator for a token that has it.",
        )
    if any(_ways(call, act)):
        return None
    return _not_held(call, act)


def _not_held(call: Call, act: str) -> Refusal:
    """Why none of the actor's roles allows the act: the role ended, has not begun, or never had it."""
    zh, en = ACTS[act].zh, ACTS[act].en
    # Of several the one that ended last is what somebody means by 'my role': an older one says a day of long ago.
    for holding in sorted((*call.actor.past, *call.actor.holdings), key=lambda one: one.last, reverse=True):
        role = call.book[ROLES].get(holding.role)
        if role is None or role.kind != call.actor.kind or holding.on(call.today) or not any(role.clauses(act)):
            continue
        if call.today < holding.first:
            return Refusal(
                "access.not_yet",
                f"您的角色“{role.label.zh}”自 {holding.first} 起生效，现在还不能“{zh}”；请到时再办。",
                f"Your role {role.label.en} begins on {holding.first}; you may not {en} before. Come back then.",
            )
        return Refusal(
            "access.ended",
            f"您的角色“{role.label.zh}”有效期到 {holding.last} 为止，不能再“{zh}”；如仍需要，请找系统管理员。",
            f"Your role {role.label.en} was valid until {holding.last}, so you may not {en} any more; if you still "
            "have to, ask an administrator.",
        )
    if not call.actor.holdings:
        return Refusal(
            "access.role",
            f"您的账号还没有授予角色，不能“{zh}”；请联系本单位的账号管理员。",
            f"Your account has no role yet, so you may not {en}; ask the administrator of your unit.",
        )
    labels = [
        call.book[ROLES][h.role].label for h in call.actor.holdings if h.role in call.book[ROLES] and h.on(call.today)
    ]
    able = [role.label for role in call.book[ROLES].values() if role.kind == call.actor.kind and any(role.clauses(act))]
    yours_zh = "、".join(dict.fromkeys(label.zh for label in labels)) or "无"
    yours_en = ", ".join(dict.fromkeys(label.en for label in labels)) or "none"
    if not able:
        return Refusal(
            "access.role",
            f"“{zh}”不对您这类账号开放；有疑问请找质强办。",
            f"Accounts of your kind may not {en}; ask the quality office if in doubt.",
        )
    return Refusal(
        "access.role",
        f"您的角色（{yours_zh}）不能“{zh}”；可以办的角色：{'、'.join(label.zh for label in able)}。"
        "工作需要时请找系统管理员。",
        f"Your roles ({yours_en}) may not {en}; these may: {', '.join(label.en for label in able)}. Ask an "
        "administrator if your work needs it.",
    )


def _ways(call: Call, act: str) -> Iterator[_Way]:
    """The roles held today that have the act; a role of another kind of account allows nothing."""
    for holding in call.actor.holdings:
        role = call.book[ROLES].get(holding.role)
        if role is not None and role.kind == call.actor.kind and holding.on(call.today):
            for clause in role.clauses(act):
                yield _Way(act, holding, role, clause)


def _reach(way: _Way, book: Book, consents: Collection[int]) -> Reach | None:
    """What a way shows; None where it shows nothing (no area, no unit, no enterprise is named in the grant)."""
    records = way.records(book)
    if records is not None and not records:
        return None
    flows = frozenset(way.clause.workflows) or None
    if way.clause.reach == "everywhere":
        return Reach(records=records, workflows=flows)
    if way.clause.reach == "area":
        inside = way.areas(book)
        return Reach(records=records, areas=inside, workflows=flows) if inside is None or inside else None
    if way.clause.reach == "unit":
        own = frozenset({way.holding.unit})
        return Reach(records=records, units=own, workflows=flows) if way.holding.unit else None
    about = frozenset(consents) if way.clause.reach == "consent" else frozenset({way.holding.subject}) - {None}
    subjects = frozenset(s for s in about if s is not None)
    return Reach(records=records, subjects=subjects, workflows=flows) if about else None


def _outside(way: _Way, target: _Target, book: Book) -> tuple[int, Refusal] | None:
    """Why a target lies outside of a way, with how near it came; None where it lies inside."""
    zh, en = ACTS[way.act].zh, ACTS[way.act].en
    if (refusal := _misplaced(way, target, book)) is not None:
        return 0, refusal
    if way.clause.workflows and target.workflow not in way.clause.workflows:
        return 1, Refusal(
            "access.workflow",
            f"您的角色“{way.role.label.zh}”不办这一类案件，不能“{zh}”；请找办这类案件的人，或系统管理员。",
            f"Your role {way.role.label.en} is not for cases of this kind, so you may not {en}; ask those who handle "
            "them, or an administrator.",
        )
    entry = book[RECORDS].get(target.record)
    about = target.quality or (entry.record.quality if entry is not None else None)
    unknown = bool(target.record) and entry is None
    if way.quality is not None and (unknown or (about is not None and about != way.quality)):
        return 1, Refusal(
            "access.quality",
            f"您的角色“{way.role.label.zh}”只管{QUALITIES[way.quality].zh}，不能在别的质量上“{zh}”；"
            "请找主管那一类的部门。",
            f"Your role {way.role.label.en} is for {way.quality} quality only, so you may not {en} here; ask the "
            "department that leads the other quality.",
        )
    if ACTS[way.act].shows and target.record and len(way.audiences) < 4:
        audience = entry.record.audience if entry is not None else ""
        if audience not in way.audiences:
            label = (
                (entry.record.label.zh, entry.record.label.en) if entry is not None else (target.record, target.record)
            )
            return 2, Refusal(
                "access.audience",
                f"“{label[0]}”不对您的角色“{way.role.label.zh}”开放，不能“{zh}”；请找报送单位或质强办。",
                f"{label[1]} is not open to your role {way.role.label.en}, so you may not {en}; ask the unit that "
                "sent it, or the quality office.",
            )
    return None


def _misplaced(way: _Way, target: _Target, book: Book) -> Refusal | None:
    """Why a target is not in the place that a way reaches."""
    zh, en = ACTS[way.act].zh, ACTS[way.act].en
    reach = way.clause.reach
    if reach == "everywhere":
        return None
    if reach == "area":
        inside = way.areas(book)
        if inside is None or target.areas & inside:
            return None
        own = book[DISTRICT].names.get(way.area(book))
        there = [book[DISTRICT].names[code] for code in sorted(target.areas) if code in book[DISTRICT].names]
        return Refusal(
            "access.area",
            f"您只能在{own.zh if own else '（未指定区域）'}范围内“{zh}”；"
            f"这一项{'在' + '、'.join(a.zh for a in there) if there else '没有限定区域'}，"
            "请找当地的质强办或系统管理员。",
            f"You may {en} only within {own.en if own else '(no area)'}; this one "
            f"{'lies in ' + ', '.join(a.en for a in there) if there else 'is not limited to an area'}. Ask the "
            "quality office there, or an administrator.",
        )
    if reach == "unit":
        if way.holding.unit and target.unit == way.holding.unit:
            return None
        theirs = book[DISTRICT].names.get(target.unit)
        return Refusal(
            "access.unit",
            f"“{zh}”只能由本单位办；"
            f"这一项{'属于' + theirs.zh + '，请联系该单位' if theirs else '没有说明属于哪个单位，请找质强办'}。",
            f"Only the unit itself may {en}; this one "
            f"{'belongs to ' + theirs.en + ', ask them' if theirs else 'names no unit, ask the quality office'}.",
        )
    if reach == "subject":
        if way.holding.subject is not None and way.holding.subject in target.subjects:
            return None
        return Refusal(
            "access.subject",
            f"您只能就自己的企业“{zh}”；如果这就是您的企业，请找质强办核对账号。",
            f"You may {en} only for your own enterprise; if this is yours, ask the quality office to check your "
            "account.",
        )
    if target.consent and target.subjects:
        return None
    return Refusal(
        "access.consent",
        f"没有企业现行有效的同意，不能“{zh}”；请企业在企业之窗中给出同意。",
        f"Without a consent of the enterprise that holds today you may not {en}; ask it to consent in its corner.",
    )
