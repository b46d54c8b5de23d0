"""Sampling by attributes: the standard as dated tables (``book/standards/<standard>.yaml``), and the plans that units
and enterprises sample by (``book/sampling_plans/<name>.yaml``).

A page of a standard holds what its tables say, a sign a cell: a number is an acceptance number, ``a/b/c`` a double plan
(acceptance and rejection number of the first sample, acceptance number of both together), ``^`` and ``v`` lead to the
first plan above or below, ``*`` to the single plan, ``?`` marks a cell that nobody has read in the printed standard: it
is refused, never guessed. A newer edition of a standard is a page of its own, beside the old one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from zhiheng.grammar.book import Book, Chapter, PageKind, Reading
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Identifier, Label, LateEntry
from zhiheng.grammar.yaml import BookError, Document, Wrong

STANDARDS_FOLDER, PLANS_FOLDER = "standards", "sampling_plans"
LETTERS = "ABCDEFGHJKLMNPQRS"
UP, DOWN, USE_SINGLE, UNREAD, NONE = "^", "v", "*", "?", "-"
_SINGLE = re.compile(r"\d{1,3}\Z")
_DOUBLE = re.compile(r"\d{1,3}/\d{1,3}/\d{1,3}\Z")


class SampleKind(StrEnum):
    """How many samples are drawn from a lot at most."""

    SINGLE = "single"
    DOUBLE = "double"


class Inspection(StrEnum):
    """How strictly a lot is inspected, which follows from the lots before it."""

    NORMAL = "normal"
    TIGHTENED = "tightened"
    REDUCED = "reduced"
    DISCONTINUED = "discontinued"


class LotSizes(LateEntry):
    """A line of the table of code letters: lots up to a size, a letter per inspection level."""

    to: int | None = Field(default=None, ge=2, description="the greatest lot of the line; none on the last line")
    letters: str = Field(description="a letter per level, in the order of levels")


class PlanTable(LateEntry):
    """One master table: the sample size of each letter, and a sign a cell."""

    table: str = Field(min_length=1, description="its number in the standard")
    kind: SampleKind
    severity: Literal[Inspection.NORMAL, Inspection.TIGHTENED, Inspection.REDUCED]
    sizes: dict[str, int] = Field(min_length=1, description="letter -> items in a sample")
    rows: dict[str, str] = Field(min_length=1, description="letter -> a sign for each AQL")

    @cached_property
    def cells(self) -> Mapping[str, tuple[str, ...]]:
        """Letter -> its signs, in the order of the AQLs."""
        return {letter: tuple(row.split()) for letter, row in self.rows.items()}

    def problem(self, columns: int) -> tuple[str, str] | None:
        """What is wrong with its form, in Chinese and English; None where it can be used."""
        own = _SINGLE if self.kind is SampleKind.SINGLE else _DOUBLE
        order = [letter for letter in LETTERS if letter in self.rows]
        for letter, signs in self.cells.items():
            where = f"{self.table} {letter}"
            if letter not in LETTERS:
                return (
                    f"{where}：没有这个字码；请写 {LETTERS} 之一。",
                    f"{where}: no such letter; use one of {LETTERS}.",
                )
            if len(signs) != columns:
                return (
                    f"{where}：有 {len(signs)} 格，应有 {columns} 格（aql 的栏数）；请逐格核对。",
                    f"{where}: {len(signs)} cells, but {columns} columns of aql; compare cell by cell.",
                )
            for at, sign in enumerate(signs):
                if not own.match(sign) and sign not in (UP, DOWN, USE_SINGLE, UNREAD, NONE):
                    return (
                        f"{where} 第 {at + 1} 格“{sign}”不是约定的记号；请看文件开头的说明。",
                        f"{where}, cell {at + 1}: {sign!r} is no sign; see the head of the file.",
                    )
                if own.match(sign) and letter not in self.sizes:
                    return (
                        f"{where}：sizes 没有样本量；请补上。",
                        f"{where}: sizes gives no sample size; add it.",
                    )
        for at in range(columns):
            for place, letter in enumerate(order):
                if _end_of(self.cells, order, place, at) is None:
                    return (
                        f"{self.table} {letter} 第 {at + 1} 格的箭头没有指到方案；请核对。",
                        f"{self.table} {letter}, cell {at + 1}: the arrow leads to no plan; correct it.",
                    )
        return None


def _end_of(cells: Mapping[str, tuple[str, ...]], order: list[str], place: int, column: int) -> str | None:
    """The letter at which the arrows of a cell end; None where they leave the table or meet head-on."""
    for _ in order:
        sign = cells[order[place]][column]
        if sign not in (UP, DOWN):
            return order[place]
        place += -1 if sign == UP else 1
        if not 0 <= place < len(order):
            return None
    return None


class Tighten(LateEntry):
    """To tightened inspection: so many lots not accepted among so many in a row, or fewer."""

    rejected: int = Field(ge=1)
    of: int = Field(ge=1)


class Relax(LateEntry):
    """Back to normal inspection: so many lots in a row accepted."""

    accepted: int = Field(ge=1)


class Stop(LateEntry):
    """Inspection is discontinued: so many lots not accepted since tightened inspection began."""

    rejected: int = Field(ge=1)


class Reduce(LateEntry):
    """To reduced inspection, where it is authorised and production steady: the switching score."""

    score: int = Field(ge=1)


class Score(LateEntry):
    """What a lot adds to the switching score."""

    low: int = Field(ge=0, description="a single plan of a low acceptance number accepted the lot")
    strict: int = Field(ge=0, description="accepted with the AQL one step tighter, or on the first of two samples")
    strict_from: int = Field(ge=1, description="from this acceptance number on the stricter AQL is asked")


class Switching(LateEntry):
    """The rules by which inspection becomes stricter, easier, or stops."""

    tighten: Tighten
    relax: Relax
    stop: Stop
    reduce: Reduce
    score: Score


class AcceptanceStandard(LateEntry):
    """A page of ``book/standards/``: an edition of a standard of sampling by attributes."""

    label: Label
    standard: str = Field(min_length=1)
    same_as: str = ""
    in_force: dt.date
    until: dt.date | None = None
    source: str = Field(min_length=1, description="where the figures come from")
    checked: dt.date | Literal["never"] = Field(description="when somebody compared them with the printed standard")
    aql: tuple[str, ...] = Field(min_length=1, description="the AQLs as the standard writes them, ascending")
    percent_up_to: int = Field(ge=0, description="an AQL above this is one of nonconformities per 100 items only")
    levels: tuple[str, ...] = Field(min_length=1)
    usual_level: str
    code_letters: tuple[LotSizes, ...] = Field(min_length=1)
    tables: tuple[PlanTable, ...] = Field(min_length=1)
    switching: Switching

    @model_validator(mode="after")
    def _whole(self) -> AcceptanceStandard:
        sizes = [line.to for line in self.code_letters]
        known = [size for size in sizes[:-1] if size is not None]
        if sizes[-1] is not None or len(known) != len(sizes) - 1 or known != sorted(set(known)):
            raise Wrong(
                "code_letters 的 to 应逐行增大，只有最后一行不写 to；请改正。",
                "code_letters: 'to' grows from line to line, and only the last line has none; correct it.",
            )
        for line in self.code_letters:
            letters = line.letters.split()
            if len(letters) != len(self.levels) or any(letter not in LETTERS for letter in letters):
                raise Wrong(
                    f"code_letters 的“{line.letters}”应当每个检验水平（共 {len(self.levels)} 个）写一个字码；请改正。",
                    f"code_letters {line.letters!r}: give one letter for each of the {len(self.levels)} levels.",
                )
        if self.usual_level not in self.levels:
            raise Wrong("usual_level 不在 levels 中；请改正。", "usual_level is not among levels; correct it.")
        if [float(aql) for aql in self.aql] != sorted({float(aql) for aql in self.aql}):
            raise Wrong("aql 应从小到大，不重复；请改正。", "aql must ascend without repeating; correct it.")
        for table in self.tables:
            problem = table.problem(len(self.aql))
            if problem is not None:
                raise Wrong(*problem)
        return self

    def holds(self, day: dt.date) -> bool:
        """Whether the edition is in force on a day."""
        return self.in_force <= day and (self.until is None or day <= self.until)

    def table(self, kind: SampleKind, severity: Inspection) -> PlanTable | None:
        """The master table; None where the page has none."""
        return next((one for one in self.tables if one.kind is kind and one.severity is severity), None)


class PlanClass(LateEntry):
    """A class of nonconformity, and the AQL for it; without an AQL no nonconformity of the class is accepted."""

    label: Label
    aql: str | None = None


class PlanPage(LateEntry):
    """A page of ``book/sampling_plans/``: how lots of something are sampled."""

    label: Label
    says: Label = Field(description="for what it is used, in a sentence")
    standard: str = Field(min_length=1, description="the name of a page of standards")
    level: str
    kind: SampleKind = SampleKind.SINGLE
    classes: dict[Identifier, PlanClass] = Field(min_length=1)
    law: tuple[Citation, ...] = ()


def _standards(reading: Reading) -> Mapping[str, AcceptanceStandard]:
    return {path.stem: page for path, page, _ in reading.each(AcceptanceStandard)}


# The standards of sampling by attributes, by the name of their file.
ACCEPTANCE: Chapter[Mapping[str, AcceptanceStandard]] = register(
    Chapter(
        name="acceptance",
        label=Label(zh="抽样标准", en="Sampling standards"),
        pages=(PageKind("acceptance_standard", f"{STANDARDS_FOLDER}/*.yaml", AcceptanceStandard),),
        read=_standards,
        counts={"sampling_standards": len},
        reference="reference/sampling-grammar.md",
    )
)


def _plans(reading: Reading) -> Mapping[str, PlanPage]:
    standards = reading[ACCEPTANCE]
    found: dict[str, PlanPage] = {}
    for path, page, document in reading.each(PlanPage):
        found[path.stem] = page
        standard = standards.get(page.standard)
        if standard is None:
            reading.errors.append(
                document.error(
                    ("standard",),
                    f"没有抽样标准“{page.standard}”；请写 standards 目录下的文件名：{'、'.join(standards)}。",
                    f"There is no standard {page.standard!r}; name a file under standards: {', '.join(standards)}.",
                )
            )
            continue
        reading.errors += _plan_errors(page, standard, document)
    return found


def _plan_errors(page: PlanPage, standard: AcceptanceStandard, document: Document) -> Iterator[BookError]:
    if page.level not in standard.levels:
        yield document.error(
            ("level",),
            f"没有检验水平“{page.level}”；请写：{'、'.join(standard.levels)}。",
            f"There is no inspection level {page.level!r}; use one of {', '.join(standard.levels)}.",
        )
    for name, one in page.classes.items():
        if one.aql is not None and one.aql not in standard.aql:
            yield document.error(
                ("classes", name, "aql"),
                f"没有 AQL“{one.aql}”；请写：{'、'.join(standard.aql)}（加引号）。",
                f"There is no AQL {one.aql!r}; use one of {', '.join(standard.aql)}, in quotes.",
            )


def _plan_cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    for name, page in book[SAMPLING_PLANS].items():
        for citation in page.law:
            yield f"{PLANS_FOLDER}/{name}.yaml", page.label.zh, citation


# The sampling plans of the place, by the name of their file.
SAMPLING_PLANS: Chapter[Mapping[str, PlanPage]] = register(
    Chapter(
        name="sampling_plans",
        label=Label(zh="抽样方案", en="Sampling plans"),
        pages=(PageKind("sampling_plan", f"{PLANS_FOLDER}/*.yaml", PlanPage),),
        needs=(ACCEPTANCE,),
        read=_plans,
        counts={"sampling_plans": len},
        cites=_plan_cites,
        reference="reference/sampling-grammar.md",
    )
)
