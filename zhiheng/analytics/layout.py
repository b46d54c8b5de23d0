"""Which columns a record has in the lake, and the DuckDB SQL that makes them from the bodies of facts.

The body of a fact is a canonical JSON object; DuckDB parses it with the types that the book's field types declare, so
no row is ever touched by Python. A value that does not fit its type is null here and stays whole in the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from zhiheng.analytics.ledger_extract import FACT_KEYS
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.kernel.fields.base import FieldType

# Columns of every fact. ``further_parties``: this fact has parties that stand in ``_parties`` and not in a column of a
# role.
BASE: Mapping[str, str] = {
    "fact_id": "BIGINT",
    "delivery_id": "BIGINT",
    "row_number": "BIGINT",
    "unit": "VARCHAR",
    "kind": "VARCHAR",
    "concerns": "BIGINT",
    "thing": "BIGINT",
    "learned_on": "DATE",
    "occurred_on": "DATE",
    "valid_until": "DATE",
    "outcome": "VARCHAR",
    "severity": "VARCHAR",
    "area": "VARCHAR",
    "flags": "VARCHAR",
    "further_parties": "BOOLEAN",
}
# The folder of a partition is ``occurred_year=2026``: a field of a record may well be called ``year``.
PARTITION = "occurred_year"
PARTIES: Mapping[str, str] = {"fact_id": "BIGINT", "role": "VARCHAR", "alias_id": "BIGINT"}
ACTS: Mapping[str, str] = {
    "fact_id": "BIGINT",
    "concerns": "BIGINT",
    "record": "VARCHAR",
    "kind": "VARCHAR",
    "learned_on": "DATE",
}
ALIASES: Mapping[str, str] = {
    "alias_id": "BIGINT",
    "subject_id": "BIGINT",
    "kind": "VARCHAR",
    "name": "VARCHAR",
    "code": "VARCHAR",
    "code_kind": "VARCHAR",
    "address": "VARCHAR",
    "place": "VARCHAR",
    "part": "VARCHAR",
}
_PARTY = ("role", "name", "kind", "code", "code_kind", "address", "place")
PARTY_TYPE = f"STRUCT({', '.join(f'{name} VARCHAR' for name in _PARTY)})[]"
_SPELLING = "concat_ws(chr(31), {0}, {1}, {2}, {3}, {4}, {5})"
# What identifies an alias as delivered, in the order of the ledger's own alias key.
ALIAS_SPELLING = _SPELLING.format("kind", "name", "code", "code_kind", "address", "place")
# Spelling -> the alias of the whole, and of its parts by unit and by fact; from ``alias`` and ``parted`` (fact_id,
# alias_id).
ALIAS_OF = (
    f"SELECT {ALIAS_SPELLING} AS spelling, any_value(alias_id) FILTER (part IS NULL) AS alias_id, "
    "map_from_entries(list((part[6:], alias_id)) FILTER (part LIKE 'unit:%')) AS by_unit, "
    "map_from_entries(list((p.fact_id, alias_id)) FILTER (p.fact_id IS NOT NULL)) AS by_fact "
    "FROM alias LEFT JOIN parted p USING (alias_id) WHERE {where} GROUP BY ALL"
)
# Of a spelling, which alias a fact means: the one that a split gave it, the one of what its unit says, the whole.
_MEANT = "coalesce({0}.by_fact[f._id::BIGINT], {0}.by_unit[f._unit], {0}.alias_id)"


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _parsed_as(_type: str) -> str:
    return "VARCHAR"


def _cast(value: str, type_: str) -> str:
    if type_.endswith("[]"):
        # One text where the field held one value in an earlier edition of the book; else a list as JSON.
        one = f"CASE WHEN {value} IS NOT NULL THEN [{value}] END"
        return f"CASE WHEN starts_with({value}, '[') THEN CAST(CAST({value} AS JSON) AS {type_}) ELSE {one} END"
    return value if _parsed_as(type_) == type_ else f"TRY_CAST({value} AS {type_})"


def _spelling_of(party: str) -> str:
    parts = [f"coalesce({party}.kind, 'enterprise')"]
    parts += [f"coalesce({party}.{name}, '')" for name in ("name", "code", "code_kind", "address", "place")]
    return _SPELLING.format(*parts)


@dataclass(frozen=True)
class RecordLayout:
    """A record's columns, and how they are made."""

    entry: RecordEntry

    @cached_property
    def types(self) -> Mapping[str, FieldType]:
        """The type of each field; sources differ in options only, never in columns."""
        return next(iter(self.entry.types.values()))

    @cached_property
    def fields(self) -> Mapping[str, tuple[str, str]]:
        """Column -> (SQL of its value in a parsed line, DuckDB type)."""
        found: dict[str, tuple[str, str]] = {}
        for name, kind in self.types.items():
            for suffix, type_ in kind.columns.items():
                path = f"f.{quoted(name)}.{quoted(suffix)}" if suffix else f"f.{quoted(name)}"
                found[f"{name}_{suffix}" if suffix else name] = (_cast(path, type_), type_)
        return found

    @cached_property
    def roles(self) -> Mapping[str, str]:
        """Role -> the column with the alias of the first party in that role."""
        roles: dict[str, None] = {}
        for types in self.entry.types.values():
            for kind in types.values():
                if not kind.columns:
                    by_label = dict(getattr(kind, "roles_by_label", None) or {})
                    roles |= dict.fromkeys(str(r) for r in (getattr(kind, "role", None), *by_label.values()) if r)
        if self.entry.record.about and self.entry.record.about.code:
            roles["about"] = None
        taken = {*BASE, *self.fields}
        return {role: f"{role}_party" if role in taken else role for role in roles}

    @cached_property
    def columns(self) -> Mapping[str, str]:
        """Every column in its order, with its DuckDB type; the partition's column comes last and is in no file."""
        columns = dict(BASE)
        columns |= dict.fromkeys(self.roles.values(), "BIGINT")
        columns |= {name: type_ for name, (_, type_) in self.fields.items()}
        return columns

    @cached_property
    def digest(self) -> str:
        """Digest of everything that decides the rows of this record in the lake; when it changes the record is
        rebuilt.
        """
        record = self.entry.record
        about = record.about.model_dump(mode="json") if record.about else None
        said = {
            "columns": dict(self.columns),
            "roles": dict(self.roles),
            "severity": dict(record.severity),
            "about": about,
        }
        return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """Every key that a line of the ledger may have, with the DuckDB type it is parsed as.

        Scalars are parsed as texts: a number too long for its column must not stop a projection.
        """
        keys = dict.fromkeys(FACT_KEYS, "VARCHAR")
        for name, kind in self.types.items():
            if kind.columns:
                inner = ", ".join(f"{quoted(suffix)} {_parsed_as(type_)}" for suffix, type_ in kind.columns.items())
                keys[name] = _parsed_as(kind.columns[""]) if "" in kind.columns else f"STRUCT({inner})"
        if self._delivered_roles:
            keys["parties"] = PARTY_TYPE
        return keys

    @property
    def _delivered_roles(self) -> list[str]:
        return [role for role in self.roles if role != "about"]

    def _about_spelling(self) -> str:
        about = self.entry.record.about
        assert about is not None and about.code is not None
        code, kind = f"f.{quoted(about.code)}", "'own'"
        if "code" in self.types[about.code].columns:
            code, kind = f"{code}.code", f"coalesce({code}.kind, '')"
        plain = about.name and "" in self.types[about.name].columns
        name = f"coalesce(CAST(f.{quoted(str(about.name))} AS VARCHAR), '')" if plain else "''"
        code = f"nullif(CAST({code} AS VARCHAR), '')"
        nothing = literal("")
        spelling = _SPELLING.format(literal(about.kind), name, code, kind, nothing, nothing)
        return f"CASE WHEN {code} IS NOT NULL THEN {spelling} END"

    def select(self, lines: str, aliases: str) -> str:
        """The rows of the record (the partition's column last) from the parsed ``lines``; ``aliases``: see
        ``ALIAS_OF``.
        """
        severity = "NULL::VARCHAR"
        if self.entry.record.severity:
            cases = " ".join(f"WHEN {literal(o)} THEN {literal(s)}" for o, s in self.entry.record.severity.items())
            severity = f"CASE f._outcome {cases} END"
        firsts = [f"list_filter(parties, lambda p: p.role = {literal(role)})[1]" for role in self._delivered_roles]
        shown = " + ".join(f"(p{i} IS NOT NULL)::INTEGER" for i in range(len(firsts)))
        made = {column: _cast(f"f.{key}", BASE[column]) for key, column in FACT_KEYS.items()}
        made |= {column: f"nullif({made[column]}, '')" for column in ("outcome", "flags")}
        made["kind"] = "coalesce(f._kind, 'statement')"
        made["severity"] = severity
        made["further_parties"] = f"coalesce(len(f.parties), 0) > {shown}" if firsts else "false"
        columns = [f"{made[name]} AS {quoted(name)}" for name in BASE]
        # A party that is absent has no spelling: an empty one would meet the alias of an empty name.
        spellings = [f"CASE WHEN p{i} IS NOT NULL THEN {_spelling_of(f'p{i}')} END" for i in range(len(firsts))]
        spellings += [self._about_spelling()] if "about" in self.roles else []
        joins = []
        for i, (column, spelling) in enumerate(zip(self.roles.values(), spellings, strict=True)):
            joins.append(f"LEFT JOIN {aliases} a{i} ON a{i}.spelling = {spelling}")
            columns.append(f"{_MEANT.format(f'a{i}')} AS {quoted(column)}")
        columns += [f"{path} AS {quoted(name)}" for name, (path, _) in self.fields.items()]
        parties = "".join(f", {first} AS p{i}" for i, first in enumerate(firsts))
        return (
            f"SELECT {', '.join(columns)}, year(f._on::DATE)::BIGINT AS {PARTITION} "
            f"FROM (SELECT *{parties} FROM {lines}) f {' '.join(joins)}"
        )

    def select_parties(self, lines: str, aliases: str) -> str:
        """The parties of the facts in ``lines`` that have no column: the second and later ones of a role, and other
        roles.
        """
        roles = ", ".join(literal(role) for role in self._delivered_roles) or "''"
        return (
            f"SELECT DISTINCT fact_id, p.role AS role, {_MEANT.format('a')} AS alias_id FROM ( SELECT fact_id, _id, "
            "_unit, p, row_number() OVER (PARTITION BY fact_id, p.role ORDER BY place) AS nth FROM (  SELECT "
            "_id::BIGINT AS fact_id, _id, _unit, unnest(parties) AS p, generate_subscripts(parties, 1) AS place FROM "
            f"{lines})) f JOIN {aliases} a ON a.spelling = {_spelling_of('p')} WHERE nth > 1 OR p.role NOT IN "
            f"({roles})"
        )


def layouts_of(book: Book) -> Mapping[str, RecordLayout]:
    """Every record's layout."""
    return {name: RecordLayout(entry) for name, entry in sorted(book[RECORDS].items())}


def edition_of(book: Book) -> str:
    """Digest of every definition of a record in the book, in every source: which book a lake was projected with."""
    editions = sorted(f"{name}/{s}:{entry.edition(s)}" for name, entry in book[RECORDS].items() for s in entry.sources)
    return sha256("\n".join(editions).encode()).hexdigest()
