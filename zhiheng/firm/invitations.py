"""The way in for an enterprise: an account is taken up with the code of a letter of invitation."""

from __future__ import annotations

from django.http import HttpResponse

from zhiheng.firm.forms import JoinForm
from zhiheng.pages.access import door
from zhiheng.pages.codes import take_up
from zhiheng.pages.http import PageRequest


@door("public")
def join(request: PageRequest) -> HttpResponse:
    """Take up an account with the code of a letter of invitation."""
    return take_up(request, "firm/join.html", JoinForm.of(request))
