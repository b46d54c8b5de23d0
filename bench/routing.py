"""How often is the likely unit right, and how much is left to a person? Beside the naive ways, on the same held-out fifth.

    python -m bench.routing FILE... [--json]

``FILE``: a JSON object of place -> {office_name} (places that were dispatched before), or a CSV with ``problem_text`` and
``expected_is_market`` (texts, and whether market supervision deals with them). A fifth is held out, the same in every
run: of places by their digest, of texts every fifth row (whoever wrote the book's words saw the others only). The known
places of the engine are the other four fifths, written as lines of the book would be. The words for kinds are the
book's as it stands. Beside it: the most frequent answer always, and naive Bayes over pairs of characters, trained on
the same four fifths and asked on what the engine answered too.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from zhiheng.engines.routing import Places, kind_of, plain
from zhiheng.grammar.chapters.routing import ROUTING
from zhiheng.grammar.loader import load

BOOK = Path(__file__).resolve().parents[1] / "book"
Pair = tuple[str, str]
Guess = Callable[[str], str | None]


@dataclass(frozen=True)
class RoutingFigures:
    """Counts over the held-out cases; the naive ways are asked on all of them, and on those that were answered."""

    held_out: int
    answered: int
    right: int
    bayes_right: int
    bayes_right_of_answered: int
    majority_right: int

    def lines(self, name: str) -> str:
        """What people read."""
        share = f"{self.right / self.answered:.1%}" if self.answered else "–"
        left = self.held_out - self.answered
        return (
            f"{name}: {self.held_out} held out\n"
            f"  engine         {self.right}/{self.answered} right of what it answers ({share}); "
            f"{left} left to a person ({left / self.held_out:.1%})\n"
            f"  naive Bayes    {self.bayes_right_of_answered}/{self.answered} on the same; "
            f"{self.bayes_right}/{self.held_out} where it must always answer\n"
            f"  most frequent  {self.majority_right}/{self.held_out}"
        )


@dataclass(frozen=True)
class Cases:
    """What a file holds: those that something may be made from, and those that are held out."""

    name: str
    known: list[Pair]
    asked: list[Pair]
    guess: Callable[[Sequence[Pair]], Guess]


def bayes(pairs: Sequence[Pair]) -> Callable[[str], str]:
    """Naive Bayes over pairs of characters, add-one."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    prior = Counter(answer for _, answer in pairs)
    for text, answer in pairs:
        counts[answer].update(_twos(text))
    words = len({two for count in counts.values() for two in count}) or 1

    def answer_of(text: str) -> str:
        return max(
            prior,
            key=lambda one: (
                math.log(prior[one])
                + sum(math.log((counts[one][two] + 1) / (counts[one].total() + words)) for two in _twos(text))
            ),
        )

    return answer_of


def measured(cases: Cases) -> RoutingFigures:
    """The figures of one file."""
    engine, naive = cases.guess(cases.known), bayes(cases.known)
    frequent = Counter(answer for _, answer in cases.known).most_common(1)[0][0]
    answers = [(engine(text), naive(text), right) for text, right in cases.asked]
    return RoutingFigures(
        len(answers),
        sum(said is not None for said, _, _ in answers),
        sum(said == right for said, _, right in answers),
        sum(said == right for _, said, right in answers),
        sum(said == right for first, said, right in answers if first is not None),
        sum(right == frequent for _, _, right in answers),
    )


def places(pairs: Sequence[Pair]) -> Guess:
    """The engine's answer for a place: the label of the nearest known ones."""
    known = Places(pairs)

    def answer_of(text: str) -> str | None:
        found = known.likely(text)
        return found.name if found is not None else None

    return answer_of


def ours(_: Sequence[Pair]) -> Guess:
    """The engine's answer for a text: whether its kind is one of market supervision."""
    routing = load(BOOK)[ROUTING]
    assert routing is not None

    def answer_of(text: str) -> str | None:
        found = kind_of(routing, text)
        return None if found is None else str(routing.kinds.kinds[found.name].desk == "market")

    return answer_of


def read(path: Path) -> Cases:
    """The cases of a file."""
    if path.suffix == ".json":
        table = json.loads(path.read_text("utf-8"))
        pairs = [(place, row["office_name"]) for place, row in table.items()]
        out = [int(sha256(place.encode()).hexdigest(), 16) % 5 == 0 for place in table]
        name, guess = "place -> office", places
    else:
        with path.open(encoding="utf-8-sig", newline="") as file:
            pairs = [(row["problem_text"], row["expected_is_market"]) for row in csv.DictReader(file)]
        out = [at % 5 == 4 for at in range(len(pairs))]
        name, guess = "text -> ours or not", ours
    known = [pair for pair, held in zip(pairs, out, strict=True) if not held]
    return Cases(name, known, [pair for pair, held in zip(pairs, out, strict=True) if held], guess)


def _twos(text: str) -> list[str]:
    looked = plain(text)
    return [looked[at : at + 2] for at in range(len(looked) - 1)]


def main() -> int:
    """Print the figures of each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--json", action="store_true")
    said = parser.parse_args()
    for path in said.files:
        cases = read(path)
        figures = measured(cases)
        print(json.dumps({"name": cases.name, **figures.__dict__}) if said.json else figures.lines(cases.name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
