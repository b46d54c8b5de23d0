"""The register and what gives access to the market: licences, certificates, posts that need one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from zhiheng.demo.clerks import ToldRow
from zhiheng.demo.economy import CITY, RENAMED, Firm
from zhiheng.demo.names import person, pick
from zhiheng.demo.scenes import Scene, broken_code, later, shuffled_exactly

CAPITAL_NOTE = "注：注册资本单位为万元；本表由登记系统导出后人工补录。"


class DemoRegister:
    """Rows of the enterprise register of one place."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.rng = scene.rng("register")

    def everybody(self) -> Iterator[ToldRow]:
        """The first delivery: every firm as it stood at the end of 2024, under the name of that day."""
        for firm in self.scene.place.firms:
            yield self.scene.tell(
                self._row(firm, min(later(self.rng, firm.founded, 0, 900), dt.date(2024, 12, 20)), former=True)
            )

    def renamed(self) -> Iterator[ToldRow]:
        """The changes since: firms that took a new name in 2025, and some that are said to have closed and do not
        count.
        """
        for firm in self.scene.place.firms:
            if firm.former:
                yield self.scene.tell(self._row(firm, later(self.rng, RENAMED, 0, 20)))
        for number in range(3):
            yield self.scene.tell(self._closed(number))

    def _row(self, firm: Firm, approved: dt.date, *, former: bool = False) -> dict[str, Any]:
        kind = firm.kind
        access = firm.access
        return {
            "enterprise": firm.former if former and firm.former else firm.name,
            "code": firm.code,
            "enterprise.code": firm.code,
            "enterprise.address": firm.address,
            "legal_representative": firm.person,
            "kind_of_entity": "个体工商户" if firm.code.startswith("92") else "有限责任公司",
            "registered_capital": firm.capital,
            "established_on": firm.founded,
            "approved_on": max(approved, firm.founded),
            "operating_term": "长期",
            "industry": kind.industry,
            "sector": kind.sector,
            "key_industry": kind.key_industry,
            "access_kind": access,
            "access_obtained": "" if access == "none" else not firm.access_pending,
            "quality_file": firm.quality_file,
            "main_products": firm.product,
            "employees": firm.employees,
            "business_scope": f"{firm.product}的生产、销售（依法须经批准的项目，经相关部门批准后方可开展经营活动）",
            "status": "in_operation",
            "registration_authority": f"{CITY}{self.scene.place.name}市场监督管理局",
            "division": self.scene.division_of(firm),
            "contact_phone": firm.phone,
        }

    def _closed(self, number: int) -> dict[str, Any]:
        """A firm that closed: in the register, but no longer an enterprise of the place."""
        firm = self.scene.place.firms[-1 - number]
        values = self._row(firm, dt.date(2026, 3, 2 + number))
        return {**values, "status": "deregistered", "quality_file": False}


def licences(scene: Scene, *, food: bool) -> Iterator[ToldRow]:
    """Production licences: of food makers, or of makers of industrial products under licence."""
    rng = scene.rng(f"licences/{food}")
    for number, firm in enumerate(scene.place.firms):
        if firm.access != ("food_licence" if food else "production_licence") or firm.access_pending:
            continue
        issued = dt.date(2022, 1, 1) + dt.timedelta(days=int(rng.random() * 1400))
        yield scene.tell(
            {
                **firm.party("holder"),
                "licence_kind": "food_production" if food else "industrial_product",
                "licence_number": f"SC1{number % 90 + 10:02d}{scene.place.code}{number:05d}"
                if food
                else f"XK08-001-{number:05d}",
                "product": firm.product,
                "product_detail": firm.product,
                "production_address": firm.address,
                "issued_on": issued,
                "expires_on": issued + dt.timedelta(days=1825),
                "status": "valid",
                "issuing_authority": f"{CITY}市场监督管理局",
            }
        )


def compulsory_certificates(scene: Scene) -> Iterator[ToldRow]:
    """Certificates of compulsory product certification; some firms hold two, which makes them no two firms."""
    rng = scene.rng("compulsory")
    for number, firm in enumerate(scene.place.firms):
        if firm.access != "compulsory_certification":
            continue
        for copy in range(1 + (number % 3 == 0)):
            issued = dt.date(2023, 1, 1) + dt.timedelta(days=int(rng.random() * 1000))
            yield scene.tell(
                {
                    **firm.party("holder"),
                    "manufacturer": firm.name,
                    "manufacturer.address": firm.address,
                    "certificate_number": f"{issued.year}0101{scene.place.code[-2:]}{number:05d}{copy}",
                    "product": firm.product,
                    "model": pick(rng, ("BV 1.5～6mm²", "YJV-0.6/1kV", "12V 2A", "24英寸")),
                    "product_category": "电线电缆" if firm.trade == "cable" else "信息技术设备",
                    "certifier": f"{CITY}示例认证中心（虚构）",
                    "issued_on": issued,
                    "expires_on": issued + dt.timedelta(days=1826),
                    "status": "valid",
                }
            )


