"""Whoever changes a row or a file by hand is found by verifying, or it is said why not: the rows of
``manipulations.py``, each done to one filled place and taken back.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import override_settings

from tests.actions.manipulations import GROUPS, PARTS, Manipulation
from tests.analytics.test_sorted_facts import made_all_failed
from tests.cases.officers import officer
from tests.factories import ApiTokenFactory, GrantFactory, LikelyMatchFactory, TrailLineFactory
from tests.places import standing, tamper
from tests.published.places import UNIT, Place, default_book
from zhiheng.actions.cases.act_in_case import act_in_case
from zhiheng.actions.cases.open_case import PartyGiven, open_case
from zhiheng.actions.cases.verify_cases import verify_cases
from zhiheng.actions.exports.make_extract import make_extract
from zhiheng.actions.exports.verify_extracts import verify_extracts
from zhiheng.actions.facts.correct_fact import withdraw
from zhiheng.actions.facts.verify_deeply import verify_deeply
from zhiheng.actions.facts.verify_ledger import verify_ledger
from zhiheng.actions.identity.link_subjects import merge
from zhiheng.actions.identity.verify_acts import verify_acts
from zhiheng.actions.identity.verify_keys import not_findable
from zhiheng.actions.intake.receive_delivery import receive
from zhiheng.actions.log.append_leaves import append_leaves
from zhiheng.actions.log.known_heads import compare_heads
from zhiheng.actions.log.publish_log import publish_log
from zhiheng.actions.log.verify_files import differing_files
from zhiheng.actions.log.verify_log import verify_log
from zhiheng.actions.projections.recount_cards import recount
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.actions.publication import withdraw_publication
from zhiheng.analytics.lake import project
from zhiheng.database.content_store import FILES
from zhiheng.engines.rating import RecordRead
from zhiheng.engines.transparency import notes
from zhiheng.engines.transparency.notes import KeyKind, PrivateKey
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.facts import content, marks, statement, statement_key
from zhiheng.kernel.merkle import GENESIS, chained, leaf_hash
from zhiheng.ledger import log
from zhiheng.ledger.chain import HEADER, header_of
from zhiheng.ledger.models import Alias, AliasKey, Delivery, Fact, FactParty, IdentityAct, LogCosignature, RefusedRow
from zhiheng.ledger.verify import VerifyFinding, verify
from zhiheng.office.extracts import Extract
from zhiheng.office.grades import StoredGrade
from zhiheng.people.models import Account, ApiToken, Confirmation, KeyOrder
from zhiheng.published.models import PublishedEntry, PublishedFigure
from zhiheng.queries.figures import lake_of
from zhiheng.queries.ratings import rating_facts

pytestmark = [pytest.mark.slow, pytest.mark.database, pytest.mark.django_db]
__all__ = ["default_book"]

RECORD, EXAMPLE = "product_sampling", "区级监督抽查，合格"
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


# -- the place ---------------------------------------------------------------------------------------------------------


def _handed_in(place: Place, name: str, rows: list[dict[str, str] | None]) -> None:
    """Samples as one file; each row says what is other than in the example, None stands for a line with totals."""
    examples = place.book[RECORDS][RECORD].examples
    assert examples is not None
    like = next(each for each in examples.accepted if each.name == EXAMPLE)
    path = place.folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        total = ["合计", "5批次", *[""] * (len(like.row) - 2)]
        lines = [total if row is None else list((like.row | row).values()) for row in rows]
        csv.writer(file).writerows([list(like.row), *lines])
    call = Call(SYSTEM, place.book, place.now)
    receive(path, call=call, unit=UNIT, record=RECORD, source=like.source, confirmed=True)


def _row(number: int, **more: str) -> dict[str, str]:
    """A sample of its own enterprise."""
    firm = f"试验第{number}涂料有限公司"
    return {
        "抽样单编号": f"LY2026G{number:04}",
        "报告编号": f"YZ2026-{number:04}",
        "标称生产企业": firm,
        "标称生产企业统一社会信用代码": "",
        "被抽样单位": firm,
        "被抽样单位统一社会信用代码": "",
        **more,
    }


def _filled(place: Place) -> None:
    """Something of everything that verifying speaks of; the lake, cards and figures made; the log grown and given
    out.
    """
    call = Call(SYSTEM, place.book, place.now)
    _handed_in(place, "一.csv", [_row(1), _row(2), _row(3, 抽样日期="不详"), _row(4, 抽样日期="昨天"), None])
    _handed_in(place, "二.csv", [_row(5), _row(6, 检验结论="不合格", 不合格项目="挥发性有机化合物")])
    _handed_in(place, "三.csv", [_row(7)])
    place.correct(4, {"product": "外墙涂料"})
    withdraw(5, reason="报错", call=call, unit=UNIT)
    shown = place.publish(RECORD, EXAMPLE)
    other = place.publish(RECORD, EXAMPLE, **_row(9))
    withdraw_publication.withdraw([other.public_id], cause="annulled", reason="试验", call=call)
    _people_and_papers()
    one, two = Alias.objects.filter(name__startswith="试验第", id__lt=5).order_by("id")[:2]
    merge(one.subject_id, [two.subject_id], reason="同一家", call=call)
    LikelyMatchFactory(alias_id=3, other_id=1)
    LikelyMatchFactory(alias_id=4, other_id=1, decision="different")
    place.propose()
    opened = open_case(
        "complaint",
        "receive",
        {"claim": "退货退款", "dispute": "电热水壶漏电"},
        unit=UNIT,
        call=Call(officer(1, "department_officer"), place.book, place.now),
        parties=[PartyGiven("respondent", name="试验电器店")],
    )
    for hours, actor in ((1, officer(1, "department_officer")), (2, officer(2, "department_officer"))):
        later = Call(actor, place.book, place.now + dt.timedelta(hours=hours))
        act_in_case(opened.case.pk, "decide.accept" if hours == 1 else "agree", _GIVEN[hours], call=later)
    lake = lake_of(place.book)
    project(lake)
    read = RecordRead(frozenset({"fact_id", "outcome", "producer"}), frozenset({"producer"}))
    rating_facts().follow(lake, {RECORD: read})
    refresh(call, lake=lake)
    subject = Alias.objects.get(pk=PublishedEntry.objects.get(pk=shown.pk).parties.first().alias).subject_id
    make_extract(subject, form="docx", purpose="试验", verify_at="https://example.test/", call=call)
    place.now += dt.timedelta(hours=3)
    report = verify_ledger(call=_call(place))
    assert report.findings == []
    inside(settings.DATA, "last-backup.json").write_text(
        json.dumps({"head": Delivery.objects.order_by("-id")[0].link}), "utf-8"
    )
    head = append_leaves(call=_call(place))
    text = notes.read_note(head.note.encode()).text
    signed = _WITNESS.sign(text, second=int(place.now.timestamp()))
    LogCosignature.objects.create(checkpoint=head, witness=str(_WITNESS.public), at=place.now, line=signed.line)
    publish_log(call=_call(place))


_GIVEN: dict[int, dict[str, Any]] = {1: {}, 2: {"agreement": "退款", "fulfilled": True}}
_WITNESS = PrivateKey("witness.example/city", KeyKind.COSIGNATURE, bytes(range(32)))


def _people_and_papers() -> None:
    account = Account.objects.create(login="wang", name="王某", kind="officer", unit=UNIT)
    TrailLineFactory(at=NOON, actor="account:1", verb="file.read", about="subject:1")
    GrantFactory(account=account, role="auditor", ended_on=NOON.date(), ended_by="account:2", end_reason="调离")
    for state in (Confirmation.State.CONFIRMED, Confirmation.State.DECLINED):
        given = GrantFactory(account=account, role="department_officer", unit=UNIT)
        Confirmation.objects.create(grant=given, state=state, asked_at=NOON, decided_at=NOON, decided_by="account:3")
    taken = ApiTokenFactory(digest="a" * 64)
    ApiTokenFactory(digest="b" * 64, revoked_at=NOON, revoked_by="account:2")
    KeyOrder.objects.create(
        name="试验系统",
        role="program",
        unit=UNIT,
        scopes="[]",
        last_day=NOON.date(),
        holder=account,
        state=KeyOrder.State.TAKEN,
        asked_at=NOON,
        asked_by="account:2",
        decided_at=NOON,
        decided_by="account:3",
        token=taken,
    )
    StoredGrade.objects.create(
        subject=1,
        rating="quality_credit",
        edition="e" * 64,
        as_of=NOON.date(),
        known_on=NOON.date(),
        score=9000,
        band="B",
        evidence=3,
        seen="f" * 64,
        counted='[["x",1,10]]',
        decided_by="account:1",
        decided_at=NOON,
    )
    PublishedFigure.objects.create(
        indicator="pass_rate",
        area="990101",
        as_of=NOON.date(),
        known_on=NOON.date(),
        last_on=NOON.date(),
        label={"zh": "合格率", "en": "Pass rate"},
        quality="product",
        value="97.5",
        shown={"zh": "97.5%", "en": "97.5%"},
        method={"zh": "", "en": ""},
        edition="e" * 64,
        published_at=NOON,
    )


@pytest.fixture(scope="module")
def filled_once(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory, default_book: Book
) -> Iterator[Path]:
    """The place, filled once for all tests of the module; its data folder."""
    folder = tmp_path_factory.mktemp("manipulated")
    (folder / "handed-in").mkdir()
    with standing(django_db_blocker):
        with django_db_blocker.unblock(), override_settings(DATA=folder / "data", BOOK=default_book.root):
            _filled(Place(default_book, folder / "handed-in"))
        yield folder / "data"


@pytest.fixture
def place(filled_once: Path, db: None, settings: Any, tmp_path: Path, default_book: Book) -> Place:
    """The same, with files of the test's own."""
    settings.DATA, settings.BOOK = tmp_path / "data", default_book.root
    shutil.copytree(filled_once, settings.DATA)
    return Place(default_book, tmp_path, NOON + dt.timedelta(hours=3))


