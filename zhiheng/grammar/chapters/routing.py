"""How a submission of the public finds its way (``book/routing/``): complaint or report, which kind, which unit, where.

Words of the book only propose: the sender can change what was worked out, and an officer decides. What the words
do not tell is left to a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import Field, model_validator

from zhiheng.grammar.book import Book, Chapter, PageKind, Reading
from zhiheng.grammar.chapters.district import DISTRICT, District
from zhiheng.grammar.citations import cited_in
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Entry, Identifier, Label
from zhiheng.grammar.yaml import BookError, Document, Wrong

Words = tuple[str, ...]
FOLDER = "routing"


class RoutingHint(Entry):
    """What a handler should look at; it never decides."""

    label: Label
    words: Words = Field(min_length=1)


class RoutingAsks(Entry):
    """Words that tell a complaint from a report."""

    law: tuple[Citation, ...] = ()
    settle: Words = Field(min_length=1, description="asks that one's own dispute be settled")
    punish: Words = Field(min_length=1, description="asks that a violation be dealt with")
    own: Words = Field(default=(), description="one's own purchase")
    hints: dict[Identifier, RoutingHint] = Field(default_factory=dict)


class RoutingKind(Entry):
    """A kind of business or matter, the words that tell it, and who deals with it."""

    label: Label
    words: Words = Field(min_length=1)
    desk: Identifier | None = Field(default=None, description="a name of desks")
    elsewhere: Label | None = Field(default=None, description="who deals with it where no unit of the book does")

    @model_validator(mode="after")
    def _one(self) -> RoutingKind:
        if (self.desk is None) == (self.elsewhere is None):
            raise Wrong(
                "写 desk（归哪类单位）或 elsewhere（该去哪里）之一。",
                "Write either desk (which units) or elsewhere (where else to turn).",
            )
        return self


class RoutingKinds(Entry):
    """The kinds, and the units of each desk."""

    law: tuple[Citation, ...] = ()
    desks: dict[Identifier, tuple[Identifier, ...]] = Field(min_length=1)
    otherwise: Identifier
    kinds: dict[Identifier, RoutingKind] = Field(min_length=1)


class RoutingPlaces(Entry):
    """Names of places that the tree of areas does not have: code of the area -> names."""

    places: dict[str, Words] = Field(default_factory=dict)


@dataclass(frozen=True)
class Routing:
    """All of it."""

    asks: RoutingAsks
    kinds: RoutingKinds
    places: Mapping[str, Words]

    def unit_of(self, desk: str, area: str, district: District) -> str | None:
        """The unit of a desk for an area: the nearest at it or above; None where there is none."""
        at = {district.area_of_unit[unit]: unit for unit in reversed(self.kinds.desks[desk])}
        return next((at[code] for code in (area, *district.areas_above.get(area, ())) if code in at), None)


def _errors(kinds: RoutingKinds, document: Document, district: District) -> Iterator[BookError]:
    for name, units in kinds.desks.items():
        yield from document.unknown_names(("desks", name), units, district.area_of_unit, "单位", "unit")
        areas = [district.area_of_unit.get(unit) for unit in units]
        for at, area in enumerate(areas):
            if area is not None and area in areas[:at]:
                yield document.error(
                    ("desks", name, at),
                    f"同一地区在“{name}”里写了两个单位，不知道归谁；请只写一个。",
                    f"Two units of one area stand under {name!r}, so nobody knows which; write one.",
                )
    yield from document.unknown_names(("otherwise",), [kinds.otherwise], kinds.desks, "desks", "desk")
    for name, kind in kinds.kinds.items():
        if kind.desk is not None:
            yield from document.unknown_names(("kinds", name, "desk"), [kind.desk], kinds.desks, "desks", "desk")
    seen: dict[str, str] = {}
    for name, kind in kinds.kinds.items():
        for word in kind.words:
            if word in seen:
                yield document.error(
                    ("kinds", name, "words"),
                    f"“{word}”在“{seen[word]}”和“{name}”里都写了；请只留一处。",
                    f"{word!r} stands under {seen[word]!r} and {name!r}; keep it in one.",
                )
            seen[word] = name


def _read(reading: Reading) -> Routing | None:
    """None where the book has no pages of it."""
    district = reading[DISTRICT]
    asks = next((page for _, page, _ in reading.each(RoutingAsks)), None)
    kinds = None
    for _, page, document in reading.each(RoutingKinds):
        kinds = page
        reading.errors += _errors(page, document, district)
    places: dict[str, Words] = {}
    for _, place_page, document in reading.each(RoutingPlaces):
        reading.errors += document.unknown_names(("places",), place_page.places, district.areas_above, "区域", "area")
        places |= place_page.places
    if asks is None or kinds is None:
        return None
    return Routing(asks, kinds, places)


def _cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    routing = book[ROUTING]
    if routing is not None:
        for name, page in (("asks", routing.asks), ("kinds", routing.kinds)):
            for citation in cited_in(page):
                yield f"{FOLDER}/{name}.yaml", "来件分送", citation


# How submissions find their way; None where the book does not say: then a person forwards everything.
ROUTING: Chapter[Routing | None] = register(
    Chapter(
        name="routing",
        label=Label(zh="来件分送", en="Routing of submissions"),
        pages=(
            PageKind("routing_asks", f"{FOLDER}/asks.yaml", RoutingAsks),
            PageKind("routing_kinds", f"{FOLDER}/kinds.yaml", RoutingKinds),
            PageKind("routing_places", f"{FOLDER}/places.yaml", RoutingPlaces),
        ),
        needs=(DISTRICT,),
        read=_read,
        counts={"routing": lambda routing: len(routing.kinds.kinds) if routing is not None else 0},
        cites=_cites,
        reference="explanation/routing.md",
    )
)
