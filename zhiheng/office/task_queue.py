"""Putting work in the queue by its name, and asking whether such work is under way.

The tasks themselves stand in ``zhiheng.jobs.tasks``, above the actions that they call; an action names the task that it
wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.utils.module_loading import import_string
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from pydantic import TypeAdapter

from zhiheng.kernel.actor import Actor
from zhiheng.office import leases
from zhiheng.office.lanes import Lane

TASKS: Final = "zhiheng.jobs.tasks"
# In one lane what somebody waits for goes first: deliveries of departments, then what shows them (0 to -10), then what
# an officer will look at some day. Files of enterprises have a lane of their own; where one process does all lanes
# (``zhiheng worker --until-empty``) they come after everything that departments wait for.
FROM_DEPARTMENTS, ORDINARY, SHOWING, PROPOSING, FROM_ENTERPRISES = 10, 0, -10, -20, -50
_UNDER_WAY = (TaskResultStatus.READY, TaskResultStatus.RUNNING)
_ACTOR: TypeAdapter[Actor] = TypeAdapter(Actor)


def packed(actor: Actor) -> dict[str, Any]:
    """An actor as JSON for the queue, with the roles of the moment in which the act was asked for."""
    told: dict[str, Any] = _ACTOR.dump_python(actor, mode="json")
    return told


def unpacked(told: dict[str, Any]) -> Actor:
    """The actor of a task's arguments; the inverse of ``packed``."""
    return _ACTOR.validate_python(told)


def task_path(name: str) -> str:
    """The path under which a task's results are kept: ``receive_upload`` -> ``zhiheng.jobs.tasks.receive_upload``."""
    return f"{TASKS}.{name}"


def put(name: str, *arguments: Any, priority: int = ORDINARY, lane: Lane | None = None) -> UUID:
    """Put a task in the queue, in the caller's transaction; returns its id. ``lane``: another than the task's own."""
    queue = None if lane is None else lane.value
    return UUID(str(import_string(task_path(name)).using(priority=priority, queue_name=queue).enqueue(*arguments).id))


def put_once(name: str, priority: int = SHOWING) -> UUID:
    """Put a task without arguments in the queue, unless one like it waits there already; returns its id."""
    with leases.alone():
        waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY, task_path=task_path(name)).first()
        return UUID(str(waiting.task_result.id)) if waiting else put(name, priority=priority)


def is_under_way(name: str) -> bool:
    """Whether such a task waits or runs."""
    return bool(DBTaskResult.objects.filter(status__in=_UNDER_WAY, task_path=task_path(name)).exists())


def arguments_under_way(name: str) -> Sequence[Sequence[Any]]:
    """The arguments of the tasks of this name that wait or run."""
    told = DBTaskResult.objects.filter(status__in=_UNDER_WAY, task_path=task_path(name)).values_list(
        "args_kwargs", flat=True
    )
    return [one["args"] for one in told]