# -- the parts of verifying --------------------------------------------------------------------------------------------

_Part = Callable[[Place], list[VerifyFinding]]


def _call(place: Place) -> Call:
    return Call(SYSTEM, place.book, place.now)


_PARTS: dict[str, _Part] = {
    "ledger": lambda _: verify().findings,
    "acts": lambda _: list(verify_acts()),
    "heads": lambda _: compare_heads(),
    "log": lambda _: verify_log().findings,
    "files": lambda _: list(differing_files(deep=True)),
    "extracts": lambda _: list(verify_extracts()),
    "cases": lambda place: verify_cases(call=_call(place)).findings,
    "cards": lambda place: recount(place.book, today=place.now.date(), deep=True).findings,
    "deep": lambda place: verify_deeply(call=_call(place), deep=True),
    "names": lambda _: not_findable(),
    "clock": lambda _: verify().warnings,
}


# -- the edits ---------------------------------------------------------------------------------------------------------


def _beside(sql: str, *params: Any) -> int:
    """Change a table that stands beside the queue, past every trigger."""
    with connections[str(settings.PEOPLE_DATABASE)].cursor() as cursor:
        if cursor.db.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            tamper("SELECT 1")
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def _said(fact: Fact, body: str) -> tuple[str, bytes]:
    """The statement with another body, and its leaf."""
    said = statement(fact.record, fact.unit, fact.kind, "", body)
    until = None if fact.valid_until is None else str(fact.valid_until)
    marked = marks(fact.row_number, str(fact.occurred_on), until, fact.outcome, fact.area, fact.flags, fact.thing)
    return said, leaf_hash(content(said, marked, fact.row))


