"""What stands in the place of a value that a reader may not see."""

from typing import Final

MASK: Final = "＊＊＊"
