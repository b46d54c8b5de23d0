"""What enterprises do in their corner (``book/corner.yaml``): what they hand in themselves, what they sign, how they
object.

A statement of an enterprise about itself enters the ledger like everybody else's, with a unit that says so (企业自报).
Which unit that is follows from where the enterprise lies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter

from pydantic import Field, model_validator

from zhiheng.grammar.book import Book, Chapter, PageKind, Reading
from zhiheng.grammar.chapters.district import DISTRICT, District
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.grammar.chapters.workflow_pages import WorkflowPage
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.grammar.citations import cited_in
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Identifier, Label, LateEntry
from zhiheng.grammar.yaml import BookError, Document, Wrong

PAGE = "corner.yaml"
BLANKS = ("number", "enterprise", "code", "signer", "text", "day", "until")


class Undertaking(LateEntry):
    """A text that an enterprise signs, and the row of the ledger that its signature becomes."""

    label: Label
    says: Label = Field(description="what it is for, in one sentence")
    text: Label = Field(
        description="what is signed, word by word; {enterprise} {code} {signer} {day} {until} and the asked words"
    )
    law: tuple[Citation, ...] = ()
    months: int = Field(ge=1, le=60, description="how long it holds")
    asks: dict[Identifier, Label] = Field(default_factory=dict, description="what the signer fills in")
    optional: tuple[Identifier, ...] = ()
    record: Identifier
    source: str = "standard"
    row: dict[str, str] = Field(
        min_length=1, description="heading of the source -> text with the same blanks and {text}, {number}"
    )
    end: dict[str, str] = Field(
        default_factory=dict, description="what differs in the row that ends it early; empty: it can't be"
    )

    @model_validator(mode="after")
    def _blanks(self) -> Undertaking:
        known = {*BLANKS, *self.asks}
        for words in (self.text.zh, self.text.en, *self.row.values(), *self.end.values()):
            if wrong := {name for _, name, _, _ in Formatter().parse(words) if name is not None} - known:
                raise Wrong(
                    f"{{{sorted(wrong)[0]}}} 填不出来；能填的有：{'、'.join(sorted(known))}。",
                    f"{{{sorted(wrong)[0]}}} can't be filled in; there are: {', '.join(sorted(known))}.",
                )
        if extra := set(self.optional) - set(self.asks):
            raise Wrong(
                f"optional 里的 {sorted(extra)[0]} 不在 asks 里；请改正。",
                f"optional: {sorted(extra)[0]} is not among asks.",
            )
        return self


# What every workflow of objections has, so that the pages for objections can be worked: acts, the fields in which they
# speak, the states in which a case ends, and what may have been done about an objection that stands.
OBJECT, TAKE_BACK, UPHOLD, REJECT = "object", "take_back", "answer.upheld", "answer.rejected"
_SAYS: Mapping[str, tuple[str, ...]] = {
    OBJECT: ("fact", "ground", "reason", "materials"),
    UPHOLD: ("answer", "remedy"),
    REJECT: ("answer", "remedies"),
}
ENDS: Mapping[str, str] = {TAKE_BACK: "taken_back", UPHOLD: "upheld", REJECT: "rejected"}


class Objections(LateEntry):
    """The workflow whose cases objections are, which period each record has, and where to turn next."""

    workflow: Identifier
    by_record: dict[Identifier, Identifier] = Field(
        default_factory=dict, description="record -> outcome of the act that objects; the period it begins is its own"
    )
    otherwise: Identifier = Field(description="the outcome for every other record")
    review: Label = Field(description="where to turn when the answer is no")

    def act_for(self, record: str) -> str:
        """The act by which an enterprise objects to a record."""
        return f"{OBJECT}.{self.by_record.get(record, self.otherwise)}"

    def own_act(self, workflow: str, act: str) -> bool:
        """Whether an act (``answer.upheld``) is done on the pages for objections, and nowhere else."""
        own = {each.partition(".")[0] for each in (OBJECT, TAKE_BACK, UPHOLD, REJECT)}
        return workflow == self.workflow and act.partition(".")[0] in own


def on_own_pages(book: Book, workflow: str, act: str) -> bool:
    """Whether an act of a workflow is done on the pages for objections, and not in the case."""
    corner = book[CORNER]
    return corner is not None and corner.objections.own_act(workflow, act)


class Corner(LateEntry):
    """The enterprise corner of a district."""

    units: tuple[Identifier, ...] = Field(
        min_length=1, description="units in whose name enterprises speak of themselves"
    )
    hands_in: dict[Identifier, Identifier] = Field(
        default_factory=dict,
        description="record that an enterprise may hand in by file -> the field that must name itself",
    )
    undertakings: dict[Identifier, Undertaking] = Field(default_factory=dict)
    objections: Objections

    def unit_for(self, area: str, district: District) -> str | None:
        """The unit in whose name an enterprise of an area speaks: the nearest at its area or above."""
        at = {district.area_of_unit[unit]: unit for unit in self.units}
        nearest = (area, *district.areas_above.get(area, ()))
        return next((at[code] for code in nearest if code in at), None)


def _errors(
    corner: Corner, document: Document, district: District, records: Mapping[str, RecordEntry]
) -> list[BookError]:
    found = [
        document.error(
            ("units", at),
            f"没有代号为“{unit}”的单位；请先写进 district.yaml。",
            f"There is no unit {unit!r}; add it to district.yaml.",
        )
        for at, unit in enumerate(corner.units)
        if unit not in district.area_of_unit
    ]
    named: list[tuple[tuple[str | int, ...], str]] = [
        (("hands_in", at), record) for at, record in enumerate(corner.hands_in)
    ]
    named += [(("undertakings", name, "record"), one.record) for name, one in corner.undertakings.items()]
    named += [(("objections", "by_record", record), record) for record in corner.objections.by_record]
    found += [
        document.error(
            where,
            f"没有叫“{record}”的记录类型；请写 records 目录下某个文件夹的名字。",
            f"There is no record {record!r}; use a name of a folder under records.",
        )
        for where, record in named
        if record not in records
    ]
    for record, field in corner.hands_in.items():
        entry = records.get(record)
        if entry is None:
            continue
        about = entry.record.fields.get(field)
        if about is None or about.type != "party" or not about.required:
            found.append(
                document.error(
                    ("hands_in", record),
                    f"“{record}”没有必填的当事人字段“{field}”；请写指明报送企业的那个字段。",
                    f"{record} has no required field {field!r} of a party; name the field that says which enterprise "
                    "speaks.",
                )
            )
    for name, one in corner.undertakings.items():
        entry = records.get(one.record)
        if entry is None:
            continue
        source = entry.sources.get(one.source)
        if source is None:
            found.append(
                document.error(
                    ("undertakings", name, "source"),
                    f"“{one.record}”没有来源“{one.source}”。",
                    f"{one.record} has no source {one.source!r}.",
                )
            )
            continue
        found += [
            document.error(
                ("undertakings", name, part, heading),
                f"来源“{one.source}”没有“{heading}”这一列；可用：{'、'.join(source.columns)}。",
                f"The source {one.source} has no column {heading!r}.",
            )
            for part, row in (("row", one.row), ("end", one.end))
            for heading in row
            if heading not in source.columns
        ]
    return found


def _read(reading: Reading) -> Corner | None:
    """None where the book has no such page."""
    for _, corner, document in reading.each(Corner):
        reading.errors += _errors(corner, document, reading[DISTRICT], reading[RECORDS])
        return corner
    return None


def _checks(book: Book) -> Iterator[BookError]:
    """The workflow of objections has what their pages work with."""
    corner = book[CORNER]
    if corner is None:
        return
    said = corner.objections
    entry = book[WORKFLOWS].get(said.workflow)
    if entry is None:
        yield BookError(
            "book.wrong",
            f"没有叫“{said.workflow}”的工作流；请写 workflows 目录下某个文件夹的名字。",
            f"There is no workflow {said.workflow!r}; use a name of a folder under workflows.",
            "objections.workflow",
            file=PAGE,
        )
        return
    page = entry.page
    objecting = page.acts.get(OBJECT)
    for outcome in dict.fromkeys((*said.by_record.values(), said.otherwise)):
        if objecting is None or outcome not in objecting.outcomes:
            yield _lacking(said.workflow, f"{OBJECT}.{outcome}", "行为", "act")
        elif not _answered_within(page, outcome):
            yield BookError(
                "book.wrong",
                f"“{OBJECT}.{outcome}”没有开始答复期限；请让它开始一个状态，并为这个状态写一个 duty 含 answer 的期限。",
                f"{OBJECT}.{outcome} begins no period for the answer; let it begin a state, and give that state a "
                "period whose duty has answer.",
                f"acts.{OBJECT}.outcomes.{outcome}",
                file=f"workflows/{said.workflow}/workflow.yaml",
            )
    for name, state in page.states.items():
        if state.final and name not in ENDS.values():
            yield BookError(
                "book.wrong",
                f"异议的工作流以“{name}”终结，异议的页面不认得；请用 {'、'.join(ENDS.values())} 之一。",
                f"Objections can't end as {name!r}, which their pages don't know; use one of "
                f"{', '.join(ENDS.values())}.",
                f"states.{name}",
                file=f"workflows/{said.workflow}/workflow.yaml",
            )
    acts = page.acts
    for key in (TAKE_BACK, UPHOLD, REJECT):
        name, _, outcome = key.partition(".")
        if name not in acts or (outcome and outcome not in acts[name].outcomes):
            yield _lacking(said.workflow, key, "行为", "act")
            continue
        begins = {*acts[name].begins, *(acts[name].outcomes[outcome].begins if outcome else ())}
        if ENDS[key] not in begins or not page.states[ENDS[key]].final:
            yield _lacking(said.workflow, f"{key}: begins [{ENDS[key]}]", "终结状态", "final state")
    for field in dict.fromkeys(name for names in _SAYS.values() for name in names):
        if field not in page.fields:
            yield _lacking(said.workflow, field, "字段", "field")


def _answered_within(page: WorkflowPage, outcome: str) -> bool:
    begins = page.acts[OBJECT].outcomes[outcome].begins
    return any(period.in_ in begins and "answer" in period.duty for period in page.periods.values())


def _lacking(workflow: str, what: str, zh: str, en: str) -> BookError:
    return BookError(
        "book.wrong",
        f"异议的工作流“{workflow}”没有{zh}“{what}”，异议的页面无法办理；请补上。",
        f"The workflow of objections, {workflow}, has no {en} {what!r}, so that objections can't be worked; add it.",
        what,
        file=f"workflows/{workflow}/workflow.yaml",
    )


def _cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    for citation in cited_in(book[CORNER]):
        yield PAGE, "企业之窗", citation


# What enterprises do in their corner; None where the book has none.
CORNER: Chapter[Corner | None] = register(
    Chapter(
        name="corner",
        label=Label(zh="企业之窗", en="Enterprise corner"),
        pages=(PageKind("corner", PAGE, Corner),),
        needs=(DISTRICT, RECORDS),
        read=_read,
        checks=_checks,
        counts={"undertakings": lambda corner: len(corner.undertakings) if corner is not None else 0},
        cites=_cites,
        reference="how-to/enterprise-corner.md",
    )
)
