"""What a command says: results on standard output (a table or JSON), everything else on standard error."""

from __future__ import annotations

import csv
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import click
import orjson

from zhiheng.kernel.formulas import as_text
from zhiheng.kernel.reasons import Refusal


def say(text: str) -> None:
    """Print a message for the operator."""
    click.echo(text, err=True)


def show_json(value: Any) -> None:
    """A result for programs: JSON with sorted keys."""
    click.echo(orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2, default=str).decode())


def show_done(value: Any, text: str, as_json: bool) -> None:
    """What an act has done: a sentence, or JSON for programs."""
    if as_json:
        show_json(value)
    else:
        click.echo(text)


def show_refusals(refusals: Iterable[Refusal]) -> None:
    """Why something was refused, in both languages."""
    for refusal in refusals:
        say(f"{refusal.zh}\n{refusal.en}" if type(refusal) is Refusal else str(refusal))


def width(text: str) -> int:
    """How many columns a text takes at a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def show_table(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Iterable[int] = ()) -> None:
    """A plain table; ``right`` names the columns with numbers."""
    cells = [[str("" if c is None else c).replace("\n", " ") for c in row] for row in rows]
    widths = [max([width(h), *(width(r[i]) for r in cells)]) for i, h in enumerate(headings)]
    aligned = set(right)
    for row in [list(headings), ["-" * w for w in widths], *cells]:
        line = []
        for i, cell in enumerate(row):
            space = " " * (widths[i] - width(cell))
            line.append(space + cell if i in aligned else cell + space)
        click.echo("  ".join(line).rstrip())


def progress_bar(*, rows: bool = False) -> Callable[[str, int, int | None], None]:
    """A progress line on standard error for long work, counting rows or other things; plain lines without a
    terminal.
    """
    last = {"text": ""}

    def show(what: str, done: int, total: int | None) -> None:
        count = f"{done:,}" + (f"/{total:,}" if total else "")
        text = f"{what}  读取 {count} 行 / rows read" if rows else f"{what}  {count}"
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{text}", err=True, nl=False)
            if total is not None and done >= total:
                click.echo("", err=True)
        elif what != last["text"]:
            click.echo(text, err=True)
        last["text"] = what

    return show


def show_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """The same for a spreadsheet: CSV on standard output."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(
        [["" if cell is None else as_text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    )


def plain_number(value: Any) -> str:
    """A number without zeros that say nothing: 12,713,600 instead of 12713600.000000; nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    return f"{value:,}"
