"""Lines of a page that no story and no check notices: each is taken out in turn, and the stories are played.

What nobody notices has no test: the page could say something else and nobody would know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from zhiheng.engines.workflow import refusals
from zhiheng.engines.workflow.compiled import Workflow
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.stories import compiled, play
from zhiheng.engines.workflow.walk import findings
from zhiheng.grammar.chapters.workflow_pages import ActOutcome, CaseAct, LegalPeriod, Story, WorkflowPage
from zhiheng.grammar.chapters.workflows import WorkflowEntry
from zhiheng.kernel.reasons import Refused

# What can be left out of an entry and leaves a page: labels, articles and lengths can't.
_OF_ACTS = (
    "begins",
    "ends",
    "while_",
    "unless",
    "needs",
    "joint",
    "each",
    "once",
    "after",
    "where",
    "settled",
    "begun",
    "everyone",
    "at_least",
    "at_most",
    "less_than",
    "more_than",
    "among",
    "all_of",
    "rule",
    "hints",
    "since",
    "until",
    "asks",
    "relieves",
    "recuses",
    "assigns",
    "hears",
    "tells",
    "named_in",
    "moves_to",
    "opens",
    "sealed_until",
    "issues",
    "sees",
)
_OF_PERIODS = (
    "purpose",
    "duty",
    "right",
    "wait",
    "else_",
    "not_counted_while",
    "extended_by",
    "until",
    "since",
    "from_",
    "from_end",
)
_OF_HANDS = ("apart_from",)


@dataclass(frozen=True, slots=True)
class Deletion:
    """One line taken out: where it stands."""

    chapter: str
    entry: str
    key: str
    outcome: str = ""

    def __str__(self) -> str:
        middle = f"{self.entry}.outcomes.{self.outcome}" if self.outcome else self.entry
        return f"{self.chapter}.{middle}.{self.key.rstrip('_')}"


@dataclass(frozen=True, slots=True)
class Untested:
    """How many lines could be taken out of a page, and which of them nobody noticed."""

    deletions: int
    unnoticed: tuple[Deletion, ...]

    @property
    def share_noticed(self) -> float:
        """Between 0 and 1; 1 where there is nothing to take out."""
        return 1 - len(self.unnoticed) / self.deletions if self.deletions else 1.0


def untested(entries: Mapping[str, WorkflowEntry], name: str, time: LegalTime) -> Untested:
    """The lines of a page that no story of the book that comes by it, and no check, notices.

    Raises Refused where a story does not come true to begin with: it would seem to notice everything.
    """
    whole = compiled(entries)
    page, rules = entries[name].page, entries[name].rules
    before = findings(whole[name])
    stories = [_Told.of(workflow, story) for workflow, story in tellers_of(entries, whole, name, time)]
    deletions, unnoticed = 0, []
    for deletion in _deletions(page):
        changed = _without(page, deletion)
        deletions += 1
        if changed is None:
            continue
        workflows = {**whole, name: Workflow(name, changed, rules)}
        told = sorted(stories, key=lambda each: each.comes_late(deletion, name))
        noticed_by = next((each for each in told if fails(workflows, time, each.workflow, each.story)), None)
        if noticed_by is not None:
            # What noticed one line of an entry is likely to notice the next.
            stories.remove(noticed_by)
            stories.insert(0, noticed_by)
        # The walk over all standings costs more than the stories and finds less: it comes last.
        elif findings(workflows[name]) == before:
            unnoticed.append(deletion)
    return Untested(deletions, tuple(unnoticed))


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """A story with the words of the page that it uses: those that use the entry of a deletion are played first."""

    workflow: str
    story: Story
    words: frozenset[str]

    @classmethod
    def of(cls, workflow: str, story: Story) -> _Told:
        words: set[str] = set()
        for day in story.days:
            if day.act is not None:
                words |= {day.act, day.act.partition(".")[0]}
            words |= {
                *(day.then.due or ()),
                *(day.then.late or ()),
                *day.then.article,
                *day.then.missed,
                day.refused or "",
            }
        return cls(workflow, story, frozenset(words))

    def comes_late(self, deletion: Deletion, name: str) -> tuple[bool, bool]:
        """By this, stories that notice a deletion of a page soonest are played first: those that use the act (with its
        outcome) or the period, of them the page's own.
        """
        entry = f"{deletion.entry}.{deletion.outcome}" if deletion.outcome else deletion.entry
        return entry not in self.words, self.workflow != name


def tellers_of(
    entries: Mapping[str, WorkflowEntry], whole: Mapping[str, Workflow], name: str, time: LegalTime
) -> list[tuple[str, Story]]:
    """The stories that come by a page, each with the workflow whose it is: its own, and those of pages that open its
    cases.

    Raises Refused where one does not come true to begin with: it would seem to notice everything.
    """
    tellers = [entry for entry in entries.values() if _comes_by(entries, entry.id, name)]
    stories = [(entry.id, story) for entry in tellers for story in entry.stories]
    for workflow, story in stories:
        for failure in play(whole, time, workflow, story):
            raise Refused(refusals.story_does_not_come_true(failure))
    return stories


def fails(workflows: Mapping[str, Workflow], time: LegalTime, name: str, story: Story) -> bool:
    """Whether a story of a workflow does not come true with these pages."""
    try:
        return next(play(workflows, time, name, story), None) is not None
    except Exception:  # What a page without that line makes of a story is no concern of ours: it was noticed.
        return True


def _comes_by(entries: Mapping[str, WorkflowEntry], start: str, name: str) -> bool:
    """Whether cases of one workflow open, over any number of steps, cases of another."""
    waiting, seen = [start], {start}
    while waiting:
        for child in entries[waiting.pop()].page.children.values():
            if child.workflow not in seen:
                seen.add(child.workflow)
                waiting.append(child.workflow)
    return name in seen


def _deletions(page: WorkflowPage) -> Iterator[Deletion]:
    for act, body in page.acts.items():
        for key in _OF_ACTS:
            if _says(body, key):
                yield Deletion("acts", act, key)
        for outcome, more in body.outcomes.items():
            for key in _OF_ACTS:
                if _says(more, key):
                    yield Deletion("acts", act, key, outcome)
    for period, said in page.periods.items():
        for key in _OF_PERIODS:
            if _says(said, key) and not (key in ("right", "duty") and _only_tells(page, said, key)):
                yield Deletion("periods", period, key)
    for hand, held in page.hands.items():
        for key in _OF_HANDS:
            if _says(held, key):
                yield Deletion("hands", hand, key)


def _only_tells(page: WorkflowPage, period: LegalPeriod, key: str) -> bool:
    """Whether the rights (or duties) of a period end with its state anyhow, so that every case would stand the same
    without the line.

    It still tells people what the period is for. Rights: the end of the period ends the one state in which they can be
    used. Duties: what is to be done ends the state, and with it the period.
    """
    state = period.in_
    if state is None or period.not_counted_while:
        return False
    if key == "duty":
        return all(_ends(page, name, state) for name in period.duty)
    bound = all(states == (state,) for name in period.right for states in _whiles(page, name))
    return bound and period.else_ is not None and _ends(page, period.else_, state)


def _whiles(page: WorkflowPage, name: str) -> list[tuple[str, ...]]:
    """The states one of which must hold for an act, for each of its outcomes that is meant."""
    act, _, outcome = name.partition(".")
    body = page.acts[act]
    meant = [body.outcomes[outcome]] if outcome else list(body.outcomes.values())
    return [each.while_ or body.while_ for each in meant] or [body.while_]


def _ends(page: WorkflowPage, name: str, state: str) -> bool:
    """Whether an act, whichever of its outcomes is meant, ends a state."""
    act, _, outcome = name.partition(".")
    body = page.acts[act]
    meant = [body.outcomes[outcome]] if outcome else list(body.outcomes.values())
    said = [[body.ends, each.ends] for each in meant] or [[body.ends]]
    return all(any(ends == "all" or state in ends for ends in each) for each in said)


def _says(entry: Any, key: str) -> bool:
    fields = type(entry).model_fields
    return key in fields and getattr(entry, key) != fields[key].get_default(call_default_factory=True)


def _without(page: WorkflowPage, deletion: Deletion) -> WorkflowPage | None:
    """The page without a line; None where the grammar itself would refuse it."""
    chapter = dict(getattr(page, deletion.chapter))
    entry = chapter[deletion.entry]
    kind = type(entry)
    try:
        if deletion.outcome:
            outcome = _blank(ActOutcome, entry.outcomes[deletion.outcome], deletion.key)
            entry = entry.model_copy(update={"outcomes": {**entry.outcomes, deletion.outcome: outcome}})
        else:
            entry = _blank(kind, entry, deletion.key)
    except ValidationError:
        return None
    return page.model_copy(update={deletion.chapter: {**chapter, deletion.entry: entry}})


def _blank(kind: type[CaseAct | ActOutcome | LegalPeriod], entry: Any, key: str) -> Any:
    """The entry without one key, judged by its model."""
    left = {name: getattr(entry, name) for name in entry.model_fields_set if name != key}
    return kind.model_validate(left)