def _other_body(fact: Fact) -> str:
    return orjson.dumps(orjson.loads(fact.body) | {"verdict": "qualified"}, option=orjson.OPT_SORT_KEYS).decode()


def body_and_leaf() -> None:
    fact = Fact.objects.get(id=4)
    body = _other_body(fact)
    tamper("UPDATE ledger_fact SET body = %s, leaf = %s WHERE id = 4", body, _said(fact, body)[1])


def body_leaf_and_key() -> None:
    fact = Fact.objects.get(id=4)
    body = _other_body(fact)
    said, leaf = _said(fact, body)
    tamper("UPDATE ledger_fact SET body = %s, leaf = %s, key = %s WHERE id = 4", body, leaf, statement_key(said))
    tamper("UPDATE ledger_factkey SET key = %s WHERE fact_id = 4", statement_key(said))


def unreadable_body() -> None:
    said, leaf = _said(Fact.objects.get(id=4), "x")
    tamper("UPDATE ledger_fact SET body = 'x', leaf = %s, key = %s WHERE id = 4", leaf, statement_key(said))
    tamper("UPDATE ledger_factkey SET key = %s WHERE fact_id = 4", statement_key(said))


def swapped_facts() -> None:
    tamper("UPDATE ledger_fact SET id = -1 WHERE id = 1")
    tamper("UPDATE ledger_fact SET id = 1 WHERE id = 2")
    tamper("UPDATE ledger_fact SET id = 2 WHERE id = -1")


