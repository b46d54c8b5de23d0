"""What ``zhiheng book check`` asks of the papers of cases: that somebody issues each, and that its blanks can be filled
where it is issued.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from zhiheng.engines.workflow.compiled import CompiledAct, Workflow
from zhiheng.engines.workflow.stories import compiled
from zhiheng.engines.workflow.walk import walk
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.case_documents import (
    CASE_DOCUMENTS,
    MAIN,
    CaseDocumentPage,
    CasePaper,
    PaperBlank,
    PaperBlock,
    blanks_of,
)
from zhiheng.grammar.chapters.filter_checks import value_mistakes
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.workflow_checks import CORRECT, SEVERAL, case_field_values
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.grammar.yaml import BookError, Document, read
from zhiheng.kernel.law import Law, LawKey

# Fields with several entries, of which a list can be made.
LISTED = (*SEVERAL, "files")


def paper_failures(book: Book) -> Iterator[BookError]:
    """Every mistake of the papers of a book, with its file and line."""
    papers, workflows = book[CASE_DOCUMENTS], compiled(book[WORKFLOWS])
    issued: dict[str, list[_Issued]] = {name: [] for name in papers}
    for workflow in workflows.values():
        issuing = [act for act in workflow.acts.values() if act.body.issues]
        before, after = _around(workflow) if issuing else ({}, {})
        for act in issuing:
            for name in act.body.issues:
                for each in (name, *papers[name].page.encloses):
                    if each in issued:
                        issued[each].append(_Issued(workflow, act, before[act.key], after[act.key]))
    for name, paper in papers.items():
        document = read(book.root / "documents" / name / "document.yaml", root=book.root)
        checks = _PaperChecks(paper, document, issued[name], papers, workflows, book[LAW])
        yield from dict.fromkeys(checks.errors())


@dataclass(frozen=True, slots=True)
class _Issued:
    """An act that issues a paper, the acts that can have been done by then, itself included, and what it leads to."""

    workflow: Workflow
    act: CompiledAct
    before: frozenset[str]
    # The sets of states, as bits, in which it can leave the case.
    after: frozenset[int]

    @property
    def where(self) -> str:
        return f"{self.workflow.name}.{self.act.key}"

    def fields(self) -> set[str]:
        """The fields in which something can have been said by then."""
        said: set[str] = set()
        for key in self.before:
            body = self.workflow.acts[key].body
            said |= {*body.asks, *body.optional, *body.sees}
            if body.hears:
                # What a relative said comes with what is heard of it.
                said |= self.workflow.page.fields.keys()
        return said


def _around(workflow: Workflow) -> tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[int]]]:
    """Act -> the acts that some order of acts does before it, itself included; act -> the sets of states that it leaves
    behind.
    """
    found = walk(workflow)
    reached: dict[int, set[str]] = {states: set() for states in found.onward}
    after: dict[str, set[int]] = {key: set() for key in workflow.acts}
    for act in workflow.acts.values():
        if act.body.opens_case:
            reached[act.begins].add(act.key)
            after[act.key].add(act.begins)
    waiting = [states for states, acts in reached.items() if acts]
    while waiting:
        states = waiting.pop()
        for key, then in found.onward[states]:
            more = reached[states] | {key}
            if not more <= reached[then]:
                reached[then] |= more
                waiting.append(then)
    before: dict[str, set[str]] = {key: {key} for key in workflow.acts}
    for states, steps in found.onward.items():
        for key, then in steps:
            before[key] |= reached[states]
            after[key].add(then)
    return (
        {key: frozenset(acts) for key, acts in before.items()},
        {key: frozenset(states) for key, states in after.items()},
    )


class _PaperChecks:
    """What the names of one paper must be, for each act that issues it."""

    def __init__(
        self,
        paper: CasePaper,
        document: Document,
        issued: list[_Issued],
        papers: Mapping[str, CasePaper],
        workflows: Mapping[str, Workflow],
        law: Law,
    ) -> None:
        self.page: CaseDocumentPage = paper.page
        self.name, self.document, self.issued = paper.id, document, issued
        self.papers, self.workflows, self.law = papers, workflows, law

    def errors(self) -> Iterator[BookError]:
        """Every mistake of the paper."""
        if not self.issued:
            yield self.document.error(
                (),
                f"没有哪个行为出具这份文书；请在工作流的行为里写 issues: {self.name}，或者删去这个文件夹。",
                f"No act issues this document; write issues: {self.name} at an act of a workflow, or delete it.",
            )
        yield from self._names(("encloses",), self.page.encloses, self.papers, "文书", "document")
        for name in self.page.encloses:
            if name in self.papers and self.papers[name].page.encloses:
                yield self.document.error(
                    ("encloses",),
                    f"“{name}”自己还附有文书；请把它们都写在这里。",
                    f"{name!r} encloses papers itself; name them all here.",
                )
        for number, block in enumerate(self.page.body):
            yield from self._block(("body", number), block)
        for where, text, part in self.page.texts():
            acts = [each for each in self.issued if part is None or _stands_at(part, each)]
            for blank in blanks_of(text):
                for each in acts:
                    yield from self._blank(where, blank, each)

    def _block(self, where: tuple[str | int, ...], block: PaperBlock) -> Iterator[BookError]:
        known = {name for each in self.issued for name in (each.act.key, each.act.name)}
        yield from self._names((*where, "of"), block.of, known, "出具它的行为", "act that issues it")
        for each in self.issued:
            if not _stands_at(block, each):
                continue
            fields = each.workflow.page.fields
            yield from self._names((*where, "where"), block.where, fields, "字段", "field", at=each)
            for name, condition in block.where.items():
                if name in fields:
                    for zh, en in value_mistakes(name, condition, case_field_values(fields[name])):
                        yield self.document.error((*where, "where", name), f"{each.where}：{zh}", f"{each.where}: {en}")
            listed = block.list_.of if block.list_ is not None else None
            if listed is not None:
                yield from self._field((*where, "list"), PaperBlank("", listed), each)
                if listed in fields and fields[listed].type not in LISTED:
                    yield self.document.error(
                        (*where, "list"),
                        f"“{listed}”不是可以有几个的字段；清单请用 {'、'.join(LISTED)}。",
                        f"{listed!r} holds one; a list is of {', '.join(LISTED)}.",
                    )

    def _blank(self, where: tuple[str | int, ...], blank: PaperBlank, each: _Issued) -> Iterator[BookError]:
        page = each.workflow.page
        if not blank.head:
            yield from self._field(where, blank, each)
        elif blank.head == "party":
            yield from self._names(where, [blank.name], (*page.parties, MAIN), "当事人", "party", at=each)
        elif blank.head == "hand":
            yield from self._names(where, [blank.name], page.hands, "经办身份", "hand", at=each)
        elif blank.head == "until":
            yield from self._names(where, [blank.name], page.periods, "期限", "period", at=each)
            if blank.name in page.periods and not _can_run(each, blank.name):
                yield self._lacks(
                    where,
                    each,
                    f"期限“{blank.name}”在“{each.act.zh}”之后不会在计算",
                    f"the period {blank.name} can't run after it",
                )
        elif blank.head == "day":
            acts = {name for act in each.workflow.acts.values() for name in (act.key, act.name)}
            yield from self._names(where, [blank.name], acts, "行为", "act", at=each)
            before = {name for key in each.before for name in (key, key.partition(".")[0])}
            if blank.name in acts and blank.name not in before:
                yield self._lacks(
                    where,
                    each,
                    f"“{blank.name}”不会在“{each.act.zh}”之前发生",
                    f"{blank.name} can't have been done before it",
                )
        elif blank.head == "cite":
            yield from self._names(where, [blank.name], self.page.cites, "依据（cites）", "basis (cites)")
        elif blank.head == "opener":
            openers = [
                other.page.fields
                for other in self.workflows.values()
                if any(child.workflow == each.workflow.name for child in other.page.children.values())
            ]
            known = {name for fields in openers for name in fields}
            yield from self._names(where, [blank.name], known, "上级案件的字段", "field of the opening case", at=each)
        elif blank.head in ("law", "length", "value"):
            yield from self._law(where, blank)

    def _field(self, where: tuple[str | int, ...], blank: PaperBlank, each: _Issued) -> Iterator[BookError]:
        page = each.workflow.page
        fields = page.fields
        yield from self._names(where, [blank.name], (*fields, *page.look_ups), "字段", "field", at=each)
        if blank.name not in fields and blank.name not in page.look_ups:
            return
        if blank.name not in each.fields():
            yield self._lacks(
                where,
                each,
                f"字段“{blank.name}”到“{each.act.zh}”时还没有谁填写过",
                f"nobody can have filled in {blank.name} by then",
            )
        if blank.name not in fields:
            return
        field = fields[blank.name]
        if blank.form == "capital" and field.type not in ("money", "number"):
            yield self.document.error(
                where, f"“{blank.name}”不是金额，不能写成大写。", f"{blank.name!r} is no amount of money."
            )
        if field.choices_of is not None and not blank.form:
            topic, parameter, _ = LawKey.parse(field.choices_of)
            values = [str(value) for edition in self.law.history(topic, parameter) for value in _several(edition.value)]
            if lacking := [
                value for value in dict.fromkeys(values) if value not in self.page.words.get(blank.name, {})
            ]:
                yield self.document.error(
                    ("words", blank.name),
                    f"“{blank.name}”的选项出自 {field.choices_of}，文书上怎么写还没有说；请在 words.{blank.name} 补上 "
                    f"{'、'.join(lacking)}。",
                    f"The choices of {blank.name} come from {field.choices_of}; say in words.{blank.name} how the "
                    f"paper words {', '.join(lacking)}.",
                )

    def _law(self, where: tuple[str | int, ...], blank: PaperBlank) -> Iterator[BookError]:
        topic, parameter, row = LawKey.parse(blank.name)
        if topic not in self.law.topics() or parameter not in self.law.names(topic):
            known = [f"{topic}.{name}" for name in self.law.names(topic)] or list(self.law.topics())
            yield from self._names(where, [f"{topic}.{parameter}"], known, "法律参数", "parameter of the law")
            return
        values = self.law.history(topic, parameter)
        if row and any(not isinstance(v.value, Mapping) or row not in v.value for v in values):
            yield self.document.error(
                where, f"“{topic}.{parameter}”没有“{row}”这一行。", f"{topic}.{parameter} has no row {row!r}."
            )
        elif blank.head != "law" and not row and any(isinstance(v.value, Mapping | tuple) for v in values):
            yield self.document.error(
                where,
                f"“{blank.name}”不是一个值；表格请写 专题.参数.行。",
                f"{blank.name} is more than one value; of a table name the row.",
            )
        elif blank.head == "length" and any(v.kind != "period" for v in values):
            yield self.document.error(where, f"“{blank.name}”不是期限。", f"{blank.name} is no period.")

    def _lacks(self, where: tuple[str | int, ...], each: _Issued, zh: str, en: str) -> BookError:
        return self.document.error(
            where,
            f"{each.where} 出具这份文书时，{zh}；请改空格，或者用 of 写明这一段只用于哪些行为。",
            f"When {each.where} issues this document, {en}; change the blank, or say under 'of' for which acts it is.",
        )

    def _names(
        self,
        where: tuple[str | int, ...],
        names: Iterable[str],
        known: Collection[str],
        zh: str,
        en: str,
        *,
        at: _Issued | None = None,
    ) -> Iterator[BookError]:
        of_zh, of_en = (f"{zh}（{at.where} 出具）", f"{en} where {at.where} issues it,") if at is not None else (zh, en)
        return self.document.unknown_names(where, names, known, of_zh, of_en, CORRECT)


def _stands_at(block: PaperBlock, each: _Issued) -> bool:
    return not block.of or bool({each.act.key, each.act.name} & {*block.of})


def _can_run(each: _Issued, name: str) -> bool:
    """Whether a period can run right after an act: it began with an act that can have been done, or its state can
    hold.
    """
    workflow, period = each.workflow, each.workflow.page.periods[name]
    if period.in_ is None:
        done = {name for key in each.before for name in (key, key.partition(".")[0])}
        return any(start.act in done for start in period.after)
    return any(states & workflow.bit[period.in_] for states in each.after)


def _several(value: object) -> Iterable[object]:
    return value if isinstance(value, tuple) else ()
