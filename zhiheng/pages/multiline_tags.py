"""A template tag may stand over several lines, like every other statement of the house.

Django reads a tag only where it ends on the line on which it began, so a sentence in two languages would make a line of
four hundred characters. What a tag is follows one expression of Django; here it also reads past the end of a line.
"""

from __future__ import annotations

import re

from django.template import base


def allow() -> None:
    """Read tags over several lines from now on; done again it changes nothing."""
    base.tag_re = re.compile(base.tag_re.pattern, base.tag_re.flags | re.DOTALL)
