"""Compares, for every indicator of the book, a whole with the sum of its areas and what was placed in none of them, at
every door.

Run as a program over an installation that ``zhiheng demo`` has filled: ``python -m tests.demo.sums_of_areas`` says on
standard output, as JSON, how much was compared and what differed.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT as BOOK_DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS

DAY = dt.date(2026, 10, 31)
# Whose pages and files are opened; of the others the numbers themselves are compared.
DISTRICT = "990101"
_LINE = re.compile(r"<tr[^>]*><th.*?</tr>", re.S)
_SIDES = re.compile(r'<td class="num quiet">(.*?)</td>', re.S)


def main() -> None:
    """Compare, and say what was found."""
    from zhiheng.cli.session import set_up

    set_up()
    compared = _Compared()
    compared.everything()
    sys.stdout.buffer.write(
        orjson.dumps(
            {
                "indicators": len(compared.book[INDICATORS]),
                "compared": compared.many,
                "wrong": compared.wrong[:50],
            }
        )
    )


class _Compared:
    """What was compared, and what differed."""

    def __init__(self) -> None:
        from django.conf import settings

        from zhiheng.analytics.lake import Lake
        from zhiheng.cli.session import open_book
        from zhiheng.kernel.data_folder import inside

        settings.ALLOWED_HOSTS = ["testserver"]
        self.book = open_book()
        self.lake = Lake(inside(settings.DATA, "lake"), self.book)
        self.known = dt.date.today()
        self.client: Any = None
        self.many = 0
        self.wrong: list[str] = []
        # The lake does not change while it is compared: what was asked of it once is not asked again.
        self.asked: dict[tuple[str, dt.date], Mapping[str, Any]] = {}

    def same(self, what: str, one: Any, other: Any) -> None:
        """Count a comparison, and note where two numbers differ."""
        self.many += 1
        if one != other:
            self.wrong.append(f"{what}: {one} != {other}")

    def everything(self) -> None:
        """The numbers of every area that has others beneath it; interface, terminal, pages and files of one."""
        for area in self.book[BOOK_DISTRICT].areas:
            if self.book[BOOK_DISTRICT].children(area.code):
                self.numbers(area.code)
        self.stored()
        self.api(DISTRICT)
        self.terminal(DISTRICT)
        self.pages(DISTRICT)

    # -- the numbers themselves --------------------------------------------------------------------------------------

    def of(self, area: str, day: dt.date = DAY) -> Mapping[str, Any]:
        """Indicator -> the figure of an area."""
        from zhiheng.analytics.query import figures

        if (area, day) not in self.asked:
            found = figures(self.lake, self.book, area=area, as_of=day, known_on=self.known)
            self.asked[area, day] = {figure.indicator: figure for figure in found}
        return self.asked[area, day]

    def rest(self, area: str) -> Mapping[str, Any]:
        """Indicator -> the figure of what is told of an area itself and of none beneath it."""
        from zhiheng.analytics.query import figures

        found = figures(self.lake, self.book, area=area, as_of=DAY, known_on=self.known, by=("area",))
        return {figure.indicator: figure for figure in found if figure.group["area"] == area}

    def adds_up(self, name: str) -> Iterator[str]:
        """The sides of an indicator that are sums over facts; different parties, greatest and least values don't add
        up.
        """
        indicator = self.book[INDICATORS][name]
        of_numerator = indicator.numerator_measure or indicator.denominator or indicator.measure or indicator.change
        for side, measure in (("numerator", of_numerator), ("denominator", indicator.denominator)):
            if measure is not None and (measure.count == "facts" or measure.sum is not None):
                yield side

    def numbers(self, area: str) -> None:
        """The whole is the sum of the areas beneath and the rest: facts of every indicator, and the sides that are
        sums.
        """
        whole, rest = self.of(area), self.rest(area)
        beneath = [self.of(child.code) for child in self.book[BOOK_DISTRICT].children(area)]
        for name, figure in whole.items():
            left = rest.get(name)
            facts = sum(one[name].facts for one in beneath)
            self.same(f"{area} {name} facts", figure.facts, facts + figure.unplaced_beneath)
            self.same(f"{area} {name} rest", left.facts if left else 0, figure.unplaced_beneath)
            for side in self.adds_up(name):
                parts = [getattr(one[name], side) for one in beneath] + [getattr(left, side) if left else None]
                self.same(
                    f"{area} {name} {side}",
                    Decimal(getattr(figure, side) or 0),
                    sum((Decimal(n or 0) for n in parts), Decimal()),
                )

    def stored(self) -> None:
        """What is kept for pages is what is computed, on every day that is kept; and it adds up."""
        from zhiheng.projections.models import StoredFigure

        kept: dict[dt.date, dict[tuple[str, str], StoredFigure]] = {}
        for row in StoredFigure.objects.all():
            kept.setdefault(row.as_of, {})[row.area, row.indicator] = row
        for day, rows in kept.items():
            for area in self.book[BOOK_DISTRICT].areas:
                children = self.book[BOOK_DISTRICT].children(area.code)
                for name in self.book[INDICATORS]:
                    if children and (row := rows.get((area.code, name))) is not None:
                        parts = [rows[child.code, name].facts for child in children]
                        self.same(f"stored {day} {area.code} {name}", row.facts, sum(parts) + row.unplaced_beneath)
        latest = max(kept)
        for area in (DISTRICT, *(child.code for child in self.book[BOOK_DISTRICT].children(DISTRICT))):
            for name, figure in self.of(area, latest).items():
                if (row := kept[latest].get((area, name))) is not None:
                    self.same(
                        f"stored {area} {name}",
                        (row.zh, row.facts, row.unplaced_above, row.unplaced_beneath),
                        (figure.zh, figure.facts, figure.unplaced_above, figure.unplaced_beneath),
                    )

    # -- the doors ---------------------------------------------------------------------------------------------------

    def api(self, area: str) -> None:
        """The interface gives the same figures, of the area and of each beneath it."""
        client = self.program()
        for code in (area, *(child.code for child in self.book[BOOK_DISTRICT].children(area))):
            answer = client.get("/api/v1/office/indicators", {"area": code, "as_of": str(DAY)})
            assert answer.status_code == 200, (answer.status_code, answer.content[:300])
            told = {one["indicator"]: one for one in answer.json()["figures"]}
            for name, figure in self.of(code).items():
                one = told[name]
                self.same(
                    f"api {code} {name}",
                    (one["shown"]["zh"], one["facts"], one["unplaced_above"], one["unplaced_beneath"]),
                    (figure.zh, figure.facts, figure.unplaced_above, figure.unplaced_beneath),
                )

    def terminal(self, area: str) -> None:
        """The terminal gives the same split, the rest among it."""
        from click.testing import CliRunner

        from zhiheng.cli.numbers import indicators

        done = CliRunner().invoke(indicators, ["--area", area, "--as-of", str(DAY), "--by", "area", "--json"])
        assert done.exit_code == 0, done.output
        told: dict[str, int] = {}
        for one in orjson.loads(done.stdout):
            told[one["indicator"]] = told.get(one["indicator"], 0) + one["facts"]
        for name, figure in self.of(area).items():
            self.same(f"terminal {area} {name}", told.get(name, 0), figure.facts)

    def pages(self, area: str) -> None:
        """Page and file of each indicator: the sides of the areas and the rest add up to those of the whole."""
        client = self.signed_in("demo-office")
        for name, figure in self.of(area).items():
            asked = f"indicator={name}&area={area}&as_of={DAY}&by=area"
            page = client.get(f"/desk/indicators/?{asked}")
            file = client.post(f"/desk/indicators/export/?{asked}", {"purpose": "核对各街道之和", "format": "csv"})
            assert (page.status_code, file.status_code) == (200, 200), (name, page.status_code, file.status_code)
            self.lines(f"page {name}", name, figure, list(_of_page(page.content.decode())))
            self.lines(f"file {name}", name, figure, list(_of_file(file.content.decode("utf-8-sig"))))

    def lines(self, what: str, name: str, figure: Any, lines: Sequence[Sequence[Decimal]]) -> None:
        """Compare the sides of the lines of a table with its last one, and that with the figure."""
        for at, side in enumerate(("numerator", "denominator")):
            told = getattr(figure, side)
            if told is None or not lines or at >= len(lines[-1]):
                continue
            whole = lines[-1][at]
            self.same(f"{what} whole {side}", whole, Decimal(str(told)).quantize(whole))
            if side in self.adds_up(name):
                self.same(
                    f"{what} sum {side}", sum((line[at] for line in lines[:-1] if at < len(line)), Decimal()), whole
                )

    def program(self) -> Any:
        """A program of the city that reads indicators, with a key of its own."""
        from django.test import Client
        from django.utils import timezone

        from zhiheng.actions.accounts.issue_token import issue_token
        from zhiheng.kernel.actor import SYSTEM

        if self.client is None:
            now = timezone.localtime()
            issued = issue_token(
                "核对各街道之和",
                unit="yunlan_quality_office",
                scopes=["api.read", "indicator.read"],
                area="990100",
                last_day=now.date() + dt.timedelta(days=2),
                call=Call(SYSTEM, self.book, now),
            )
            self.client = Client(headers={"Authorization": f"Bearer {issued.key}"})
        return self.client

    def signed_in(self, login: str) -> Any:
        """A browser in which an account of the demo is signed in."""
        from tests.desk.officers import signed_in
        from zhiheng.people.models import Account

        return signed_in(Account.objects.get(login=login))


def _numbers(texts: Sequence[str]) -> list[Decimal]:
    return [Decimal(text.replace(",", "")) if re.fullmatch(r"-?[\d,]+(\.\d+)?", text) else Decimal() for text in texts]


def _of_page(page: str) -> Iterator[list[Decimal]]:
    """The sides that stand at the end of each line of the table."""
    for line in _LINE.findall(page):
        if (sides := _SIDES.findall(line)) and (told := re.sub(r"<[^>]*>", "", sides[-1]).strip()):
            yield _numbers([text.strip() for text in told.split("/")])


def _of_file(text: str) -> Iterator[list[Decimal]]:
    """The sides of each line of the file, the whole last; what is said above and beneath the table is no line of it."""
    rows = list(csv.reader(io.StringIO(text)))
    top = next(at for at, row in enumerate(rows) if any("分子" in cell for cell in row))
    for row in rows[top + 1 :]:
        if len(row) < 3:
            break
        yield _numbers(row[2:4])
        if row[0] == "合计":
            break


if __name__ == "__main__":
    main()
