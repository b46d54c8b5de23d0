"""What inspectors do: inspections, orders to put things right and their rechecks, penalties, seizures, interviews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from zhiheng.demo.clerks import ToldRow
from zhiheng.demo.economy import CITY, by_turns
from zhiheng.demo.names import person, pick
from zhiheng.demo.scenes import AS_OF, Scene, day_in, later

PROBLEMS = (
    "未按规定查验供货者的许可证和合格证明",
    "计量器具超过检定有效期",
    "从业人员健康证明过期",
    "出厂检验记录不完整",
    "标签标识不规范，未标注执行标准",
    "特种设备安全管理制度未上墙",
    "原料与成品混放",
)
ITEMS = ("进货查验制度落实情况", "生产过程控制", "特种设备使用安全", "计量器具检定", "标签标识", "公示信息")
VIOLATIONS = (
    ("销售不符合保障人身健康标准的产品", "product"),
    ("经营超过保质期的食品", "food"),
    ("使用未经检验的特种设备", "special_equipment"),
    ("使用超期未检的计量器具", "metrology"),
    ("未经许可使用他人注册商标", "counterfeit"),
    ("未明码标价", "price"),
)


def inspections(scene: Scene, year: int, count: int) -> list[ToldRow]:
    """A year of on-site inspections."""
    rng = scene.rng(f"inspections/{year}")
    firms = by_turns(scene.place.firms, rng)
    rows = []
    for number in range(1, count + 1):
        firm = next(firms)
        day = day_in(rng, year)
        luck = rng.random()
        values: dict[str, Any] = {
            **firm.party("inspected", day),
            "inspection_number": f"检{year}{scene.place.code[-2:]}{number:06d}",
            "inspection_kind": pick(rng, ("daily", "daily", "random", "special", "licence")),
            "field_of_supervision": "food"
            if firm.access == "food_licence"
            else pick(rng, ("product", "metrology", "special_equipment")),
            "inspection_item": pick(rng, ITEMS),
            "inspectors": f"{person(rng)}、{person(rng)}",
            "inspected_on": day,
            "division": scene.division_of(firm),
            "serious_items": 0,
        }
        if luck < 0.86:
            values |= {"result": "conforming", "general_items": 0, "handling": "none"}
        elif luck < 0.97:
            values |= {
                "result": "basically_conforming",
                "general_items": 1 + int(rng.random() * 3),
                "findings": pick(rng, PROBLEMS),
                "handling": "ordered",
                "rectify_by": later(rng, day, 7, 30),
            }
        else:
            values |= {
                "result": "nonconforming",
                "serious_items": 1,
                "general_items": 2,
                "findings": pick(rng, PROBLEMS),
                "handling": "filed",
            }
        rows.append(scene.tell(values))
    return rows


def double_random(scene: Scene, year: int, count: int) -> Iterator[ToldRow]:
    """The draws of a year, as the double-random platform exports them."""
    rng = scene.rng(f"double_random/{year}")
    firms = by_turns(scene.place.firms, rng)
    for number in range(1, count + 1):
        firm = next(firms)
        day = day_in(rng, year)
        found = rng.random() > 0.93
        yield scene.tell(
            {
                **firm.party("inspected", day),
                "inspection_number": f"SJ{year}{scene.place.code}{number:05d}",
                "inspection_item": "登记事项检查",
                "inspectors": f"{person(rng)},{person(rng)}",
                "inspected_on": day,
                "result": "not_found" if found else "conforming",
                "handling": "transferred" if found else "none",
                "findings": "登记住所无法联系" if found else "",
            }
        )


def orders_and_rechecks(
    scene: Scene, count: int, *, year: int, failed_rechecks: int
) -> tuple[list[ToldRow], list[ToldRow]]:
    """Orders to put things right, and the recheck of each that has fallen due."""
    rng = scene.rng(f"orders/{year}")
    firms = by_turns(scene.place.firms, rng)
    orders, rechecks = [], []
    for number in range(1, count + 1):
        firm = next(firms)
        day = min(day_in(rng, year), AS_OF - dt.timedelta(days=75))
        due = later(rng, day, 15, 60)
        order = f"云市监责改〔{year}〕{scene.place.code[-2:]}{number:04d}号"
        failed = number <= failed_rechecks
        problem = pick(rng, PROBLEMS)
        orders.append(
            scene.tell(
                {
                    **_coded(firm.name_on(day), firm.code, "ordered"),
                    "order_number": order,
                    "basis": pick(rng, ("sampling", "inspection", "complaint")),
                    "product": firm.product,
                    "problem": problem,
                    "requirement": "立即停止销售，查明原因，限期整改并提交报告",
                    "stop_sale": number % 3 == 0,
                    "ordered_on": day,
                    "due_on": due,
                    "reported_on": due - dt.timedelta(days=1),
                    "progress": "reported",
                }
            )
        )
        values: dict[str, Any] = {
            **_coded(firm.name_on(day), firm.code, "rechecked"),
            "order_number": order,
            "round": 1,
            "method": pick(rng, ("sampling", "site")),
            "product": firm.product,
            "rechecked_on": min(later(rng, due, 1, 14), AS_OF),
            "conclusion": "failed" if failed else "passed",
            "next_step": "report_up" if failed else "resume",
        }
        if failed:
            values["problem"] = problem
        rechecks.append(scene.tell(values))
    return orders, rechecks


def penalties(scene: Scene, count: int, *, year: int) -> list[ToldRow]:
    """Decisions on penalties, with their amounts in yuan."""
    rng = scene.rng(f"penalties/{year}")
    firms = by_turns(scene.place.firms, rng)
    rows = []
    for number in range(1, count + 1):
        firm = next(firms)
        violation, field = pick(rng, VIOLATIONS)
        decided = day_in(rng, year)
        fine = (1 + int(rng.random() * 60)) * 500
        rows.append(
            scene.tell(
                {
                    **firm.party("punished", decided),
                    "decision_number": f"云市监{scene.place.code[-2:]}处罚〔{year}〕{number:04d}号",
                    "party_kind": "individual_business" if firm.code.startswith("92") else "enterprise",
                    "legal_representative": firm.person,
                    "violation_kind": violation,
                    "field_of_supervision": field,
                    "violation_fact": f"经查，当事人{violation}，违法所得{fine // 10}元。",
                    "basis": "《中华人民共和国产品质量法》等",
                    "penalty_kind": "fine" if number % 3 else "fine_and_confiscation",
                    "lenient": "ordinary",
                    "fine": fine,
                    "confiscated": 0 if number % 3 else fine // 10,
                    "content": f"罚款{fine}元",
                    "filed_on": decided - dt.timedelta(days=20 + int(rng.random() * 60)),
                    "decided_on": decided,
                    "published_on": min(later(rng, decided, 5, 20), AS_OF),
                    "authority": f"{CITY}{scene.place.name}市场监督管理局",
                    "officers": f"{person(rng)}、{person(rng)}",
                }
            )
        )
    return rows


def seizures(scene: Scene, count: int, *, year: int) -> Iterator[ToldRow]:
    """Goods sealed or seized."""
    rng = scene.rng(f"seizures/{year}")
    firms = by_turns(scene.place.of("shop", "supermarket", "restaurant"), rng)
    for number in range(1, count + 1):
        firm = next(firms)
        day = day_in(rng, year)
        yield scene.tell(
            {
                **_coded(firm.name_on(day), firm.code, "seized_from"),
                "decision_number": f"云市监{scene.place.code[-2:]}强制〔{year}〕{number:03d}号",
                "measure": pick(rng, ("sealed", "seized", "registered")),
                "goods": pick(rng, ("过期饼干", "无标识电线", "散装白酒", "仿冒洗衣液")),
                "amount": f"{1 + int(rng.random() * 300)}",
                "amount.unit": pick(rng, ("箱", "袋", "瓶")),
                "goods_value": 100 + int(rng.random() * 9000),
                "place": firm.address,
                "reason": "涉嫌销售不合格产品",
                "seized_on": day,
                "due_on": day + dt.timedelta(days=29),
                "disposal": "held" if day > AS_OF - dt.timedelta(days=30) else "confiscated",
            }
        )


def interviews(scene: Scene, count: int, *, year: int, trades: tuple[str, ...] = ()) -> Iterator[ToldRow]:
    """Heads of enterprises called in to be talked to."""
    rng = scene.rng(f"interviews/{year}")
    firms = by_turns(scene.place.of(*trades) if trades else scene.place.firms, rng)
    for number in range(1, count + 1):
        firm = next(firms)
        day = day_in(rng, year)
        yield scene.tell(
            {
                **_coded(firm.name_on(day), firm.code, "interviewed"),
                "interview_number": f"约{year}-{scene.place.code[-2:]}-{number:03d}",
                "person": firm.person,
                "post": pick(rng, ("legal_representative", "head", "quality_head")),
                "reason": "监督抽查连续两次不合格",
                "requirement": "十五日内完成整改并提交报告",
                "interviewed_on": day,
                "attendance": "attended" if number % 9 else "represented",
                "rectify_by": day + dt.timedelta(days=15),
                "rectified": True,
            }
        )


def unannounced(scene: Scene, count: int, *, year: int, trades: tuple[str, ...]) -> Iterator[ToldRow]:
    """Unannounced inspections."""
    rng = scene.rng(f"unannounced/{year}")
    firms = by_turns(scene.place.of(*trades), rng)
    for number in range(1, count + 1):
        firm = next(firms)
        day = min(day_in(rng, year), AS_OF - dt.timedelta(days=3))
        bad = number % 12 == 0
        some = number % 3 == 0
        yield scene.tell(
            {
                **firm.party("inspected", day),
                "inspection_number": f"飞检{year}-{scene.place.code[-2:]}-{number:03d}",
                "cause": pick(rng, ("plan", "sampling_failure", "report", "risk_signal")),
                "inspected_on": day,
                "ended_on": later(rng, day, 0, 2),
                "inspectors": f"{person(rng)}、{person(rng)}",
                "critical_defects": int(bad),
                "major_defects": 2 if bad else int(some),
                "minor_defects": int(rng.random() * 6),
                "defects": "批生产记录不完整；物料取样间压差无记录" if bad or some else "",
                "conclusion": "nonconforming" if bad else "to_be_rectified" if some else "conforming",
                "measure": "suspension" if bad else "rectification" if some else "none",
            }
        )


def laboratory_scopes(scene: Scene) -> Iterator[ToldRow]:
    """What the place's testing centre may test, item by item."""
    things = {
        "电线电缆": ("导体电阻", "绝缘厚度", "不延燃试验"),
        "糕点": ("菌落总数", "过氧化值", "脱氢乙酸"),
        "涂料": ("VOC含量", "耐洗刷性"),
        "石油机械": ("静水压试验", "硬度", "螺纹参数"),
        "水泥制品": ("抗压强度", "抗裂检验"),
        "纺织品": ("纤维含量", "甲醛含量", "pH值"),
    }
    for number, (thing, items) in enumerate(things.items(), 1):
        for item in items:
            yield scene.tell(
                {
                    "laboratory": f"{CITY}{scene.place.name}质量检验检测中心",
                    "laboratory.address": f"{CITY}{scene.place.name}灯塔街{number}号",
                    "certificate_number": f"9901{scene.place.code[-2:]}2024",
                    "object": thing,
                    "item": item,
                    "method": f"GB/T {9000 + number * 7}-2020",
                    "working_days": 5 + number,
                    "issued_on": dt.date(2024, 5, 1),
                    "expires_on": dt.date(2030, 4, 30),
                    "status": "valid",
                }
            )


