"""No natural person can be made out in what is published: walked over every rule of the book, each example, each way to
the public.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import orjson
import pyarrow.parquet as pq
import pytest
from django.apps import apps
from django.conf import settings as configured
from django.db import connection
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.book_once import book_once
from tests.examples import examples
from tests.published.places import OFFICER, Place
from zhiheng.actions.publication.approve import approve, approve_all
from zhiheng.actions.publication.propose_publication import propose
from zhiheng.actions.publication.rebuild_open_data import rebuild
from zhiheng.engines.publication import FactToPublish, Release, Releaser, releasers, told_of
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.publication_pages import PublicationExample
from zhiheng.grammar.types import Role
from zhiheng.kernel.actor import SYSTEM
from zhiheng.office.models import PublicationRequest
from zhiheng.published.models import PublishedEntry
from zhiheng.queries import publishable

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
BOOK = book_once(ROOT / "book")
RELEASERS = releasers(BOOK)
# Characters that no label and no other text uses, so that a find is a leak and no accident.
RARE = "丳亐仸佱傓兞冟刞勐卝卮厽叞呏咥喎嗞噃囜圫"
NAME, RESIDENT, MOBILE, MAIL = "丳亐仸", "11010119900307803X", "13912345678", "jubao@people.example"
PERSONAL = (NAME, RESIDENT, MOBILE, "139 1234 5678", MAIL, "佱傓兞十八号")
ROLES = get_args(getattr(Role, "__value__", Role)) or ("complainant",)


def person(role: str, name: str = NAME) -> dict[str, Any]:
    """Somebody who complains, reports, answers the telephone."""
    return {
        "role": role,
        "name": name,
        "kind": "person",
        "code": RESIDENT,
        "code_kind": "resident_id",
        "phone": MOBILE,
        "address": "云澜市砺原区佱傓兞十八号",
    }


def told_examples() -> Iterator[tuple[str, str, FactToPublish]]:
    """(record, example, fact) of every accepted row of every record that is published."""
    for record, releaser in RELEASERS.items():
        examples = releaser.entry.examples
        for example in examples.accepted if examples else ():
            found = told_of(
                releaser.entry,
                PublicationExample.model_construct(name=example.name, like=example.name, row={}, source="standard"),
            )
            if isinstance(found, FactToPublish):
                yield record, example.name, found


EXAMPLES = list(told_examples())


def planted(releaser: Releaser, told: FactToPublish, *, about_a_person: bool, name: str = NAME) -> FactToPublish:
    """The same fact with people in it: as further parties, in what is secret, in every text that somebody wrote."""
    about = releaser.rule.enterprises
    parties = [
        person(party["role"], name) if about_a_person or (about and party["role"] not in about) else dict(party)
        for party in told.parties
    ]
    here = {party["role"] for party in parties}
    parties += [person(role, name) for role in ROLES if role not in here and role not in about]
    body: dict[str, Any] = {**told.body, "parties": parties}
    masked = {column.field for column in releaser.columns if column.masked}
    for field, said in releaser.entry.record.fields.items():
        if field not in releaser.types:
            continue
        if field in masked or said.secret or field in releaser.entry.record.publication.masked:
            body |= {
                field: {"resident_id": RESIDENT, "phone": MOBILE, "text": name, "long_text": f"{name}{MOBILE}"}.get(
                    said.type, body.get(field)
                )
            }
        elif said.type == "long_text":
            body[field] = f"{body.get(field) or ''}经{name}（{RESIDENT}，139 1234 5678，{MOBILE}，{MAIL}）反映"
        elif said.type == "text" and isinstance(body.get(field), str):
            body[field] = f"{body[field]} {RESIDENT} {MAIL} {name}"
    return told._replace(body={key: value for key, value in body.items() if value is not None})


def published_texts(made: Release) -> str:
    """Every text that would be published."""
    texts = [made.title.zh, made.title.en, made.kind, made.product, made.basis.zh]
    texts += [part for value in made.values if value for part in (value.zh, value.en)]
    texts += [part for named in made.enterprises for part in (named.name, named.code)]
    return "\n".join(texts)


def test_走遍了每一种公示的记录() -> None:
    assert len(RELEASERS) == 28
    assert {record for record, _, _ in EXAMPLES} == set(RELEASERS)


@pytest.mark.parametrize("about_a_person", [True, False], ids=["当事人是自然人", "另有自然人"])
@pytest.mark.parametrize("record", sorted(RELEASERS))
def test_每条规则的每个样例里种下的人都认不出(record: str, about_a_person: bool) -> None:
    releaser, seen = RELEASERS[record], 0
    for of, example, told in EXAMPLES:
        if of != record:
            continue
        made = releaser.release(planted(releaser, told, about_a_person=about_a_person), today=told.occurred_on)
        if isinstance(made, Release):
            seen += 1
            for said in PERSONAL:
                assert said not in published_texts(made), (example, said)
            if about_a_person:
                assert made.enterprises == (), example
    # Otherwise the walk would prove nothing.
    assert seen or about_a_person, record


@settings(max_examples=examples(150), deadline=None)
@given(at=st.integers(0, len(EXAMPLES) - 1), name=st.text(RARE, min_size=2, max_size=4), about_a_person=st.booleans())
def test_任何姓名种在任何样例里最多留下姓(at: int, name: str, about_a_person: bool) -> None:
    record, _, told = EXAMPLES[at]
    made = RELEASERS[record].release(
        planted(RELEASERS[record], told, about_a_person=about_a_person, name=name), today=told.occurred_on
    )
    if isinstance(made, Release):
        everything = published_texts(made)
        assert name not in everything
        assert not set(name[1:]) - {name[0]} & set(everything)


def test_证件号码和电话字段公开时都打码() -> None:
    for record, releaser in RELEASERS.items():
        for column in releaser.columns:
            if not column.part and releaser.entry.record.fields[column.field].type in ("resident_id", "phone"):
                assert column.masked, (record, column.target)
            assert column.part != "phone", (record, column.target)


# -- every way to the public -------------------------------------------------------------------------------------------


def tables() -> str:
    """Everything that stands in the published tables, as text."""
    found = []
    for model in apps.get_app_config("published").get_models():
        hidden = {"by", "reason"} if model.__name__ == "Withdrawal" else set()
        columns = ", ".join(f'"{f.column}"' for f in model._meta.local_concrete_fields if f.name not in hidden)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM {model._meta.db_table}")
            found += [str(value) for row in cursor.fetchall() for value in row]
    return "\n".join(found)


def test_公示表门户订阅接口和批量文件里都没有自然人(
    place: Place, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for record, releaser in sorted(RELEASERS.items()):
        examples = releaser.entry.examples
        for example in examples.accepted[:4] if examples else ():
            try:
                place.fact(record, example.name)
            except AssertionError:
                # An example for another unit, or one that is held back: it is no matter here.
                continue
    told = publishable.told

    def with_people(fact: Any, doubts: Iterable[str] = ()) -> FactToPublish:
        return planted(RELEASERS[fact.record], told(fact, doubts), about_a_person=fact.id % 3 == 0)

    monkeypatch.setattr(publishable, "told", with_people)
    propose(call=Call(SYSTEM, place.book, place.now))
    approve_all(PublicationRequest.objects.all(), call=Call(OFFICER, place.book, place.now))
    doubtful = PublicationRequest.objects.filter(state="open").values_list("pk", flat=True)
    approve(list(doubtful), call=Call(OFFICER, place.book, place.now), reason="与原件核对过")
    rebuild(call=Call(SYSTEM, place.book, place.now))
    monkeypatch.setattr("zhiheng.pages.access.clock", lambda: place.now)
    shown = PublishedEntry.objects.filter(state="shown")
    assert shown.count() > 30
    assert len(set(shown.values_list("record", flat=True))) > 20
    read: Mapping[str, str] = {"tables": tables(), **dict(_public(client, shown))}
    assert len(read) > 60
    for where, text in read.items():
        for said in PERSONAL:
            assert said not in text, (where, said)


def _public(client: Client, shown: Any) -> Iterator[tuple[str, str]]:
    """Every list, feed, entry, public file, answer of the interface and bulk file."""
    addresses = [f"/p/{public_id}/" for public_id in shown.values_list("public_id", flat=True)]
    addresses += [f"/api/v1/public/entries/{public_id}" for public_id in shown.values_list("public_id", flat=True)[:20]]
    for name in sorted(set(shown.values_list("list", flat=True))):
        addresses += [f"/lists/{name}/", f"/feeds/{name}.atom", f"/api/v1/public/entries?list={name}"]
    addresses += [
        f"/e/{one}/"
        for one in sorted(
            set(shown.filter(parties__isnull=False).values_list("parties__enterprise__public_id", flat=True))
        )
    ]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        yield address, answer.content.decode()
    files = sorted((Path(configured.DATA) / "open-data").rglob("*.*"))
    assert {file.suffix for file in files} >= {".csv", ".json", ".parquet"}
    for file in files:
        if file.suffix == ".parquet":
            yield str(file), orjson.dumps(pq.read_table(file).to_pylist(), default=str).decode()
        else:
            yield str(file), file.read_text("utf-8")
