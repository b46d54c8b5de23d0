"""What ``book/demo/places.yaml`` may say: further places of the demo, whose officers do their cases as those of the
first place do theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, RootModel, StringConstraints

from zhiheng.grammar.book import Chapter, PageKind, Reading
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Identifier, Label, LateEntry

# Every account of the demo is called so, so that nobody takes one for a real person's.
Login = Annotated[str, StringConstraints(pattern=r"^demo-[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


class PlaceOfficer(LateEntry):
    """Who does in a place what an officer of the first place does there."""

    login: Login
    name: str = Field(min_length=1, max_length=60, description="an invented person")
    shows: Label = Field(description="what to try with it")


class DemoPlacePage(LateEntry):
    """A place whose officers and cases follow those of the first one."""

    share: float = Field(gt=0, le=1, description="so many cases for one of the first place, by the facts of both")
    units: Mapping[Identifier, Identifier] = Field(description="a unit of the first place -> that of this one")
    people: Mapping[Login, PlaceOfficer] = Field(description="an account of the first place -> who does it here")
    without: tuple[Identifier, ...] = Field(default=(), description="courses for which it has no unit or no facts")


class DemoPlaces(RootModel[dict[Identifier, DemoPlacePage]]):
    """All of them: name -> place."""


def _read(reading: Reading) -> Mapping[str, DemoPlacePage]:
    return next((page.root for _, page, _ in reading.each(DemoPlaces)), {})


# The further places of the demo, name -> place; none where the book has no such page.
DEMO_PLACES: Chapter[Mapping[str, DemoPlacePage]] = register(
    Chapter(
        name="demo_places",
        label=Label(zh="演示的其他地方", en="Further places of the demo"),
        pages=(PageKind("demo_places", "demo/places.yaml", DemoPlaces),),
        read=_read,
        order=199,
        reference="how-to/another-book.md",
    )
)
