"""What ``book/district.yaml`` may say: the tree of areas, the units that stand at its nodes, their duties, the
groups.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from zhiheng.grammar.types import Entry, Identifier, Label, Quality

AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}([0-9]{3}){0,2}$")]
AreaKind = Literal["country", "province", "city", "district", "region", "sub_district", "village"]
# Places on an abstract sheet of 1,000 by 1,000; the origin is above on the left. No coordinate of the real world.
Place = tuple[Annotated[int, Field(ge=0, le=1000)], Annotated[int, Field(ge=0, le=1000)]]


class Area(Entry):
    """A node of the tree: a city, a district, a sub-district."""

    code: AreaCode
    name: Label
    kind: AreaKind
    parent: AreaCode | None = None
    also: tuple[str, ...] = Field(default=(), description="other spellings that files use")
    outline: tuple[Place, ...] = Field(
        default=(), description="schematic outline, corner by corner; an area without one is what lies beneath it"
    )

    @model_validator(mode="after")
    def _outline(self) -> Area:
        if self.outline and (len(set(self.outline)) < 3 or _twice_the_surface(self.outline) == 0):
            raise ValueError(f"outline: {self.code} needs at least three corners that enclose something")
        return self


def _twice_the_surface(corners: tuple[Place, ...]) -> int:
    around = zip(corners, (*corners[1:], corners[0]), strict=True)
    return abs(sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in around))


class Unit(Entry):
    """A department, sub-district office or institution: who hands in, and who has which duty."""

    id: Identifier
    name: Label
    area: AreaCode
    also: tuple[str, ...] = ()
    leads: Quality | None = None
    records: tuple[Identifier, ...] = Field(default=(), description="record types that this unit hands in")


class ProfessionalGroup(Entry):
    """One of the professional groups under the leading group."""

    quality: Quality
    name: Label
    lead: Identifier
    members: tuple[Identifier, ...] = ()


class District(Entry):
    """The place that a book is about."""

    name: Label
    fictional: bool = False
    areas: tuple[Area, ...] = Field(min_length=1)
    units: tuple[Unit, ...] = Field(min_length=1)
    groups: tuple[ProfessionalGroup, ...] = ()

    @model_validator(mode="after")
    def _tree(self) -> District:
        codes = {area.code for area in self.areas}
        if len(codes) != len(self.areas):
            raise ValueError("areas: a code stands twice")
        for area in self.areas:
            if area.parent is not None and area.parent not in codes:
                raise ValueError(f"areas: {area.code} has the parent {area.parent}, which is not listed")
        parents = {area.code: area.parent for area in self.areas}
        for code in codes:
            seen: set[str] = set()
            step: str | None = code
            while step is not None:
                if step in seen:
                    raise ValueError(f"areas: {code} is its own ancestor")
                seen.add(step)
                step = parents[step]
        ids = {unit.id for unit in self.units}
        if len(ids) != len(self.units):
            raise ValueError("units: an id stands twice")
        for unit in self.units:
            if unit.area not in codes:
                raise ValueError(f"units: {unit.id} stands in {unit.area}, which is not listed among the areas")
        for group in self.groups:
            for name in (group.lead, *group.members):
                if name not in ids:
                    raise ValueError(f"groups: {name} is not among the units")
        return self

    def below(self, code: str) -> tuple[str, ...]:
        """The codes of an area and of everything beneath it, in the order of the book."""
        inside = {code}
        for _ in self.areas:
            more = {area.code for area in self.areas if area.parent in inside} - inside
            if not more:
                break
            inside |= more
        return tuple(area.code for area in self.areas if area.code in inside)

    def area(self, code: str) -> Area | None:
        """The node with a code."""
        return next((area for area in self.areas if area.code == code), None)

    def children(self, code: str) -> tuple[Area, ...]:
        """What lies directly beneath an area, in the order of the book."""
        return tuple(area for area in self.areas if area.parent == code)

    def outlines(self, code: str) -> tuple[tuple[Place, ...], ...]:
        """The schematic outline of an area; of one that has none of its own, those of what lies beneath it."""
        node = self.area(code)
        if node is None:
            return ()
        if node.outline:
            return (node.outline,)
        return tuple(outline for child in self.children(code) for outline in self.outlines(child.code))
