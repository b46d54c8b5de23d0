"""Everything that writes, as programs that can be broken off: each act does what is not done yet, as somebody would who
comes back after a power cut.

``python -m bench.reliability.acts NAME`` does one act in the installation of ZHIHENG_DATA, with the sentences of the
terminal where it fails; ``begin`` makes what the acts start from; ``look`` says as JSON whether everything there goes
together, and how many rows each table has.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import os
import sys
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import click
import orjson

from zhiheng.cli.main import Zhiheng
from zhiheng.cli.session import for_oneself, set_up
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.loader import load
from zhiheng.kernel.actor import SYSTEM, Actor, operator
from zhiheng.kernel.data_folder import prepare

ROOT: Final = Path(__file__).resolve().parents[2]
UNIT: Final = "liyuan_market"
NOON: Final = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
PENALTY: Final = ("administrative_penalty", "一般裁量的罚款")
SAMPLE: Final = ("product_sampling", "区级监督抽查，合格")
REGISTER: Final = ("enterprise_register", "在营企业按登记信息收下，注册资本按万元读")
ROWS: Final = 120


@cache
def book() -> Book:
    """The default book, read once: by the process that those of the trials are forked from."""
    return load(ROOT / "book")


def read_all() -> None:
    """Read what trials would each read for themselves: the code of every room, the book, the checks of the tables."""
    import pkgutil
    from importlib import import_module

    import zhiheng.actions
    import zhiheng.queries
    from zhiheng.grammar.registry import registered
    from zhiheng.queries.data_checks import all_checks

    for room in (zhiheng.actions, zhiheng.queries):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            import_module(module.name)
    for chapter in registered():
        with contextlib.suppress(KeyError):
            book()[chapter]
    all_checks()
    # What was read stays as it is in all that are forked from here.
    gc.freeze()


def _start() -> None:
    """As a command begins, but for its look at the migrations: the tables are there, and it takes longer than an act."""
    from django.conf import settings

    for_oneself()
    prepare(settings.DATA)


def _call(days: int = 0, actor: Actor | None = None) -> Call:
    return Call(actor or operator("值班"), book(), NOON + dt.timedelta(days=days))


def _data() -> Path:
    from django.conf import settings

    return Path(settings.DATA)


def _fact(record: str) -> int:
    from zhiheng.ledger.models import Fact

    return int(Fact.objects.filter(record=record, kind="statement").order_by("id").values_list("id", flat=True)[0])


# -- what the acts start from --------------------------------------------------------------------------------------


def begin() -> None:
    """Facts of three records, one of them published and one proposed; officers; a complaint that waits."""
    from bench import sampling_rows
    from tests.published.places import Place
    from zhiheng.actions.accounts.create_account import create_account
    from zhiheng.actions.accounts.give_role import give_role
    from zhiheng.actions.cases.open_case import open_case

    call = _call()
    folder = _data().parent / "handed-in"
    folder.mkdir()
    place = Place(call.book, folder, NOON)
    for example in (PENALTY, SAMPLE, REGISTER):
        place.fact(*example)
    place.propose()
    place.approve(place.waiting()[0])
    sampling_rows.write(folder / "rows.csv", ROWS, firms=40)
    sampling_rows.write(folder / "more.csv", ROWS // 2, firms=20, seed=8)
    for login in ("li.ming", "wang.fang"):
        made = create_account(login, name=login, kind="officer", unit=UNIT, call=_call(actor=SYSTEM))
        if login == "li.ming":
            give_role(made.pk, "department_officer", call=_call(actor=SYSTEM))
    for once in ("waits", "accepted"):
        open_case("complaint", "receive", {"claim": "退货", "dispute": once}, unit=UNIT, call=call, once=once)
    # An earlier backup, which a later one that breaks off must leave whole.
    backup()
    place.fact("administrative_penalty", PENALTY[1], 处罚决定书文号="云锦市监处罚〔2026〕32号")


# -- the acts ------------------------------------------------------------------------------------------------------


def receive() -> None:
    """A delivery in several parts, from the terminal."""
    import zhiheng.actions.intake.receive_delivery as receiving

    receiving.PART_ROWS, receiving.CHUNK_ROWS = 40, 20
    path = _data().parent / "handed-in" / "rows.csv"
    receiving.receive(path, call=_call(1), unit=UNIT, record="food_sampling", confirmed=True)


def hand_in() -> None:
    """A file that is handed in at a page and received by the worker."""
    from zhiheng.actions.intake.process_upload import take_in
    from zhiheng.actions.intake.upload_delivery import receive_again, upload_delivery
    from zhiheng.office.models import Upload

    path = _data().parent / "handed-in" / "more.csv"
    upload = Upload.objects.order_by("id").first()
    if upload is None:
        upload = upload_delivery(
            [path.read_bytes()], name=path.name, unit=UNIT, door="desk", record="food_sampling", call=_call(1)
        ).upload
    if upload.state == Upload.State.FAILED:
        # What its page offers after a failure.
        receive_again(upload.pk, call=_call(1))
    if upload.state != Upload.State.DONE:
        take_in(upload.pk, call=_call(1, SYSTEM), record="food_sampling")


def correct() -> None:
    """A correction by the sender."""
    from zhiheng.actions.facts.correct_fact import correct as act
    from zhiheng.ledger.models import Fact

    fact = _fact("product_sampling")
    if not Fact.objects.filter(concerns=fact).exists():
        act(fact, {"verdict": "不合格"}, reason="录入有误", call=_call(1), unit=UNIT)


def withdraw() -> None:
    """A withdrawal by the sender."""
    from zhiheng.actions.facts.correct_fact import withdraw as act
    from zhiheng.ledger.models import Fact

    fact = _fact("enterprise_register")
    if not Fact.objects.filter(concerns=fact).exists():
        act(fact, reason="报错了单位", call=_call(1), unit=UNIT)


def withdraw_delivery() -> None:
    """A whole delivery is withdrawn, in steps."""
    from zhiheng.actions.intake.withdraw_delivery import withdraw_delivery as act
    from zhiheng.ledger.models import Delivery, Fact

    delivery = Delivery.objects.order_by("id")[1]
    if Fact.objects.filter(concerns__in=Fact.objects.filter(delivery=delivery.pk).values("id")).count() < 1:
        act(delivery.pk, reason="整份报错", call=_call(1))


def link() -> None:
    """Two enterprises are merged, and the merge is undone."""
    from zhiheng.actions.identity.link_subjects import merge, undo
    from zhiheng.ledger.models import Alias, IdentityAct

    acts = list(IdentityAct.objects.order_by("id"))
    if not acts:
        subjects = sorted(set(Alias.objects.filter(kind="enterprise").values_list("subject_id", flat=True)))
        acts = [merge(subjects[0], subjects[1:2], reason="同一经营者", call=_call(1))]
    if len(acts) == 1:
        undo(acts[0].pk, reason="查明不是", call=_call(1))


def decide() -> None:
    """A complaint comes in and is decided on: case, act, standing, duty, a paper that is to be made."""
    from zhiheng.actions.cases.act_in_case import act_in_case
    from zhiheng.actions.cases.open_case import open_case
    from zhiheng.office.cases import CaseEvent

    for once in ("accepted", "another"):
        told = {"claim": "退货", "dispute": once}
        case = open_case("complaint", "receive", told, unit=UNIT, call=_call(1), once=once).case
        if not CaseEvent.objects.filter(case=case, act="decide").exists():
            act_in_case(case.pk, "decide.accept", {}, call=_call(1))


def papers() -> None:
    """An act is done, its paper made and numbered, and people are reminded of what is due."""
    from zhiheng.actions.cases.make_documents import make_documents
    from zhiheng.actions.messages.remind import remind_all

    decide()
    make_documents(call=_call(2, SYSTEM))
    remind_all(call=_call(20, SYSTEM))


def publish() -> None:
    """What waits is approved and shown."""
    from zhiheng.actions.publication.approve import approve
    from zhiheng.actions.publication.propose_publication import propose
    from zhiheng.office.models import PublicationRequest

    propose(call=_call(1, SYSTEM))
    waiting = list(PublicationRequest.objects.filter(state="open").order_by("pk").values_list("pk", flat=True))
    if waiting:
        approve(waiting, call=_call(1))


def take_down() -> None:
    """What was shown for as long as the law says is taken down."""
    from zhiheng.actions.publication.expire_publications import expire

    expire(call=_call(1500, SYSTEM))


def people() -> None:
    """An account is made, and a role given."""
    from zhiheng.actions.accounts.create_account import create_account
    from zhiheng.actions.accounts.give_role import give_role
    from zhiheng.people.models import Account, Grant

    call = _call(1, SYSTEM)
    account = Account.objects.filter(login="zhao.min").first() or create_account(
        "zhao.min", name="赵某", kind="officer", unit=UNIT, call=call
    )
    if not Grant.objects.filter(account=account).exists():
        give_role(account.pk, "department_officer", reason="新到任", call=call)


def extract() -> None:
    """An extract of a quality file."""
    from zhiheng.actions.exports.make_extract import make_extract
    from zhiheng.ledger.models import Alias
    from zhiheng.office.models import Extract

    subject = Alias.objects.filter(kind="enterprise").order_by("id").values_list("subject_id", flat=True)[0]
    if not Extract.objects.exists():
        make_extract(
            subject, form="docx", purpose="投标资格核对", verify_at="https://quality.example/verify/", call=_call(1)
        )


def log() -> None:
    """The public log grows by all that has no entry, its head is signed, its files are written."""
    from zhiheng.actions.log.append_leaves import append_leaves
    from zhiheng.actions.log.publish_log import publish_log

    append_leaves(call=_call(1, SYSTEM))
    publish_log(call=_call(1, SYSTEM))


def day() -> None:
    """The turn of a day: standings and duties of cases, facts that propose cases, what is forgotten."""
    from zhiheng.actions.accounts.purge_expired import forget_expired
    from zhiheng.actions.cases.remake_standings import remake_due
    from zhiheng.actions.cases.watch_facts import watch_facts

    remake_due(call=_call(40, SYSTEM))
    watch_facts(call=_call(40, SYSTEM))
    forget_expired(NOON + dt.timedelta(days=40))


def refresh() -> None:
    """Lake, cards, search and figures are brought up to the ledger."""
    from zhiheng.actions.projections.project_lake import project_lake
    from zhiheng.actions.projections.refresh_projections import refresh as act
    from zhiheng.queries.figures import lake_of

    call = _call(1, SYSTEM)
    lake = lake_of(call.book)
    project_lake(lake, actor=SYSTEM, now=call.now)
    act(call, lake=lake)


def backup() -> None:
    """Everything is backed up beside; a second time over what is there."""
    from zhiheng.cli.backup import backup as command

    assert command.callback is not None
    command.callback(folder=_data().parent / "backup", as_json=True)


ACTS: Final[dict[str, Callable[[], None]]] = {
    each.__name__: each
    for each in (
        receive,
        hand_in,
        correct,
        withdraw,
        withdraw_delivery,
        link,
        decide,
        papers,
        publish,
        take_down,
        people,
        extract,
        log,
        day,
        refresh,
        backup,
    )
}


# -- looking at what is there --------------------------------------------------------------------------------------


def look() -> dict[str, Any]:
    """What verifying and checking find (worse than a hint), and the rows of each table."""
    from django.apps import apps

    from zhiheng.actions.facts.verify_ledger import verify_ledger
    from zhiheng.cli.session import now
    from zhiheng.people.models import TrailLine
    from zhiheng.queries.data_checks import run_checks

    call = Call(operator("值班"), book(), now())
    rows = {model._meta.db_table: model._default_manager.count() for model in apps.get_models()}
    # Each look leaves a line of its own.
    rows["people_trailline"] -= TrailLine.objects.filter(verb="ledger.verify").count()
    report = verify_ledger(call=call, processes=1)
    checked = run_checks(call=call)
    return {
        "verify": sorted(each.zh for each in report.findings),
        "checks": sorted(one.id for one in checked.found if one.check.severity != "hint"),
        "rows": rows,
    }


@click.group(cls=Zhiheng)
def main() -> None:
    """One act, or a look at what is there."""


@main.command()
@click.argument("name", type=click.Choice(list(ACTS)))
def do(name: str) -> None:
    """Do an act."""
    _start()
    ACTS[name]()


@main.command("begin")
def _begin() -> None:
    """Make what the acts start from."""
    set_up()
    begin()


@main.command("look")
def _look() -> None:
    """Say what is there."""
    _start()
    click.echo(orjson.dumps(look()).decode())


@main.command("restored")
@click.option("--verify", is_flag=True, help="verify the whole ledger that came back, by a process of its own")
def restored(verify: bool) -> None:
    """Bring the backup back into a new folder, and look at what came."""
    import sqlite3
    import subprocess
    from contextlib import closing

    from zhiheng.cli.backup import restore as command

    root = Path(os.environ["ZHIHENG_DATA"]).parent
    os.environ["ZHIHENG_DATA"] = str(root / "restored")
    assert command.callback is not None
    command.callback(folder=root / "backup", as_json=True)
    for path in (root / "restored").glob("*.sqlite3"):
        with closing(sqlite3.connect(path)) as database:
            if (found := database.execute("PRAGMA integrity_check").fetchall()) != [("ok",)]:
                raise click.ClickException(f"{path.name}: {found}")
    if verify:
        program = [sys.executable, "-c", "from zhiheng.cli.main import main; main()"]
        done = subprocess.run([*program, "ledger", "verify"], capture_output=True, text=True, check=False)
        if done.returncode:
            raise click.ClickException(done.stderr or done.stdout)


@main.command("session")
def session() -> None:
    """Sign an officer in: the session's key, and the number of a case."""
    _start()
    from django.test import Client

    from bench.own_place import sign_in
    from zhiheng.office.cases import Case
    from zhiheng.people.models import Account

    browser = Client()
    sign_in(browser, Account.objects.get(login="li.ming"))
    click.echo(f"{browser.cookies['sessionid'].value} {Case.objects.order_by('pk').values_list('pk', flat=True)[0]}")


@main.command("again")
@click.argument("name", type=click.Choice(list(ACTS)))
def again(name: str) -> None:
    """Look, do the act once more, look again: what it came to and both looks, as JSON."""
    _start()
    before = look()
    ACTS[name]()
    click.echo(orjson.dumps([before, look()]).decode())


def run() -> None:
    """Run a command and end the process at once: to take apart all that was read costs more than most acts."""
    from django.db import connections

    status: Any = 0
    try:
        main()
    except SystemExit as ended:
        status = ended.code
    except BaseException:
        traceback.print_exc()
        status = 1
    connections.close_all()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else int(bool(status)))


if __name__ == "__main__":
    main()
