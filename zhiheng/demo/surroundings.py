"""Building, serving and the environment: projects and their acceptance, surveys at the counters, emissions and
monitoring.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from zhiheng.demo.clerks import ToldRow
from zhiheng.demo.economy import CITY, Firm, by_turns
from zhiheng.demo.names import person, pick
from zhiheng.demo.scenes import AS_OF, Scene, day_in, later

PARTS = ("foundation", "main_structure", "roof", "electrical", "energy_saving")
WINDOWS = {
    "education": ("中心小学", "第二中学"),
    "health": ("人民医院", "社区卫生服务中心"),
    "transport": ("公交总站", "出租汽车服务中心"),
    "bank": ("农商银行营业部", "示例银行支行"),
    "telecom": ("通信营业厅", "邮政支局"),
    "government": ("政务服务大厅",),
}
ITEMS = (
    ("surface_water", "化学需氧量", "mg/L", 12, 20),
    ("surface_water", "氨氮", "mg/L", 0.4, 1.0),
    ("air", "PM2.5", "μg/m³", 32, 75),
    ("air", "二氧化硫", "μg/m³", 9, 150),
    ("noise", "昼间等效声级", "dB(A)", 52, 60),
)


@dataclass(frozen=True, slots=True)
class Project:
    """A construction project."""

    code: str
    name: str
    kind: str
    developer: Firm
    contractor: Firm
    place: Firm
    area: int
    registered: dt.date
    completed: dt.date | None


def projects(scene: Scene, *, completed: int, building: int) -> list[Project]:
    """Projects of a place: so many completed in the year of the picture, some before, and some being built."""
    rng = scene.rng("projects")
    developers, contractors = (
        by_turns(scene.place.of("developer", "builder"), rng),
        by_turns(scene.place.of("builder"), rng),
    )
    names = ("安居苑", "实验小学教学楼", "标准厂房", "滨河路", "科创中心", "养老服务楼")
    kinds = ("housing", "public", "industrial", "municipal", "public", "public")
    found = []
    for number in range(completed + building + completed // 2):
        turn = number % len(names)
        before = number >= completed + building
        registered = dt.date(2023 if before else 2024, 1, 10) + dt.timedelta(days=int(rng.random() * 300))
        done = None
        if number < completed:
            done = dt.date(2026, 1, 5) + dt.timedelta(days=int(rng.random() * 290))
        elif before:
            done = dt.date(2025, 1, 5) + dt.timedelta(days=int(rng.random() * 350))
        developer = next(developers)
        found.append(
            Project(
                code=f"9901{scene.place.code[-2:]}{registered.year}{number:04d}",
                name=f"{scene.place.name}{names[turn]}{number // len(names) + 1}号工程",
                kind=kinds[turn],
                developer=developer,
                contractor=next(contractors),
                place=developer,
                area=2000 + int(rng.random() * 40_000),
                registered=registered,
                completed=done,
            )
        )
    return found


def project_register(scene: Scene, all_projects: Sequence[Project]) -> Iterator[ToldRow]:
    """The register of the supervision station."""
    rng = scene.rng("project_register")
    for project in all_projects:
        yield scene.tell(
            {
                "project_code": project.code,
                "project_name": project.name,
                "project_kind": project.kind,
                "developer": project.developer.name,
                "developer.code": project.developer.code,
                "contractor": project.contractor.name,
                "contractor.code": project.contractor.code,
                "supervisor_unit": f"{CITY}示例监理有限公司",
                "designer": f"{CITY}示例建筑设计院有限公司",
                "place": project.place.address,
                "sub_district": scene.division_of(project.place),
                "floor_area": project.area,
                "cost": project.area // 4,
                "permit_number": f"施{project.code}",
                "project_manager": person(rng),
                "registered_on": project.registered,
                "started_on": later(rng, project.registered, 5, 30),
                "planned_completion_on": project.registered + dt.timedelta(days=700),
                "lifetime_letter": True,
                "standing": "completed" if project.completed else "building",
            }
        )


def part_inspections(
    scene: Scene, all_projects: Sequence[Project], *, main_structure_failing: int
) -> Iterator[ToldRow]:
    """Acceptance of the parts of each project; the first so many main structures fail."""
    rng = scene.rng("part_inspections")
    failing = main_structure_failing
    for project in all_projects:
        for number, part in enumerate(PARTS):
            day = dt.date(2026, 1, 6) + dt.timedelta(days=int(rng.random() * 280))
            if project.completed and project.completed < day:
                day = project.completed - dt.timedelta(days=20 + number)
            fails = part == "main_structure" and failing > 0 and day.year == 2026
            failing -= fails
            some = part != "main_structure" and rng.random() < 0.06
            yield scene.tell(
                {
                    "project_code": project.code,
                    "project_name": project.name,
                    "work_part": part,
                    "inspected_on": day,
                    "developer": project.developer.name,
                    "contractor": project.contractor.name,
                    "contractor.code": project.contractor.code,
                    "supervisor_unit": f"{CITY}示例监理有限公司",
                    "station": f"{scene.place.name}建设工程质量监督站",
                    "conclusion": "unqualified" if fails else "rectify" if some else "qualified",
                    "first_time": not fails and not some,
                    "problems": "混凝土强度推定值不足" if fails else "局部渗水" if some else "",
                }
            )


def completions(scene: Scene, all_projects: Sequence[Project], *, failing: int, not_at_once: int) -> Iterator[ToldRow]:
    """Completion acceptance; so many of this year's fail, and so many pass only at the second time."""
    rng = scene.rng("completions")
    for project in all_projects:
        if project.completed is None:
            continue
        this_year = project.completed.year == 2026
        fails = this_year and failing > 0
        failing -= fails
        twice = this_year and not fails and not_at_once > 0
        not_at_once -= twice
        values: dict[str, Any] = {
            "project_code": project.code,
            "project_name": project.name,
            "project_kind": project.kind,
            "developer": project.developer.name,
            "contractor": project.contractor.name,
            "supervisor_unit": f"{CITY}示例监理有限公司",
            "designer": f"{CITY}示例建筑设计院有限公司",
            "sub_district": scene.division_of(project.place),
            "floor_area": project.area,
            "accepted_on": project.completed,
            "conclusion": "unqualified" if fails else "qualified",
            "first_time_pass": not (fails or twice),
        }
        if not fails:
            values |= {
                "filing_number": f"备{project.code}",
                "filed_on": min(later(rng, project.completed, 3, 15), AS_OF),
            }
        yield scene.tell(values)


