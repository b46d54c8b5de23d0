"""What an enterprise types in its corner."""

from __future__ import annotations

from zhiheng.pages.codes import CodeForm
from zhiheng.pages.input_form import Line


class JoinForm(CodeForm):
    """The code of a letter of invitation, and the account that it opens."""

    code = Line("邀请码", "Code", most=120, needed=True, autocomplete="one-time-code")
