"""What the names of one page of a workflow must be: states, acts, fields, hands, periods of the law."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from zhiheng.grammar.chapters.acceptance import PlanPage, SampleKind
from zhiheng.grammar.chapters.filter_checks import Values, field_values, value_mistakes
from zhiheng.grammar.chapters.workflow_pages import (
    ALL_NAMED,
    BY_LAW,
    MAIN_ENTERPRISE,
    PARENT,
    POLICIES,
    CaseAct,
    CaseField,
    FromRecord,
    HandsIn,
    LegalPeriod,
    LookUp,
    OwnLength,
    Step,
    WorkflowPage,
)
from zhiheng.grammar.types import Condition
from zhiheng.grammar.yaml import BookError, Document
from zhiheng.kernel.deadlines import DISTRICT, RULES
from zhiheng.kernel.law import Law, LawKey

# Fields that hold several persons, parties or units, for which cases are opened or hands are named.
SEVERAL = ("parties", "units", "persons", "names")
# Fields that can be compared with a number: what holds several, by how many they are.
MEASURED = ("number", "money", "choices", "files", *SEVERAL)
BOUNDS = ("at_least", "at_most", "more_than", "less_than")
# In what a duty can recur: working days and hours have no slots of equal length.
RECURRING = ("d", "month", "year")
# Most names are the page's own, not the book's.
CORRECT = ("请改正", "correct it")


def case_field_values(field: CaseField) -> Values | None:
    """What can stand in a field of a case; None where anything may, or only the law of the day knows."""
    if field.type in ("choice", "choices"):
        # Of several it may be asked how many they are.
        return Values(words=tuple(field.choices), ordered=field.type == "choices") if field.choices else None
    kinds = {"day": "day", "number": "number", "money": "number", "yes_no": "flag"}
    return Values(kinds[field.type]) if field.type in kinds else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _amounts(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, Mapping) else (value,)


class PageChecks:
    """What the names of one page must be."""

    def __init__(
        self,
        name: str,
        page: WorkflowPage,
        documents_of: Sequence[Document],
        law: Law,
        pages: Mapping[str, WorkflowPage],
        rules: Collection[str],
        documents: Collection[str] | None,
        records: Collection[str] | None,
        indicators: Collection[str] | None = None,
        plans: Mapping[str, PlanPage] | None = None,
    ) -> None:
        self.name, self.page, self.law, self.pages, self.rules = name, page, law, pages, rules
        # The page, then its parts: the first that has an entry is the one that says it.
        self.documents_of = documents_of
        self.documents, self.records, self.indicators, self.plans = documents, records, indicators, plans
        self.acts = {*page.acts, *(f"{act}.{outcome}" for act, body in page.acts.items() for outcome in body.outcomes)}
        self.by_law = {period.else_ for period in page.periods.values() if period.else_ is not None}

    def errors(self) -> Iterator[BookError]:
        """Every mistake of the page."""
        yield from self._hands()
        for name, body in self.page.acts.items():
            yield from self._step(("acts", name), body)
            yield from self._act(("acts", name), name, body)
            for outcome, more in body.outcomes.items():
                yield from self._step(("acts", name, "outcomes", outcome), more)
        for name, period in self.page.periods.items():
            yield from self._period(("periods", name), period)
        for name, tally in self.page.tallies.items():
            where = ("tallies", name)
            for act in (*tally.act, *tally.less):
                yield from self._heard((*where, "act"), act)
            if tally.field is not None and all(act in self.acts for act in tally.act):
                yield from self._fields((*where, "field"), [tally.field])
                of = self.page.fields.get(tally.field)
                if tally.take != "share" and of is not None and of.type not in ("number", "money"):
                    yield self._error(
                        (*where, "field"),
                        f"“{tally.field}”不是数；请用类型为 number 或者 money 的字段。",
                        f"{tally.field!r} is no number; use a field of the type number or money.",
                    )
            if name in self.page.fields:
                yield self._error(
                    where,
                    f"“{name}”既是字段又是合计；请给合计换一个名称。",
                    f"{name!r} is both a field and a tally; name the tally otherwise.",
                )
        for name, look_up in self.page.look_ups.items():
            yield from self._look_up(("look_ups", name), name, look_up)
        for name, field_ in self.page.fields.items():
            yield from self._in_order(("fields", name), field_.since, field_.until)
            yield from self._choices(("fields", name, "choices_of"), field_)
        for name, child in self.page.children.items():
            yield from self._names(("children", name, "workflow"), [child.workflow], self.pages, "工作流", "workflow")
        if self.page.parent is not None:
            yield from self._names(("parent",), [self.page.parent], self.pages, "工作流", "workflow")
            opener = self.pages.get(self.page.parent)
            if opener is not None and all(child.workflow != self.name for child in opener.children.values()):
                yield self._error(
                    ("parent",),
                    f"“{self.page.parent}”的 children 中没有“{self.name}”；请补上，或者改 parent。",
                    f"{self.page.parent} has no {self.name} among its children; add it there or correct parent.",
                )
        children = (child.workflow for page in self.pages.values() for child in page.children.values())
        if self.page.only_within and self.name not in children:
            yield self._error(
                ("only_within",),
                "没有工作流的 children 写着它，就没有案件能开立它；请在那里补上，或者删去 only_within。",
                "No workflow has it among its children, so nothing opens one; add it there, or remove only_within.",
            )
        for language, text in (("zh", self.page.number.zh), ("en", self.page.number.en)):
            if not {"year", "serial"} >= {*re.findall(r"\{(.*?)\}|[{}]", text)}:
                yield self._error(
                    ("number", language),
                    "案号的大括号里只能写 {year} 和 {serial}；请改正。",
                    "Braces of the number hold {year} and {serial} only; correct it.",
                )
        if self.page.kept is not None:
            yield from self._length(("kept",), self.page.kept)
        if self.page.transition is not None:
            yield from self._transition(("transition",), self.page.transition)
        if not any(state.final for state in self.page.states.values()):
            yield self._error(
                ("states",),
                "没有终结状态；请在办结的状态写 final: true。",
                "No state is final; write final: true at the end.",
            )
        if not any(act.opens_case for act in self.page.acts.values()):
            yield self._error(
                ("acts",),
                "没有立案的行为；请在第一个行为写 opens_case: true。",
                "No act opens the case; write opens_case: true.",
            )

    def _said_in(self, where: tuple[str | int, ...]) -> Document:
        return next((each for each in self.documents_of if where[:2] in each.lines), self.documents_of[0])

    def _error(self, where: tuple[str | int, ...], zh: str, en: str) -> BookError:
        return self._said_in(where).error(where, zh, en)

    def _names(
        self, where: tuple[str | int, ...], names: Iterable[str], known: Collection[str], zh: str, en: str
    ) -> Iterator[BookError]:
        return self._said_in(where).unknown_names(where, names, known, zh, en, CORRECT)

    def _states(self, where: tuple[str | int, ...], names: Iterable[str]) -> Iterator[BookError]:
        return self._names(where, names, self.page.states, "状态", "state")

    def _fields(self, where: tuple[str | int, ...], names: Iterable[str]) -> Iterator[BookError]:
        return self._names(where, names, self.page.fields, "字段", "field")

    def _named_acts(self, where: tuple[str | int, ...], names: Iterable[str]) -> Iterator[BookError]:
        return self._names(where, names, self.acts, "行为", "act")

    def _hands(self) -> Iterator[BookError]:
        twice = sorted({*self.page.hands} & {*self.page.parties})
        for name in (*twice, *({BY_LAW, PARENT} & {*self.page.hands, *self.page.parties, *self.page.children})):
            yield self._error(
                ("hands", name),
                f"“{name}”已另有所指（当事人、法律或者上级案件）；请换一个名称。",
                f"{name!r} stands for something else already; choose another name.",
            )
        for name, hand in self.page.hands.items():
            yield from self._names(("hands", name, "apart_from"), hand.apart_from, self.page.hands, "经办身份", "hand")
            if hand.unit is not None:
                yield from self._fields(("hands", name, "unit"), [hand.unit])
                if hand.at != "other" or (hand.unit in self.page.fields and self.page.fields[hand.unit].type != "unit"):
                    yield self._error(
                        ("hands", name, "unit"),
                        "unit 是 at: other 的经办身份所在的单位，写类型为 unit 的字段。",
                        "unit says of which unit a hand with at: other is, by a field of type unit.",
                    )
        for name, party in self.page.parties.items():
            yield from self._names(
                ("parties", name, "hidden_from"), party.hidden_from, self.page.hands, "经办身份", "hand"
            )
            yield from self._named_acts(("parties", name, "learns"), party.learns)
            for act in party.learns:
                body = self.page.acts.get(act.partition(".")[0])
                if body is not None and body.by == (BY_LAW,):
                    yield self._error(
                        ("parties", name, "learns"),
                        f"“{act}”依法发生，没有人告知；请写送达、告知的行为。",
                        f"{act} happens by law, nobody tells it; name the act by which the party is told.",
                    )

    def _act(self, where: tuple[str | int, ...], name: str, body: CaseAct) -> Iterator[BookError]:
        known = (*self.page.hands, *self.page.parties, BY_LAW)
        yield from self._names((*where, "by"), body.by, known, "经办身份或当事人", "hand or party")
        yield from self._named_acts((*where, "sealed_until"), body.sealed_until)
        for act in body.hears:
            yield from self._heard((*where, "hears"), act, other=True)
        if body.by == (BY_LAW,) and not self.by_law & {name, *(f"{name}.{outcome}" for outcome in body.outcomes)}:
            yield self._error(
                where,
                "没有哪个期限届满时发生这一行为；请在期限的 else 中写它。",
                "No period ends with this act; name it under else of one.",
            )
        if body.from_record is not None and self.records is not None:
            yield from self._from_record((*where, "from_record"), body, body.from_record, self.records)
        if body.opens_case and (body.while_ or body.needs):
            yield self._error(
                (*where, "while"), "立案的行为之前没有状态；请删去。", "Before the first act no state holds; remove it."
            )
        issuing = body.issues or any(more.issues for more in body.outcomes.values())
        if issuing and (body.hears or BY_LAW in body.by):
            yield self._error(
                (*where, "issues"),
                "文书由人办理的行为出具；期满依法发生的、由别的案件引起的行为不写 issues。",
                "People issue documents; an act by law, or one that follows from another case, issues none.",
            )
        if body.each and len(body.by) != 1:
            yield self._error((*where, "each"), "each 只写一个经办身份。", "With each there is one hand.")

    def _from_record(
        self, where: tuple[str | int, ...], body: CaseAct, given: FromRecord, records: Collection[str]
    ) -> Iterator[BookError]:
        """Names of the record, of the page and of the law; what is secret in a record fills nothing in a case."""
        yield from self._names((*where, "record"), [given.record], records, "记录", "record")
        yield from self._names((*where, "parties"), given.parties, self.page.parties, "当事人", "party")
        said = {*body.asks, *body.optional}
        yield from self._names((*where, "fills"), given.fills, said, "本行为的字段", "field of this act")
        if given.matrix is not None:
            for key, kind in (("units", "units"), ("measures", "long_text")):
                field = str(getattr(given.matrix, key))
                yield from self._names((*where, "matrix", key), [field], said, "本行为的字段", "field of this act")
                if field in self.page.fields and self.page.fields[field].type != kind:
                    yield self._error(
                        (*where, "matrix", key),
                        f"“{field}”的类型应当是 {kind}。",
                        f"The field {field!r} has to be of the type {kind}.",
                    )
        if given.within is not None:
            yield from self._law((*where, "within"), given.within)
        if not body.opens_case and not given.together:
            yield self._error(
                where,
                "立案以外的行为，须写 together：哪几栏相同的事实归同一个案件。",
                "An act that opens no case needs together: which fields tell to which case a fact belongs.",
            )
        for name in given.parties:
            if name in self.page.parties and self.page.parties[name].sealed:
                yield self._error(
                    (*where, "parties", name),
                    f"“{name}”的身份是密封的，不能从事实填写；请删去。",
                    f"The party {name!r} is sealed and can't be filled from a fact; remove it.",
                )
        if not isinstance(records, Mapping) or given.record not in records:
            return
        fields = records[given.record].record.fields
        filled = [name for names in given.fills.values() for name in ((names,) if isinstance(names, str) else names)]
        days = [name for name in (given.once_past, given.day) if name not in (None, "received")]
        for key, names in (
            ("where", given.where),
            ("together", given.together),
            ("parties", given.parties.values()),
            ("fills", filled),
            ("day", days),
        ):
            yield from self._names(
                (*where, key), [str(name) for name in names], fields, "记录的字段", "field of the record"
            )
        for name, condition in given.where.items():
            if name in fields:
                values = field_values(name, records[given.record])
                yield from self._values((*where, "where", name), name, condition, values)
        for name in filled:
            if name in fields and fields[name].secret:
                yield self._error(
                    (*where, "fills"),
                    f"“{name}”在记录里是保密的，不能写进案件；请删去。",
                    f"{name!r} is secret in the record and can't go into a case; remove it.",
                )

    def _step(self, where: tuple[str | int, ...], step: Step) -> Iterator[BookError]:
        for key, states in (
            ("while", step.while_),
            ("needs", step.needs),
            ("unless", step.unless),
            ("begins", step.begins),
        ):
            yield from self._states((*where, key), states)
        if step.ends != "all":
            yield from self._states((*where, "ends"), step.ends)
        yield from self._named_acts((*where, "after"), step.after)
        yield from self._named_acts((*where, "everyone"), step.everyone)
        for key in ("asks", "optional"):
            yield from self._fields((*where, key), getattr(step, key))
        yield from self._names(
            (*where, "sees"), step.sees, self.page.look_ups, "查询（look_ups）", "look-up (look_ups)"
        )
        measured = (*self.page.fields, *self.page.tallies, *self.page.look_ups)
        for key in ("where", "at_least", "at_most", "more_than", "less_than", "among", "all_of"):
            yield from self._names(
                (*where, key), getattr(step, key), measured, "字段、合计或查询", "field, tally or look-up"
            )
        for name, condition in step.where.items():
            if any(getattr(condition, key) is not None for key in BOUNDS):
                yield from self._measured((*where, "where", name), name)
            yield from self._values((*where, "where", name), name, condition, self._of_field(name))
        for key in BOUNDS:
            for name, law in getattr(step, key).items():
                yield from self._measured((*where, key), name)
                yield from self._number((*where, key), law)
        for law in step.all_of.values():
            yield from self._law((*where, "all_of"), law)
        yield from self._in_order(where, step.since, step.until)
        for of in step.among.values():
            yield from self._law((*where, "among"), of) if "." in of else self._fields((*where, "among"), [of])
        if isinstance(step.joint, str):
            yield from self._number((*where, "joint"), step.joint)
        elif step.joint is not None and step.joint < 1:
            yield self._error(
                (*where, "joint"), "joint 是几个人，不能少于 1；请改正。", "joint is a number of people, at least 1."
            )
        if step.law.isascii() and step.law:
            yield from self._law((*where, "law"), step.law)
        for key in ("settled", "begun"):
            yield from self._names((*where, key), getattr(step, key), self.page.children, "子案", "child")
        if step.tells is not None:
            yield from self._names((*where, "tells"), [step.tells], self.page.children, "子案", "child")
        if step.opens is not None:
            yield from self._names((*where, "opens"), [step.opens.child], self.page.children, "子案", "child")
            if step.opens.for_each is not None:
                yield from self._several((*where, "opens"), step.opens.for_each)
        for hand, field_ in step.assigns.items():
            yield from self._names((*where, "assigns"), [hand], self.page.hands, "经办身份", "hand")
            yield from self._fields((*where, "assigns"), [field_])
        for hand, field_ in step.relieves.items():
            yield from self._names((*where, "relieves"), [hand], self.page.hands, "经办身份", "hand")
            yield from self._fields((*where, "relieves"), {field_} - {ALL_NAMED})
        if step.recuses is not None:
            yield from self._names((*where, "recuses"), [step.recuses.hand], self.page.hands, "经办身份", "hand")
            yield from self._fields((*where, "recuses"), [step.recuses.field])
        if step.moves_to is not None:
            yield from self._fields((*where, "moves_to"), [step.moves_to])
        if self.documents is not None:
            yield from self._names((*where, "issues"), step.issues, self.documents, "文书", "document")
        if step.records is not None and self.records is not None:
            yield from self._row((*where, "records"), step.records, self.records)
        named = [name for name in (step.rule, *step.hints) if name is not None]
        yield from self._names((*where, "rule"), named, self.rules, "函数（rule.py）", "function in rule.py")

    def _look_up(self, where: tuple[str | int, ...], name: str, look_up: LookUp) -> Iterator[BookError]:
        """Records, their fields, workflows, indicators, plans, about whom: each must be there; some act must ask it."""
        page = self.page
        steps = [step for act in page.acts.values() for step in (act, *act.outcomes.values())]
        if not any(name in step.sees for step in steps):
            yield self._error(
                where,
                f"没有哪个行为查“{name}”；请在行为的 sees 写它，或者删去。",
                f"No act looks {name!r} up; name it under sees of one or remove it.",
            )
        if name in page.fields or name in page.tallies or name in page.parties:
            yield self._error(
                where,
                f"“{name}”已是字段、合计或者当事人的名称；请给查询换一个名称。",
                f"{name!r} is a field, a tally or a party already; name the look-up otherwise.",
            )
        if look_up.about is not None:
            yield from self._about((*where, "about"), look_up.about)
        if isinstance(look_up.within, str):
            yield from self._length((*where, "within"), look_up.within)
        if look_up.cases != "all":
            yield from self._names((*where, "cases"), look_up.cases, self.pages, "工作流", "workflow")
        if look_up.indicator is not None and self.indicators is not None:
            yield from self._names((*where, "indicator"), [look_up.indicator], self.indicators, "指标", "indicator")
        yield from self._of_plan(where, look_up)
        yield from self._fields((*where, "same"), look_up.same.values())
        if self.records is not None:
            yield from self._names((*where, "records"), look_up.records, self.records, "记录", "record")
        known = self.records if isinstance(self.records, Mapping) else {}
        for record in look_up.records:
            if record not in known:
                continue
            fields = known[record].record.fields
            named = [*look_up.same, *([look_up.field] if look_up.field is not None else [])]
            conditions = [each for each in look_up.where if each != "outcome"]
            for key, names in (("where", conditions), ("same", named)):
                yield from self._names((*where, key), names, fields, "记录的字段", "field of the record")
            for name, condition in look_up.where.items():
                if name == "outcome" or name in fields:
                    values = field_values(name, known[record])
                    yield from self._values((*where, "where", name), name, condition, values)
            secret = [each for each in (*named, *conditions) if each in fields and fields[each].secret]
            if secret:
                yield self._error(
                    where,
                    f"“{'、'.join(secret)}”在记录“{record}”里是保密的，查询不能用它；请删去。",
                    f"{', '.join(secret)} of {record} is secret and can't be asked for; remove it.",
                )

    def _of_plan(self, where: tuple[str | int, ...], look_up: LookUp) -> Iterator[BookError]:
        """A plan of single samples, a class of it, and a field with the number of items."""
        if look_up.sampling is None or look_up.of_class is None or look_up.batch_size is None:
            return
        yield from self._fields((*where, "batch_size"), [look_up.batch_size])
        of = self.page.fields.get(look_up.batch_size)
        if of is not None and of.type != "number":
            yield self._error(
                (*where, "batch_size"),
                f"字段“{look_up.batch_size}”不是件数；请用类型为 number 的字段。",
                f"The field {look_up.batch_size!r} is no number of items; use one of the type number.",
            )
        if self.plans is None:
            return
        yield from self._names((*where, "sampling"), [look_up.sampling], self.plans, "抽样方案", "sampling plan")
        plan = self.plans.get(look_up.sampling)
        if plan is None:
            return
        yield from self._names(
            (*where, "of_class"), [look_up.of_class], plan.classes, "不合格类别", "class of the plan"
        )
        if plan.kind is not SampleKind.SINGLE:
            yield self._error(
                (*where, "sampling"),
                f"抽样方案“{look_up.sampling}”是二次抽样，一个数说不清；请用一次抽样（kind: single）的方案。",
                f"The plan {look_up.sampling!r} draws two samples, which one number can't tell; use one of single "
                "samples (kind: single).",
            )

    def _about(self, where: tuple[str | int, ...], name: str) -> Iterator[BookError]:
        """A party of the page that is an enterprise of the ledger and not sealed, or a field with a party."""
        page = self.page
        if name == MAIN_ENTERPRISE:
            if not page.enterprise_party:
                yield self._error(
                    where,
                    "这一页没有公开登记的企业当事人，about: main 没有所指；请写明关于谁。",
                    "The page has no enterprise that is named openly, so about: main means nobody; say about whom.",
                )
            return
        party, field_ = page.parties.get(name), page.fields.get(name)
        if party is None and field_ is None:
            yield from self._names(where, [name], (*page.parties, *page.fields), "当事人或字段", "party or field")
        elif party is not None and (party.sealed or not party.is_enterprise):
            yield self._error(
                where,
                f"“{name}”不是公开登记的企业，台账里查不到；请写 kind: enterprise、不密封的当事人。",
                f"{name!r} is no enterprise that is named openly; name a party of kind enterprise that is not sealed.",
            )
        elif field_ is not None and party is None and field_.type not in ("party", "parties"):
            yield self._error(
                where,
                f"字段“{name}”不是当事人；请用类型为 party 或者 parties 的字段。",
                f"The field {name!r} holds no party; use one of the type party or parties.",
            )

    def _row(self, where: tuple[str | int, ...], handed: HandsIn, records: Collection[str]) -> Iterator[BookError]:
        yield from self._names(where, [handed.record], records, "记录", "record")

    def _several(self, where: tuple[str | int, ...], name: str) -> Iterator[BookError]:
        yield from self._fields(where, [name])
        if name in self.page.fields and self.page.fields[name].type not in SEVERAL:
            yield self._error(
                where,
                f"“{name}”不是可以有几个的字段；请用 {'、'.join(SEVERAL)}。",
                f"{name!r} holds one; use {', '.join(SEVERAL)}.",
            )

    def _heard(self, where: tuple[str | int, ...], act: str, *, other: bool = False) -> Iterator[BookError]:
        """An act of the page, or of a relative: of a child by its name, of the case that opened it as parent."""
        if not other and act in self.acts:
            return
        relative, _, name = act.partition(".")
        if relative == PARENT:
            parents = [
                page
                for page in self.pages.values()
                if any(child.workflow == self.name for child in page.children.values())
            ]
        elif relative in self.page.children and self.page.children[relative].workflow in self.pages:
            parents = [self.pages[self.page.children[relative].workflow]]
        else:
            parents = []
        known = {
            each
            for page in parents
            for said, body in page.acts.items()
            for each in (said, *(f"{said}.{outcome}" for outcome in body.outcomes))
        }
        if name not in known:
            yield self._error(
                where,
                f"没有案件会告诉它“{act}”；请写 子案.行为 或 parent.行为。",
                f"No relative tells of {act!r}; write child.act or parent.act.",
            )

    def _period(self, where: tuple[str | int, ...], period: LegalPeriod) -> Iterator[BookError]:
        if period.in_ is not None:
            yield from self._states((*where, "in"), [period.in_])
        yield from self._states((*where, "not_counted_while"), period.not_counted_while)
        yield from self._named_acts((*where, "after"), [start.act for start in period.after])
        for start in period.after:
            yield from self._in_order((*where, "after"), start.since, start.until)
        for key in ("duty", "right", "wait"):
            yield from self._named_acts((*where, key), getattr(period, key))
        yield from self._named_acts((*where, "extended_by"), period.extended_by)
        for how in period.extended_by.values():
            yield from (
                self._length((*where, "extended_by"), how)
                if "." in how
                else self._day_field((*where, "extended_by"), how)
            )
        if period.else_ is not None:
            yield from self._named_acts((*where, "else"), [period.else_])
            yield from self._one_outcome((*where, "else"), period.else_)
            act = self.page.acts.get(period.else_.partition(".")[0])
            if act is not None and BY_LAW not in act.by:
                yield self._error(
                    (*where, "else"),
                    f"期满发生的行为须写 by: [{BY_LAW}]。",
                    f"An act that a period does is by: [{BY_LAW}].",
                )
        if period.until is not None:
            yield from self._day_field((*where, "until"), period.until)
        if period.purpose != "act":
            yield from self._law((*where, "purpose"), f"{DISTRICT}.{RULES[period.purpose]}")
        for key, length in (("within", period.within), ("every", period.every)):
            if length is not None and not isinstance(length, OwnLength):
                yield from self._length((*where, key), length, recurring=key == "every")

    def _one_outcome(self, where: tuple[str | int, ...], name: str) -> Iterator[BookError]:
        if name in self.page.acts and (outcomes := self.page.acts[name].outcomes):
            yield self._error(
                where,
                f"“{name}”有几种结果，法律只能发生其中一种；请写 {name}.{next(iter(outcomes))} 这样的一种结果。",
                f"{name!r} has several outcomes, of which the law does one; write one, such as "
                f"{name}.{next(iter(outcomes))}.",
            )

    def _day_field(self, where: tuple[str | int, ...], name: str) -> Iterator[BookError]:
        yield from self._fields(where, [name])
        if name in self.page.fields and self.page.fields[name].type not in ("day", "moment"):
            yield self._error(
                where,
                f"“{name}”不是日期；请用类型为 day 或者 moment 的字段。",
                f"{name!r} is no day; use a field of the type day or moment.",
            )

    def _in_order(
        self, where: tuple[str | int, ...], since: dt.date | None, until: dt.date | None
    ) -> Iterator[BookError]:
        if since is not None and until is not None and until < since:
            yield self._error(
                (*where, "until"),
                f"until（{until}）早于 since（{since}）；请改正日期。",
                f"until ({until}) lies before since ({since}); correct the days.",
            )

    def _number(self, where: tuple[str | int, ...], name: str) -> Iterator[BookError]:
        """A parameter (or a row of it) that a number can be compared with."""
        before = list(self._law(where, name))
        yield from before
        topic, parameter, row = LawKey.parse(name)
        values = () if before else (each.value for each in self.law.history(topic, parameter))
        if any(not _is_number(value[row] if row and isinstance(value, Mapping) else value) for value in values):
            yield self._error(
                where,
                f"“{name}”不是一个数；请改引一个数，表格请写 专题.参数.行。",
                f"{name!r} is no number; name one, of a table topic.parameter.row.",
            )

    def _values(
        self, where: tuple[str | int, ...], name: str, condition: Condition, values: Values | None
    ) -> Iterator[BookError]:
        """What a condition says that can't stand there."""
        for zh, en in value_mistakes(name, condition, values):
            yield self._error(where, zh, en)

    def _of_field(self, name: str) -> Values | None:
        """What can stand in a field of the page, a tally or a look-up; None where anything may."""
        if name in self.page.tallies or (name in self.page.look_ups and self.page.look_ups[name].is_number):
            return Values("number")
        field = self.page.fields.get(name)
        return case_field_values(field) if field is not None else None

    def _measured(self, where: tuple[str | int, ...], name: str) -> Iterator[BookError]:
        """A field, tally or look-up that can be compared with a number: of several values, how many they are."""
        if name in self.page.look_ups and not self.page.look_ups[name].is_number:
            yield self._error(
                where,
                f"查询“{name}”取的不是件数，不能与数比较；请用 take: count 的。",
                f"The look-up {name!r} is no count and can't be compared with a number; use one that counts.",
            )
        if name in self.page.fields and self.page.fields[name].type not in MEASURED:
            yield self._error(
                where,
                f"“{name}”不能与数比较；请用合计，或者类型为 {'、'.join(MEASURED)} 的字段。",
                f"{name!r} can't be compared with a number; use a tally, or a field of the type {', '.join(MEASURED)}.",
            )

    def _length(self, where: tuple[str | int, ...], name: str, *, recurring: bool = False) -> Iterator[BookError]:
        key = LawKey.parse(name)
        topic, parameter, row = key
        if parameter not in self.law.names(topic):
            yield from self._law(where, name)
            return
        values = self.law.history(topic, parameter)
        if any(value.kind != "period" for value in values) or (
            recurring and any(v.unit not in RECURRING for v in values)
        ):
            yield self._error(
                where,
                f"“{name}”不是{'以日、月或者年计的' if recurring else ''}期限；请改引一个期限。",
                f"{name!r} is no period{' in days, months or years' if recurring else ''}; name one.",
            )
        tables = [value.value for value in values if isinstance(value.value, Mapping)]
        if bool(row) != bool(tables):
            zh, en = ("没有行", "is no table") if row else ("是表格", "is a table")
            yield self._error(
                where,
                f"“{key.name}”{zh}；请写 {'专题.参数' if row else '专题.参数.行'}。",
                f"{key.name} {en}; write {'topic.parameter' if row else 'topic.parameter.row'}.",
            )
            return
        if recurring and any(not amount for value in values for amount in _amounts(value.value)):
            yield self._error(
                where,
                f"“{name}”是 0，不能每 0 日重复；请改引大于 0 的期限。",
                f"{name!r} is 0; a duty can't recur every 0 days; name one above 0.",
            )
        if key.row_field:
            yield from self._fields(where, [key.row_field])
            field_ = self.page.fields.get(key.row_field)
            if field_ is not None and (
                lacking := [each for each in field_.choices if any(each not in t for t in tables)]
            ):
                yield self._error(
                    where,
                    f"“{name}”没有 {'、'.join(lacking)} 这几行，“{key.row_field}”却可以选；请补上或者改正。",
                    f"{name} has no row {', '.join(lacking)}, which can be chosen in {key.row_field!r}; add or "
                    "correct it.",
                )
        elif row:
            yield from self._law(where, name)

    def _law(self, where: tuple[str | int, ...], name: str) -> Iterator[BookError]:
        topic, parameter, row = LawKey.parse(name)
        if topic not in self.law.topics() or parameter not in self.law.names(topic):
            near = get_close_matches(parameter, self.law.names(topic), n=1) if topic in self.law.topics() else []
            hint_zh, hint_en = (
                (f"，是不是“{topic}.{near[0]}”", f", did you mean {topic}.{near[0]}") if near else ("", "")
            )
            yield self._error(
                where,
                f"“{name}”在 law 目录中找不到{hint_zh}；请写成 专题.参数。",
                f"{name!r} is not in the folder law{hint_en}; write topic.parameter.",
            )
            return
        if row and not row.startswith("{"):
            for value in self.law.history(topic, parameter):
                if not isinstance(value.value, Mapping) or row not in value.value:
                    yield self._error(
                        where,
                        f"“{topic}.{parameter}”没有“{row}”这一行；请改正。",
                        f"{topic}.{parameter} has no row {row!r}; correct it.",
                    )
                    return

    def _transition(self, where: tuple[str | int, ...], name: str) -> Iterator[BookError]:
        before = list(self._law(where, name))
        yield from before
        values = () if before else (each.value for each in self.law.history(*LawKey.parse(name)[:2]))
        if any(value not in POLICIES for value in values):
            yield self._error(
                where,
                f"“{name}”的值须是 {'、'.join(POLICIES)} 之一；请改正。",
                f"The value of {name} is one of {', '.join(POLICIES)}; correct it.",
            )

    def _choices(self, where: tuple[str | int, ...], field_: CaseField) -> Iterator[BookError]:
        if field_.choices_of is None:
            return
        before = list(self._law(where, field_.choices_of))
        yield from before
        topic, parameter, _ = LawKey.parse(field_.choices_of)
        if not before and any(not isinstance(v.value, tuple) for v in self.law.history(topic, parameter)):
            yield self._error(
                where,
                f"“{field_.choices_of}”不是一个清单；请改引一个清单。",
                f"{field_.choices_of!r} is no list; name one.",
            )