def households(scene: Scene, all_projects: Sequence[Project], each: int) -> Iterator[ToldRow]:
    """Acceptance of homes, one by one."""
    rng = scene.rng("households")
    for project in all_projects:
        if project.completed is None or project.kind != "housing":
            continue
        for number in range(1, each + 1):
            again = rng.random() < 0.03
            day = project.completed - dt.timedelta(days=30 + int(rng.random() * 20))
            values: dict[str, Any] = {
                "project_code": project.code,
                "project_name": project.name,
                "building": f"{1 + number // 40}幢",
                "home": f"{1 + number % 40 // 4}0{1 + number % 4}室",
                "accepted_on": day,
                "developer": project.developer.name,
                "contractor": project.contractor.name,
                "items": 36,
                "items_failed": 2 if again else 0,
                "conclusion": "requalified" if again else "qualified",
            }
            if again:
                values |= {"problems": "外窗淋水渗漏", "reinspected_on": day + dt.timedelta(days=9)}
            yield scene.tell(values)


def satisfaction(scene: Scene, sector: str, years: Sequence[int]) -> Iterator[ToldRow]:
    """Satisfaction with public windows, with sample size and method."""
    rng = scene.rng(f"satisfaction/{sector}")
    for year in years:
        for quarter in range(4):
            day = dt.date(year, quarter * 3 + 2, 10 + quarter)
            if day > AS_OF:
                continue
            for number, window in enumerate(WINDOWS[sector]):
                sample = 120 + int(rng.random() * 200)
                yield scene.tell(
                    {
                        "survey_number": f"MY{year}Q{quarter + 1}-{scene.place.code[-2:]}-{sector[:3].upper()}{number}",
                        "window": f"{CITY}{scene.place.name}{window}",
                        "sector": sector,
                        "sub_district": scene.division(rng),
                        "surveyed_on": day,
                        "method": pick(rng, ("on_site", "phone", "online")),
                        "surveyor": f"{CITY}示例调查有限公司",
                        "sample_size": sample,
                        "valid_forms": sample - int(rng.random() * 20),
                        "score": f"{Decimal(860 + int(rng.random() * 120)) / 10}",
                        "weakest_item": pick(rng, ("等候时间", "停车", "服务态度", "一次性告知")),
                    }
                )


def parts_of(total: Decimal, count: int, rng: Random) -> list[Decimal]:
    """A total in so many positive parts of two decimals that sum to it exactly."""
    weights = [0.2 + rng.random() for _ in range(count)]
    whole = sum(weights)
    parts = [(total * Decimal(str(round(weight / whole, 9)))).quantize(Decimal("0.01")) for weight in weights]
    parts[-1] += total - sum(parts)
    return parts


