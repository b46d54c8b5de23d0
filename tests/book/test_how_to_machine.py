"""What the how-tos of the machine say is done in a scratch copy of the checkout: it works, and touches as many files as
they promise.

Each page ends with the commands by which whoever followed it sees that it works: the test runs those.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.how_to_pages import HOW_TO, FollowedPage, checkout, follow

pytestmark = pytest.mark.slow

PAGES = {
    "add-an-action.md": (
        "book/roles/program.yaml",
        "tests/api/test_revoke_unit_tokens.py",
        "zhiheng/actions/accounts/revoke_unit_tokens.py",
        "zhiheng/api/office/key_holder.py",
        "zhiheng/grammar/acts.py",
    ),
    "add-an-operation.md": (
        "tests/api/test_end_all_hooks.py",
        "zhiheng/actions/webhooks/end_unit_webhooks.py",
        "zhiheng/api/office/webhooks.py",
        "zhiheng/grammar/acts.py",
    ),
    "add-a-page.md": (
        "tests/desk/test_acts_page.py",
        "zhiheng/desk/rulebook/acts.py",
        "zhiheng/desk/templates/desk/book/acts.html",
    ),
    "add-a-field-type.md": (
        "docs/reference/field-types.md",
        "tests/kernel/test_fields_device.py",
        "zhiheng/kernel/fields/device.py",
    ),
    "add-a-role.md": ("book/roles/visiting_inspector.yaml", "tests/access/matrix.csv"),
}


@pytest.mark.parametrize("page", PAGES)
def test_照着做就成_只动说好的几个文件(page: str, tmp_path: Path) -> None:
    done = follow(HOW_TO / page, checkout(tmp_path))
    assert done.done, done.said
    assert done.touched == sorted(PAGES[page])
    assert len(done.touched) == done.promised


def followed(folder: Path, *, begins: str = "two", command: str = "grep -q here zhiheng/old.py") -> FollowedPage:
    """What comes of a small page about a house of one file."""
    house = folder / "house"
    (house / "zhiheng").mkdir(parents=True)
    (house / "zhiheng" / "old.py").write_text("one = 1\ntwo = 2\ntwofold = 4\n", "utf-8")
    page = folder / "page.md"
    page.write_text(
        f"一共动 **2** 个文件。\n\n新文件 `zhiheng/new.py`：\n\n```python\nnew = True\n```\n\n"
        f"`zhiheng/old.py`，在 `{begins}` 后面加：\n\n```text\n# here\n```\n\n"
        f"`zhiheng/old.py`，把 `one` 改成：\n\n```text\none = 11\n```\n\n```sh\n{command}\n```\n",
        "utf-8",
    )
    return follow(page, house)


def test_页上的每一步都照写_数得出动了哪些文件(tmp_path: Path) -> None:
    done = followed(tmp_path, begins="two =")
    assert (done.done, done.touched, done.promised) == (True, ["zhiheng/new.py", "zhiheng/old.py"], 2)
    assert (tmp_path / "house/zhiheng/old.py").read_text("utf-8") == "one = 11\ntwo = 2\n# here\ntwofold = 4\n"


@pytest.mark.parametrize("begins", ["two", "three"])
def test_页上说的那一行有两行或没有_就不算照着做(tmp_path: Path, begins: str) -> None:
    with pytest.raises(AssertionError, match="lines of zhiheng/old"):
        followed(tmp_path, begins=begins)


def test_页上的命令不通过就不算做成(tmp_path: Path) -> None:
    done = followed(tmp_path, begins="two =", command="echo before; false; echo after")
    assert (done.done, done.said) == (False, "before\n")
