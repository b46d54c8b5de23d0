"""A fact in one line, with the fields that people read, in the shape of the interface."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ninja import Schema

from zhiheng.api.answers import OriginOut, WordsOut
from zhiheng.quality_file.fact_lines import FileLine, ShownField


class ShownOut(Schema):
    """A field as people read it; a secret one is masked."""

    name: str
    label: WordsOut
    zh: str
    en: str
    masked: bool


class LineOut(Schema):
    """A fact in one line."""

    fact: int
    record: str
    label: WordsOut
    quality: str
    roles: list[str]
    occurred_on: dt.date
    valid_until: dt.date | None
    outcome: str | None
    kind: str
    replaced_by: int | None
    withdrawn: bool
    outdated_by: int | None
    gist: list[ShownOut]
    origin: OriginOut


def shown_field(field: ShownField) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": WordsOut.of(field.label).dict(),
        "zh": field.zh,
        "en": field.en,
        "masked": field.masked,
    }


def file_line(line: FileLine) -> dict[str, Any]:
    return {
        "fact": line.fact,
        "record": line.record,
        "label": WordsOut.of(line.label).dict(),
        "quality": line.quality,
        "roles": list(line.roles),
        "occurred_on": line.occurred_on,
        "valid_until": line.valid_until,
        "outcome": line.outcome,
        "kind": line.kind,
        "replaced_by": line.replaced_by,
        "withdrawn": line.withdrawn,
        "outdated_by": line.outdated_by,
        "gist": [shown_field(field) for field in line.gist],
        "origin": {"unit": line.unit, "delivery": line.delivery, "row": line.row_number, "learned_on": line.learned_on},
    }
