"""What ``zhiheng book check`` asks of the workflows of a book: that their courses are sound and their stories come
true.
"""

from __future__ import annotations

from collections.abc import Iterator

from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.stories import compiled, play_all
from zhiheng.engines.workflow.walk import findings
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.workflows import WORKFLOWS


def workflow_failures(book: Book) -> Iterator[str]:
    """A line for each thing that is wrong; a workflow without a story is one."""
    for name, workflow in compiled(book[WORKFLOWS]).items():
        page = f"workflows/{name}/workflow.yaml"
        for finding in findings(workflow):
            yield f"{page}: {finding.zh} {finding.en}"
        if not any(_tells_of(book, entry, name) for entry in book[WORKFLOWS]):
            yield (f"{page}: 没有任何故事讲到它；请写 stories.yaml。 No story comes by it; write stories.yaml.")
    for failure in play_all(book[WORKFLOWS], LegalTime(book[LAW], book[CALENDAR])):
        yield f"workflows/{failure.workflow}/stories.yaml: {failure}"


def _tells_of(book: Book, entry: str, name: str) -> bool:
    """Whether an entry has stories and is the workflow, or opens cases of it."""
    found = book[WORKFLOWS][entry]
    children = {child.workflow for child in found.page.children.values()}
    return bool(found.stories) and (entry == name or name in children)