def system_certificates(scene: Scene, count: int) -> Iterator[ToldRow]:
    """Management-system certificates of makers."""
    rng = scene.rng("systems")
    makers = [firm for firm in scene.place.firms if firm.kind.sector == "manufacturing" and firm.quality_file]
    for number, firm in enumerate(makers[:count]):
        issued = dt.date(2024, 1, 1) + dt.timedelta(days=int(rng.random() * 900))
        yield scene.tell(
            {
                **firm.party("holder"),
                "management_system": pick(rng, ("quality", "quality", "environment", "occupational_safety")),
                "certificate_number": f"9901{issued.year}Q{number:05d}R{1 + number % 3}",
                "standard": "GB/T 19001-2016",
                "scope": f"{firm.product}的设计、生产和服务",
                "certifier": f"{CITY}示例认证中心（虚构）",
                "issued_on": issued,
                "expires_on": issued + dt.timedelta(days=1094),
                "status": "valid" if number % 40 else "suspended",
            }
        )


def posts(scene: Scene, *, count: int, uncertified: int, stated: dt.date) -> list[ToldRow]:
    """Posts that need a certificate, each with who fills it; exactly so many key posts are without one."""
    rng = scene.rng(f"posts/{stated}")
    employers = [
        firm for firm in scene.place.firms if firm.quality_file and firm.kind.sector in ("manufacturing", "service")
    ]
    rows = []
    for number, certified in enumerate(shuffled_exactly(rng, count, uncertified), 1):
        firm = employers[number % len(employers)]
        issued = later(rng, dt.date(2023, 1, 5), 0, 1000)
        values: dict[str, Any] = {
            **firm.party("employer"),
            "employer_code": firm.code,
            "post_number": f"G{number:05d}",
            "post": pick(rng, ("叉车司机", "锅炉司炉", "质量检验员", "计量员", "焊工", "食品安全员")),
            "post_kind": pick(rng, ("special_equipment", "inspection", "metrology", "welding", "food_safety")),
            "key_post": True,
            "person": person(rng),
            "certified": certified,
            "stated_on": stated,
        }
        if certified:
            values |= {
                "certificate_number": f"T9901{issued.year}{number:06d}",
                "issued_on": issued,
                "expires_on": issued + dt.timedelta(days=1460),
                "issuing_authority": f"{CITY}市场监督管理局",
            }
        rows.append(scene.tell(values))
    return rows


def annual_reports(scene: Scene, year: int) -> Iterator[ToldRow]:
    """The yearly reports, handed in by the middle of the following year."""
    rng = scene.rng(f"annual/{year}")
    for number, firm in enumerate(scene.place.firms):
        if number % 2 and not firm.quality_file:
            continue
        missing = number % 37 == 0
        yield scene.tell(
            {
                **firm.party("enterprise"),
                "code": firm.code,
                "report_year": year,
                "reported_on": dt.date(year + 1, 6, 30) if missing else later(rng, dt.date(year + 1, 1, 5), 0, 170),
                "report_status": "missing" if missing else "reported",
                "business_state": "" if missing else "open",
                "contact_phone": firm.phone,
                "employees": firm.employees,
                "assets": firm.capital * 3,
                "revenue": firm.capital * 5,
                "tax": firm.capital // 4,
            }
        )


def with_broken_codes(rows: Iterable[ToldRow], *, every: int, target: str) -> tuple[list[ToldRow], list[ToldRow]]:
    """Break the code in some rows: the first list as handed in, the second one mended, for a later file."""
    first: list[ToldRow] = []
    mended: list[ToldRow] = []
    twin = target.rpartition(".")[2] if "." in target else ""
    for number, told in enumerate(rows, 1):
        if number % every:
            first.append(told)
            continue
        broken = broken_code(told.values[target])
        values = {**told.values, target: broken}
        if twin in told.values:
            values[twin] = broken
        first.append(ToldRow(values, "refused", told.number))
        mended.append(told)
    return first, mended
