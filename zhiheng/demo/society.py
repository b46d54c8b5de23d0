"""What reaches the office from outside and goes out of it: complaints, accidents, recalls, lists, campaigns, targets,
ledgers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from zhiheng.demo.clerks import ToldRow
from zhiheng.demo.economy import CITY, Firm, by_turns
from zhiheng.demo.names import person, pick
from zhiheng.demo.scenes import AS_OF, Scene, day_in, later

GOODS = ("手机", "电动自行车", "家具", "服装", "食用油", "糕点", "酒类", "家用电器", "装饰材料")
SERVICES = ("餐饮服务", "家政服务", "物业服务", "快递服务", "美容美发", "培训服务")
PROBLEMS = (
    "quality",
    "quality",
    "after_sales",
    "contract",
    "price",
    "advertising",
    "measurement",
    "counterfeit",
    "other",
)
TALES = (
    "购买后三天出现故障，商家拒绝退换",
    "实际重量与标称不符",
    "过期仍在销售",
    "宣传与实物不一致",
    "维修两次仍未解决",
    "未经同意多收费用",
)


def complaints(scene: Scene, year: int, *, goods: int, services: int) -> Iterator[ToldRow]:
    """A year of complaints and reports as the hotline exports them, so many of them about goods."""
    rng = scene.rng(f"complaints/{year}")
    shops = by_turns(scene.place.of("shop", "supermarket", "restaurant", "service", "property"), rng)
    kinds = ["goods"] * goods + ["service"] * services
    rng.shuffle(kinds)
    for number, kind in enumerate(kinds, 1):
        firm = next(shops)
        day = day_in(rng, year)
        about = pick(rng, GOODS if kind == "goods" else SERVICES)
        reported = rng.random() < 0.3
        closed = later(rng, day, 6, 58)
        done = closed <= AS_OF
        values: dict[str, Any] = {
            "complaint_number": f"2{scene.place.code}{year}{number:07d}",
            "registered_on": day,
            "complaint_kind": "report" if reported else "complaint",
            "channel": pick(rng, ("platform", "phone", "phone", "visit", "transferred")),
            "complainant_name": person(rng),
            "complainant_phone": f"0400-666{number % 10000:04d}",
            **firm.party("complained_of", day),
            "object_kind": kind,
            "object_class": about,
            "problem_class": pick(rng, ("质量", "售后服务", "合同", "价格", "广告", "计量", "假冒", "其他问题")),
            "content": f"消费者反映{about}{pick(rng, TALES)}。",
            "claim": pick(rng, ("退货", "更换", "赔偿损失", "查处", "")),
            "amount": Decimal(int(rng.random() * 400_000)) / 100,
            "accepted_on": min(later(rng, day, 0, 6), AS_OF),
            "handled_by": f"{scene.place.name}市场监督管理局",
        }
        if done:
            result = (
                pick(rng, ("unfounded", "case_opened", "corrected"))
                if reported
                else ("mediated" if rng.random() < 0.8 else "mediation_failed")
            )
            values |= {"closed_on": closed, "result": result, "overdue": rng.random() < 0.02}
            if result == "mediated":
                values["recovered"] = values["amount"]
        else:
            values |= {"result": "pending"}
        yield scene.tell(values)


MONTHLY = ("家用电器", "通信产品", "食品", "服装鞋帽", "餐饮服务", "互联网服务")
CAUSES = (
    "quality",
    "safety",
    "measurement",
    "contract",
    "after_sales",
    "dignity",
    "advertising",
    "trademark",
    "price",
    "counterfeit",
    "false_claims",
    "other",
)


def monthly_statistics(scene: Scene, year: int, months: int) -> Iterator[ToldRow]:
    """The counts that the hotline hands up every month, a row for each class."""
    rng = scene.rng(f"complaint statistics/{year}")
    for month in range(1, months + 1):
        for category in MONTHLY:
            causes = {f"about_{cause}": int(rng.random() * 20) for cause in CAUSES}
            received = sum(causes.values())
            handled = received - int(rng.random() * 6)
            yield scene.tell(
                {
                    "month": dt.date(year, month, 1),
                    "category": category,
                    "received": received,
                    "handled": max(handled, 0),
                    "mediated": max(handled, 0) * 3 // 4,
                    "recovered": f"{received * 13 / 1000:g}",
                    **causes,
                }
            )


def visits(scene: Scene, year: int, count: int) -> Iterator[ToldRow]:
    """Complaints that sub-districts write down themselves, in the office's own sheet."""
    rng = scene.rng(f"visits/{year}")
    shops = by_turns(scene.place.of("shop", "supermarket", "restaurant"), rng)
    for number in range(1, count + 1):
        firm = next(shops)
        day = min(day_in(rng, year), AS_OF - dt.timedelta(days=40))
        yield scene.tell(
            {
                "complaint_number": f"LF{year}{scene.place.code[-2:]}{number:05d}",
                "complaint_kind": "complaint",
                "channel": "visit",
                "registered_on": day,
                "complainant_name": person(rng),
                "complainant_phone": f"0400-777{number % 10000:04d}",
                **firm.party("complained_of", day),
                "division": scene.division_of(firm),
                "object_kind": "service",
                "object_name": pick(rng, SERVICES),
                "problem_kind": pick(rng, PROBLEMS),
                "content": pick(rng, TALES),
                "claim": "赔偿损失",
                "amount": 20 + int(rng.random() * 900),
                "accepted": True,
                "accepted_on": later(rng, day, 0, 5),
                "closed_on": later(rng, day, 6, 38),
                "result": "mediated",
                "recovered": 20 + int(rng.random() * 300),
                "overdue": False,
                "satisfied": rng.random() < 0.95,
                "handled_by": f"{scene.place.name}市场监督管理局",
            }
        )