def inserted_fact() -> None:
    columns = "record, unit, kind, occurred_on, area, flags, body, row, leaf, row_number"
    tamper(
        f"INSERT INTO ledger_fact (id, delivery_id, key, {columns}) SELECT 1000, 1, 777, {columns} FROM ledger_fact "
        "WHERE id = 1"
    )


def cut_off() -> None:
    last = Delivery.objects.order_by("-id")[0]
    tamper("DELETE FROM ledger_factparty WHERE fact_id >= %s", last.first_fact)
    tamper("DELETE FROM ledger_factkey WHERE fact_id >= %s", last.first_fact)
    tamper("DELETE FROM ledger_fact WHERE id >= %s", last.first_fact)
    tamper("DELETE FROM ledger_delivery WHERE id = %s", last.id)


def rewritten_chain() -> None:
    tamper("UPDATE ledger_delivery SET file_name = '别的.csv' WHERE id = 1")
    link = GENESIS
    for row in list(Delivery.objects.order_by("id").values(*HEADER)):
        link = chained(link, header_of(row))
        tamper("UPDATE ledger_delivery SET link = %s WHERE id = %s", link.hex(), row["id"])
    assert not [each for each in verify().findings if each.kind == "chain"], "the chain itself is whole"


def swapped_refusals() -> None:
    one, two = RefusedRow.objects.order_by("id")[:2]
    for row, number in ((one, two.row_number), (two, one.row_number)):
        tamper("UPDATE ledger_refusedrow SET row_number = %s WHERE id = %s", number, row.pk)


def surplus_link() -> None:
    stranger = Alias.objects.exclude(id__in=FactParty.objects.filter(fact_id=1).values("alias_id"))[0].pk
    tamper("INSERT INTO ledger_factparty (alias_id, fact_id, role) VALUES (%s, 1, 'producer')", stranger)


def _unmoved() -> tuple[Alias, Alias]:
    """A spelling that no act has moved, and one of another subject."""
    moved = {
        alias for moves in IdentityAct.objects.values_list("moves", flat=True) for alias, *_ in orjson.loads(moves)
    }
    free = Alias.objects.filter(kind="enterprise").exclude(id__in=moved).order_by("id")
    one = free[0]
    return one, free.exclude(subject_id=one.subject_id)[0]


def relinked() -> None:
    one, other = _unmoved()
    Alias.objects.filter(pk=one.pk).update(subject_id=other.subject_id)


def forged_merge() -> None:
    victim, other = _unmoved()
    IdentityAct.objects.create(
        verb="merge",
        actor="account:1",
        day=NOON.date(),
        reason="同一家",
        moves=f"[[{victim.pk},{victim.subject_id},{other.subject_id}]]",
    )
    Alias.objects.filter(pk=victim.pk).update(subject_id=other.subject_id)


def moved_back() -> None:
    ((alias, before, _),) = orjson.loads(IdentityAct.objects.order_by("id")[0].moves)[:1]
    Alias.objects.filter(pk=alias).update(subject_id=before)


def merge_undone_by_hand() -> None:
    for alias, before, _ in orjson.loads(IdentityAct.objects.order_by("id")[0].moves):
        Alias.objects.filter(pk=alias).update(subject_id=before)
    tamper("DELETE FROM ledger_identityact")


def lost_alias_key() -> None:
    key = AliasKey.objects.order_by("alias_id", "key")[0]
    tamper("DELETE FROM ledger_aliaskey WHERE alias_id = %s AND key = %s", key.alias_id, key.key)


