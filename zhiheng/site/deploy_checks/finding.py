"""One thing that was looked at before going live, in both languages."""

from __future__ import annotations

from typing import Literal

from django.core.checks import DEBUG, ERROR, WARNING, CheckMessage

State = Literal["unsafe", "advice", "ok"]
LEVELS: dict[State, int] = {"unsafe": ERROR, "advice": WARNING, "ok": DEBUG}


class DeployFinding(CheckMessage):
    """``unsafe``: must be mended, an error of ``check --deploy``; ``advice``: a warning; ``ok``: all right. ``place``:
    where its subject stands among the others.
    """

    place = 0

    def __init__(self, check: str, state: State, zh: str, en: str) -> None:
        super().__init__(LEVELS[state], f"{zh} / {en}", id=f"zhiheng.{check}")
        self.check: str = check
        self.state: State = state
        self.zh, self.en = zh, en
