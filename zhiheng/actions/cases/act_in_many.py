"""One act in many cases: each is asked its own guards and done by itself or refused by itself, with the reasons.

``choose_cases`` freezes what was ticked, with the last place of each case, so that the act is not done over what a
colleague did meanwhile. ``begin`` takes the act and its form once: pressed twice, by a second tab or a second click, it
is done once. ``carry_on`` does what still waits; killed at any moment it is begun again and does nothing twice, because
the line of a case and what is noted of it are one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.cases import refusals
from zhiheng.actions.cases.act_in_case import act_in_case, check_form
from zhiheng.actions.cases.assign_case import assign_case
from zhiheng.actions.cases.line_writer import KeptFile
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.progress import Counting
from zhiheng.kernel.reasons import Refused
from zhiheng.office import case_log, task_queue
from zhiheng.office.case_batches import CaseBatch, CaseOfBatch
from zhiheng.people import access
from zhiheng.queries import case_batches as reading

# So many cases can be chosen at once: what can be done in them is worked out from the log of each.
MOST: Final = 500
# So many are done while the officer waits; more are done in the background.
AT_ONCE: Final = 20
TASK: Final = "act_in_many_cases"


def choose_cases(numbers: Sequence[int], *, call: Call) -> CaseBatch:
    """Cases that somebody ticked, as they stand now. Raises Refused where there is none, there are too many, or one of
    them may not be read.
    """
    access.require_somewhere(call, "case.read")
    wanted = list(dict.fromkeys(numbers))
    if call.actor.account is None or not wanted:
        raise Refused(refusals.none_chosen())
    if len(wanted) > MOST:
        raise Refused(refusals.too_many_chosen(MOST))
    places = reading.places_of(wanted, call=call)
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        batch = CaseBatch.objects.create(account=call.actor.account, actor=str(call.actor), at=call.now)
        CaseOfBatch.objects.bulk_create(
            CaseOfBatch(batch=batch, case_id=number, place=place) for number, place in places
        )
    return batch


def begin(
    number: int,
    act: str,
    given: Mapping[str, Any],
    *,
    workflow: str = "",
    happened: str = "",
    files: Sequence[KeptFile] = (),
    call: Call,
) -> CaseBatch:
    """Do an act in all cases of a batch, or put that in the queue where there are many.

    ``act``: an act of ``workflow`` with its outcome, or ``@assign`` with the number of an ``account`` among ``given``.
    A batch that was begun before is returned as it stands. Raises Refused where the batch is somebody else's, or what
    was typed would be refused in every case.
    """
    batch = reading.chosen(number, call=call)
    if batch.state != CaseBatch.State.CHOSEN:
        return batch
    if act == case_log.ASSIGN:
        access.require_somewhere(call, "case.assign")
    else:
        _check(batch, workflow, act, given, happened, call)
    many = batch.cases.count() > AT_ONCE
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        case_log.lock()
        begun = CaseBatch.objects.filter(pk=number, state=CaseBatch.State.CHOSEN).update(
            state=CaseBatch.State.RUNNING,
            act=act,
            workflow=workflow,
            typed=dict(given),
            happened=happened,
            files=[asdict(each) for each in files],
            begun_at=call.now,
        )
        batch.refresh_from_db()
        if not begun:
            return batch
        detail = {"act": act, "workflow": workflow, "count": batch.cases.count()}
        audit.write(call, "case.batch", f"batch:{number}", detail=detail)
        if many:
            _put(batch, call)
    if not many:
        carry_on(number, call=call)
        batch.refresh_from_db()
    return batch


def begin_again(number: int, *, call: Call) -> CaseBatch:
    """Put a batch in the queue once more whose task broke off; one that is under way or done is left alone."""
    batch = reading.chosen(number, call=call)
    if batch.state == CaseBatch.State.RUNNING and not is_under_way(batch):
        with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
            _put(batch, call)
    return batch


def is_under_way(batch: CaseBatch) -> bool:
    """Whether a task waits or works on a batch."""
    return any(arguments[0] == batch.pk for arguments in task_queue.arguments_under_way(TASK))


def _put(batch: CaseBatch, call: Call) -> None:
    batch.task = task_queue.put(TASK, batch.pk, task_queue.packed(call.actor), priority=task_queue.FROM_DEPARTMENTS)
    batch.save(update_fields=["task"])


def _check(batch: CaseBatch, workflow: str, act: str, given: Mapping[str, Any], happened: str, call: Call) -> None:
    """Raise Refused where what was typed is wrong whatever the case: the first one that allows the act is asked."""
    possible = (one for one in reading.acts_of(batch, call=call) if (one.workflow, one.act.key) == (workflow, act))
    first = next(possible, None)
    if first is None:
        raise Refused(refusals.possible_in_none())
    check_form(first.case, act, given, happened=happened or None, call=call)


def carry_on(
    number: int, *, call: Call, clock: Callable[[], datetime] | None = None, progress: Counting = lambda done, of: None
) -> reading.BatchOutcome:
    """Do what of a batch still waits, each case in a transaction of its own; ``clock`` says when each of them is done
    (without it, all at the moment of the call).
    """
    batch = reading.chosen(number, call=call)
    waiting = list(batch.cases.filter(state=CaseOfBatch.State.WAITING).order_by("id").values_list("pk", flat=True))
    of = batch.cases.count()
    if batch.state != CaseBatch.State.RUNNING:
        return reading.outcome(batch)
    for done, item in enumerate(waiting, of - len(waiting) + 1):
        _one(batch, item, replace(call, now=clock()) if clock is not None else call)
        progress(done, of)
    CaseBatch.objects.filter(pk=number, state=CaseBatch.State.RUNNING).update(
        state=CaseBatch.State.DONE, finished_at=clock() if clock is not None else call.now
    )
    return reading.outcome(batch)


def _one(batch: CaseBatch, number: int, call: Call) -> None:
    """The act in one case and what came of it, together or not at all."""
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        case_log.lock()
        item = CaseOfBatch.objects.select_related("case").get(pk=number)
        if item.state != CaseOfBatch.State.WAITING:
            return
        try:
            with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
                item.state, item.line = _done(batch, item, call)
        except Refused as why:
            item.state = CaseOfBatch.State.REFUSED
            item.reasons = [{"code": each.code, "zh": each.zh, "en": each.en} for each in why.refusals]
        item.save(update_fields=["state", "line", "reasons"])


def _done(batch: CaseBatch, item: CaseOfBatch, call: Call) -> tuple[CaseOfBatch.State, int | None]:
    mark = f"batch:{batch.pk}"
    if batch.act == case_log.ASSIGN:
        account = int(batch.typed["account"])
        line = assign_case(item.case_id, account, call=call, place=item.place, batch=mark)
        return CaseOfBatch.State.DONE, line.pk
    if item.case.workflow != batch.workflow:
        raise Refused(refusals.of_another_workflow(call.book[WORKFLOWS][batch.workflow].page.label))
    done = act_in_case(
        item.case_id,
        batch.act,
        batch.typed,
        call=call,
        place=item.place,
        happened=batch.happened or None,
        batch=mark,
        files=[KeptFile(**each) for each in batch.files],
    )
    if done.line is None:
        return CaseOfBatch.State.PROPOSED, None
    return CaseOfBatch.State.DONE, done.line.pk
