"""Have the ledger verified in the background, and read what was found the last times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from zhiheng.grammar.call import Call
from zhiheng.office import task_queue
from zhiheng.people import access
from zhiheng.people.models import TrailLine

LATEST = 20
TASK = "verify_the_ledger"


@dataclass(frozen=True)
class Verifications:
    """What is known: whether one is under way, the last one that the queue keeps whole, and the lines of the trail."""

    under_way: bool
    last: Mapping[str, Any] | None
    failed: bool
    lines: Sequence[TrailLine]
    may_ask: bool


def ask_verification(*, call: Call) -> bool:
    """Queue a verification of the whole ledger.

    Returns:
        False where one is under way already.

    Raises:
        Refused: where the actor may not verify the ledger.
    """
    access.require(call, "ledger.verify")
    if task_queue.is_under_way(TASK):
        return False
    task_queue.put(TASK, task_queue.packed(call.actor))
    return True


def verifications(*, call: Call) -> Verifications:
    """When the ledger was last verified, by which account, and what was found.

    Raises:
        Refused: where the actor may verify it nowhere.
    """
    access.require_somewhere(call, "ledger.verify")
    tasks = DBTaskResult.objects.filter(task_path=task_queue.task_path(TASK))
    done = (
        tasks.filter(status__in=(TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED)).order_by("-finished_at").first()
    )
    whole = done is not None and done.status == TaskResultStatus.SUCCESSFUL
    return Verifications(
        task_queue.is_under_way(TASK),
        done.return_value if done is not None and whole else None,
        done is not None and not whole,
        list(TrailLine.objects.filter(verb="ledger.verify").order_by("-at", "-id")[:LATEST]),
        access.may(call, "ledger.verify") is None,
    )
