"""What a page that failed leaves for the operator: where it failed, and not what was typed into it.

The message of an error may quote a value (a database names the row that it refuses), and logs are read by people who
may not see it.
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

from zhiheng.database.troubles import code_of

_Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutValues(logging.Formatter):
    """The frames and kinds of errors, cause by cause, without their messages; a database's with the code that it gave,
    which tells one lock from another.
    """

    def formatException(self, ei: _Failure) -> str:
        """Each error of the chain, the first cause first."""
        told: list[str] = []
        error: BaseException | None = ei[1]
        while error is not None:
            kind = f"{type(error).__module__}.{type(error).__qualname__}"
            code = code_of(error)
            told.append("".join(traceback.format_tb(error.__traceback__)) + kind + (f" ({code})" if code else ""))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n--\n".join(reversed(told))
