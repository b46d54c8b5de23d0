"""What ``book/demo/accounts.yaml`` may say: accounts for trying the demo, one for each kind of user, with the roles of
the book.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pydantic import Field, RootModel, model_validator

from zhiheng.grammar.book import Chapter, PageKind, Reading
from zhiheng.grammar.chapters.demo_places import DEMO_PLACES, DemoPlacePage, Login
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Identifier, Label, LateEntry
from zhiheng.grammar.yaml import Wrong


class DemoConsent(LateEntry):
    """What the enterprise of a demo account lets an institution read, so that the institution's clerk has something to
    read.
    """

    extract: Identifier = Field(description="the page of book/credit")
    reader: Identifier
    purpose: Identifier
    months: int = Field(ge=1, le=120, description="how long, from the day on which the demo is made")


class DemoAccount(LateEntry):
    """An account of the demo: an officer of a unit, a person of an enterprise, or a bank's clerk."""

    login: Login
    name: str = Field(min_length=1, max_length=60, description="an invented person")
    kind: Literal["officer", "enterprise", "bank"] = "officer"
    role: Identifier
    unit: Identifier | Literal[""] = Field(
        default="", description="the unit of an officer, the institution of a bank's clerk"
    )
    area: str = Field(default="", description="where the role is held, if not at the unit's own place")
    enterprise: str = Field(default="", description="the exact name of the enterprise, as its register says it")
    shows: Label = Field(description="what to try with it")
    consents: tuple[DemoConsent, ...] = Field(
        default=(), description="given by the account itself, as an enterprise gives them"
    )
    passphrase: str = Field(
        default="",
        max_length=60,
        description="of a custodian of sealed identities: a key is made under it, for all to know",
    )

    @model_validator(mode="after")
    def _belongs_somewhere(self) -> DemoAccount:
        if (self.kind == "enterprise") != bool(self.enterprise):
            raise Wrong(
                "企业账号须写明是哪家企业，其他账号不写。",
                "an account of an enterprise names the enterprise, and no other does.",
            )
        if self.kind != "enterprise" and not self.unit:
            raise Wrong(
                "须写明 unit：工作人员属于单位，银行人员属于机构。",
                "unit: an officer belongs to a unit, a bank's clerk to an institution.",
            )
        if self.consents and self.kind != "enterprise":
            raise Wrong(
                "consents 只有企业可以写：只有企业能同意别人查看它的材料。",
                "consents: only an enterprise lets somebody read what is about it.",
            )
        return self


class DemoAccounts(RootModel[tuple[DemoAccount, ...]]):
    """All of them; a login stands once."""

    @model_validator(mode="after")
    def _once(self) -> DemoAccounts:
        logins = [account.login for account in self.root]
        if len(set(logins)) != len(logins):
            raise Wrong("有一个登录名出现两次；请改其中一个。", "a login stands twice.")
        return self


def _read(reading: Reading) -> Sequence[DemoAccount]:
    own = next((page.root for _, page, _ in reading.each(DemoAccounts)), ())
    places = reading.usable(DEMO_PLACES) or {}
    return (*own, *_of_places({one.login: one for one in own}, places))


def _of_places(own: Mapping[str, DemoAccount], places: Mapping[str, DemoPlacePage]) -> Iterator[DemoAccount]:
    """Who does elsewhere what an officer of the first place does there: the same role, at the unit of the place."""
    for place in places.values():
        for login, officer in place.people.items():
            if login in own:
                told = own[login]
                unit = place.units.get(told.unit, told.unit)
                words = {"login": officer.login, "name": officer.name, "unit": unit, "shows": officer.shows}
                yield told.model_copy(update=words)


# The demo's accounts, with those of its further places; none where the book has no such page.
DEMO_ACCOUNTS: Chapter[Sequence[DemoAccount]] = register(
    Chapter(
        name="demo_accounts",
        label=Label(zh="演示账号", en="Accounts of the demo"),
        pages=(PageKind("demo_accounts", "demo/accounts.yaml", DemoAccounts),),
        needs=(DEMO_PLACES,),
        read=_read,
        order=200,
        reference="how-to/another-book.md",
    )
)
