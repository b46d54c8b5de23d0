"""Who may do what (``book/roles/<role>.yaml``).

The acts are the machine's (``grammar/acts.py``). Which role has which act, and how far it reaches, is the book's: a
district that works otherwise changes a page, not the machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from zhiheng.grammar.acts import ACTS
from zhiheng.grammar.book import Book, BookHit, Chapter, IndexGroup, PageKind, Reading
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Audience, Entry, Identifier, Label
from zhiheng.grammar.yaml import BookError, Wrong

RoleKind = Literal["officer", "enterprise", "bank", "program"]
ReachWord = Literal["everywhere", "area", "unit", "subject", "consent"]

BEGINNINGS: Mapping[str, str] = MappingProxyType(
    {
        "cockpit": "cockpit.read",
        "inbox": "case.read",
        "enterprises": "enterprise.list",
        "warnings": "warning.read",
        "indicators": "indicator.read",
        "deliveries": "delivery.list",
        "identity": "identity.read",
        "publication": "publication.read",
        "objections": "objection.read",
        "book": "book.read",
        "custody": "case.read_sealed",
        "people": "people.read",
        "audit": "audit.read",
    }
)
"""The areas of the desk in which an officer's day can begin, each with the act that it takes to enter it."""

KINDS: Mapping[RoleKind, tuple[ReachWord, ...]] = MappingProxyType(
    {
        "officer": ("everywhere", "area", "unit"),
        "enterprise": ("subject",),
        "bank": ("consent",),
        "program": ("everywhere", "area", "unit", "subject", "consent"),
    }
)
"""How far a role of a kind can reach; ``everywhere`` is further open to every kind for plain acts."""


def _known(act: str) -> str:
    if act in ACTS and ACTS[act].asked == "role":
        return act
    near = get_close_matches(act, ACTS, n=1)
    raise Wrong(
        f"没有名为“{act}”的行为{f'，是不是“{near[0]}”' if near else ''}；行为列在 zhiheng/grammar/acts.py。",
        f"There is no act {act!r}{f', did you mean {near[0]}' if near else ''}; zhiheng/grammar/acts.py lists the "
        "acts.",
        "book.act",
    )


Act = Annotated[str, AfterValidator(_known)]


Beginning = Literal[
    "cockpit",
    "inbox",
    "enterprises",
    "warnings",
    "indicators",
    "deliveries",
    "identity",
    "publication",
    "objections",
    "book",
    "custody",
    "people",
    "audit",
]


class Clause(Entry):
    """Some acts, and how far they reach.

    ``everywhere``: any target. ``area``: the area of the grant and all beneath it. ``unit``: what concerns the unit of
    the grant (what it sent, its own people). ``subject``: the enterprise of the grant. ``consent``: enterprises that
    consent at that time.
    """

    reach: ReachWord
    acts: tuple[Act, ...] = Field(min_length=1)
    quality: Literal["granted", "any"] = Field(
        default="granted", description="granted: a grant for one of the four qualities is limited to it; any: it is not"
    )
    workflows: tuple[Identifier, ...] = Field(
        default=(), description="for acts in cases: only in cases of these workflows; none named: in all"
    )


class Role(Entry):
    """A role: who holds it, what it may do, what it sees."""

    label: Label
    kind: RoleKind
    held_by: Label = Field(description="who holds it, in words")
    audiences: tuple[Audience, ...] = Field(
        default=(),
        description="audiences whose records it sees; what its own unit sent it sees unless that is for the office",
    )
    delegable: bool = Field(default=False, description="whether a holder may lend it to somebody else for a time")
    begins: Beginning | None = Field(
        default=None,
        description="the area of the desk where a holder's day begins; without it the first one that may be entered",
    )
    second_factor: bool | None = Field(
        default=None,
        description="whether a holder has to set up a second factor before anything else; a role with acts that show "
        "what is secret, publish, decide or administer says true (false only in the book of an invented place)",
    )
    may: tuple[Clause, ...] = Field(min_length=1)

    def clauses(self, act: str) -> Iterator[Clause]:
        """The clauses that have an act."""
        return (clause for clause in self.may if act in clause.acts)

    @property
    def weighty(self) -> tuple[str, ...]:
        """Its acts for which a password alone is not enough, in the order of the machine's list."""
        held = {act for clause in self.may for act in clause.acts}
        return tuple(act for act, entry in ACTS.items() if entry.weighty and act in held)

    @property
    def shows(self) -> bool:
        """Whether it shows facts to its holders: then a second person confirms that somebody is given it."""
        return any(ACTS[act].shows for clause in self.may for act in clause.acts)

    @property
    def far(self) -> bool:
        """Whether it has more than plain acts everywhere: then only who reaches everything may give it."""
        return any(clause.reach == "everywhere" and not ACTS[act].plain for clause in self.may for act in clause.acts)


