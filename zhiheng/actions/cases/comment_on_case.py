"""Write a comment into a case, with files if need be: also into one that has ended, for late papers."""

from __future__ import annotations

from collections.abc import Sequence

from zhiheng.actions.cases import line_writer, refusals
from zhiheng.actions.cases.line_writer import KeptFile
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import paragraphs
from zhiheng.office import case_log
from zhiheng.office.cases import CaseEvent
from zhiheng.people import access

LONGEST = 5_000


def comment_on_case(
    case: int, text: str, *, call: Call, files: Sequence[KeptFile] = (), to_sender: bool = False
) -> CaseEvent:
    """The line with the comment; ``files``: what ``keep_files`` kept. ``to_sender``: it is shown by the receipt to
    the person who complained or reported; only somebody who handles the case may write it so. A comment
    changes nothing of the standing, so nobody who has the case open is held up by it.
    """
    access.require_somewhere(call, "case.read")
    with line_writer.open_for_writing(case, call) as opened:
        standing = opened.standing()
        line_writer.require_read(opened, standing)
        if to_sender:
            access.require(call, "case.handle", **line_writer.target(opened, standing))
            if opened.case.receipt_digest is None:
                raise Refused(refusals.no_sender())
        said = paragraphs(text)
        if not (said or files) or len(said) > LONGEST:
            raise Refused(refusals.text_needed())
        data = {"text": said} | ({case_log.WITH: case_log.SENDER} if to_sender else {})
        signer = line_writer.Signer.of(call)
        return line_writer.write_machine_line(opened, case_log.COMMENT, data, signer, files=files)
