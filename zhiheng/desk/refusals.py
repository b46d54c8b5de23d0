"""Why the desk does not show or take what was asked."""

from __future__ import annotations

from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refusal


def cockpit_absent(name: Label | None, area: str) -> Refusal:
    return Refusal(
        "cockpit.absent",
        f"规则书没有写明“{name.zh if name else area}”的驾驶舱放什么；请在 cockpit 目录中增加一页。",
        f"The book does not say what stands on the cockpit of {name.en if name else area}; add a page to the "
        "folder cockpit.",
    )
