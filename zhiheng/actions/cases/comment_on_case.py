"""Write a comment into a case, with files if need be: also into one that has ended, for late papers."""

from __future__ import annotations

from collections.abc import Sequence

from zhiheng.actions.cases import line_writer, refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import paragraphs
from zhiheng.office import case_log
from zhiheng.office.cases import CaseEvent
from zhiheng.people import access

LONGEST = 5_000


def comment_on_case(case: int, text: str, *, call: Call, files: Sequence[str] = ()) -> CaseEvent:
    """The line with the comment; ``files`` are digests of attachments that are kept already. A comment changes nothing
    of the standing, so nobody who has the case open is held up by it.
    """
    access.require_somewhere(call, "case.read")
    with line_writer.open_for_writing(case, call) as opened:
        standing = opened.standing()
        line_writer.require_read(opened, standing)
        said = paragraphs(text)
        if not (said or files) or len(said) > LONGEST:
            raise Refused(refusals.text_needed())
        data = {"text": said, "files": list(files)}
        return line_writer.write_machine_line(opened, case_log.COMMENT, data, line_writer.Signer.of(call))
