"""What ``book/district.yaml`` may say: the tree of areas, the units that stand at its nodes, their duties, the
groups.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field, StringConstraints, model_validator

from zhiheng.grammar.book import Chapter, PageKind, Reading
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Entry, Identifier, Label, Quality
from zhiheng.grammar.yaml import BookError, Wrong
from zhiheng.kernel import area_code

AreaCode = Annotated[str, StringConstraints(pattern=f"^{area_code.PATTERN}$", max_length=area_code.LONGEST)]
# Places on an abstract sheet of 1,000 by 1,000; the origin is above on the left. No coordinate of the real world.
Place = tuple[Annotated[int, Field(ge=0, le=1000)], Annotated[int, Field(ge=0, le=1000)]]


# A split by area, and before a level (``area:district``) one by the areas of it.
AREA: Final = "area"
NameEnding = Annotated[str, StringConstraints(min_length=1, max_length=30, strip_whitespace=True)]


class AreaLevel(Entry):
    """A level of the tree of areas: what its nodes are called, and what they are given."""

    id: Identifier
    name: Label = Field(description="what one is called: 街道 / sub-district")
    also: tuple[str, ...] = Field(
        default=(),
        description="earlier names of the level in splits, which old commands and addresses use (``area:6``)",
    )
    several: Label = Field(description="what all of them are called: 各街道、镇 / sub-districts and towns")
    endings: tuple[NameEnding, ...] = Field(
        default=(),
        description="how names of its nodes end: 街道, 镇; files may leave the ending out, and a path is cut after it",
    )
    in_addresses: bool = Field(
        default=False,
        description="what the public sees of a person's address ends behind the last step with such an ending",
    )
    statistics: bool = Field(
        default=True, description="figures of its nodes are published, and stand on the wall screen"
    )
    listed: bool = Field(default=True, description="the public narrows lists to its nodes")


class Area(Entry):
    """A node of the tree: a city, a district, a sub-district."""

    code: AreaCode
    name: Label
    kind: Identifier = Field(description="its level, one of ``levels``")
    parent: AreaCode | None = None
    also: tuple[str, ...] = Field(default=(), description="other spellings that files use")
    outline: tuple[Place, ...] = Field(
        default=(), description="schematic outline, corner by corner; an area without one is what lies beneath it"
    )

    @model_validator(mode="after")
    def _outline(self) -> Area:
        if self.outline and (len(set(self.outline)) < 3 or _twice_the_surface(self.outline) == 0):
            raise Wrong(
                f"{self.code} 的轮廓（outline）至少要有三个角，并且围得起来。",
                f"outline: {self.code} needs at least three corners that enclose something.",
            )
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
    under: tuple[Identifier, ...] = Field(
        default=(),
        description="units that it answers to (上级单位): the government of its place, the bureau that runs an "
        "institute; those at the areas around its own stand above it anyhow",
    )
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
    levels: tuple[AreaLevel, ...] = Field(min_length=1, description="from the top down")
    endings: tuple[NameEnding, ...] = Field(
        default=(),
        description="further endings of names of areas, of none of the levels or of areas around the tree: 省, 自治区",
    )
    areas: tuple[Area, ...] = Field(min_length=1)
    units: tuple[Unit, ...] = Field(min_length=1)
    groups: tuple[ProfessionalGroup, ...] = ()

    @model_validator(mode="after")
    def _tree(self) -> District:
        codes = {area.code for area in self.areas}
        if len(codes) != len(self.areas):
            raise Wrong("areas 里有区划代码出现两次；请改正。", "areas: a code stands twice.")
        for area in self.areas:
            if area.parent is not None and area.parent not in codes:
                raise Wrong(
                    f"areas：{area.code} 的上级 {area.parent} 不在 areas 里；请改正，或者补上。",
                    f"areas: {area.code} has the parent {area.parent}, which is not listed.",
                )
        levels = [level.id for level in self.levels]
        if twice := sorted({level for level in levels if levels.count(level) > 1}):
            raise Wrong(
                f"levels 重复：{'、'.join(twice)}；一个层级只写一行。",
                f"levels given twice: {', '.join(twice)}; a level has one line.",
            )
        listed = ", ".join(levels)
        for area in self.areas:
            if area.kind not in levels:
                raise Wrong(
                    f"{area.code} 的层级 {area.kind} 不在 levels 里（有：{listed}）；请改正，或在 levels 里加一行。",
                    f"{area.code} is of the level {area.kind}, which levels does not list (it has: {listed}); correct "
                    "it, or add a line to levels.",
                )
        for code in codes:
            seen: set[str] = set()
            step: str | None = code
            while step is not None:
                if step in seen:
                    raise Wrong(f"areas：{code} 成了自己的上级；请改 parent。", f"areas: {code} is its own ancestor.")
                seen.add(step)
                step = self.parents[step]
        ids = {unit.id for unit in self.units}
        if len(ids) != len(self.units):
            raise Wrong("units 里有 id 出现两次；请改其中一个。", "units: an id stands twice.")
        for unit in self.units:
            if unit.area not in codes:
                raise Wrong(
                    f"units：{unit.id} 所在的 {unit.area} 不在 areas 里；请改正，或者补上。",
                    f"units: {unit.id} stands in {unit.area}, which is not listed among the areas.",
                )
            if unknown := [name for name in unit.under if name not in ids]:
                raise Wrong(
                    f"units：{unit.id} 的上级单位（under）{'、'.join(unknown)} 不在 units 里；请改正，或者补上。",
                    f"units: {unit.id} is under {', '.join(unknown)}, which units does not list; correct it, or add "
                    "it.",
                )
        if circle := [unit.id for unit in self.units if unit.id in self.units_beneath[unit.id]]:
            raise Wrong(
                f"units：{'、'.join(circle)} 通过 under 成了自己的上级；请改正，下级区域的单位不能是上级。",
                f"units: {', '.join(circle)} stand above themselves by under; correct it: no unit of an area beneath "
                "is a superior.",
            )
        for group in self.groups:
            for name in (group.lead, *group.members):
                if name not in ids:
                    raise Wrong(
                        f"groups 里的 {name} 不在 units 里；请改正，或者补上。",
                        f"groups: {name} is not among the units.",
                    )
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

    def level(self, kind: str) -> AreaLevel | None:
        """The level with an id."""
        return next((level for level in self.levels if level.id == kind), None)

    def level_of(self, code: str) -> AreaLevel | None:
        """The level of an area; None for a code of none."""
        node = self.area(code)
        return None if node is None else self.level(node.kind)

    def with_statistics(self) -> tuple[Area, ...]:
        """The areas whose figures are published, in the order of the book."""
        levels = {level.id for level in self.levels if level.statistics}
        return tuple(area for area in self.areas if area.kind in levels)

    def listed(self) -> tuple[Area, ...]:
        """The areas to which the public narrows a list, in the order of the book."""
        levels = {level.id for level in self.levels if level.listed}
        return tuple(area for area in self.areas if area.kind in levels)

    def children(self, code: str) -> tuple[Area, ...]:
        """What lies directly beneath an area, in the order of the book."""
        return tuple(area for area in self.areas if area.parent == code)

    def outlines(self, code: str) -> tuple[tuple[Place, ...], ...]:
        """The schematic outline of an area; where it has none, those of the areas beneath it."""
        node = self.area(code)
        if node is None:
            return ()
        if node.outline:
            return (node.outline,)
        return tuple(outline for child in self.children(code) for outline in self.outlines(child.code))

    def dimension(self, said: str) -> str:
        """The name of a split as it is today: ``area:6`` -> ``area:district`` where the book says so; any other as it
        is.
        """
        head, _, level = said.partition(":")
        if head != AREA or not level:
            return said
        return next((f"{AREA}:{each.id}" for each in self.levels if level in each.also), said)

    @cached_property
    def level_dimensions(self) -> frozenset[str]:
        """Every name of a split by a level, earlier names too: ``area:district``, ``area:6``."""
        return frozenset(f"{AREA}:{said}" for level in self.levels for said in (level.id, *level.also))

    def splits(self, code: str) -> tuple[AreaLevel, ...]:
        """The levels by which what lies beneath an area can be split, other than into the areas directly beneath."""
        beneath = self.areas_below[code] - {code}
        children = {child.code for child in self.children(code)}
        of_level = {level.id: {each.code for each in self.areas if each.kind == level.id} for level in self.levels}
        return tuple(each for each in self.levels if (found := of_level[each.id] & beneath) and found != children)

    @cached_property
    def at_level(self) -> Mapping[str, Mapping[str, str]]:
        """Level -> each area that is of it or lies in one of it -> that one, the nearest where there are several."""
        kinds = {area.code: area.kind for area in self.areas}
        found: dict[str, dict[str, str]] = {level.id: {} for level in self.levels}
        for code, above in self.areas_above.items():
            for each in (code, *above):
                found[kinds[each]].setdefault(code, each)
        return MappingProxyType({level: MappingProxyType(areas) for level, areas in found.items()})

    @cached_property
    def name_endings(self) -> tuple[str, ...]:
        """How names of areas end, of all levels and around the tree, the longest first."""
        every = (*self.endings, *(ending for level in self.levels for ending in level.endings))
        return tuple(sorted(dict.fromkeys(every), key=len, reverse=True))

    @cached_property
    def address_endings(self) -> tuple[str, ...]:
        """How the steps end that are left of a person's address when the public sees it, the longest first."""
        every = (ending for level in self.levels if level.in_addresses for ending in level.endings)
        return tuple(sorted(dict.fromkeys(every), key=len, reverse=True))

    @cached_property
    def parents(self) -> Mapping[str, str | None]:
        """Each area -> the one that it lies directly in."""
        return MappingProxyType({area.code: area.parent for area in self.areas})

    @cached_property
    def areas_above(self) -> Mapping[str, tuple[str, ...]]:
        """Each area -> the codes of all that it lies in, the nearest first; how many these are is how deep it lies."""
        found = {}
        for code, step in self.parents.items():
            above = []
            while step is not None:
                above.append(step)
                step = self.parents[step]
            found[code] = tuple(above)
        return MappingProxyType(found)

    @cached_property
    def areas_below(self) -> Mapping[str, frozenset[str]]:
        """Each area -> its own code and those of everything beneath it."""
        below: dict[str, set[str]] = {area.code: {area.code} for area in self.areas}
        for code, around in self.areas_above.items():
            for above in around:
                below[above].add(code)
        return MappingProxyType({code: frozenset(inside) for code, inside in below.items()})

    @cached_property
    def names(self) -> Mapping[str, Label]:
        """What areas (by code) and units (by id) are called."""
        return MappingProxyType(
            {**{area.code: area.name for area in self.areas}, **{unit.id: unit.name for unit in self.units}}
        )

    @cached_property
    def area_of_unit(self) -> Mapping[str, str]:
        """Each unit -> the area at whose node it stands."""
        return MappingProxyType({unit.id: unit.area for unit in self.units})

    @cached_property
    def units_beneath(self) -> Mapping[str, frozenset[str]]:
        """Each unit -> those that it stands above: of the areas beneath its own, and those that answer to it
        (``under``), with all that stands beneath these.
        """
        direct: dict[str, set[str]] = {unit.id: set() for unit in self.units}
        of_area: dict[str, list[str]] = defaultdict(list)
        for unit in self.units:
            of_area[unit.area].append(unit.id)
        for unit in self.units:
            for name in (*unit.under, *(each for area in self.areas_above[unit.area] for each in of_area[area])):
                direct[name].add(unit.id)
        found = {}
        for name, below in direct.items():
            seen: set[str] = set()
            ahead = [*below]
            while ahead:
                if (step := ahead.pop()) not in seen:
                    seen.add(step)
                    ahead += direct[step]
            found[name] = frozenset(seen)
        return MappingProxyType(found)

    @cached_property
    def divisions(self) -> Mapping[str, str]:
        """Codes, names, other spellings and full paths (city + district + sub-district) of all areas -> code.

        A name that two areas share stands only with its parent before it.
        """
        by_code = {area.code: area for area in self.areas}
        found: dict[str, str | None] = {}
        for area in self.areas:
            found[area.code] = area.code
            for name in (area.name.zh, *area.also):
                full = name
                spellings = [full]
                for above in self.areas_above[area.code]:
                    full = by_code[above].name.zh + full
                    spellings.append(full)
                for spelling in spellings:
                    found[spelling] = area.code if found.get(spelling, area.code) == area.code else None
        return MappingProxyType({name: code for name, code in found.items() if code is not None})


PAGE = "district.yaml"


def _read(reading: Reading) -> District | None:
    path = reading.root / PAGE
    if not path.is_file():
        reading.errors.append(
            BookError(
                "book.absent",
                f"“{reading.root}”里没有 {PAGE}，不是一本规则书；请检查 ZHIHENG_BOOK 的路径。",
                f"There is no {PAGE} in {reading.root}: not a book. Check the path in ZHIHENG_BOOK.",
                file=PAGE,
            )
        )
        return None
    found = reading.page(District, path)
    return found[0] if found is not None else None


DISTRICT: Chapter[District] = register(
    Chapter(
        name="district",
        label=Label(zh="地区和单位", en="Areas and units"),
        pages=(PageKind("district", PAGE, District),),
        read=_read,
        at_once=True,
        reference="reference/cockpit-grammar.md",
    )
)