def emissions(scene: Scene, year: int, tonnes: Mapping[str, str], emitters: int) -> list[ToldRow]:
    """What industry emitted in a year, firm by firm; the tonnes of each pollutant sum to what is given."""
    rng = scene.rng(f"emissions/{year}")
    firms = [firm for firm in scene.place.firms if firm.kind.sector == "manufacturing"][:emitters]
    rows = []
    for pollutant, total in tonnes.items():
        for firm, amount in zip(firms, parts_of(Decimal(total), len(firms), rng), strict=True):
            rows.append(
                scene.tell(
                    {
                        "year": year,
                        "period_end": dt.date(year, 12, 31),
                        "pollutant": pollutant,
                        "sector": "industry",
                        "amount": amount,
                        "method": "monitoring" if amount > 50 else "coefficient",
                        "emitter": firm.name_on(dt.date(year, 12, 31)),
                        "emitter.code": firm.code,
                        "district": scene.place.name,
                    }
                )
            )
    rows.append(
        scene.tell(
            {
                "year": year,
                "period_end": dt.date(year, 12, 31),
                "pollutant": "cod",
                "sector": "household",
                "amount": Decimal("812.40"),
                "method": "coefficient",
                "district": scene.place.name,
            }
        )
    )
    return rows


def monitoring(scene: Scene, year: int, count: int) -> Iterator[ToldRow]:
    """Monitoring of water, air and noise."""
    rng = scene.rng(f"monitoring/{year}")
    for number in range(1, count + 1):
        medium, item, unit, usual, limit = pick(rng, ITEMS)
        street = scene.division(rng)
        value = round(usual * (0.5 + rng.random()), 2)
        met = value <= limit
        values: dict[str, Any] = {
            "report_number": f"HJ{year}{scene.place.code[-2:]}{number:05d}",
            "point": f"{street}{pick(rng, ('一号点', '二号点', '断面'))}",
            "medium": medium,
            "item": item,
            "result": f"{value:g}",
            "result.unit": unit,
            "result.limit": f"≤{limit:g}",
            "standard": "GB 3838-2002"
            if medium == "surface_water"
            else "GB 3095-2012"
            if medium == "air"
            else "GB 3096-2008",
            "monitored_on": day_in(rng, year),
            "sub_district": street,
            "verdict": "met" if met else "exceeded",
        }
        yield scene.tell(values)


def self_monitoring(scene: Scene, year: int, count: int) -> Iterator[ToldRow]:
    """What enterprises measure at their own outlets, as the platform exports it."""
    rng = scene.rng(f"self_monitoring/{year}")
    firms = by_turns([firm for firm in scene.place.firms if firm.kind.sector == "manufacturing"], rng)
    for number in range(1, count + 1):
        firm = next(firms)
        yield scene.tell(
            {
                "enterprise": firm.name,
                "enterprise.code": firm.code,
                "point": f"{firm.code[9:15]}-DW{number:04d}",
                "medium": "wastewater",
                "item": pick(rng, ("化学需氧量", "氨氮", "总磷")),
                "result": f"{round(8 + rng.random() * 60, 1):g}",
                "result.unit": "mg/L",
                "result.limit": "100",
                "standard": "GB 8978-1996",
                "monitored_on": day_in(rng, year),
                "laboratory": f"{CITY}{scene.place.name}质量检验检测中心",
                "verdict": "met",
            }
        )


def permits(scene: Scene, count: int) -> Iterator[ToldRow]:
    """Discharge permits."""
    rng = scene.rng("permits")
    firms = [firm for firm in scene.place.firms if firm.kind.sector == "manufacturing"][:count]
    for firm in firms:
        issued = dt.date(2023, 6, 1) + dt.timedelta(days=int(rng.random() * 700))
        yield scene.tell(
            {
                **firm.party("holder"),
                "permit_number": f"{firm.code}001P",
                "industry": firm.kind.industry,
                "management": pick(rng, ("key", "simplified", "registration")),
                "sub_district": scene.division_of(firm),
                "pollutants": "化学需氧量、氨氮",
                "issued_on": issued,
                "expires_on": issued + dt.timedelta(days=1825),
                "authority": f"{CITY}生态环境局",
                "standing": "valid",
            }
        )


