"""How much a file may ask of this machine before it is refused: all budgets of reading, in one place.

They are chosen for a machine of four gigabytes, on which a workbook of the departments, one of the enterprises and the
pages are at work at once, and none of them takes the room of another.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

MIB = 1024 * 1024
GIB = 1024 * MIB


def share_of_memory() -> int:
    """The address space of a process that reads a workbook, in bytes: a sixth of the machine's memory, from half a
    gigabyte to two.
    """
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        whole = 4 * GIB
    return max(512 * MIB, min(2 * GIB, whole // 6))


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that every file is read under; what exceeds one is refused, whatever it holds.

    Sizes are in bytes, ``seconds`` in seconds of wall time.

    * A file: ``max_bytes``, less where its kind is read as a whole (``max_workbook_bytes``, ``max_html_bytes``).
    * A packed file: ``max_unzipped_bytes`` for all entries together, ``max_entries``, ``max_depth`` of folders;
      ``max_ratio`` (unpacked to packed size) counts only above ``ratio_floor``, since small files of repeated text pack
      well.
    * A workbook: ``max_sheets``; ``max_shared_bytes`` of texts that its cells share; ``max_formats`` of its cells (more
      than any spreadsheet keeps); ``max_spool_bytes`` of text that it may unfold into, since one long shared text may
      be named by a million cells. ``memory`` is the address space of the process that reads it. The markup of a sheet
      of .xlsx is read ``slice_bytes`` at a time where it is longer. A workbook of the other kinds is read as a whole:
      ``max_xls_bytes`` of the file, ``max_ods_bytes`` of each part that is markup, unpacked, of which no stretch
      without the end of a tag is longer than ``max_markup_bytes``.
    * A sheet: ``max_rows`` (of a workbook ``max_sheet_rows``, as many as any spreadsheet has), ``max_columns``,
      ``max_merges``.
    * A row: ``max_row_chars``. A cell: ``max_cell_chars``, what a cell of Excel can hold.
    * What is handed on at a time: ``block_chars``, and ``chunk_chars`` of a chunk, whatever number of rows was asked
      for.
    """

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
    max_sheet_rows: int = 1_048_576
    max_merges: int = 100_000
    max_formats: int = 65_536
    max_shared_bytes: int = 256 * MIB
    max_cell_chars: int = 32_767
    max_row_chars: int = 1_000_000
    block_chars: int = 4_000_000
    chunk_chars: int = 64_000_000
    slice_bytes: int = 16 * MIB
    max_markup_bytes: int = MIB
    max_spool_bytes: int = 8 * GIB
    memory: int = field(default_factory=share_of_memory)
    seconds: int = 600

    @property
    def max_ods_bytes(self) -> int:
        """Markup of an .ods that still goes into the memory of the process: read, it takes not quite twice its size."""
        return self.memory // 2

    @property
    def max_xls_bytes(self) -> int:
        """An .xls that still goes into the memory of the process: file, stream and cells lie in it at the same time, a
        whole number of ten bytes as one of thirty-two.
        """
        return min(self.max_workbook_bytes, self.memory // 12)

    @property
    def max_line_bytes(self) -> int:
        """A line longer than this can't be a row, even where every character takes four bytes."""
        return 4 * min(self.max_columns * self.max_cell_chars, self.max_row_chars)


DEFAULT = Limits()
