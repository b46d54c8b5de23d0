"""What follows a delivery: when figures show 20 rows that were sent right behind 50,000, and what 1,000 rows cost
before and after those.

    python -m bench.follow [--scale small] [--data FOLDER]

``FOLDER`` is an installation that may be changed (a copy of a demo's); without it a district is filled first. The steps
run in the order in which a worker takes them (deliveries, lake, figures, cards, proposals), but for the cards, which
are made by themselves; seconds are those of the processor, so that what else the machine does is left out. A figure is
shown once all steps before it are done.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import sampling_rows
from bench.claims import claim
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.actor import SYSTEM

SCALES = {"small": (5_000, 50_000), "full": (20_000, 200_000)}
FIGURES, CARDS = 5.0, 1.3


class Place:
    """An installation, and how long each step took in it."""

    def __init__(self, folder: Path) -> None:
        from django.conf import settings

        from zhiheng.analytics.lake import Lake
        from zhiheng.cli.session import now, open_book

        self.book, self.now, self.folder, self.files = open_book(), now, folder, 0
        self.lake = Lake(Path(settings.DATA) / "lake", self.book)
        self.unit = next(u.id for u in self.book[DISTRICT].units if "food_sampling" in u.records)

    def receive(self, rows: int, firms: int) -> float:
        """Hand in so many new rows."""
        from zhiheng.actions.intake.receive_delivery import receive

        self.files += 1
        path = sampling_rows.write(
            self.folder / f"{self.files}.csv", rows, firms=firms, seed=1_000 + self.files, place=1
        )
        return _taken(receive, path, call=Call(SYSTEM, self.book, self.now()), unit=self.unit, confirmed=True)

    def follow(self) -> dict[str, float]:
        """Everything that a worker does then."""
        from zhiheng.actions.projections.refresh_projections import refresh
        from zhiheng.actions.publication.propose_publication import propose
        from zhiheng.analytics.lake import project

        lake = _taken(project, self.lake)
        # Cards by themselves: what does not follow from a delivery's size (who owes what) is no part of them.
        cards = _taken(refresh, Call(SYSTEM, self.book, self.now()))
        marks: dict[str, float] = {}
        begun = time.process_time()

        def progress(what: str, _done: int, _total: int | None) -> None:
            marks[what] = time.process_time() - begun

        refresh(Call(SYSTEM, self.book, self.now()), progress, lake=self.lake)
        whole = time.process_time() - begun
        figures = marks.get("figures", whole)
        proposals = _taken(propose, call=Call(SYSTEM, self.book, self.now()))
        return {"lake": lake, "cards": cards, "figures": figures, "dues": whole - figures, "proposals": proposals}


def _taken(what: Any, *given: Any, **named: Any) -> float:
    begun = time.process_time()
    before = os.times()
    what(*given, **named)
    after = os.times()
    return (
        time.process_time()
        - begun
        + after.children_user
        + after.children_system
        - before.children_user
        - before.children_system
    )


def main() -> int:
    """Run the steps and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument("--data", type=Path)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zhiheng-bench-") as home:
        os.environ["ZHIHENG_DATA"] = str(words.data or home)
        if words.data is None:
            from bench.filled_district import fill

            fill(*SCALES[words.scale])
        from zhiheng.cli.session import set_up

        set_up()
        folder = Path(home) / "handed-in"
        folder.mkdir()
        place = Place(folder)
        place.receive(20, 1_000)
        place.follow()
        place.receive(1_000, 1_000)
        before = place.follow()
        large, small = place.receive(50_000, 1_000), place.receive(20, 1_000)
        behind = place.follow()
        place.receive(1_000, 1_000)
        after = place.follow()
    for what, steps in (("1,000 rows", before), ("20 rows behind 50,000", behind), ("1,000 rows after that", after)):
        print(f"{what:24}" + ", ".join(f"{step} {seconds:.2f} s" for step, seconds in steps.items()))
    shown = large + small + behind["lake"] + behind["figures"]
    print(
        f"figures of the 20 rows: receiving {large:.2f} + {small:.2f} s, lake and figures "
        f"{behind['lake'] + behind['figures']:.2f} s"
    )
    return claim(shown, FIGURES, " s") | claim(after["cards"] / before["cards"], CARDS)


if __name__ == "__main__":
    raise SystemExit(main())