def accidents(scene: Scene, grades: Sequence[str]) -> list[ToldRow]:
    """Quality-safety accidents of the given grades; small incidents are written down too, so that 'none' is a
    finding.
    """
    rng = scene.rng("accidents")
    firms = by_turns(scene.place.firms, rng)
    rows = []
    for number, grade in enumerate(grades, 1):
        firm = next(firms)
        day = min(day_in(rng, 2024 + number % 3), AS_OF - dt.timedelta(days=90))
        rows.append(
            scene.tell(
                {
                    "responsible": firm.name_on(day),
                    "responsible.code": firm.code,
                    "accident_number": f"SG{day.year}-{scene.place.code[-2:]}-{number:02d}",
                    "accident_kind": "product",
                    "grade": grade,
                    "supervised": True,
                    "product": firm.product,
                    "place": firm.address,
                    "division": scene.division_of(firm),
                    "happened_on": day,
                    "reported_on": day,
                    "deaths": 0,
                    "injured": 0,
                    "loss": Decimal("0.8"),
                    "cause": "操作不当，未造成人员伤亡",
                    "quality_caused": False,
                    "handling": "已责令整改并复查",
                    "closed_on": later(rng, day, 20, 60),
                }
            )
        )
    return rows


def recalls(scene: Scene, count: int, *, year: int) -> Iterator[ToldRow]:
    """Recalls of defective products, started by the makers themselves or ordered."""
    rng = scene.rng(f"recalls/{year}")
    firms = [firm for firm in scene.place.firms if firm.kind.sector == "manufacturing" and firm.quality_file]
    for number in range(1, count + 1):
        firm = firms[number * 7 % len(firms)]
        food = firm.access == "food_licence"
        day = min(day_in(rng, year), AS_OF - dt.timedelta(days=60))
        made = 500 + int(rng.random() * 5000)
        yield scene.tell(
            {
                "recaller": firm.name_on(day),
                "recaller.code": firm.code,
                "recaller.address": firm.address,
                "recall_number": f"ZH{year}-{scene.place.code[-2:]}-{number:03d}",
                "contact_phone": firm.phone,
                "recall_kind": "food" if food else "consumer",
                "initiative": "voluntary" if number % 4 else "ordered",
                "level": "third",
                "product": firm.product,
                "batch": f"{day.year}{number:02d}",
                "reason": "标签未按规定标注过敏原信息" if food else "绝缘层厚度不足，存在触电隐患",
                "consequence": "可能造成人身伤害",
                "measure": "refund",
                "count_unit": "件",
                "produced_amount": made,
                "sold_amount": made // 2,
                "planned_amount": made // 2,
                "recalled_amount": made // 3,
                "found_on": day - dt.timedelta(days=2),
                "started_on": day,
                "filed_on": day,
                "announced_on": day,
                "finished_on": day + dt.timedelta(days=40),
                "progress": "finished",
            }
        )