def test_reports(scene: Scene, count: int) -> Iterator[ToldRow]:
    """Tests that makers had done themselves: commissioned, type tests, tests on arrival."""
    rng = scene.rng("test_reports")
    makers = by_turns([firm for firm in scene.place.firms if firm.kind.sector == "manufacturing"], rng)
    items = (
        ("抗拉强度", "486", "MPa", "≥450"),
        ("水分", "12.4", "%", "≤14.5"),
        ("铅", "未检出", "mg/kg", "≤0.5"),
        ("硬度", "HB 241", "", "217～255"),
    )
    for number in range(1, count + 1):
        firm = next(makers)
        issued = day_in(rng, 2026)
        item, result, unit, limit = pick(rng, items)
        yield scene.tell(
            {
                "report_number": f"JC2026{scene.place.code[-2:]}{number:05d}",
                "test_kind": pick(rng, ("commissioned", "type", "arrival")),
                "client": firm.name,
                "client.code": firm.code,
                "producer": firm.name,
                "laboratory": f"{CITY}{scene.place.name}质量检验检测中心",
                "product": firm.product,
                "batch": f"{issued:%y%m%d}",
                "standard": "产品明示标准",
                "item": item,
                "result": result,
                "result.unit": unit,
                "result.limit": limit,
                "verdict": "qualified",
                "received_on": issued - dt.timedelta(days=8),
                "issued_on": issued,
            }
        )


