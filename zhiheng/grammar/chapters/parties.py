"""The words about parties (``book/parties.yaml``): which label means which role, and what is no name.

A department's own label, or another country's, is a word on this page and no line of the program.
"""

from __future__ import annotations

from pydantic import Field, model_validator

from zhiheng.grammar.book import Chapter, PageKind, Reading
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Entry, Label, Role
from zhiheng.grammar.yaml import Wrong
from zhiheng.kernel.fields.party_words import NO_WORDS, PartyWords, RoleWords

PARTIES = "parties.yaml"
ATTRIBUTES = ("address", "place", "phone", "code", "legal_person", "former_names", "origin")


class RoleLabels(Entry):
    """The labels of one role."""

    acts: tuple[str, ...] = Field(default=(), description="may have a word of `who` behind it: 生产 → 生产商, 生产企业")
    labels: tuple[str, ...] = Field(default=(), description="as they stand: 厂家")
    before: tuple[str, ...] = Field(default=(), description="may stand before an act or a label: 全国")

    def words(self) -> RoleWords:
        """As the kernel takes them."""
        return RoleWords(self.acts, self.labels, self.before)


class PartyPage(Entry):
    """Every word about parties."""

    who: tuple[str, ...] = Field(min_length=1, description="企业, 单位, 商, 方: who may stand behind an act")
    marked: tuple[str, ...] = Field(default=(), description="标称: the product's label says so")
    roles: dict[Role, RoleLabels] = Field(min_length=1)
    own: RoleLabels = Field(default=RoleLabels(), description="labels that leave the role to the column")
    behind: tuple[str, ...] = Field(default=(), description="words behind a name that say its role: 甲公司出品")
    attributes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    kept: tuple[str, ...] = Field(default=(), description="known labels of what is no party")
    nobody: tuple[str, ...] = Field(default=(), description="says that nobody is named")
    not_names: tuple[str, ...] = Field(default=(), description="words of other columns")
    places: tuple[str, ...] = Field(default=(), description="places without an ending")
    masks: tuple[str, ...] = Field(default=(), description="a sign in a name for what was left out: *")
    masks_repeated: tuple[str, ...] = Field(default=(), description="the same where it stands twice or more: ××, XX")
    unnamed: tuple[str, ...] = Field(default=(), description="a word in a name for what was left out: 某")
    stand_ins: tuple[str, ...] = Field(default=(), description="before a word of `who` it stands for a name: 甲公司")
    standing: tuple[str, ...] = Field(
        default=(), description="how an enterprise stands, in brackets beside its name: 注销"
    )
    standing_around: tuple[str, ...] = Field(default=(), description="may stand around a word of `standing`: 已, 现已")
    renamed: tuple[str, ...] = Field(default=(), description="in brackets before the name of today: 更名为")

    @model_validator(mode="after")
    def _one_meaning(self) -> PartyPage:
        if unknown := sorted(set(self.attributes) - set(ATTRIBUTES)):
            raise Wrong(
                f"attributes 里没有“{unknown[0]}”；可用：{'、'.join(ATTRIBUTES)}。",
                f"attributes has no {unknown[0]!r}; use one of {', '.join(ATTRIBUTES)}.",
            )
        for label, one, other in self.words().contradictions():
            raise Wrong(
                f"“{label}”既写在角色 {one or 'own'} 下，又写在 {other or 'own'} 下；一个说法只能指一种角色，"
                "请删去一处。",
                f"{label!r} stands under {one or 'own'} and under {other or 'own'}; one label means one role, delete "
                "one.",
            )
        return self

    def words(self) -> PartyWords:
        """As the kernel takes them."""
        return PartyWords(
            self.who,
            self.marked,
            {role: labels.words() for role, labels in self.roles.items()},
            self.own.words(),
            self.behind,
            self.attributes,
            self.kept,
            self.nobody,
            self.not_names,
            self.places,
            self.masks,
            self.masks_repeated,
            self.unnamed,
            self.stand_ins,
            self.standing,
            self.standing_around,
            self.renamed,
        )


def _read(reading: Reading) -> PartyWords:
    """The words of the page; none where the book has no such page, or none that can be used."""
    return next((page.words() for _, page, _ in reading.each(PartyPage)), NO_WORDS)


PARTY_WORDS: Chapter[PartyWords] = register(
    Chapter(
        name="parties",
        label=Label(zh="当事方的说法", en="Words about parties"),
        pages=(PageKind("parties", PARTIES, PartyPage),),
        read=_read,
        at_once=True,
        reference="reference/party-grammar.md",
    )
)