def blacklist(scene: Scene, count: int) -> Iterator[ToldRow]:
    """Firms on the list of serious breaches."""
    rng = scene.rng("blacklist")
    firms = by_turns(scene.place.of("shop", "restaurant", "supermarket", "plastic"), rng)
    for number in range(1, count + 1):
        firm = next(firms)
        listed = dt.date(2024, 2, 1) + dt.timedelta(days=int(rng.random() * 800))
        yield scene.tell(
            {
                "listed": firm.name_on(listed),
                "code": firm.code,
                "listed.code": firm.code,
                "legal_representative": firm.person,
                "cause_group": pick(rng, ("food", "quality", "consumer")),
                "cause": "生产销售不符合保障人体健康标准的产品，被处以较重行政处罚",
                "listed_on": listed,
                "decision_number": f"云市监列严〔{listed.year}〕{number:03d}号",
                "authority": f"{CITY}{scene.place.name}市场监督管理局",
                "due_on": listed + dt.timedelta(days=1095),
            }
        )


def abnormal_list(scene: Scene, count: int) -> Iterator[ToldRow]:
    """Firms on the list of abnormal operation, some of them taken off it again."""
    rng = scene.rng("abnormal_list")
    firms = by_turns(scene.place.firms, rng)
    for number in range(1, count + 1):
        firm = next(firms)
        listed = dt.date(2024, 7, 3) + dt.timedelta(days=int(rng.random() * 700))
        values: dict[str, Any] = {
            "listed": firm.name_on(listed),
            "code": firm.code,
            "listed.code": firm.code,
            "cause": pick(rng, ("no_annual_report", "not_reachable")),
            "listed_on": listed,
            "authority": f"{CITY}{scene.place.name}市场监督管理局",
        }
        if number % 3 == 0:
            values |= {
                "removed_on": min(later(rng, listed, 20, 120), AS_OF),
                "removal_cause": "补报年度报告并公示",
                "removal_authority": f"{CITY}{scene.place.name}市场监督管理局",
            }
        yield scene.tell(values)