def inserted_line() -> None:
    TrailLineFactory(id=-1, at=NOON, actor="account:1", verb="file.read", about="subject:3")


def line_before_its_entry() -> None:
    TrailLineFactory(id=2_000_000, at=NOON, actor="account:1", verb="file.read", about="subject:3")
    _beside("UPDATE people_trailline SET actor = 'account:99' WHERE id = 2000000")


def line_at_the_end() -> None:
    TrailLineFactory(id=2_000_000, at=NOON, actor="account:1", verb="file.read", about="subject:3")


def entry_gone() -> None:
    with connection.cursor() as cursor:
        tamper("DELETE FROM published_token")
        cursor.execute("DELETE FROM published_publishedparty")
        cursor.execute("DELETE FROM published_publishedentry")


def another_key_taken() -> None:
    other = ApiToken.objects.get(digest="b" * 64)
    _beside("UPDATE people_keyorder SET token_id = %s", other.pk)


def cut_log() -> None:
    tamper("DELETE FROM ledger_logleaf WHERE id >= %s", log.size() - 2)


def spoiled_cosignature() -> None:
    line = LogCosignature.objects.get()
    forged = _WITNESS.sign("别的检查点\n1\nAAAA\n", second=1).line
    tamper("UPDATE ledger_logcosignature SET line = %s WHERE id = %s", forged, line.pk)


def _file(pattern: str) -> Path:
    return next(path for path in sorted(Path(settings.DATA).glob(pattern)) if path.is_file())


def _flip(path: Path) -> None:
    """One bit of the last byte but ten."""
    raw = bytearray(path.read_bytes())
    raw[-10] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(raw))


def checkpoint_file() -> None:
    path = _file("public-log/checkpoint")
    head = log.last_checkpoint()
    assert head is not None
    path.write_text(path.read_text("utf-8").replace(f"\n{head.size}\n", f"\n{head.size + 1}\n"), "utf-8")


def tile_file() -> None:
    _flip(_file("public-log/tile/0/**/*"))


def bundle_file() -> None:
    _flip(_file("public-log/tile/entries/**/*"))


def garbled_heads() -> None:
    _file("public-log/heads.json").write_text("x", "utf-8")


def published_key() -> None:
    path = _file("public-log/heads.json")
    told = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(told | {"keys": [str(_WITNESS.public)]}), "utf-8")


def case_line_gone() -> None:
    _without_what_names_lines()
    _beside("DELETE FROM office_caseevent WHERE place = 2")


def _without_what_names_lines() -> None:
    for table in ("casedocument", "casehandin", "casepartyrow"):
        _beside(f"DELETE FROM office_{table}")


def case_cut_off() -> None:
    _without_what_names_lines()
    _beside("DELETE FROM office_caseevent WHERE id = (SELECT MAX(id) FROM office_caseevent)")


def forged_paper() -> None:
    _beside("UPDATE office_extract SET file_digest = %s", "0" * 64)


def inserted_paper() -> None:
    paper = Extract.objects.get()
    paper.pk = "2" * 20
    paper.save(force_insert=True)


def paper_gone() -> None:
    _beside("DELETE FROM office_extract")


def lake_rows() -> None:
    folder = inside(settings.DATA, "lake")
    path = _file(f"lake/{RECORD}/*/*.parquet")
    new = path.with_suffix(".new")
    rows = f"SELECT * REPLACE ('fail' AS outcome) FROM read_parquet('{path}', hive_partitioning = false)"
    duckdb.execute(f"COPY ({rows}) TO '{new}' (FORMAT parquet)")
    new.replace(path)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for file in manifest["facts"][RECORD]:
        if file["path"] == str(path.relative_to(folder)):
            file["bytes"], file["digest"] = path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def lake_file_gone() -> None:
    _file(f"lake/{RECORD}/*/*.parquet").unlink()


def _renoted(path: Path, name: str) -> None:
    told = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(told | {name: "f" * 64}), "utf-8")


def lake_link() -> None:
    _renoted(inside(settings.DATA, "lake") / "manifest.json", "link")


