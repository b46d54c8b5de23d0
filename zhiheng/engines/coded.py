"""Columns of a chunk as the engines hand them on: texts as Arrow arrays, and columns with few different values as
codes.

A chunk has thousands of rows; what is worked out for a distinct value is put beside its rows by number, never row by
row.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


class _NoPandas:
    """Keeps Arrow from importing pandas when it makes its first array, which takes half a second; no data frame is ever
    given to it here.

    A caller that asks Arrow for a data frame still gets one: the import is then made.
    """

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Say of pandas that it is not there."""
        if name == "pandas":
            raise ImportError(name)


if "pandas" not in sys.modules:
    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.array([""])
    finally:
        sys.meta_path.remove(_NoPandas)
T = TypeVar("T")
U = TypeVar("U")
# Texts of any length together: a chunk of long cells may have more than two gigabytes.
TEXT = pa.large_string()
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Coded(Generic[T]):
    """``count`` rows that have few different ``values``: each row's number among them, or None where all rows have the
    first.
    """

    values: Sequence[T]
    codes: Codes | None
    count: int

    @staticmethod
    def of(rows: Sequence[U]) -> Coded[U]:
        """Build from values given row by row. Values that can't be hashed are kept once for each row."""
        number: dict[Any, int] = {}
        try:
            codes = [number.setdefault(value, len(number)) for value in rows]
        except TypeError:
            return Coded(rows, np.arange(len(rows)), len(rows))
        return Coded(list(number), np.array(codes, np.int64), len(rows))

    def rows(self) -> list[T]:
        """The values row by row."""
        if self.codes is None:
            return [self.values[0]] * self.count
        return list(map(self.values.__getitem__, self.codes.tolist()))

    def texts(self, nothing: str | None = None) -> Any:
        """The values row by row as an Arrow array of texts; ``nothing`` stands for None and for the empty text."""
        said = pa.array([value or nothing for value in self.values], TEXT)
        return pa.repeat(said[0], self.count) if self.codes is None else said.take(pa.array(self.codes))

    def map(self, of: Callable[[T], U]) -> Coded[U]:
        """The same rows with something else for each value."""
        return Coded([of(value) for value in self.values], self.codes, self.count)

    def take(self, rows: Codes) -> Coded[T]:
        """Some of the rows."""
        return Coded(self.values, None if self.codes is None else self.codes[rows], len(rows))

    def where(self, wanted: Mapping[Any, U]) -> list[tuple[int, U]]:
        """(row, what is said of its value) of every row of whose value something is said."""
        said = {n: wanted[value] for n, value in enumerate(self.values) if value in wanted} if wanted else {}
        if not said:
            return []
        if self.codes is None:
            return [(row, said[0]) for row in range(self.count)]
        some = np.flatnonzero(np.isin(self.codes, list(said)))
        return [(row, said[number]) for row, number in zip(some.tolist(), self.codes[some].tolist(), strict=True)]

    def among(self, rows: Sequence[int], wanted: Callable[[T], bool]) -> list[int]:
        """Those of some rows whose value is wanted; each value is asked about once."""
        said = [wanted(value) for value in self.values]
        if self.codes is None:
            return list(rows) if said[0] else []
        return [row for row, yes in zip(rows, np.array(said, bool)[self.codes[rows]].tolist(), strict=True) if yes]

    def missing(self) -> list[int]:
        """The rows that say nothing."""
        none = [number for number, value in enumerate(self.values) if value is None]
        if self.codes is None:
            return list(range(self.count)) if none == [0] else []
        return np.flatnonzero(np.isin(self.codes, none)).tolist() if none else []

    def small(self) -> Coded[T]:
        """The same with those values only that rows have, so that nothing else travels with it."""
        if self.codes is None:
            return Coded(self.values[:1], None, self.count)
        used, codes = np.unique(self.codes, return_inverse=True)
        return Coded([self.values[number] for number in used.tolist()], codes.astype(np.int32), self.count)


def texts_of(column: Any) -> Any:
    """A column as an Arrow array of texts, from a list of texts or from what Arrow's reader made."""
    if isinstance(column, pa.Array):
        return column if column.type == TEXT else column.cast(TEXT)
    return pa.array(column, TEXT)


def encoded(column: Any) -> Coded[str]:
    """A column of texts as codes."""
    told = column.dictionary_encode()
    if len(told.dictionary) == 1:
        return Coded(told.dictionary.to_pylist(), None, len(column))
    return Coded(told.dictionary.to_pylist(), told.indices.to_numpy(zero_copy_only=False).astype(np.int64), len(column))


def together(columns: Sequence[Coded[str]]) -> Coded[tuple[str, ...]]:
    """Several columns of texts as one of groups: only the groups that rows have."""
    # Folded one column after the other, so that the number of a group never grows beyond that of the rows.
    codes = np.zeros(columns[0].count, np.int64)
    steps: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for column in columns:
        within = 0 if column.codes is None else column.codes
        used, codes = np.unique(codes * len(column.values) + within, return_inverse=True)
        steps.append(np.divmod(used, len(column.values)))
    texts: list[list[str]] = []
    at = np.arange(len(steps[-1][0]))
    for column, (before, value) in zip(reversed(columns), reversed(steps), strict=True):
        texts.append([column.values[number] for number in value[at].tolist()])
        at = before[at]
    return Coded(list(zip(*reversed(texts), strict=True)), codes, columns[0].count)


def joined(parts: Sequence[Any], between: str) -> Any:
    """The texts of each row put together, those that are null left out. Every row has one that is not null.

    A row of nulls only would be dropped by Arrow, and with it the order of all rows after it.
    """
    whole = pc.binary_join_element_wise(*parts, pa.scalar(between, TEXT), null_handling="skip")
    assert len(whole) == len(parts[0]), "a row without any text"
    return whole


def glued(*parts: Any, between: str = "") -> Any:
    """Texts (arrays without nulls, and words) put together row by row."""
    words = [pa.scalar(part, TEXT) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*words, pa.scalar(between, TEXT))


def as_json(column: Any) -> Any:
    """Texts as they stand within the quotation marks of a JSON text."""
    if not needs_escapes(column):
        return column
    told = column.dictionary_encode()
    return pa.array([orjson.dumps(text)[1:-1].decode() for text in told.dictionary.to_pylist()], TEXT).take(
        told.indices
    )


def needs_escapes(column: Any) -> bool:
    """Whether a text of the column has a quotation mark, a backslash or a control character."""
    _, ends, data = column.buffers()
    if data is None or not len(column):
        return False
    first, last = np.frombuffer(ends, np.int64)[[column.offset, column.offset + len(column)]]
    signs = np.frombuffer(data, np.uint8)[first:last]
    return bool(((signs < 0x20) | (signs == 0x22) | (signs == 0x5C)).any())


def slices(column: Any) -> tuple[memoryview, list[int]]:
    """The bytes of all texts of an array without nulls, one after the other, and where each begins (and the last
    ends).
    """
    _, ends, data = column.buffers()
    at = np.frombuffer(ends, np.int64)[column.offset : column.offset + len(column) + 1].tolist() if len(column) else [0]
    return memoryview(data if data is not None else b""), at