def foreign_alerts(scene: Scene, count: int) -> Iterator[ToldRow]:
    """Alerts from abroad that name products made here (alerts and numbers are invented)."""
    rng = scene.rng("foreign_alerts")
    makers = by_turns(scene.place.of("food", "beverage", "electronics"), rng)
    for number in range(1, count + 1):
        firm = next(makers)
        food = firm.access == "food_licence"
        yield scene.tell(
            {
                "alert_system": "other",
                "reference": f"虚构-2026-{scene.place.code[-2:]}{number:03d}",
                "notified_on": day_in(rng, 2026),
                "notifying_country": "示例国",
                "product_kind": "food" if food else "consumer",
                "category": firm.product,
                "subject_matter": f"{firm.product}{'标签未标注过敏原' if food else '绝缘不良'}",
                "hazards": "标签" if food else "触电",
                "classification": pick(rng, ("alert", "border_rejection", "information_attention")),
                "risk": pick(rng, ("serious", "not_serious", "undecided")),
                "origin": "中国",
                "distribution": "示例国",
                "maker": firm.name,
                "maker.code": firm.code,
                "handling": pick(rng, ("checking", "dealt_with")),
            }
        )


def _coded(name: str, code: str, role: str) -> dict[str, str]:
    return {role: name, f"{role}.code": code}
