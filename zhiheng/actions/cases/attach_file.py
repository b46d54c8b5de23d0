"""Keep files that are to go with a line of a case.

They are looked at and kept first, then the act, the opening or the comment names them (``files=``)::

    kept = keep_files([SentFile(one.name, one.chunks()) for one in files], call=call)
    act_in_case(case, act, given, call=call, files=kept)

What is kept and named by no line (the act was refused, and nobody sent it again) is nobody's; it can't be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from zhiheng.actions.cases import line_writer, refusals
from zhiheng.actions.cases.line_writer import KeptFile
from zhiheng.actions.intake.upload_delivery import NAME_LENGTH, clean_name
from zhiheng.database.content_store import ATTACHMENTS, Accepted
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.people import access
from zhiheng.reading.attachments import BYTES, CleanAttachment, clean_attachment
from zhiheng.reading.refusals import attachment_bytes

FILES: Final = 20
# Endings that a file of a kind may have; any other is taken for part of its name.
_ENDINGS: Final = {"jpg": ("jpg", "jpeg")}


@dataclass(frozen=True)
class SentFile:
    """A file as it came from a form; ``field``: of the act, '': beside what is said."""

    name: str
    pieces: Iterable[bytes]
    field: str = ""


def named_as(name: str, kind: str) -> str:
    """The name under which a file of a kind is kept and handed out: a picture called ``a.exe`` is ``a.exe.jpg``, so
    that no computer takes it for a program.
    """
    ending = name.rpartition(".")[2].casefold()
    if ending in _ENDINGS.get(kind, (kind,)):
        return name
    return f"{name[: NAME_LENGTH - len(kind) - 1]}.{kind}"


def keep_files(files: Sequence[SentFile], *, call: Call) -> tuple[KeptFile, ...]:
    """Look at files and keep them, all or none: type by content, pictures encoded anew, scanned where a scanner is
    configured. Raises Refused with what is wrong with each.
    """
    if call.actor.kind == "public":
        access.require(call, "case.submit")
    else:
        line_writer.require_some(call)
    if len(files) > FILES:
        raise Refused(refusals.too_many_files(FILES))
    clean: list[tuple[str, str, CleanAttachment]] = []
    wrong: list[Refusal] = []
    for file in files:
        name = clean_name(file.name)
        try:
            clean.append((name, file.field, clean_attachment(name, file.pieces, scanner=settings.CLAMD)))
        except Refused as refused:
            wrong += refused.refusals
    if wrong:
        raise Refused(*wrong)
    ATTACHMENTS.keep_several(
        ([each.content], Accepted(len(each.content), attachment_bytes(name, BYTES >> 20))) for name, _, each in clean
    )
    return tuple(
        KeptFile(
            named_as(name, each.kind), each.kind, len(each.content), each.digest, each.sent_digest, each.scanned, field
        )
        for name, field, each in clean
    )
