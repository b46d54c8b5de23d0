"""How much a file may ask of this machine before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that every file is read under; what exceeds one is refused, whatever it holds.

    Sizes are in bytes, ``seconds`` in seconds of wall time. ``max_cell_chars`` is what a cell of Excel can hold;
    ``max_ratio`` (unpacked to packed size) counts only above ``ratio_floor``, since small files of repeated text pack
    well. ``max_spool_bytes`` bounds the text that a workbook may unfold into: one long shared text may be named by a
    million cells. ``memory`` is the address space of the process that parses a workbook."""

    max_bytes: int = 16 * GIB
    max_workbook_bytes: int = 512 * MIB
    max_html_bytes: int = 64 * MIB
    max_unzipped_bytes: int = 4 * GIB
    max_ratio: int = 250
    ratio_floor: int = 16 * MIB
    max_entries: int = 10_000
    max_depth: int = 16
    max_sheets: int = 256
    max_columns: int = 1_000
    max_rows: int = 50_000_000
    max_cell_chars: int = 32_767
    max_spool_bytes: int = 8 * GIB
    memory: int = 4 * GIB
    seconds: int = 600

    @property
    def max_line_bytes(self) -> int:
        """A line longer than this can't be a row, even where every cell is as full as a cell can be."""
        return min(self.max_columns * self.max_cell_chars * 4, 32 * MIB)


DEFAULT = Limits()
