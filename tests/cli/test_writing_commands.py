"""A command that writes asks whether the clock has jumped before it does: looked for in the code of all commands."""

from __future__ import annotations

import ast
import datetime as dt

import pytest
from django.utils import timezone

from tests.cli.test_commands import complaint, terminal
from tests.code_once import HOUSE, tree, walked
from tests.places import Ledger
from zhiheng.ledger.models import AuditLine
from zhiheng.office import clock
from zhiheng.people.models import Account

__all__ = ["terminal"]

# Commands that call an action and may do so under any day, and why.
ANY_DAY = {
    "cases.answers": "an export: reading leaves its line of the trail whatever the day",
    "cases.rebuild": "makes stored rows anew from the log of cases; a right clock makes them anew again",
    "cases.verify": "changes nothing",
    "clock.clock": "accepts the clock",
    "deliveries.refusals": "an export: reading leaves its line of the trail whatever the day",
    "deliveries.show": "prints what was done",
    "ledger.export_proof": "an export: reading leaves its line of the trail whatever the day",
    "ledger.prove": "changes nothing",
    "ledger.verify": "changes nothing; it is what somebody runs who doubts the clock",
    "numbers.project": "the lake can be thrown away and made again",
    "publication.open_data": "writes files that are made again every day",
    "ratings.keep": "kept grades can be thrown away and made again",
    "refresh.refresh": "cards and figures can be thrown away and made again",
}
# Processes that stay: they note the clock themselves (the worker), begin an invented place (the demo), or write nothing
# of this installation (serving pages, being a witness of others).
PROCESSES = {"demo", "serve", "witness", "worker"}


def test_every_command_that_writes_asks_the_clock() -> None:
    silent = set()
    for path in sorted((HOUSE / "cli").glob("*.py")):
        if path.stem in PROCESSES:
            continue
        for node in (each for each in tree(path).body if isinstance(each, ast.FunctionDef)):
            inner = walked(node)
            modules = {each.module or "" for each in inner if isinstance(each, ast.ImportFrom)}
            names = {each.id for each in inner if isinstance(each, ast.Name)}
            if any(name.startswith("zhiheng.actions.") for name in modules) and "writing_call" not in names:
                silent.add(f"{path.stem}.{node.name.rstrip('_')}")
    assert silent == set(ANY_DAY)


@pytest.mark.parametrize(
    "words",
    [
        ("accounts", "create", "wang", "--name", "王某", "--unit", "test_market", "--role", "reader", "--code"),
        ("accounts", "confirm", 1),
        ("cases", "open", "complaint", "receive", "--unit", "test_market"),
        ("book", "headings", "accept", 1),
        ("publish", "propose"),
        ("publish", "withdraw", "e1", "--cause", "error", "--reason", "试验"),
        ("warnings", "find"),
        ("ledger", "log"),
    ],
)
def test_after_a_jump_a_command_that_writes_says_what_to_do_and_writes_nothing(
    terminal: Ledger, words: tuple[object, ...]
) -> None:
    clock.set_to(timezone.now() - dt.timedelta(days=400))
    told = complaint(*words)
    assert "向前跳" in told
    assert "zhiheng clock --accept" in told
    assert not AuditLine.objects.exists()
    assert not Account.objects.exists()
