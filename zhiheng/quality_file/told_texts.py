"""The delivered texts of a fact: those of its row, and of every correction since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from zhiheng.engines.recognise import Layout
from zhiheng.grammar.chapters.record_pages import Record, Source
from zhiheng.kernel.fields.measures import counted
from zhiheng.ledger.models import Definition, Delivery, Fact


@dataclass(frozen=True)
class ToldTexts:
    """What has been said of a fact so far: field (or ``field.part``) -> text as delivered; the source of the first
    statement; and which of them one heading of the delivered row feeds.
    """

    texts: dict[str, str]
    source: str
    columns: tuple[tuple[str, ...], ...]

    def with_(self, target: str) -> tuple[str, ...]:
        """The other fields that the same cell feeds, as long as they say the same: one cell, one text."""
        return tuple(
            other
            for column in self.columns
            if target in column
            for other in column
            if other != target and self.texts.get(other) == self.texts.get(target)
        )

    def together(self, changes: Mapping[str, str]) -> dict[str, str]:
        """The changes with those of the fields that were read from the same cell: a day that is also the day of another
        field is corrected in both, unless the other has a text of its own.
        """
        whole = dict(changes)
        for target, text in changes.items():
            for other in self.with_(target):
                whole.setdefault(other, text)
        return whole


def told_so_far(fact: Fact) -> ToldTexts:
    """The texts of the delivered row, read with the definition of that day, and of every correction since."""
    later: list[Mapping[str, str]] = []
    while fact.kind == Fact.Kind.CORRECTION:
        later.append(orjson.loads(fact.row)["changes"])
        assert fact.concerns is not None, "a correction names the fact that it corrects"
        fact = Fact.objects.get(id=fact.concerns)
    delivery = Delivery.objects.get(id=fact.delivery_id)
    definition = orjson.loads(Definition.objects.get(edition=delivery.edition).text)
    source = Source.model_validate(definition["source"])
    layout = Layout.of(fact.record, Record.model_validate(definition["record"]), delivery.source, source)
    told: dict[str, str] = dict(source.fixed)
    columns = []
    for heading, cell in zip(orjson.loads(delivery.headings), orjson.loads(fact.row), strict=True):
        targets = layout.targets(heading)
        told |= dict.fromkeys(targets, cell)
        if len(targets) > 1:
            columns.append(tuple(targets))
    # A bare number counts what its table said: read without the table it must say so itself.
    told |= {target: counted(text, source.units[target]) for target, text in told.items() if target in source.units}
    for changes in reversed(later):
        told |= changes
    return ToldTexts(told, delivery.source, tuple(columns))
