"""Who complains or reports, as it is sealed: what Order 121 asks of a complainant (Art. 10), and nothing that was not
said.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from zhiheng.kernel import refusals
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import one_line

NAME, PHONE, ADDRESS, NUMBER = 60, 40, 200, 40


@dataclass(frozen=True, slots=True)
class Reporter:
    """A person's own data; every part may be empty. It stands nowhere but in a seal, so it prints as stars."""

    name: str = ""
    phone: str = ""
    address: str = ""
    number: str = ""

    def __post_init__(self) -> None:
        for part, most in (("name", NAME), ("phone", PHONE), ("address", ADDRESS), ("number", NUMBER)):
            cleaned = one_line(getattr(self, part))
            if len(cleaned) > most:
                raise Refused(refusals.reporter_detail_too_long(most, part))
            object.__setattr__(self, part, cleaned)

    def __repr__(self) -> str:
        return "Reporter(***)"

    __str__ = __repr__

    @property
    def anonymous(self) -> bool:
        """Whether nothing was said of the person."""
        return not (self.name or self.phone or self.address or self.number)

    def written(self) -> str:
        """The text that is sealed."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> Reporter:
        """The person of a text that was opened."""
        return cls(**json.loads(text))
