"""The request as a page gets it: with who acts and what htmx says, which the middleware set before."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from zhiheng.kernel.actor import Actor


class PageRequest(HttpRequest):
    """A request behind ``zhiheng.pages.middleware.WhoActs`` and the middleware of htmx: no page reads it before both.

    It is Django's own request with these two attributes set; the class itself is never made.
    """

    actor: Actor
    htmx: HtmxDetails
    # Set by pages.paging where the address asks for a place that is none of the list.
    began_anew: bool