def campaigns(scene: Scene, divisions: Sequence[str]) -> Iterator[ToldRow]:
    """Special campaigns, counted quarter by quarter."""
    rng = scene.rng("campaigns")
    for year in (2024, 2025, 2026):
        for month, last in ((3, 31), (6, 30), (9, 30)):
            for focus, where in (
                ("电线电缆", "建材市场"),
                ("劣质电动自行车充电器", "城乡结合部"),
                ("儿童玩具", "校园周边"),
            ):
                found = 3 + int(rng.random() * 30)
                yield scene.tell(
                    {
                        "campaign": f"{year}年“质量护航”专项整治",
                        "focus_kind": "product",
                        "focus": focus,
                        "focus_area": f"{scene.place.name}{where}",
                        "division": divisions[month // 3 % len(divisions)],
                        "responsible_unit": f"{scene.place.name}市场监督管理局",
                        "started_on": dt.date(year, month - 2, 1),
                        "counted_on": dt.date(year, month, last),
                        "inspected": found * 8,
                        "found": found,
                        "dealt_with": found,
                        "cases": found // 4,
                        "goods_value": Decimal(found) / 5,
                        "fines": Decimal(found) / 10,
                        "counterfeit": focus == "电线电缆",
                        "measures": "集中检查、约谈、曝光典型案例",
                    }
                )


def targets(
    scene: Scene, year: int, letters: Sequence[tuple[str, str, str, str, str, str | None, str | None, str, str]]
) -> list[ToldRow]:
    """Target letters: (target, its kind, who answers for it, level, comparison, low, high, unit, achieved)."""
    rows = []
    for number, (target, kind, unit, level, comparison, low, high, goal_unit, achieved) in enumerate(letters, 1):
        values: dict[str, Any] = {
            "letter_number": f"质责{year}-{scene.place.code[-2:]}-{number:02d}",
            "target_year": year,
            "target": target,
            "target_kind": kind,
            "responsible_unit": unit,
            "level": level,
            "comparison": comparison,
            "low_goal": low,
            "high_goal": high,
            "goal_unit": goal_unit,
            "stated_on": dt.date(year, 2, 10),
            "due_on": dt.date(year, 12, 31),
            "verdict": "running",
        }
        if achieved:
            values["achieved"] = achieved
        rows.append(scene.tell(values))
    return rows


def ledger_lines(scene: Scene, year: int, count: int) -> list[ToldRow]:
    """Purchases of shops, line by line, each with its supplier and the proof that came with the goods."""
    rng = scene.rng(f"ledger/{year}")
    shops = by_turns(scene.place.of("supermarket", "shop", "restaurant"), rng)
    makers = by_turns(scene.place.of("food", "noodles", "bean_products", "beverage", "farm", "textile", "plastic"), rng)
    rows = []
    for number in range(1, count + 1):
        shop, maker = next(shops), next(makers)
        day = day_in(rng, year)
        farm = maker.trade == "farm"
        rows.append(
            scene.tell(
                {
                    "direction": "purchase",
                    "keeper": shop.name_on(day),
                    "keeper.code": shop.code,
                    "traded_on": day,
                    "product_name": maker.product,
                    "specification": pick(rng, ("500g/袋", "10kg/箱", "散装", "450mL×12")),
                    "batch_number": f"{maker.code[9:14]}-{day:%y%m%d}-{number % 7}",
                    "produced_on": day - dt.timedelta(days=1 + int(rng.random() * 20)),
                    "shelf_life": "7天" if farm else "180天",
                    "quantity": f"{1 + int(rng.random() * 80)}",
                    "quantity.unit": "千克" if farm else "箱",
                    "unit_price": Decimal(100 + int(rng.random() * 9000)) / 100,
                    "supplier": maker.name_on(day),
                    "supplier.code": maker.code,
                    "supplier.address": maker.address,
                    "producer": maker.name_on(day),
                    "origin": f"{CITY}{scene.place.name}",
                    "evidence": "conformity_slip"
                    if farm
                    else pick(rng, ("factory_certificate", "test_report", "factory_certificate")),
                    "receiver": shop.person,
                }
            )
        )
    return rows


def hand_ledger(rows: Sequence[ToldRow], scene: Scene) -> Iterator[ToldRow]:
    """The same kind of lines as a shop keeps them by hand: names only."""
    left_out = ("direction", "keeper.code", "supplier.code")
    for told in rows:
        yield scene.tell({key: value for key, value in told.values.items() if key not in left_out})


CHECKED = (
    "进货查验、原料贮存、出厂检验记录",
    "生产设备清洗与维护保养",
    "从业人员健康证明与培训",
    "不合格品处置与召回准备",
    "标签标识与说明书",
)
FOUND = (
    ("仓库一处离地离墙距离不足", "已加装垫板并重新码放"),
    ("一台电子秤检定标识脱落", "已联系计量所补贴标识"),
    ("两份出厂检验原始记录未签名", "已补签并对检验员提醒谈话"),
)


def self_inspections(scene: Scene, maker: Firm, first: dt.date) -> list[ToldRow]:
    """Three months of what one maker writes down of its own checks: each day, each week, each month."""
    rng = scene.rng(f"self/{maker.code}")
    rows = []
    for number in range(92):
        day = first + dt.timedelta(days=number)
        if day > AS_OF:
            break
        kind = "monthly" if day.day == 28 else "weekly" if day.weekday() == 4 else "daily"
        if day.weekday() > 4 and kind == "daily":
            continue
        values: dict[str, Any] = {
            "inspected_on": day,
            **maker.party("enterprise", day),
            "kind_of_check": kind,
            "items": pick(rng, CHECKED),
            "result": "clean",
            "inspector": maker.person,
        }
        if rng.random() < 0.06:
            found, measure = pick(rng, FOUND)
            mended = later(rng, day, 0, 3)
            values |= {"finding": found, "measure": measure}
            values |= {"result": "mended", "mended_on": mended} if mended <= AS_OF else {"result": "open"}
        rows.append(scene.tell(values))
    return rows
