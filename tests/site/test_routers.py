"""On SQLite a table stands beside the queue, or beside the ledger; which of both it says itself."""

from __future__ import annotations

import pytest
from django.apps import apps

from zhiheng.database.homes import Home
from zhiheng.site.routers import Router, of_people

OFFICE = sorted(apps.get_app_config("office").get_models(), key=lambda model: model.__name__)
# Counted by hand: what is written in one transaction with a task or an account, and what with the ledger or with what
# is published.
BESIDE_THE_LEDGER = {"HeadingProposal", "PublicationMark", "PublicationRequest", "StoredGrade"}


@pytest.mark.parametrize("model", OFFICE)
def test_every_table_of_the_office_says_itself_where_it_stands(model: type) -> None:
    assert isinstance(vars(model).get("home"), Home), "give it home: ClassVar = Home.LEDGER or Home.QUEUE"


def test_tables_stay_where_installations_have_them() -> None:
    """To move one to the other file would need a migration that carries its rows over."""
    assert {model.__name__ for model in OFFICE if not of_people("office", model._meta.model_name)} == BESIDE_THE_LEDGER
    assert len(OFFICE) == len(BESIDE_THE_LEDGER) + 37
    router = Router()
    for model in OFFICE:
        name = model._meta.model_name
        home = "default" if model.__name__ in BESIDE_THE_LEDGER else "people"
        assert router.db_for_read(model) == router.db_for_write(model) == home
        assert [db for db in ("default", "people") if router.allow_migrate(db, "office", name)] == [home]


@pytest.mark.parametrize("app", ["people", "sessions", "django_tasks_database"])
def test_all_of_people_and_of_the_queue_stands_there(app: str) -> None:
    assert of_people(app, None)
    assert all(of_people(app, model._meta.model_name) for model in apps.get_app_config(app).get_models())


@pytest.mark.parametrize(
    ("app", "model"), [("ledger", "fact"), ("published", "publishedentry"), ("office", None), ("office", "gone")]
)
def test_all_else_stands_with_the_ledger_also_a_table_that_is_no_more(app: str, model: str | None) -> None:
    assert not of_people(app, model)