def mistakes(role: Role) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """What does not hold together in a role: where, and what to write instead in Chinese and English."""
    reached = set()
    for number, clause in enumerate(role.may):
        for place, act in enumerate(clause.acts):
            where = ("may", number, "acts", place)
            if clause.workflows and not of_cases(act):
                yield (
                    where,
                    f"“{act}”不是案件里的行为，不能用 workflows 限定；请另写一条。",
                    f"{act} is no act in cases and can't be narrowed by workflows; write another clause for it.",
                )
            if (act, clause.reach) in reached:
                yield (
                    where,
                    f"“{act}”在 {clause.reach} 下写了两次；请删去一处。",
                    f"{act} stands twice with the reach {clause.reach}; delete one.",
                )
            reached.add((act, clause.reach))
            if clause.reach == "everywhere" and ACTS[act].plain:
                continue
            if clause.reach not in KINDS[role.kind]:
                yield (
                    where,
                    f"{role.kind} 类角色的“{act}”不能是 {clause.reach}；可用：{'、'.join(KINDS[role.kind])}。",
                    f"{act} of a role of kind {role.kind} can't reach {clause.reach}; use "
                    f"{', '.join(KINDS[role.kind])}.",
                )
            if ACTS[act].shows and not role.audiences:
                yield (
                    where,
                    f"“{act}”要看事实，而 audiences 为空；请写明看得到哪些受众的记录，例如 [public, departments]。",
                    f"{act} shows facts but audiences is empty; say whose records it sees, such as [public, "
                    "departments].",
                )
    acts = {act for act, _ in reached}
    if role.begins is not None and (role.kind != "officer" or BEGINNINGS[role.begins] not in acts):
        yield (
            ("begins",),
            f"这个角色不能“{ACTS[BEGINNINGS[role.begins]].zh}”，一天不能从那里开始；请换成它能进的一处，或删去这一行。",
            f"This role may not {ACTS[BEGINNINGS[role.begins]].en}, so its day can't begin there; name an area that "
            "it may enter, or delete the line.",
        )
    if "people.manage" in acts and "grant.confirm" in acts:
        yield (
            ("may",),
            "管理人员的角色不能同时确认角色（两个人才给得出看事实的权限）；请分成两个角色。",
            "A role that manages people can't confirm roles too (two people give what shows facts); make two of it.",
        )
    if "people.manage" in acts and any(ACTS[act].shows for act in acts):
        yield (
            ("may",),
            "管理人员的角色不能同时看事实（给权限的人不用权限）；请分成两个角色。",
            "A role that manages people can't see facts too (who gives access does not use it); make two roles of it.",
        )
    if role.kind == "officer" and role.second_factor is None and role.weighty:
        named = role.weighty[:3]
        yield (
            ("label",),
            f"这个角色能“{'、'.join(ACTS[act].zh for act in named)}”，只凭密码不够；请写 second_factor: true。",
            f"This role may {', '.join(ACTS[act].en for act in named)}, and a password alone is not enough for that; "
            "write second_factor: true.",
        )
    if role.second_factor and role.kind == "program":
        yield (
            ("second_factor",),
            "程序没有双重验证；请删去这一行。",
            "A program has no second factor; delete the line.",
        )


