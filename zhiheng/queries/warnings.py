"""Signals of early warnings: the list, one of them with all that explains it, and how often each warning was right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import median

from django.db.models import Count, Q
from django.utils import timezone

from zhiheng.analytics.early_warning import recent_series, tests_listed, watched_facts
from zhiheng.analytics.lake import Lake
from zhiheng.database.paging import Keyset, Page
from zhiheng.engines.early_warning.explaining import Explained, SeriesAlarm, explained
from zhiheng.engines.early_warning.judge import judged, method
from zhiheng.engines.early_warning.words import key_words, signal_words
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.early_warning import AREA, AREAS, WARNINGS, Cluster, EarlyWarning, NeverFails, Scan, Trend
from zhiheng.grammar.types import ROLES, Label
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Fact
from zhiheng.office.cases import Case, CaseStandingRow
from zhiheng.office.warnings import WarningSignal, signals_within
from zhiheng.people import access
from zhiheng.projections.models import Card
from zhiheng.quality_file.fact_list import FactLine, enterprises_of, fact_lines
from zhiheng.quality_file.scope_filters import facts_within
from zhiheng.queries import refusals
from zhiheng.queries.audit import names_of_subjects
from zhiheng.queries.case_reach import readable
from zhiheng.queries.figures import lake_of
from zhiheng.queries.quality_files import view_of
from zhiheng.queries.readings import note_list

PAGE, FACTS, ALIKE = 50, 20, 8
# Periods that the picture of a series shows.
DRAWN = 104
_ORDER = Keyset("-rank", "-last", "-id")
_PARTIES = frozenset((*ROLES, "about"))
_STATES: Mapping[str, Label] = {
    WarningSignal.State.OPEN: Label(zh="待处理", en="open"),
    WarningSignal.State.TAKEN_UP: Label(zh="已立案", en="taken up"),
    WarningSignal.State.SET_ASIDE: Label(zh="不立案", en="set aside"),
}


@dataclass(frozen=True)
class Concerned:
    """An enterprise by its name and code of today."""

    name: str
    code: str


@dataclass(frozen=True)
class SignalRow:
    """A signal in a list: which warning, about what, in words. ``incomplete``: less of its period was told by then than
    the warning wants to call it whole. ``explained``: which signals beneath it, within reach, explain it.
    """

    signal: WarningSignal
    label: Label
    about: Label
    said: Label
    incomplete: bool
    explained: Explained | None = None

    @property
    def state(self) -> str:
        """Where it stands: its own state, or ``gone`` where nobody decided and it is no longer reached."""
        one = self.signal
        return "gone" if one.gone and one.state == WarningSignal.State.OPEN else str(one.state)


@dataclass(frozen=True)
class SeriesPoint:
    """A period of a series; None is not known. ``here``: it is the period of the signal."""

    first: dt.date
    observed: float | None
    expected: float | None
    bound: float | None
    alarm: bool
    complete: float
    here: bool


@dataclass(frozen=True)
class SignalSheet:
    """A signal with what explains it.

    ``points``: its series, where it has one. ``facts``: the newest facts that the reader may see, of ``total``;
    ``hidden`` of those looked at he may not. ``before``: earlier ones of the same. ``nearby``: others of the same
    warning at the same time; apart from them ``beneath``, which explain it, and ``above``, which it explains.
    ``outcome``: what became of it: true, false or unknown, once somebody decided. ``about``: the enterprises that it is
    about and whose files the reader may open, with their names; ``files``: of ``facts`` those whose enterprise has such
    a file.
    """

    row: SignalRow
    page: EarlyWarning
    points: tuple[SeriesPoint, ...]
    method: str
    facts: tuple[FactLine, ...]
    total: int
    hidden: int
    before: tuple[SignalRow, ...]
    nearby: tuple[SignalRow, ...]
    beneath: tuple[SignalRow, ...]
    above: tuple[SignalRow, ...]
    case: Case | None
    outcome: str
    may_decide: bool
    units: tuple[str, ...]
    about: Mapping[int, str]
    files: Mapping[int, int]


@dataclass(frozen=True)
class TrackRecord:
    """How a warning did: signals, what was decided, how many of those decided were right, how long they waited.

    ``right`` of ``decided``; ``days``: median days from the signal's last day to its decision, None where none was.
    """

    warning: str
    label: Label
    signals: int
    open: int
    right: int
    decided: int
    days: float | None


def signals(*, state: str = "open", level: str = "", warning: str = "", after: str = "", call: Call) -> Page[SignalRow]:
    """A page of signals within reach, the gravest and newest first. ``state``: ``open``, ``decided``, ``gone`` (no
    longer reached and never decided on) or ``all``.

    Args:
        level: only of this level; empty: of all.
        warning: only of this warning, as the book names it; empty: of all.
    """
    access.require_somewhere(call, "warning.read")
    scope = signals_within(access.scope(call, "warning.read"))
    rows = WarningSignal.objects.filter(scope).filter(_IN_STATE[state])
    if level:
        rows = rows.filter(level=level)
    if warning:
        rows = rows.filter(warning=warning)
    page = _ORDER.page(rows, after, PAGE)
    total = rows.count() if not after else None
    return page.made(_rows(page.rows, call.book, explaining=_explaining(page.rows, scope, call.book)), total)


_IN_STATE: Mapping[str, Q] = {
    "open": Q(state=WarningSignal.State.OPEN, gone=False),
    "gone": Q(state=WarningSignal.State.OPEN, gone=True),
    "decided": ~Q(state=WarningSignal.State.OPEN),
    "all": Q(),
}
STATES = tuple(_IN_STATE)


def open_signal(number: int, act: str, *, call: Call, lock: bool = False) -> WarningSignal:
    """One signal, for who may do the act there. Raises Refused where there is none, or it is out of reach.

    Args:
        act: the right that is asked: warning.read or warning.decide.
        lock: lock the row until the transaction ends.
    """
    rows = WarningSignal.objects.select_for_update() if lock else WarningSignal.objects.all()
    found = rows.filter(pk=number).first()
    if found is None:
        raise Refused(refusals.signal_absent(number))
    access.require(call, act, **_target(found))
    return found


def signal(number: int, *, call: Call, lake: Lake | None = None) -> SignalSheet:
    """One signal with its series, facts, and the signals around it."""
    found = open_signal(number, "warning.read", call=call)
    page = _page(found, call.book)
    if page is None:
        raise Refused(refusals.warning_gone(found.warning))
    opened = lake or lake_of(call.book)
    ids = fact_ids(found, call.book, lake=opened)
    newest = ids[::-1][:FACTS]
    lines = fact_lines(newest, book=call.book, scope=access.scope(call, "fact.read"))
    if lines:
        note_list(call, f"signal:{number}")
    points, how = _points(found, page, call, opened)
    scope = signals_within(access.scope(call, "warning.read"))
    same = WarningSignal.objects.filter(scope, warning=found.warning).exclude(pk=found.pk)
    before = same.filter(key_digest=found.key_digest, first__lt=found.first).order_by("-first")[:ALIKE]
    explaining = _explaining([found], scope, call.book)
    own = explaining.get(found.pk)
    beneath_ids = own.by[:ALIKE] if own is not None else ()
    above_ids = [number for number, one in explaining.items() if found.pk in one.by][:ALIKE]
    around = {one.pk: one for one in same.filter(pk__in=[*beneath_ids, *above_ids])}
    beneath = [around[number] for number in beneath_ids if number in around]
    above = [around[number] for number in above_ids if number in around]
    nearby = same.filter(first__lte=found.last, last__gte=found.first).exclude(pk__in=around)
    nearby = nearby.order_by("-rank", "-id")[:ALIKE]
    rows = iter(_rows([found, *before, *nearby, *beneath, *above], call.book, explaining=explaining))
    row = next(rows)
    before_rows, nearby_rows, beneath_rows, above_rows = (
        tuple(islice(rows, len(some))) for some in (before, nearby, beneath, above)
    )
    standing = CaseStandingRow.objects.filter(readable(call), case=found.case_id).select_related("case").first()
    may = found.state == WarningSignal.State.OPEN and access.may(call, "warning.decide", **_target(found)) is None
    return SignalSheet(
        row,
        page,
        points,
        how or found.method,
        tuple(lines),
        len(ids),
        len(newest) - len(lines),
        before_rows,
        nearby_rows,
        beneath_rows,
        above_rows,
        standing.case if standing is not None else None,
        outcomes([found], call.book).get(found.pk, ""),
        may,
        access.units(call, "case.open") if may else (),
        _about(found, call),
        _files(lines, call),
    )


def _about(found: WarningSignal, call: Call) -> dict[int, str]:
    """The enterprises that a signal is about, by name, as far as the reader may open their files."""
    names = _names([found])
    if found.subject is not None:
        names = names_of_subjects({found.subject}) | names
    opened = {}
    for subject, name in names.items():
        view, _, refusal = view_of(subject, call=call)
        if refusal is None or view.facts().exists():
            opened[subject] = name
    return opened


def _files(lines: Sequence[FactLine], call: Call) -> dict[int, int]:
    """Fact -> the enterprise that its line names, where the reader may open the file. Few queries."""
    subjects = enterprises_of(lines, book=call.book)
    if not subjects:
        return {}
    areas = dict(Card.objects.filter(subject__in=subjects.values()).values_list("subject", "area"))
    reached = {
        each for each, area in areas.items() if access.may(call, "file.read", area=area or "", subject=each) is None
    }
    # Of others the part is seen that lies within reach, and so the file opens.
    seen = Fact.objects.filter(facts_within(access.scope(call, "file.read")), id__in=subjects)
    parts = set(seen.values_list("id", flat=True))
    return {fact: subject for fact, subject in subjects.items() if subject in reached or fact in parts}


def units_to_take_up(number: int, *, call: Call) -> tuple[str, ...]:
    """The units for which the actor can open a case of a signal."""
    open_signal(number, "warning.decide", call=call)
    return access.units(call, "case.open")


def series(number: int, *, call: Call) -> tuple[SeriesPoint, ...]:
    """The series of one signal alone; empty where it has none."""
    found = open_signal(number, "warning.read", call=call)
    page = _page(found, call.book)
    return _points(found, page, call, lake_of(call.book))[0] if page is not None else ()


def _page(found: WarningSignal, book: Book) -> EarlyWarning | None:
    """The page of the book by which a signal was found; None where the book has it no more."""
    warnings = book[WARNINGS]
    return warnings.kinds.get(found.warning) if warnings is not None else None


def fact_ids(found: WarningSignal, book: Book, *, lake: Lake | None = None, limit: int | None = None) -> list[int]:
    """The ids of the facts behind a signal as they are known now, by day; empty where it rests on none (silence).

    Args:
        found: the signal.
        limit: at most so many; None: all.
    """
    page = _page(found, book)
    if page is None:
        return []
    if found.fact is not None:
        return [found.fact]
    opened, kind, today = lake or lake_of(book), page.watch, dt.date.max
    if isinstance(kind, Trend | Cluster | Scan):
        areas = book[DISTRICT].below(found.key[AREA]) if AREA in found.key else None
        if isinstance(kind, Scan):
            codes = found.key.get(AREAS, "").split(",")
            areas = tuple(code for one in codes for code in book[DISTRICT].below(one))
        counted = kind.counted if isinstance(kind, Scan) else kind
        facts = watched_facts(
            opened, counted, first=found.first, last=found.last, known_on=today, areas=areas, key=found.key
        )
        ids = list(dict.fromkeys(one.fact for one in facts))
    elif isinstance(kind, NeverFails) and found.subject is not None:
        ids = tests_listed(opened, kind, found.subject, first=found.first, last=found.last, known_on=today)
    else:
        ids = []
    return ids if limit is None else ids[:limit]


def _points(found: WarningSignal, page: EarlyWarning, call: Call, lake: Lake) -> tuple[tuple[SeriesPoint, ...], str]:
    """The series of a signal up to today, judged period by period as it is known today, and by which method."""
    kind = page.watch
    if not isinstance(kind, Trend):
        return (), ""
    table, places = recent_series(lake, call.book, kind, day=call.today, known_on=call.today, back=DRAWN, key=found.key)
    if not table.keys:
        return (), ""
    said = {}
    how = ""
    for each in judged(kind, table, places):
        for at, place in enumerate(each.places):
            said[place] = each.of(0, at, table)
            if table.periods[place] == found.first:
                how = method(each.detector)
    points = []
    for place in places:
        one, observed = said.get(place), float(table.counts[0, place])
        points.append(
            SeriesPoint(
                table.periods[place],
                None if observed != observed else observed,
                one.expected if one is not None else None,
                one.bound if one is not None else None,
                one is not None and one.alarm and one.stated,
                float(table.complete[place]),
                table.periods[place] == found.first,
            )
        )
    return tuple(points), how


def _target(found: WarningSignal) -> access.ActTarget:
    return {
        "unit": found.unit,
        "area": found.area,
        "quality": found.quality,
        "subject": found.subject,
        "record": found.record,
    }


# -- words


def _explaining(found: Sequence[WarningSignal], scope: Q, book: Book) -> dict[int, Explained]:
    """Signal -> what explains it, among the signals within reach of the same warnings and days. One query."""
    days: dict[str, set[dt.date]] = {}
    for one in found:
        page = _page(one, book)
        if page is not None and isinstance(page.watch, Trend):
            days.setdefault(one.warning, set()).add(one.first)
    if not days:
        return {}
    met = Q()
    for warning, firsts in days.items():
        met |= Q(warning=warning, first__in=firsts)
    columns = ("warning", "pk", "key", "first", "last", "observed", "expected", "bound")
    by_warning: dict[str, list[SeriesAlarm]] = {}
    for warning, *said in WarningSignal.objects.filter(scope, met, gone=False).values_list(*columns):
        by_warning.setdefault(warning, []).append(SeriesAlarm(*said))
    areas_above = book[DISTRICT].areas_above
    explaining: dict[int, Explained] = {}
    for alarms in by_warning.values():
        explaining |= explained(alarms, areas_above)
    return explaining


def _rows(
    found: Sequence[WarningSignal], book: Book, *, explaining: Mapping[int, Explained] | None = None
) -> list[SignalRow]:
    names = _names(found)
    rows = []
    for one in found:
        page = _page(one, book)
        label = page.label if page is not None else Label(zh=one.warning, en=one.warning)
        about = key_words(book, one.record, one.key, names)
        watch = page.watch if page is not None else None
        incomplete = isinstance(watch, Trend) and one.complete < watch.complete_from
        said = signal_words(book, page, one, about)
        rows.append(SignalRow(one, label, about, said, incomplete, (explaining or {}).get(one.pk)))
    return rows


def signal_in_words(found: WarningSignal, book: Book) -> Label:
    """What was found, as it is written into a case."""
    row = _rows([found], book)[0]
    return Label(zh=f"{row.label.zh}：{row.said.zh}", en=f"{row.label.en}: {row.said.en}")


def state_in_words(found: WarningSignal) -> Label:
    """What was decided on a signal."""
    return _STATES[found.state]


def _names(found: Iterable[WarningSignal]) -> dict[int, str]:
    """The names of the enterprises that keys speak of."""
    numbers = {
        int(value) for one in found for name, value in one.key.items() if name in _PARTIES and str(value).isdigit()
    }
    return names_of_subjects(numbers)


def enterprise_of(subject: int) -> Concerned:
    """An enterprise as its card names it; without a card by its number."""
    row = Card.objects.filter(subject=subject).values_list("name", "code").first()
    return Concerned(*row) if row is not None else Concerned(f"主体 {subject}", "")


# -- what became of signals


def outcomes(found: Iterable[WarningSignal], book: Book) -> dict[int, str]:
    """Signal -> ``true``, ``false`` or ``unknown``; nothing of signals that nobody decided on. One query."""
    warnings = book[WARNINGS]
    if warnings is None:
        return {}
    response = warnings.answering.response
    some = list(found)
    states = dict(
        CaseStandingRow.objects.filter(case__in=[one.case_id for one in some if one.case_id is not None]).values_list(
            "case", "states"
        )
    )
    said = {}
    for one in some:
        if one.state == WarningSignal.State.SET_ASIDE:
            said[one.pk] = "false"
        elif one.state == WarningSignal.State.TAKEN_UP:
            standing = states.get(one.case_id) if one.case_id is not None else None
            said[one.pk] = _outcome(standing or [], response.false, response.unknown)
    return said


def _outcome(states: Collection[str], false: Collection[str], unknown: Collection[str]) -> str:
    if any(state in false for state in states):
        return "false"
    return "unknown" if not states or any(state in unknown for state in states) else "true"


def track_records(*, call: Call) -> list[TrackRecord]:
    """How each warning did among the signals within reach, in the order of the book. Three queries."""
    access.require_somewhere(call, "warning.read")
    warnings = call.book[WARNINGS]
    if warnings is None:
        return []
    rows = WarningSignal.objects.filter(signals_within(access.scope(call, "warning.read")))
    counts = {
        row["warning"]: row
        for row in rows.values("warning").annotate(all=Count("id"), waiting=Count("id", filter=_IN_STATE["open"]))
    }
    decided = list(rows.exclude(state=WarningSignal.State.OPEN).only("warning", "state", "case", "last", "decided_at"))
    said = outcomes(decided, call.book)
    found = []
    for name, page in warnings.kinds.items():
        mine = [one for one in decided if one.warning == name]
        known = [said[one.pk] for one in mine if said.get(one.pk) in ("true", "false")]
        decided_on = [(timezone.localtime(one.decided_at).date(), one) for one in mine if one.decided_at is not None]
        waited = [(day - one.last).days for day, one in decided_on]
        row = counts.get(name, {"all": 0, "waiting": 0})
        found.append(
            TrackRecord(
                name,
                page.label,
                row["all"],
                row["waiting"],
                known.count("true"),
                len(known),
                median(waited) if waited else None,
            )
        )
    return found
