"""Files that come with a form of a case.

They are kept before the act is asked. Where it is refused, the form comes back with what was kept, each file signed for
whoever sent it, so that nobody has to choose it again.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from django.core import signing

from zhiheng.actions.cases.attach_file import FILES, SentFile, keep_files
from zhiheng.actions.cases.line_writer import KeptFile
from zhiheng.grammar.call import Call
from zhiheng.pages.input_form import FilesField, InputForm, TicksField
from zhiheng.pages.words import say_later

TAKEN: Final = ".jpg,.jpeg,.png,.webp,.pdf,.docx,.xlsx"
# What refuses a photograph speaks of its field by this word.
PHOTOGRAPHS: Final = {"photographs": "attachments"}
# A form that is older than this asks for its files again.
_SECONDS: Final = 2 * 24 * 3600
_LONGEST: Final = 2_000


class _KeptField(TicksField):
    """What was kept with the form before, signed by the page itself."""

    def to_python(self, value: Any) -> list[str]:
        return self._bounded([str(each)[:_LONGEST] for each in value or ()])


class AttachingForm(InputForm):
    """A form with files: those that are sent with it now, and those that were kept when it was refused before."""

    attachments = FilesField(
        "附件",
        "Attachments",
        most=FILES,
        too_many=say_later(f"一次最多 {FILES} 个文件。", f"At most {FILES} files at once."),
        hint=say_later(
            "照片、PDF、Word（.docx）、Excel（.xlsx），每个不超过 20 MB，可以选几个；照片里的地点和设备信息会去掉。",
            "Pictures, PDF, Word (.docx), Excel (.xlsx), each of at most 20 MB; place and device are taken out of "
            "pictures.",
        ),
    )
    kept = _KeptField(most=FILES)
    kept_files: tuple[KeptFile, ...] = ()

    def keep(self, call: Call) -> tuple[KeptFile, ...]:
        """Keep what was sent; all files of the form. Raises Refused with what is wrong with one."""
        before = [found for text in self.cleaned_data["kept"] if (found := _opened(text, call)) is not None]
        sent = self.cleaned_data["attachments"]
        self.kept_files = tuple(before)
        new = keep_files([SentFile(one.name or "", one.chunks()) for one in sent], call=call) if sent else ()
        self.kept_files = (*before, *new)
        return self.kept_files

    def kept_before(self, call: Call) -> list[tuple[str, str]]:
        """What the form that comes back holds already: (signed text, name of the file)."""
        return [(_sealed(each, call), each.name) for each in self.kept_files]


def _salt(call: Call) -> str:
    return f"case-files:{call.actor.id}"


def _sealed(file: KeptFile, call: Call) -> str:
    return signing.dumps(asdict(file), salt=_salt(call), compress=True)


def _opened(text: str, call: Call) -> KeptFile | None:
    """The file of a signed text; None where it is too old, or was signed for somebody else."""
    try:
        return KeptFile(**signing.loads(text, salt=_salt(call), max_age=_SECONDS))
    except signing.BadSignature:
        return None
