"""What the office's records refuse to be read by a book that no longer has what they were written with."""

from __future__ import annotations

from collections.abc import Sequence

from zhiheng.kernel.reasons import Refusal


def workflow_gone(workflow: str, case: str) -> Refusal:
    return Refusal(
        "case.workflow_gone",
        f"规则书中已没有工作流“{workflow}”，案件 {case} 无法推算；请把它加回规则书。",
        f"The book no longer has the workflow {workflow!r}, so case {case} can't be worked out; put it back into the "
        "book.",
    )


def act_gone(workflow: str, acts: Sequence[str], case: str) -> Refusal:
    return Refusal(
        "case.act_gone",
        f"工作流“{workflow}”已没有行为 {'、'.join(acts)}，案件 {case} 无法推算；不再用的行为请写 until，不要删去。",
        f"The workflow {workflow!r} no longer has {', '.join(acts)}, so case {case} can't be worked out; give an act "
        "that is no longer used an 'until' instead of removing it.",
    )
