"""Have the integrity checks of the tables run in the background."""

from __future__ import annotations

from zhiheng.grammar.call import Call
from zhiheng.office import task_queue
from zhiheng.people import access
from zhiheng.queries.data_checks import ACT, TASK


def ask_data_check(*, call: Call) -> bool:
    """Queue a run of all checks; its report is kept with the task.

    Returns:
        False where one is under way already.

    Raises:
        Refused: where the actor may not verify the ledger.
    """
    access.require(call, ACT)
    if task_queue.is_under_way(TASK):
        return False
    task_queue.put(TASK)
    return True
