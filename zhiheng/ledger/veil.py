"""Mask refused rows for readers who may not see secret fields: their cells, and the reasons for the refusal.

A refused row is as secret as a fact would have been, and its columns are less certain: a value in the wrong column may
be the very reason for the refusal. So a cell is hidden where its heading feeds a secret field or nothing at all, a row
is hidden whole where its cells can't be told apart, and in the rest telephones, identity numbers and e-mail addresses
are masked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from zhiheng.engines.plain_words import scrub
from zhiheng.engines.recognise import Layout
from zhiheng.kernel.masking import MASK

Reason = Mapping[str, str]
# Whatever begins like a hidden text for so many characters quotes it.
_QUOTED = 4


@dataclass(frozen=True)
class Veil:
    """How the rows of one delivered table are masked.

    ``columns``: indexes of the hidden ones. ``secret``: names of secret fields, with what they are called. ``whole``:
    the table was not recognised, so nothing of it is known to be harmless.
    """

    width: int
    columns: frozenset[int]
    secret: Mapping[str, tuple[str, str]]
    whole: bool = False

    @property
    def hides(self) -> bool:
        """Whether there is anything to hide."""
        return self.whole or bool(self.columns) or bool(self.secret)

    def cells(self, cells: Sequence[str], reasons: Sequence[Reason] = ()) -> list[str]:
        """The cells as they may be shown."""
        every = self._every(cells, reasons)
        return [
            MASK if cell.strip() and (every or at in self.columns or at >= self.width) else scrub(cell, ())
            for at, cell in enumerate(cells)
        ]

    def remark(self, cells: Sequence[str]) -> list[str]:
        """The cells of a row that is no data: it does not keep to the columns, so where some are secret all of it is
        hidden.
        """
        return [MASK if cell.strip() and (self.whole or self.secret) else scrub(cell, ()) for cell in cells]

    def reasons(self, reasons: Sequence[Reason], cells: Sequence[str]) -> list[Reason]:
        """The reasons without what they quote: of a secret field no more is said than that it is wrong."""
        every = self._every(cells, reasons)
        hidden = [c for at, c in enumerate(cells) if every or at in self.columns or at >= self.width]
        return [self._reason(reason, hidden) for reason in reasons]

    def said(self, text: str, hidden: Sequence[str] = ()) -> str:
        """A sentence without the given texts, and without what identifies a person."""
        for secret in sorted({" ".join(one.split()) for one in hidden}, key=len, reverse=True):
            text = _without(text, secret)
        return scrub(text, ())

    def _every(self, cells: Sequence[str], reasons: Sequence[Reason]) -> bool:
        """Whether it can't be said which cell is which: the table is unknown, or the row has more or fewer cells than
        headings.
        """
        broken = len(cells) != self.width or any(
            not reason.get("field") and reason.get("code", "").startswith("row.") for reason in reasons
        )
        return self.whole or (broken and bool(self.secret))

    def _reason(self, reason: Reason, hidden: Sequence[str]) -> Reason:
        named = self.secret.get(reason.get("field", "").partition(".")[0])
        if named is not None and reason.get("code") != "required":
            zh, en = named
            return {
                **reason,
                "zh": f"“{zh}”填得不对；此栏涉密，内容和细节不在这里显示，报送单位下载退回记录即可看到。",
                "en": f"'{en}' is not right; the field is secret, so its content and the details are not shown here: "
                "the sender sees them in the refused rows taken back.",
            }
        return {**reason, "zh": self.said(reason.get("zh", ""), hidden), "en": self.said(reason.get("en", ""), hidden)}


def _without(text: str, secret: str) -> str:
    """A sentence without a text, and without its beginnings: a sentence quotes a long text only in part."""
    start = secret[:_QUOTED]
    if len(start) < 2:
        return text
    kept, at = [], 0
    while (found := text.find(start, at)) >= 0:
        length = next((n for n, (a, b) in enumerate(zip(text[found:], secret, strict=False)) if a != b), None)
        kept += [text[at:found], MASK]
        at = found + (min(len(secret), len(text) - found) if length is None else length)
    return "".join([*kept, text[at:]])


def veil_over(
    headings: Sequence[str], layout: Layout | None, today: Mapping[str, tuple[str, str]] | None = None
) -> Veil:
    """The veil of a table with these headings; ``today``: the secret fields of the record as the book has them now.

    A field that was made secret since is hidden in old rows too.
    """
    if layout is None:
        return Veil(len(headings), frozenset(), {}, whole=True)
    fields = layout.record.fields.items()
    secret = {name: (field.label.zh, field.label.en) for name, field in fields if field.secret} | dict(today or {})
    hidden = [is_hidden(layout.targets(heading), secret, plain=layout.is_plain(heading)) for heading in headings]
    return Veil(len(headings), frozenset(at for at, hides in enumerate(hidden) if hides), secret)


def is_hidden(fields: Collection[str], secret: Collection[str], *, plain: bool) -> bool:
    """Whether a cell is hidden: of a secret field, or of a column that feeds none and of which the book does not say
    that it is plain.
    """
    return any(field.partition(".")[0] in secret for field in fields) if fields else not plain
