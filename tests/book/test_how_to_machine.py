"""What the how-tos of the machine say is done in a scratch copy of the checkout: it works, and touches as many files as
they promise.

Each page ends with the commands by which whoever followed it sees that it works: the test runs those.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.how_to_pages import checkout, follow

pytestmark = pytest.mark.slow

PAGES = {
    "add-an-action.md": (
        "book/roles/administrator.yaml",
        "docs/reference/roles.md",
        "tests/access/matrix.csv",
        "tests/actions/test_revoke_unit_tokens.py",
        "zhiheng/actions/accounts/revoke_unit_tokens.py",
        "zhiheng/grammar/chapters/roles.py",
        "zhiheng/grammar/trail_words.py",
    ),
    "add-an-operation.md": (
        "tests/api/test_end_all_hooks.py",
        "zhiheng/actions/webhooks/end_unit_webhooks.py",
        "zhiheng/api/office.py",
        "zhiheng/grammar/trail_words.py",
    ),
    "add-a-page.md": (
        "tests/desk/test_acts_page.py",
        "zhiheng/desk/overview/urls.py",
        "zhiheng/desk/rulebook/acts.py",
        "zhiheng/desk/templates/desk/book/_tabs.html",
        "zhiheng/desk/templates/desk/book/acts.html",
    ),
    "add-a-field-type.md": (
        "docs/reference/field-types.md",
        "tests/kernel/test_fields_device.py",
        "zhiheng/kernel/fields/by_name.py",
        "zhiheng/kernel/fields/device.py",
    ),
    "add-a-role.md": ("book/roles/visiting_inspector.yaml", "docs/reference/roles.md", "tests/access/matrix.csv"),
}


@pytest.mark.parametrize("page", PAGES)
def test_照着做就成_只动说好的几个文件(page: str, tmp_path: Path) -> None:
    done = follow(page, checkout(tmp_path))
    assert done.done, done.said
    assert done.touched == sorted(PAGES[page])
    assert len(done.touched) == done.promised
