"""Do the cases still say what was done? Every link of their chain is computed again, every stored row is compared with
what its log says.

A changed line is named by its link, a removed one by the gap in the numbers, an inserted one because its place is
taken. Who removes the last lines leaves a whole, shorter chain: only a head noted earlier tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from zhiheng.database.content_store import ATTACHMENTS
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.call import Call
from zhiheng.kernel.merkle import GENESIS
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.verify import VerifyFinding
from zhiheng.office import case_log, case_standings
from zhiheng.office.cases import Case, CaseAttachment, CaseEvent, CaseHandIn, CaseLink, CasePartyRow, CaseStandingRow
from zhiheng.people import access

_BATCH = 2_000
_PARTY = ("role", "name", "code", "alias", "subject", "unit", "sealed")


@dataclass
class CaseReport:
    """What was verified: lines and cases, the head of the chain of lines, and what was found."""

    lines: int = 0
    cases: int = 0
    head: str = ""
    findings: list[VerifyFinding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Nothing was found."""
        return not self.findings


def verify_cases(*, call: Call, head: str = "", report: Callable[[int], None] = lambda _: None) -> CaseReport:
    """Verify the chain of all lines, and every stored standing, duty, party and link against the logs.

    ``head``: a head that was noted earlier and must still be in the chain. Rows whose day has come and that were not
    made anew yet are left out: they are known to be behind.
    """
    access.require(call, "ledger.verify")
    found = CaseReport()
    found.findings += _chain(found, head)
    found.findings += _rows(found, call, report)
    return found


def _finding(kind: str, case: int, line: int | None, zh: str, en: str) -> VerifyFinding:
    return VerifyFinding(f"case.{kind}", case, line, zh, en)


def _chain(found: CaseReport, head: str) -> Iterator[VerifyFinding]:
    last, expected = "", 1
    own: dict[int, tuple[int, str]] = {}
    met = head in ("", GENESIS.hex())
    for row in CaseEvent.objects.order_by("id").values(*case_log.HEADER, "link").iterator(chunk_size=_BATCH):
        number, case = row["id"], row["case_id"]
        if number != expected:
            gone = f"{expected}–{number - 1}" if number - expected > 1 else str(expected)
            yield _finding(
                "removed", case, number, f"案件办理记录 {gone} 不见了。", f"Lines {gone} of the cases are gone."
            )
        place, before = own.get(case, (0, ""))
        if row["place"] != place + 1 or row["before"] != before:
            yield _finding(
                "order",
                case,
                number,
                f"办理记录 {number} 与本案前一条接不上：有记录被删去或者插入。",
                f"Line {number} does not follow the one of its case before it: a line was removed or inserted.",
            )
        if not _follows(last, row):
            yield _finding(
                "changed",
                case,
                number,
                f"办理记录 {number} 或者它之前的链接被改动过。",
                f"Line {number}, or the link before it, has been changed.",
            )
        own[case] = (row["place"], row["link"])
        last, expected = row["link"], number + 1
        met = met or last == head
        found.lines += 1
    found.head = last or GENESIS.hex()
    if not met:
        yield _finding(
            "head",
            0,
            None,
            f"先前记下的案件链尾 {head[:16]}… 不在链中：最后的记录被删去，或者整条链被重写。",
            f"The head {head[:16]}… noted earlier is not in the chain of cases: the last lines were removed, or the "
            "chain was written anew.",
        )


def _follows(last: str, row: dict[str, Any]) -> bool:
    """Whether a line has the link that follows from the one before it; that one may be none at all by now."""
    try:
        return bool(case_log.link_of(last, row) == row["link"])
    except ValueError:
        return False