def sorted_facts() -> None:
    made_all_failed(RECORD)


def sorted_facts_gone() -> None:
    _file(f"ratings/_facts/{RECORD}/*.arrow").unlink()


def backup_note() -> None:
    _renoted(inside(settings.DATA, "last-backup.json"), "head")


def _kept() -> Path:
    return FILES.path_of(Delivery.objects.get(id=1).file_digest)


def kept_changed() -> None:
    _flip(_kept())


def kept_gone() -> None:
    _kept().unlink()


EDITS: dict[str, Callable[[], None]] = {
    edit.__name__: edit
    for edit in (
        body_and_leaf,
        body_leaf_and_key,
        unreadable_body,
        swapped_facts,
        inserted_fact,
        cut_off,
        rewritten_chain,
        swapped_refusals,
        surplus_link,
        relinked,
        forged_merge,
        moved_back,
        merge_undone_by_hand,
        lost_alias_key,
        inserted_line,
        line_before_its_entry,
        line_at_the_end,
        entry_gone,
        another_key_taken,
        cut_log,
        spoiled_cosignature,
        checkpoint_file,
        tile_file,
        bundle_file,
        garbled_heads,
        published_key,
        case_line_gone,
        case_cut_off,
        forged_paper,
        inserted_paper,
        paper_gone,
        lake_rows,
        lake_file_gone,
        lake_link,
        sorted_facts,
        sorted_facts_gone,
        backup_note,
        kept_changed,
        kept_gone,
    )
}
ROWS = [(group, row) for group, rows in GROUPS.items() for row in rows]
NOT_DONE = "不做"


def done_to(place: Place, row: Manipulation) -> None:
    """Do it; a statement that hits no row would prove nothing."""
    if row.how == "edit:learned_earlier":
        place.later(-400)
        _handed_in(place, "旧.csv", [_row(77)])
    elif row.how.startswith("edit:"):
        EDITS[row.how.removeprefix("edit:")]()
    else:
        assert (_beside(row.how) if row.beside else tamper(row.how)) > 0


# -- the tests ---------------------------------------------------------------------------------------------------------


def test_nothing_is_found_where_nothing_was_changed(place: Place) -> None:
    report = verify_ledger(call=_call(place), deep=True)
    assert (report.findings, report.warnings) == ([], [])
    assert report.cards
    for name, part in _PARTS.items():
        assert part(place) == [], name


@pytest.mark.parametrize("row", [row for _, row in ROWS if row.how != NOT_DONE], ids=lambda row: row.what)
def test_it_is_told_or_said_why_not(place: Place, row: Manipulation) -> None:
    done_to(place, row)
    found = _PARTS[row.part](place)
    if not row.found:
        assert found == [], "it is found by now: say so in the row"
        return
    told = [finding for finding in found if finding.kind == row.found and row.says in finding.zh]
    assert told, [(finding.kind, finding.zh) for finding in found]


@pytest.mark.parametrize("part", sorted(PARTS))
def test_the_command_has_every_part(place: Place, part: str) -> None:
    row = next(row for _, row in ROWS if row.part == part and row.found)
    done_to(place, row)
    report = verify_ledger(call=_call(place), deep=True)
    assert row.found in {finding.kind for finding in (*report.findings, *report.warnings)}


@pytest.mark.parametrize("row", [row for group, row in ROWS if "读不懂" in group], ids=lambda row: row.what)
def test_what_cant_be_read_is_a_finding_and_the_command_goes_on_to_its_end(place: Place, row: Manipulation) -> None:
    done_to(place, row)
    report = verify_ledger(call=_call(place), deep=True)
    assert row.found in {finding.kind for finding in report.findings}
    assert report.log_heads


def test_all_of_h7_are_there_and_more_than_forty_others() -> None:
    rows = [row for _, row in ROWS]
    assert len({row.h7 for row in rows if row.h7}) >= 27
    assert len([row for row in rows if not row.h7]) >= 40
    assert [row.what for row in rows if bool(row.found) == bool(row.why_not)] == []
    assert set(EDITS) | {"learned_earlier"} == {
        row.how.removeprefix("edit:") for row in rows if row.how.startswith("edit:")
    }
