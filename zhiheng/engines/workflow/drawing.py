"""A workflow as a picture (SVG): a card for each state with its periods and what can be done in it, arrows to what
comes after.

No page says where anything stands. States that never hold together share a lane, the first lane being the standing that
lists show; how far to the right a state stands is how many acts lead to it at least.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from zhiheng.engines.workflow.compiled import CompiledAct, Workflow
from zhiheng.engines.workflow.described import length_in_words
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.walk import walk
from zhiheng.grammar.chapters.workflow_pages import LegalPeriod

WIDTH, GAP_X, GAP_Y, LINE, EDGE, LEFT = 250, 70, 26, 19, 12, 20
# Units of width that a line of a card has room for: a Chinese character takes two, a letter one.
_ROOM = 34


@dataclass(frozen=True, slots=True)
class StateCard:
    """What is drawn of a state."""

    state: str
    lane: int
    column: int
    title: str
    lines: tuple[tuple[str, str], ...]
    ends: bool
    holds: bool

    @property
    def height(self) -> int:
        """In pixels."""
        return EDGE * 2 + LINE * (1 + len(self.lines))


def lanes_of(workflow: Workflow) -> Mapping[str, int]:
    """The lane of each state: the first, in the order of the page, in which it never meets another that holds at the
    same time.
    """
    standings = walk(workflow).standings
    taken: list[int] = []
    found: dict[str, int] = {}
    for state, bit in workflow.bit.items():
        beside = 0
        for states in standings:
            if states & bit:
                beside |= states & ~bit
        lane = next((number for number, bits in enumerate(taken) if not bits & beside), len(taken))
        if lane == len(taken):
            taken.append(0)
        taken[lane] |= bit
        found[state] = lane
    return found


def columns_of(workflow: Workflow) -> Mapping[str, int]:
    """How many acts lead to each state at least, counted from the act that opens the case; ends stand last."""
    onward = walk(workflow).onward
    waiting = deque((act.begins, 0) for act in workflow.acts.values() if act.body.opens_case)
    found: dict[str, int] = {}
    seen: set[int] = set()
    while waiting:
        states, steps = waiting.popleft()
        if states in seen:
            continue
        seen.add(states)
        for state in workflow.states(states):
            found.setdefault(state, steps)
        waiting.extend((after, steps + 1) for _, after in sorted(onward.get(states, ())))
    # Where a case ends stands at the end, however soon it can be reached.
    last = max(found.values(), default=0) + 1
    return {state: last if workflow.bit[state] & workflow.finals else column for state, column in found.items()}


def draw(workflow: Workflow, time: LegalTime, day: dt.date, *, stands: Sequence[str] = (), language: str = "zh") -> str:
    """The picture, with the lengths of the law of a day; states of ``stands`` are marked as holding now."""
    cards = _cards(workflow, time, day, stands, language)
    tops = _tops(cards)
    places = {
        card.state: (LEFT + card.column * (WIDTH + GAP_X), tops[card.lane] + _above(cards, card)) for card in cards
    }
    width = max((x for x, _ in places.values()), default=0) + WIDTH + LEFT
    height = max((places[card.state][1] + card.height for card in cards), default=0) + GAP_Y
    title = workflow.page.label.zh if language == "zh" else workflow.page.label.en
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" '
        f"aria-label={quoteattr(title)}>",
        '<defs><marker id="to" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path class="wf-tip" d="M0 0L8 4L0 8z" fill="#7a8899"/></marker></defs>',
        *(_arrow(places, cards, one, other) for one, other in _arrows(workflow)),
        *(_drawn(card, *places[card.state]) for card in cards),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _cards(
    workflow: Workflow, time: LegalTime, day: dt.date, stands: Sequence[str], language: str
) -> tuple[StateCard, ...]:
    lanes, columns = lanes_of(workflow), columns_of(workflow)
    found = []
    for state, entry in workflow.page.states.items():
        lines: list[tuple[str, str]] = []
        for _, period in workflow.periods:
            if period.in_ == state:
                lines += [("period", line) for line in _wrapped(_period(period, time, day, language))]
        for act in _acts_in(workflow, state):
            label = workflow.page.acts[act.name].label
            lines += [("act", line) for line in _wrapped(f"· {label.zh if language == 'zh' else label.en}")]
        title = entry.label.zh if language == "zh" else entry.label.en
        found.append(
            StateCard(
                state,
                lanes[state],
                columns.get(state, 0),
                title,
                tuple(dict.fromkeys(lines)),
                entry.final,
                state in stands,
            )
        )
    return tuple(found)


def _acts_in(workflow: Workflow, state: str) -> Iterable[CompiledAct]:
    """The acts that need a state, once each whatever their outcomes, those of parties and officers before those by
    law.
    """
    bit = workflow.bit[state]
    acts = {act.name: act for act in workflow.acts.values() if (act.any_of | act.all_of) & bit and act.body.by}
    return sorted(acts.values(), key=lambda act: act.by_law)


def _period(period: LegalPeriod, time: LegalTime, day: dt.date, language: str) -> str:
    length, law = length_in_words(period, time, day)
    if language != "zh":
        return f"{period.label.en}: {length.en if length is not None else 'no rule on that day'}"
    article = f"（{law.article}）" if law is not None and law.article else ""
    return f"{period.label.zh}：{length.zh if length is not None else '当日没有规定'}{article}"


def _arrows(workflow: Workflow) -> Sequence[tuple[str, str]]:
    """From each state that an act ends to each that it begins."""
    found: dict[tuple[str, str], None] = {}
    for act in workflow.acts.values():
        needed = act.any_of | act.all_of
        # Of what an act ends besides (parallel courses that fall away) no arrow goes out.
        for one in workflow.states((act.ends & needed) or needed or act.ends):
            for other in workflow.states(act.begins):
                if one != other:
                    found[one, other] = None
    return tuple(found)


def _tops(cards: Sequence[StateCard]) -> list[int]:
    lanes = max((card.lane for card in cards), default=0) + 1
    tops, top = [], GAP_Y
    for lane in range(lanes):
        tops.append(top)
        columns: dict[int, int] = {}
        for card in cards:
            if card.lane == lane:
                columns[card.column] = columns.get(card.column, 0) + card.height + GAP_Y
        top += max(columns.values(), default=0) + GAP_Y
    return tops


def _above(cards: Sequence[StateCard], card: StateCard) -> int:
    """The height of what stands above a card in its lane and column."""
    before = cards[: cards.index(card)]
    return sum(each.height + GAP_Y for each in before if (each.lane, each.column) == (card.lane, card.column))


def _drawn(card: StateCard, x: int, y: int) -> str:
    stroke, width = ("#0b5cad", 3) if card.holds else ("#7a8899", 1)
    fill = "#eef3ee" if card.ends else "#ffffff"
    text = [
        f'<rect class="wf-card{" is-end" if card.ends else ""}{" is-here" if card.holds else ""}" x="{x}" y="{y}" '
        f'width="{WIDTH}" height="{card.height}" rx="6" fill="{fill}" stroke="{stroke}" stroke-width="{width}"/>',
        f'<text class="wf-title" x="{x + EDGE}" y="{y + EDGE + 13}" font-size="15" font-weight="600" '
        f'fill="#16202c">{escape(card.title)}</text>',
    ]
    for number, (kind, line) in enumerate(card.lines, 1):
        color = "#8a4b00" if kind == "period" else "#3d4b5c"
        text.append(
            f'<text class="wf-{kind}" x="{x + EDGE}" y="{y + EDGE + 13 + LINE * number}" font-size="13" '
            f'fill="{color}">{escape(line)}</text>'
        )
    return f'<g font-family="sans-serif" data-state={quoteattr(card.state)}>{"".join(text)}</g>'


def _arrow(places: Mapping[str, tuple[int, int]], cards: Sequence[StateCard], one: str, other: str) -> str:
    heights = {card.state: card.height for card in cards}
    (x1, y1), (x2, y2) = places[one], places[other]
    forwards = x2 > x1
    start = (x1 + WIDTH if forwards else x1 + WIDTH // 2, y1 + 20 if forwards else y1 + heights[one])
    end = (x2 if forwards else x2 + WIDTH // 2 + 30, y2 + 20 if forwards else y2 + heights[other])
    if x1 == x2:
        below = y2 > y1
        start = (x1 + WIDTH // 2, y1 + heights[one] if below else y1)
        end = (x2 + WIDTH // 2, y2 if below else y2 + heights[other])
        bend = f"C{start[0]} {(start[1] + end[1]) // 2} {end[0]} {(start[1] + end[1]) // 2}"
    elif forwards:
        middle = (start[0] + end[0]) // 2
        bend = f"C{middle} {start[1]} {middle} {end[1]}"
    else:
        low = max(start[1], end[1]) + 22
        bend = f"C{start[0]} {low} {end[0]} {low}"
    return (
        f'<path class="wf-arrow" d="M{start[0]} {start[1]}{bend} {end[0]} {end[1]}" fill="none" stroke="#7a8899" '
        'stroke-width="1.2" marker-end="url(#to)"/>'
    )


def _wrapped(text: str) -> list[str]:
    """Lines that fit into a card."""
    lines, line, used = [], "", 0
    for letter in text:
        takes = 1 if letter.isascii() else 2
        if used + takes > _ROOM and letter not in "），。；：、”":
            lines.append(line)
            line, used = "  ", 2
        line, used = line + letter, used + takes
    return [*lines, line]
