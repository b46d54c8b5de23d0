"""Names cut into pairs of neighbouring characters, so that any part of a name finds it on any database."""

from __future__ import annotations

import re
import unicodedata

_NOISE = re.compile(r"[\s()（）\[\]【】·,，.。、:：;；\"'“”‘’《》<>/／_—–-]+")


def plain(text: str) -> str:
    """A name normalised for comparison: width, case, brackets, spaces and marks make no difference."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text).casefold())


def half_width(text: str) -> str:
    """Letters, digits and marks as a keyboard set to Latin types them: ９１９９Ａ as 9199A."""
    return unicodedata.normalize("NFKC", text)


def pairs(text: str) -> tuple[str, ...]:
    """The pairs of neighbouring characters of a name, each once; a single character is its own token."""
    said = plain(text)
    if len(said) < 2:
        return (said,) if said else ()
    return tuple(dict.fromkeys(said[i : i + 2] for i in range(len(said) - 1)))
