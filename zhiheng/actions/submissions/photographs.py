"""Photographs that come with a submission: encoded anew, so that nothing but what is to be seen is kept.

Only pictures: a document names its author, and would be kept as it was sent.
"""

from __future__ import annotations

from collections.abc import Sequence

from zhiheng.actions.cases.attach_file import SentFile, keep_files
from zhiheng.actions.cases.line_writer import KeptFile
from zhiheng.actions.submissions import refusals
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.submissions import SUBMISSIONS
from zhiheng.kernel.reasons import Refused
from zhiheng.people import access
from zhiheng.reading.attachments import PICTURES
from zhiheng.reading.refusals import picture_kind


def keep_photographs(sent: Sequence[bytes], *, call: Call) -> tuple[KeptFile, ...]:
    """The photographs as they are kept. The names of the files are not looked at: they may tell who sent them. Raises
    Refused for too many, and for what is no picture.
    """
    access.require_somewhere(call, "case.submit")
    page = call.book[SUBMISSIONS]
    most = page.photographs if page is not None else 0
    if len(sent) > most:
        raise Refused(refusals.too_many_photographs(most))
    named = [(f"照片{at}", content) for at, content in enumerate(sent, 1)]
    # What calls itself a container of Apple's is told by its own refusal.
    other = [name for name, content in named if not (content.startswith(PICTURES) or content[4:8] == b"ftyp")]
    if other:
        raise Refused(*(picture_kind(name) for name in other))
    return keep_files([SentFile(name, [content]) for name, content in named], call=call)
