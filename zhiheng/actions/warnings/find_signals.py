"""Look for signals: what the early warnings of the book say of a day, written down beside what was found before.

A signal is the same one as long as the days that it speaks of overlap those of before: later facts change its numbers
and are kept as a further reading, a decision of an officer stays. What is no longer reached is marked, not removed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.warnings import refusals
from zhiheng.analytics.early_warning import WatchRun, watched
from zhiheng.analytics.lake import Lake
from zhiheng.database.locks import Lock, hold
from zhiheng.engines.early_warning.rules import UndeliveredPeriod, silent
from zhiheng.engines.early_warning.signals import FoundSignal
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.early_warning import WARNINGS, EarlyWarning, Silence
from zhiheng.kernel.progress import Progress, quiet
from zhiheng.kernel.reasons import Refused
from zhiheng.office import leases
from zhiheng.office.warnings import WarningSignal
from zhiheng.people import access
from zhiheng.projections.models import Owed

_BATCH = 500
# The numbers of a reading, as columns of a signal.
_NUMBERS = ("level", "observed", "expected", "bound", "score", "p_value", "facts", "method", "complete", "kept")


@dataclass
class SignalsFound:
    """What a run did: new signals, those whose numbers changed, those no longer reached; and what was not judged,
    warning -> why.
    """

    new: int = 0
    changed: int = 0
    gone: int = 0
    not_judged: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The result for programs."""
        return dict(vars(self))


def find_signals(lake: Lake, *, call: Call, names: Sequence[str] = (), progress: Progress = quiet) -> SignalsFound:
    """Judge what the book watches as of today, as known today; ``names``: only these warnings.

    Everything is computed outside of transactions; each warning is written down in one. Raises Refused where the actor
    may not, where the book watches nothing, or has no warning of a name.
    """
    access.require(call, "ledger.verify")
    warnings = call.book[WARNINGS]
    if warnings is None:
        raise Refused(refusals.nothing_watched())
    for name in names:
        if name not in warnings.kinds:
            raise Refused(refusals.warning_unknown(name, "、".join(warnings.kinds)))
    done = SignalsFound()
    wanted = [name for name in warnings.kinds if not names or name in names]
    for place, name in enumerate(wanted):
        progress("warnings", place, len(wanted))
        try:
            seen = _watch(lake, name, warnings.kinds[name], call)
        except Refused as refused:
            # A record that was never delivered, a lake that is made anew: said, and the others are judged all the same.
            done.not_judged[name] = " ".join(reason.zh for reason in refused.refusals)
            continue
        with transaction.atomic(using=leases.queue_database()):
            hold(Lock.SIGNALS, leases.queue_database())
            _write(name, warnings.kinds[name], seen, call, done)
    with transaction.atomic(using=leases.queue_database()):
        audit.write(call, "signal.find", "signal:all", detail=done.as_json() | {"warnings": len(wanted)})
    return done


def _watch(lake: Lake, name: str, page: EarlyWarning, call: Call) -> WatchRun:
    if not isinstance(page.watch, Silence):
        return watched(lake, call.book, name, day=call.today, known_on=call.today)
    rows = Owed.objects.filter(handed_in_on=None, due_on__lt=call.today)
    if page.watch.record is not None:
        rows = rows.filter(record=page.watch.record)
    columns = ("unit", "area", "record", "first", "last", "due_on")
    owed = (UndeliveredPeriod(*row) for row in rows.values_list(*columns).iterator())
    return WatchRun(silent(name, page.watch, owed, call.today), dt.date.min)


def _write(name: str, page: EarlyWarning, run: WatchRun, call: Call, done: SignalsFound) -> None:
    known = list(WarningSignal.objects.filter(warning=name, last__gte=run.since).order_by("first"))
    by_key: dict[str, list[WarningSignal]] = {}
    for one in known:
        by_key.setdefault(one.key_digest, []).append(one)
    made: list[WarningSignal] = []
    changed: dict[int, WarningSignal] = {}
    seen: set[int] = set()
    for found in run.found:
        digest = _digest(found.key)
        before = next((one for one in by_key.get(digest, ()) if _overlap(one, found) and one.pk not in seen), None)
        if before is None:
            made.append(_new(name, page, found, digest, call))
            continue
        seen.add(before.pk)
        if _read_again(before, page, found, call):
            changed[before.pk] = before
    for one in known:
        if one.pk not in seen and not one.gone and _judged_again(one, run):
            one.gone, one.changed_at = True, call.now
            changed[one.pk] = one
            done.gone += 1
    WarningSignal.objects.bulk_create(made, batch_size=_BATCH)
    columns = [*_NUMBERS, "rank", "last", "edition", "fallback", "gone", "readings", "changed_at"]
    WarningSignal.objects.bulk_update(changed.values(), columns, batch_size=_BATCH)
    done.new += len(made)
    done.changed += sum(not one.gone for one in changed.values())


def _judged_again(one: WarningSignal, run: WatchRun) -> bool:
    """Whether the run looked at all facts that the signal rests on."""
    return run.judged is None or any(first <= one.first and one.last <= last for first, last in run.judged)


def _overlap(one: WarningSignal, found: FoundSignal) -> bool:
    return one.first <= found.last and found.first <= one.last


def _new(name: str, page: EarlyWarning, found: FoundSignal, digest: str, call: Call) -> WarningSignal:
    return WarningSignal(
        warning=name,
        edition=page.edition,
        record=page.watch.record or found.key.get("record", ""),
        quality=page.quality,
        key=dict(found.key),
        key_digest=digest,
        area=found.area,
        subject=found.subject,
        fact=found.fact,
        unit=found.key.get("unit", ""),
        first=found.first,
        last=found.last,
        rank=found.level.rank,
        fallback=found.fallback,
        readings=[_reading(found, call.today)],
        found_at=call.now,
        changed_at=call.now,
        **_numbers(found),
    )


def _read_again(one: WarningSignal, page: EarlyWarning, found: FoundSignal, call: Call) -> bool:
    """Take over the numbers of today; False where they are those of before."""
    reading = _reading(found, call.today)
    last = one.readings[-1] if one.readings else {}
    if not one.gone and {**reading, "known_on": ""} == {**last, "known_on": ""}:
        return False
    for column, value in _numbers(found).items():
        setattr(one, column, value)
    one.rank, one.last, one.edition = found.level.rank, found.last, page.edition
    one.fallback, one.gone, one.changed_at = found.fallback, False, call.now
    one.readings = [*one.readings, reading]
    return True


def _numbers(found: FoundSignal) -> dict[str, Any]:
    return {column: getattr(found, column) for column in _NUMBERS}


def _reading(found: FoundSignal, known_on: dt.date) -> dict[str, Any]:
    numbers: Iterator[tuple[str, Any]] = ((column, getattr(found, column)) for column in _NUMBERS)
    return {"known_on": known_on.isoformat(), "last": found.last.isoformat()} | {
        column: round(value, 6) if isinstance(value, float) else str(value) if column == "level" else value
        for column, value in numbers
    }


def _digest(key: Mapping[str, str]) -> str:
    return sha256(orjson.dumps(dict(key), option=orjson.OPT_SORT_KEYS)).hexdigest()
