"""A district filled quickly, for benchmarks of pages: enterprises with what departments say of them, cards, and what is
searched.

    from bench.filled_district import fill
    fill(enterprises=20_000, facts=200_000)          # into the database that ZHIHENG_DATA or DATABASE_URL names

``python -m bench.filled_district [--scale small|full]`` fills and says how long each part took.

Rows, bodies, parties and links are such as receiving makes them; statement keys and hashes are numbers of their own, so
the ledger can be read by pages and not verified. Everything is invented. The cards are made by the refresh itself, in
large transactions, since nobody else waits for the database.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from bench import sampling_rows
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS

SCALES = {"small": (20_000, 200_000), "medium": (200_000, 2_000_000), "full": (1_000_000, 10_000_000)}
TODAY = dt.date(2026, 11, 1)
PER_DELIVERY = 200_000
# Laboratories stand in very many facts: about so many each.
PER_LABORATORY = 50_000
_LICENSED = 0.3
# What is left after register and licences, record by record.
_EVENTS = (
    ("food_sampling", 0.35),
    ("inspection_finding", 0.3),
    ("complaint", 0.15),
    ("annual_report", 0.1),
    ("environment_monitoring", 0.1),
)
_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"

# Fact, its parties: (body, cells, true on, until, outcome, thing, [(alias, role)]).
_Made = tuple[str, list[str], str, str | None, str | None, int | None, list[tuple[int, str]]]


@dataclass(frozen=True)
class Firm:
    """An invented enterprise; its number is that of its subject and of its alias."""

    number: int
    name: str
    code: str
    address: str
    area: str


def fill(enterprises: int, facts: int, *, cards: bool = True, seed: int = 7) -> dict[str, float]:
    """Fill an empty database; returns the seconds that each part took. At least three facts per enterprise."""
    from zhiheng.cli.session import open_book, set_up

    set_up()
    return Filling(open_book(), enterprises, facts, seed).run(cards=cards)


class Filling:
    """One district in the making."""

    def __init__(self, book: Any, enterprises: int, facts: int, seed: int) -> None:
        self.book, self.facts = book, facts
        self.dice = random.Random(seed)
        districts = [a for a in book[DISTRICT].areas if a.kind == "district"]
        self.markets = {u.area: u.id for u in book[DISTRICT].units if u.id.endswith("_market")}
        self.districts = [a.code for a in districts if a.code in self.markets and book[DISTRICT].children(a.code)]
        streets = {code: [child.code for child in book[DISTRICT].children(code)] for code in self.districts}
        names = sampling_rows.enterprises(enterprises, self.dice)
        self.firms = [self._firm(number, name, streets) for number, name in enumerate(names, start=1)]
        laboratories = max(2, round(facts * 0.45 / PER_LABORATORY))
        # The first of each district are its laboratories.
        self.laboratories = self.firms[: max(laboratories, len(self.districts))]
        self.of_district = {code: self.firms[i :: len(self.districts)] for i, code in enumerate(self.districts)}
        self.seconds: dict[str, float] = {}

    def _firm(self, number: int, name: str, streets: dict[str, list[str]]) -> Firm:
        district = self.districts[(number - 1) % len(self.districts)]
        body = "".join(_SIGNS[(number // 31**i) % 31] for i in range(6))
        return Firm(
            number,
            name,
            f"91{district}MA{body}0X"[:18],
            f"云澜市建设路{number % 900 + 1}号",
            self.dice.choice(streets[district]),
        )

    def run(self, *, cards: bool) -> dict[str, float]:
        """Everything, part by part."""
        from django.db import connection

        if connection.vendor == "sqlite":
            connection.ensure_connection()
            connection.connection.execute("PRAGMA synchronous = OFF")
        for name, part in (("enterprises", self._enterprises), ("facts", self._facts)):
            begun = time.perf_counter()
            part()
            self.seconds[name] = time.perf_counter() - begun
        with connection.cursor() as cursor:
            for table in ("fact", "factkey", "factparty", "alias", "subject", "delivery"):
                cursor.execute(f"ANALYZE ledger_{table}") if connection.vendor == "postgresql" else None
        if cards:
            begun = time.perf_counter()
            self._cards()
            self.seconds["cards"] = time.perf_counter() - begun
        return self.seconds

    def _enterprises(self) -> None:
        from django.db import transaction

        from zhiheng.engines.identity import Mention
        from zhiheng.ledger import bulk
        from zhiheng.ledger.aliases import alias_key

        for start in range(0, len(self.firms), 100_000):
            some = self.firms[start : start + 100_000]
            with transaction.atomic():
                bulk.insert("subject", ("id", "kind"), ((f.number, "enterprise") for f in some))
                bulk.insert(
                    "alias",
                    bulk.ALIAS_COLUMNS,
                    (
                        (
                            f.number,
                            alias_key(Mention("enterprise", f.name, f.code, "uscc", f.address, "")),
                            f.number,
                            "enterprise",
                            f.name,
                            f.code,
                            "uscc",
                            f.address,
                            "",
                            None,
                            None,
                        )
                        for f in some
                    ),
                )

    def _facts(self) -> None:
        from zhiheng.kernel.prefetch import no_garbage_collection

        licensed = int(len(self.firms) * _LICENSED)
        left = self.facts - len(self.firms) - licensed
        shares: list[tuple[str, int]] = [("enterprise_register", len(self.firms)), ("production_licence", licensed)]
        shares += [(record, int(left * share)) for record, share in _EVENTS[1:]]
        shares.append((_EVENTS[0][0], self.facts - sum(count for _, count in shares)))
        self.fact = self.delivery = 0
        with no_garbage_collection():
            for record, count in shares:
                makers: dict[str, Callable[[int, list[Firm]], _Made]] = {
                    "enterprise_register": self._register,
                    "production_licence": self._licence,
                    "food_sampling": self._sample,
                    "inspection_finding": self._inspection,
                    "complaint": self._complaint,
                    "annual_report": self._report,
                    "environment_monitoring": self._monitoring,
                }
                done = 0
                for i, district in enumerate(self.districts):
                    firms = self.of_district[district]
                    part = count // len(self.districts) + (i < count % len(self.districts))
                    if record in ("enterprise_register", "production_licence"):
                        part = min(part, len(firms))
                    while part:
                        size = min(part, PER_DELIVERY)
                        self._deliver(record, district, (makers[record](done + n, firms) for n in range(size)), size)
                        done += size
                        part -= size
                    if record in ("enterprise_register", "production_licence"):
                        done = 0

    def _deliver(self, record: str, district: str, made: Iterator[_Made], size: int) -> None:
        from django.db import transaction

        from zhiheng.kernel.merkle import EMPTY_ROOT
        from zhiheng.ledger import bulk, chain
        from zhiheng.ledger.models import Definition

        entry = self.book[RECORDS][record]
        source = next(iter(entry.sources))
        edition, unit = entry.edition(source), self.markets[district]
        Definition.objects.get_or_create(
            edition=edition, defaults={"record": record, "source": source, "text": entry.definition(source)}
        )
        headings = [field.label.zh for field in entry.record.fields.values()]
        first, links = self.fact + 1, []
        self.delivery += 1

        def rows() -> Iterator[tuple[Any, ...]]:
            for body, cells, on, until, outcome, thing, parties in made:
                self.fact += 1
                number = self.fact
                links.extend((alias, number, role) for alias, role in parties)
                yield (
                    number,
                    self.delivery,
                    number - first + 2,
                    record,
                    unit,
                    "statement",
                    None,
                    number,
                    thing,
                    number.to_bytes(32, "big"),
                    on,
                    until,
                    outcome,
                    district,
                    "",
                    body,
                    orjson.dumps(cells).decode(),
                )

        with transaction.atomic():
            bulk.lock()
            bulk.append_facts(rows())
            links.sort()
            bulk.insert("factparty", bulk.LINK_COLUMNS, links)
            chain.append(
                {
                    "state": "accepted",
                    "unit": unit,
                    "record": record,
                    "source": source,
                    "edition": edition,
                    "file_name": f"{record}-{self.delivery}.csv",
                    "file_digest": sha256(str(self.delivery).encode()).hexdigest(),
                    "table_name": "",
                    "part": 1,
                    "headings": orjson.dumps(headings).decode(),
                    "learned_on": TODAY,
                    "row_count": size,
                    "fact_count": size,
                    "duplicate_count": 0,
                    "refused_count": 0,
                    "flagged_count": 0,
                    "first_fact": first,
                    "notes": "[]",
                    "root": f"{self.delivery:064x}",
                    "refused_root": EMPTY_ROOT.hex(),
                }
            )

    # -- what is said ----------------------------------------------------------------------------------------------

    def _some(self, firms: list[Firm]) -> Firm:
        """One of them; of a few departments speak often, of most seldom."""
        return firms[int(len(firms) * self.dice.random() ** 1.5)]

    def _day(self, first: int = 2024) -> str:
        dice = self.dice
        return f"{dice.randint(first, 2026)}-{dice.randint(1, 10):02}-{dice.randint(1, 28):02}"

    @staticmethod
    def _party(firm: Firm, role: str) -> str:
        return f'{{"address":"{firm.address}","code":"{firm.code}","code_kind":"uscc","name":"{firm.name}","role":"{role}"}}'

    def _register(self, n: int, firms: list[Firm]) -> _Made:
        firm, dice = firms[n], self.dice
        since, status = self._day(2005), "in_operation" if dice.random() < 0.93 else "deregistered"
        industry, sector = dice.choice(
            (("1411", "manufacturing"), ("3512", "manufacturing"), ("5211", "trade"), ("6210", "service"))
        )
        person = dice.choice("季麻靳麦祝谈") + dice.choice(("望舒", "如笛", "穗青", "北禾"))
        body = (
            f'{{"approved_on":"{since}","code":{{"code":"{firm.code}","kind":"uscc"}},"division":"{firm.area}","employees":{dice.randint(1, 900)},'
            f'"established_on":"{since}","industry":{{"code":"{industry}","edition":"2017"}},"legal_representative":"{person}",'
            f'"main_products":"{dice.choice(("月饼、糕点", "抽油机、井口装置", "豆腐", "大米", "电缆"))}","parties":[{self._party(firm, "subject")}],'
            f'"sector":"{sector}","status":"{status}"}}'
        )
        cells = [firm.name, firm.code, person, "", "", since, since, "", industry, sector]
        return body, cells, since, None, "neutral", firm.number * 4, [(firm.number, "subject")]

    def _licence(self, n: int, firms: list[Firm]) -> _Made:
        firm, dice = firms[n], self.dice
        on, until = self._day(2022), f"{dice.randint(2026, 2030)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
        number, status = f"SC1{firm.number:013d}", "valid" if dice.random() < 0.97 else "revoked"
        product = dice.choice(("糕点", "豆制品", "粮食加工品", "饮料", "食用油"))
        body = (
            f'{{"expires_on":"{until}","issued_on":"{on}","licence_kind":"food","licence_number":"{number}",'
            f'"parties":[{self._party(firm, "holder")}],"product":"{product}","status":"{status}"}}'
        )
        outcome = "pass" if status == "valid" else "fail"
        return (
            body,
            [firm.name, "食品生产许可证", number, product, "", "", on, until, status],
            on,
            until,
            outcome,
            firm.number * 4 + 1,
            [(firm.number, "holder")],
        )

    def _sample(self, n: int, firms: list[Firm]) -> _Made:
        dice = self.dice
        maker, seller, laboratory = self._some(firms), self._some(firms), dice.choice(self.laboratories)
        on, verdict = self._day(), "unqualified" if dice.random() < 0.03 else "qualified"
        product = f"{dice.choice(('鸡蛋', '豆腐', '粉条', '酱油', '面粉', '月饼'))}{dice.randint(1, 60)}号"
        body = (
            f'{{"batch":"B{n}","counted_on":"{on}","division":"{maker.area}","item":"菌落总数","level":"district","link":"distribution",'
            f'"parties":[{self._party(maker, "producer")},{self._party(seller, "seller")},{self._party(laboratory, "laboratory")}],'
            f'"plan":"supervisory","product":"{product}","result":{{"kind":"number","text":"{n % 900}CFU/g","unit":"CFU/g","value":"{n % 900}"}},'
            f'"sample_number":"XBJ{n:012d}","sampled_on":"{on}","verdict":"{verdict}"}}'
        )
        cells = [
            f"XBJ{n:012d}",
            "监督抽检",
            "区级",
            "",
            "流通",
            product,
            "",
            maker.name,
            seller.name,
            laboratory.name,
            "",
            "",
            f"B{n}",
            "",
            on,
            on,
        ]
        parties = [(maker.number, "producer"), (seller.number, "seller"), (laboratory.number, "laboratory")]
        return body, cells, on, None, "fail" if verdict == "unqualified" else "pass", None, sorted(set(parties))

    def _inspection(self, n: int, firms: list[Firm]) -> _Made:
        firm, on = self._some(firms), self._day()
        luck = self.dice.random()
        result, outcome = (
            ("nonconforming", "fail")
            if luck < 0.04
            else ("basically_conforming", "neutral")
            if luck < 0.2
            else ("conforming", "pass")
        )
        body = (
            f'{{"division":"{firm.area}","field_of_supervision":"food","inspected_on":"{on}","inspection_kind":"daily",'
            f'"inspection_number":"JC{n:012d}","parties":[{self._party(firm, "subject")}],"result":"{result}"}}'
        )
        return (
            body,
            [f"JC{n:012d}", firm.name, "日常检查", "食品", "", "", on, result],
            on,
            None,
            outcome,
            -n * 4 - 2,
            [(firm.number, "subject")],
        )

    def _complaint(self, n: int, firms: list[Firm]) -> _Made:
        firm, on = self._some(firms), self._day()
        luck = self.dice.random()
        result, outcome = (
            ("corrected", "fail") if luck < 0.1 else ("mediated", "neutral") if luck < 0.8 else ("unfounded", "pass")
        )
        body = (
            f'{{"channel":"phone","complainant_name":"虚构人{n % 97}","complaint_number":"TS{n:012d}","division":"{firm.area}",'
            f'"parties":[{self._party(firm, "complainee")}],"problem_kind":"quality","registered_on":"{on}","result":"{result}"}}'
        )
        return (
            body,
            [f"TS{n:012d}", "投诉", "", "", "", f"虚构人{n % 97}", "", "", firm.name, "质量"],
            on,
            None,
            outcome,
            -n * 4 - 3,
            [(firm.number, "complainee")],
        )

    def _report(self, n: int, firms: list[Firm]) -> _Made:
        firm, year = self._some(firms), self.dice.randint(2023, 2025)
        on = f"{year + 1}-{self.dice.randint(1, 6):02}-{self.dice.randint(1, 28):02}"
        body = (
            f'{{"code":{{"code":"{firm.code}","kind":"uscc"}},"employees":{self.dice.randint(1, 900)},"parties":[{self._party(firm, "subject")}],'
            f'"report_status":"reported","report_year":{year},"reported_on":"{on}"}}'
        )
        return (
            body,
            [firm.name, firm.code, str(year), on, "已报送"],
            on,
            None,
            "pass",
            -n * 4 - 4,
            [(firm.number, "subject")],
        )

    def _monitoring(self, n: int, firms: list[Firm]) -> _Made:
        firm, laboratory, on = self._some(firms), self.dice.choice(self.laboratories), self._day()
        verdict = "exceeded" if self.dice.random() < 0.02 else "met"
        body = (
            f'{{"item":"总磷","medium":"wastewater","monitored_on":"{on}","parties":[{self._party(firm, "operator")},'
            f'{self._party(laboratory, "laboratory")}],"point":"DW{n % 9000}","report_number":"HJ{n:012d}",'
            f'"result":{{"kind":"number","text":"0.3mg/L","unit":"mg/L","value":"0.3"}},"sub_district":"{firm.area}","verdict":"{verdict}"}}'
        )
        parties = sorted({(firm.number, "operator"), (laboratory.number, "laboratory")})
        return (
            body,
            [f"HJ{n:012d}", f"DW{n % 9000}", "废水", firm.name, "总磷", "0.3"],
            on,
            None,
            "fail" if verdict == "exceeded" else "pass",
            None,
            parties,
        )

    def _cards(self) -> None:
        from zhiheng.actions.projections import refresh_projections
        from zhiheng.kernel.actor import SYSTEM

        refresh_projections.SECONDS = 5.0
        now = dt.datetime.combine(TODAY, dt.time(12), dt.timezone(dt.timedelta(hours=8)))
        refresh_projections.refresh(Call(SYSTEM, self.book, now), whole=True)


def main() -> int:
    """Fill, and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", choices=tuple(SCALES), default="small")
    words = parser.parse_args()
    enterprises, facts = SCALES[words.scale]
    seconds = fill(enterprises, facts)
    print(
        f"{enterprises:,} enterprises, {facts:,} facts: "
        + ", ".join(f"{name} {s:.0f} s" for name, s in seconds.items())
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