def of_cases(act: str) -> bool:
    """Whether an act is done in cases, so that a clause can narrow it to some workflows."""
    return act.startswith("case.") or act == "firm.answer"


def unallowed(roles: Mapping[str, Role]) -> tuple[str, ...]:
    """The acts that no role of the book allows."""
    allowed = {act for role in roles.values() for clause in role.may for act in clause.acts}
    return tuple(act for act, entry in ACTS.items() if entry.asked == "role" and act not in allowed)


def _read(reading: Reading) -> Mapping[str, Role]:
    found = {}
    for path, role, document in reading.each(Role):
        reading.errors += [document.error(where, zh, en, code="book.role") for where, zh, en in mistakes(role)]
        found[path.stem] = role
    return MappingProxyType(found)


def _hints(book: Book) -> Iterator[BookError]:
    """Acts that nobody has: forgotten, or not wanted here, which the machine can't tell."""
    for act in unallowed(book[ROLES]):
        yield BookError(
            "book.act",
            f"没有任何角色可以“{ACTS[act].zh}”（{act}），谁也办不了；要办，请写进 roles 目录下的一个角色。",
            f"No role may {ACTS[act].en} ({act}), so nobody can; where somebody should, add it to a role in the folder "
            "roles.",
            "may",
            act,
            file="roles",
        )


def _checks(book: Book) -> Iterator[BookError]:
    for name, role in book[ROLES].items():
        if role.second_factor is False and role.weighty and not book[DISTRICT].fictional:
            yield BookError(
                "book.role",
                f"“{role.label.zh}”能{ACTS[role.weighty[0]].zh}，只有虚构地方的规则书才可以不要双重验证；请写 true。",
                f"'{role.label.en}' may {ACTS[role.weighty[0]].en}; only the book of an invented place goes without a "
                "second factor. Write true.",
                "second_factor",
                file=f"roles/{name}.yaml",
            )
        for number, clause in enumerate(role.may):
            for workflow in clause.workflows:
                if workflow not in book[WORKFLOWS]:
                    yield BookError(
                        "book.act",
                        f"没有工作流“{workflow}”；请写 workflows 目录下的文件夹名。",
                        f"There is no workflow {workflow!r}; write the name of a folder in workflows.",
                        f"may.{number}.workflows",
                        workflow,
                        file=f"roles/{name}.yaml",
                    )
    yield from _unheld(book)


def _unheld(book: Book) -> Iterator[BookError]:
    """Hands of workflows whose right no role has, so that their acts could never be done."""
    for name, entry in book[WORKFLOWS].items():
        for hand, body in entry.page.hands.items():
            held = any(
                not clause.workflows or name in clause.workflows
                for role in book[ROLES].values()
                for clause in role.clauses(body.takes)
            )
            if not held:
                yield BookError(
                    "book.act",
                    f"“{entry.page.label.zh}”的“{body.label.zh}”要有 {body.takes}，没有任何角色有它；请写进一个角色。",
                    f"'{body.label.en}' of '{entry.page.label.en}' takes {body.takes}, which no role has; give it to a "
                    "role.",
                    f"hands.{hand}.takes",
                    body.takes,
                    file=f"workflows/{name}/workflow.yaml",
                )


def _entries(book: Book) -> Iterator[tuple[BookHit, str]]:
    for name, role in book[ROLES].items():
        hit = BookHit("role", name, role.label, note=Label(zh="角色", en="role"))
        yield hit, " ".join([name, role.held_by.zh, role.held_by.en])


ROLES: Chapter[Mapping[str, Role]] = register(
    Chapter(
        name="roles",
        label=Label(zh="角色", en="Roles"),
        pages=(PageKind("role", "roles/*.yaml", Role),),
        read=_read,
        at_once=True,
        checks=_checks,
        hints=_hints,
        index=IndexGroup("role", Label(zh="角色", en="Roles"), _entries),
        order=4,
        reference="reference/role-grammar.md",
    )
)