def sewage(scene: Scene, years: Sequence[int], *, treated_per_thousand: int) -> Iterator[ToldRow]:
    """Plants month by month: of what the place produces, so many parts of a thousand are treated to the standard."""
    for year in years:
        for month in range(1, 13):
            if dt.date(year, month, 28) > AS_OF:
                continue
            for plant in (1, 2):
                produced = 600_000 + 1000 * (month * 7 + plant * 31)
                treated = produced * treated_per_thousand // 1000
                yield scene.tell(
                    {
                        "plant": f"{CITY}{scene.place.name}第{'一二'[plant - 1]}污水处理厂",
                        "period_end": dt.date(year, month, 28),
                        "capacity": 30_000,
                        "volume_produced": produced,
                        "volume_in": treated + 900,
                        "volume_treated": treated,
                        "met": True,
                        "district": scene.place.name,
                    }
                )


def energy(scene: Scene, year: int, users: int) -> Iterator[ToldRow]:
    """Energy of key users, with the meters that they should have and those that they have."""
    rng = scene.rng(f"energy/{year}")
    firms = [firm for firm in scene.place.firms if firm.kind.sector == "manufacturing"][:users]
    for firm in firms:
        for month in (3, 6, 9):
            if dt.date(year, month, 28) > AS_OF:
                continue
            kilowatt_hours = 20_000 + int(rng.random() * 500_000)
            needed = 10 + int(rng.random() * 40)
            yield scene.tell(
                {
                    "consumer": firm.name,
                    "consumer.code": firm.code,
                    "period_end": dt.date(year, month, 28),
                    "energy_kind": "electricity",
                    "amount": str(kilowatt_hours),
                    "amount.unit": "kWh",
                    "standard_coal": Decimal(kilowatt_hours * 1229 // 10000) / 1000,
                    "key_user": True,
                    "meters_required": needed,
                    "meters_fitted": needed - int(rng.random() * 2),
                    "management_system": rng.random() < 0.4,
                }
            )


def farm_certificates(scene: Scene, pollution_free: int, others: int) -> list[ToldRow]:
    """Certificates of farm produce: crops without pollution, green food, and one that has run out."""
    rng = scene.rng("farm_certificates")
    farms = scene.place.of("farm")
    crops = (
        ("黄瓜", "vegetable"),
        ("番茄", "vegetable"),
        ("苹果", "fruit"),
        ("小米", "grain"),
        ("白菜", "vegetable"),
        ("冬枣", "fruit"),
    )
    rows = []
    for number in range(pollution_free + others + 1):
        crop, kind = crops[number % len(crops)]
        lapsed = number == pollution_free + others
        firm = farms[number % len(farms)]
        issued = dt.date(2020 if lapsed else 2025, 4, 1 + number % 25)
        rows.append(
            scene.tell(
                {
                    "holder": firm.name,
                    "holder.code": firm.code,
                    "certificate_number": f"WGH-9901-{scene.place.code[-2:]}-{number:04d}",
                    "certificate_kind": "pollution_free" if number < pollution_free or lapsed else "green",
                    "product_name": crop,
                    "crop": kind,
                    "place_of_origin": firm.address,
                    "sub_district": scene.division_of(firm),
                    "area_mu": 200 + int(rng.random() * 3000),
                    "output": 100 + int(rng.random() * 5000),
                    "certifier": f"{CITY}农产品质量安全中心（虚构）",
                    "issued_on": issued,
                    "expires_on": dt.date(issued.year + 3, 3, 31),
                    "standing": "expired" if lapsed else "valid",
                }
            )
        )
    return rows


def conformity_slips(scene: Scene, year: int, count: int) -> Iterator[ToldRow]:
    """Produce checked at the gate of a wholesale market."""
    rng = scene.rng(f"slips/{year}")
    farms, sellers = by_turns(scene.place.of("farm"), rng), by_turns(scene.place.of("shop"), rng)
    for number in range(1, count + 1):
        farm, seller = next(farms), next(sellers)
        day = day_in(rng, year)
        with_slip = rng.random() < 0.93
        yield scene.tell(
            {
                "checked_on": day,
                "market": f"{CITY}{scene.place.name}农产品批发市场有限公司",
                "seller": seller.name_on(day),
                "seller.code": seller.code,
                "product_name": farm.product,
                "quantity": str(50 + int(rng.random() * 2000)),
                "quantity.unit": "千克",
                "origin": f"{CITY}{scene.place.name}",
                "issuer": farm.name if with_slip else "",
                "issuer.code": farm.code if with_slip else "",
                "slip_number": f"HGZ{year}{scene.place.code[-2:]}{number:05d}",
                "slip_issued_on": day if with_slip else "",
                "evidence": "slip" if with_slip else "none",
                "quick_test": "passed",
                "result": "admitted",
            }
        )
