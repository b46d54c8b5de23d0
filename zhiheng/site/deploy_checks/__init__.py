"""Whether an installation is safe for production, as Django's system checks: ``python -m django check --deploy`` runs
them beside Django's own, ``zhiheng check-deploy`` runs them alone and says them in both languages.

Each subject is a module whose ``CHECKS`` take the book and give findings; ``check --deploy --tag zhiheng-database``
asks for one. They run only where deployment is asked about, and nothing of them is loaded before.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.checks import register

if TYPE_CHECKING:
    from zhiheng.site.deploy_checks.finding import DeployFinding

# In the order in which they are told.
SUBJECTS = ("settings", "accounts", "machine", "database", "running", "book", "sign_on", "messages")


def register_all() -> None:
    """Make them known to Django."""
    for place, subject in enumerate(SUBJECTS):
        register(_check(subject, place), "zhiheng", f"zhiheng-{subject}", deploy=True)


def _check(subject: str, place: int) -> Callable[..., list[DeployFinding]]:
    def check(app_configs: Any, **words: Any) -> list[DeployFinding]:
        """The findings of a subject; raises Refused where the book can't be read."""
        from django.conf import settings

        from zhiheng.grammar.loader import current
        from zhiheng.kernel.data_folder import inside

        book = current(Path(settings.BOOK), inside(settings.DATA, "book-additions"))
        found = [one for each in import_module(f"{__name__}.{subject}").CHECKS for one in each(book)]
        for one in found:
            one.place = place
        return found

    return check
