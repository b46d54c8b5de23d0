"""What reportlab's own parts get wrong for a file that has to embed all its faces: tables and drawings name Helvetica,
which is in no file.

``QrCode``   the QR code of an address
``styled``   a table with the lines and distances given, set in a face of the file
"""

from __future__ import annotations

from typing import Any

import segno
from reportlab.lib import colors
from reportlab.platypus import Flowable, Table, TableStyle

# The code's dark colour, and the empty squares around it that a reader needs (two are enough on white paper).
INK = colors.HexColor("#1a1d21")
BORDER = 2


class QrCode(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A square of ``side`` points, drawn as rectangles: it stays sharp on any printer."""

    def __init__(self, address: str, side: float) -> None:
        super().__init__()
        code = segno.make(address, error="m", micro=False)
        self._matrix = tuple(bytes(row) for row in code.matrix_iter(scale=1, border=BORDER))
        self.width = self.height = side

    def draw(self) -> None:
        """White ground, and every run of dark modules as one rectangle."""
        canvas: Any = self.canv
        step = self.width / len(self._matrix)
        canvas.saveState()
        canvas.setFillColor(colors.white)
        canvas.rect(0, 0, self.width, self.height, stroke=0, fill=1)
        canvas.setFillColor(INK)
        for y, row in enumerate(self._matrix, start=1):
            x = 0
            for run in row.split(b"\0"):
                if run:
                    canvas.rect(x * step, self.height - y * step, len(run) * step, step, stroke=0, fill=1)
                x += len(run) + 1
        canvas.restoreState()


def styled(table: Table, face: str, *commands: tuple[Any, ...]) -> Table:
    """The table with these commands of reportlab's ``TableStyle``, each cell in the face of this name."""
    table.setStyle(TableStyle([("FONTNAME", (0, 0), (-1, -1), face), *commands]))
    return table
