"""How a page answers a refusal: beside its field, above the page of the button, or as a whole page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from zhiheng.kernel.reasons import Refused
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label, say

if TYPE_CHECKING:
    from zhiheng.pages.input_form import InputForm


def of_what_was_typed(refused: Refused) -> bool:
    """Whether a refusal is about what was typed; one about access or absence gets a whole page."""
    code = refused.refusals[0].code
    return not code.startswith("access.") and not code.endswith(".absent")


def tried(
    request: PageRequest, act: Callable[[], object], said: str, back: str, form: InputForm | None = None
) -> HttpResponse:
    """Do the small act of a button; a refusal is shown on the page of the button, with what was typed beside it
    (``form``).
    """
    if form is not None and not form.is_valid():
        for problem in form.problems:
            messages.error(request, say("{label}：{text}", "{label}: {text}", **problem))
        return redirect(back)
    try:
        act()
    except Refused as refused:
        if not of_what_was_typed(refused):
            raise
        for refusal in refused.refusals:
            messages.error(request, label(refusal))
    else:
        messages.success(request, said)
    return redirect(back)