def _rows(found: CaseReport, call: Call, report: Callable[[int], None]) -> Iterator[VerifyFinding]:
    """Every case, family by family, in batches."""
    done, last = set[int](), 0
    while some := list(Case.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[: _BATCH // 10]):
        last = some[-1]
        if left := [number for number in some if number not in done]:
            try:
                family = case_log.family_of(left, case_book(call.book))
                wanted = case_standings.rows_of(family, call.book, call.now)
            except (Refused, KeyError, ValueError, TypeError) as cause:
                yield _finding(
                    "unread",
                    left[0],
                    None,
                    f"案件 {left[0]} 至 {left[-1]} 的记录无法推算：{cause}",
                    f"The logs of cases {left[0]} to {left[-1]} can't be worked out: {cause}",
                )
                done |= set(left)
                continue
            done |= set(family.cases)
            yield from _standings(wanted, call)
            for number, case in family.cases.items():
                yield from _identity(case, family.lines[number])
                yield from _beside(case, family.lines[number])
                yield from _opened(family, family.lines[number])
            found.cases += len(family.cases)
            report(found.cases)


def _standings(wanted: dict[int, case_standings.CaseRows], call: Call) -> Iterator[VerifyFinding]:
    behind = set(
        CaseStandingRow.objects.filter(case_standings.due_to_change(call.now, call.book), case__in=wanted).values_list(
            "case_id", flat=True
        )
    )
    for number in case_standings.differing(wanted):
        if number not in behind:
            yield _finding(
                "standing",
                number,
                None,
                f"案件 {number} 存着的状态或者期限与办理记录不符；请运行 zhiheng cases rebuild。",
                f"The stored standing or duties of case {number} are not what its log says; run zhiheng cases rebuild.",
            )


def _identity(case: Case, lines: list[CaseEvent]) -> Iterator[VerifyFinding]:
    told = case_log.data_of(lines[0]).get("case") if lines else None
    if told is not None and told != case_log.identity_of(case):
        yield _finding(
            "identity",
            case.pk,
            None,
            f"案件 {case.pk} 的案号、工作流、登记单位或者当事人与第一条记录不符。",
            f"The number, workflow, unit or party of case {case.pk} is not what its first line says.",
        )


def _opened(family: case_log.CaseFamily, lines: list[CaseEvent]) -> Iterator[VerifyFinding]:
    """The cases that lines opened are still called what they were opened as."""
    for line in lines:
        for told in case_log.data_of(line).get("opened", ()):
            child = family.cases.get(int(told["id"]))
            if child is None or {"id": child.pk, **case_log.identity_of(child)} != told:
                yield _finding(
                    "identity",
                    int(told["id"]),
                    line.pk,
                    f"案件 {told['number']} 与开出它的办理记录 {line.pk} 不符。",
                    f"Case {told['number']} is not what line {line.pk}, which opened it, says.",
                )


def _beside(case: Case, lines: list[CaseEvent]) -> Iterator[VerifyFinding]:
    """Parties, cases opened, and rows handed in, as the lines name them."""
    parties: list[dict[str, Any]] = [each for line in lines for each in case_log.data_of(line).get("parties", ())]
    stored = list(
        CasePartyRow.objects.filter(case=case, line__in=[line.pk for line in lines]).order_by("id").values(*_PARTY)
    )
    if stored != [{name: each[name] for name in _PARTY} for each in parties]:
        yield _finding(
            "party",
            case.pk,
            None,
            f"案件 {case.pk} 的当事人与办理记录不符。",
            f"The parties of case {case.pk} are not those that its lines name.",
        )
    yield from _attached(case, lines)
    opened = {number for line in lines for number in case_log.opened_by(line)}
    links = CaseLink.objects.filter(parent=case).exclude(relation__in=(case_log.LINKED, case_log.DUPLICATE_OF))
    if set(links.values_list("child_id", flat=True)) != opened:
        yield _finding(
            "link",
            case.pk,
            None,
            f"案件 {case.pk} 所开的案件与办理记录不符。",
            f"The cases that case {case.pk} opened are not those that its lines name.",
        )
    handed = {
        line.pk: told["digest"] for line in lines if (told := case_log.data_of(line).get("handed_in")) is not None
    }
    if dict(CaseHandIn.objects.filter(line__case=case).values_list("line_id", "digest")) != handed:
        yield _finding(
            "handed_in",
            case.pk,
            None,
            f"案件 {case.pk} 报送的记录与办理记录不符。",
            f"The rows that case {case.pk} handed in are not those that its lines name.",
        )


def _attached(case: Case, lines: list[CaseEvent]) -> Iterator[VerifyFinding]:
    """What is attached is what the lines name, and each file still has its digest."""
    named = [(line.pk, each["digest"]) for line in lines for each in case_log.data_of(line).get("files", ())]
    stored = list(CaseAttachment.objects.filter(case=case).order_by("id").values_list("line_id", "digest"))
    if sorted(stored) != sorted(named):
        yield _finding(
            "attachment",
            case.pk,
            None,
            f"案件 {case.pk} 的附件与办理记录不符。",
            f"The attachments of case {case.pk} are not those that its lines name.",
        )
    for line, digest in dict.fromkeys(named):
        if not ATTACHMENTS.holds(digest):
            yield _finding(
                "file",
                case.pk,
                line,
                f"办理记录 {line} 的附件（摘要 {digest[:16]}…）不见了，或者内容被改动过。",
                f"The attachment of line {line} with the digest {digest[:16]}… is gone, or was changed.",
            )
