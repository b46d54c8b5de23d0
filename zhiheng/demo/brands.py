"""Brands, marks, patents, standards, awards and the people and promises that stand behind quality."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zhiheng.demo.clerks import ToldRow
from zhiheng.demo.economy import CITY, Firm
from zhiheng.demo.names import person, pick
from zhiheng.demo.scenes import AS_OF, Scene, later

MARK_WORDS = "岫云砚舟笛筝汀蓼朔弦渚栀曜澄霁苓芷茯锦枢砺泉穗梭轨"


def makers(scene: Scene) -> list[Firm]:
    """Firms that make something and have a quality file, in the order of the register."""
    return [firm for firm in scene.place.firms if firm.quality_file and firm.kind.sector == "manufacturing"]


def servants(scene: Scene) -> list[Firm]:
    """Firms that serve and have a quality file."""
    return [firm for firm in scene.place.firms if firm.quality_file and firm.kind.sector == "service"]


def brand_titles(scene: Scene, plan: Sequence[tuple[str, str, str, int]]) -> list[ToldRow]:
    """Titles by (kind, level, standing, how many); each goes to a different firm, so that firms and titles agree."""
    rng = scene.rng("brand_title")
    producing, serving = iter(makers(scene)), iter(servants(scene))
    rows = []
    names = {
        "famous_product": "名牌产品",
        "quality_product": "优质产品",
        "service_brand": "服务名牌",
        "mark": "著名商标",
    }
    levels = {"national": "国家", "province": "省", "city": f"{CITY}", "district": scene.place.name}
    for kind, level, standing, count in plan:
        for number in range(1, count + 1):
            firm = next(serving if kind == "service_brand" else producing)
            awarded = dt.date(2024, 3, 1) + dt.timedelta(days=int(rng.random() * 600))
            values: dict[str, Any] = {
                **_named(firm, "holder"),
                "title_name": levels[level] + names[kind],
                "title_kind": kind,
                "level": level,
                "titled_thing": f"{firm.name[4:7]}牌{firm.product}",
                "standing": standing,
                "awarded_on": awarded,
                "district": scene.place.name,
            }
            if standing == "held":
                values |= {
                    "authority": f"{levels[level]}质量强市工作领导小组（虚构）",
                    "certificate_number": f"{kind[:2].upper()}{awarded.year}-{level[:2].upper()}-{number:03d}",
                    "expires_on": dt.date(awarded.year + 3, 12, 31),
                }
            rows.append(scene.tell(values))
    return rows


def trademarks(
    scene: Scene, *, domestic: int, international: int, recognised: Mapping[str, int], also_lapsed: int = 40
) -> list[ToldRow]:
    """Registered marks. Marks that have lapsed are listed too, and are no marks any more."""
    rng = scene.rng("trademark")
    holders = [firm for firm in scene.place.firms if firm.quality_file]
    famous = [level for level, count in recognised.items() for _ in range(count)]
    rows = []
    for number in range(domestic + international + also_lapsed):
        lapsed = number >= domestic + international
        firm = holders[number % len(holders)]
        registered = dt.date(2016, 11, 20) + dt.timedelta(days=int(rng.random() * 3550))
        if lapsed:
            registered = dt.date(2012, 1, 1) + dt.timedelta(days=int(rng.random() * 1000))
        recognition = famous[number] if number < len(famous) else "none"
        values: dict[str, Any] = {
            **_named(firm, "holder"),
            "holder.address": firm.address,
            "registration_number": f"9901{scene.place.code[-2:]}{number:05d}",
            "mark_name": "".join(MARK_WORDS[int(rng.random() * len(MARK_WORDS))] for _ in range(2)) + firm.name[5:6],
            "nice_class": 1 + int(rng.random() * 45),
            "registration_kind": "domestic" if lapsed or number < domestic else "international",
            "registered_on": registered,
            "expires_on": _ten_years_on(registered),
            "standing": "lapsed" if lapsed else "valid",
            "recognition": recognition,
            "district": scene.place.name,
        }
        if recognition != "none":
            values["recognised_on"] = min(later(rng, registered, 400, 1500), AS_OF - dt.timedelta(days=60))
        rows.append(scene.tell(values))
    return rows


def patents(scene: Scene, *, invention: int, utility: int, design: int) -> list[ToldRow]:
    """Patents granted, by kind."""
    rng = scene.rng("patent")
    holders = makers(scene)
    kinds = ["invention"] * invention + ["utility"] * utility + ["design"] * design
    rng.shuffle(kinds)
    place = scene.place.code[-2:]
    digit = {"invention": "1", "utility": "2", "design": "3"}
    rows = []
    for number, kind in enumerate(kinds):
        firm = holders[number % len(holders)]
        applied = dt.date(2018, 1, 10) + dt.timedelta(days=int(rng.random() * 2500))
        rows.append(
            scene.tell(
                {
                    **_named(firm, "holder"),
                    "holder.address": firm.address,
                    "patent_number": f"ZL{applied.year}{digit[kind]}99{place}{number:04d}.{number % 10}",
                    "patent_name": f"一种{firm.product}"
                    + ("的外观" if kind == "design" else pick(rng, ("加工装置", "检测方法", "夹具"))),
                    "patent_kind": kind,
                    "inventors": f"{person(rng)}、{person(rng)}",
                    "applied_on": applied,
                    "granted_on": min(later(rng, applied, 240, 500), AS_OF - dt.timedelta(days=10)),
                    "standing": "in_force",
                    "district": scene.place.name,
                }
            )
        )
    return rows


def standards_led(
    scene: Scene, plan: Sequence[tuple[str, str, int, int, int]], drafters: Sequence[Firm]
) -> list[ToldRow]:
    """Standards by (level, part, how many, first year, last year), drafted in turn by the given institutions."""
    rng = scene.rng("standard_led")
    prefix = {"international": "ISO", "national": "GB/T", "industry": "SY/T", "local": "DB 9901/T", "group": "T/YLQA"}
    first_number = 99000 + int(scene.place.code[-2:]) * 40
    rows, number = [], 0
    for level, part, count, first, last in plan:
        for turn in range(count):
            firm = drafters[number % len(drafters)]
            published = dt.date(
                first + turn % (last - first + 1), 1 + int(rng.random() * 9), 1 + int(rng.random() * 28)
            )
            number += 1
            rows.append(
                scene.tell(
                    {
                        **_named(firm, "drafter"),
                        "standard_number": f"{prefix[level]} {first_number + number}-{published.year}",
                        "standard_name": f"{firm.product} 第{number}部分：通用技术要求（虚构）",
                        "level": level,
                        "part": part,
                        "rank": 1 if part == "led" else 3,
                        "people": f"{person(rng)}、{person(rng)}",
                        "published_on": published,
                        "in_force_on": published + dt.timedelta(days=180),
                        "standing": "current",
                        "district": scene.place.name,
                    }
                )
            )
    return rows


def standards_adopted(scene: Scene, *, adopted: int, applying: int) -> list[ToldRow]:
    """Makers that have adopted an international standard, and makers that have applied to."""
    rows = []
    for number, firm in enumerate(makers(scene)[: adopted + applying]):
        done = number < adopted
        values: dict[str, Any] = {
            **_named(firm, "producer"),
            "product_name": firm.product,
            "national_standard": "GB/T 25429",
            "adoption": "adopted" if done else "applying",
            "stated_on": dt.date(2025, 5, 6 + number % 20),
        }
        if done:
            values |= {
                "international_standard": "ISO 10423:2022",
                "degree": "modified",
                "expires_on": dt.date(2030, 5, 5),
                "certificate_number": f"CB2025-{scene.place.code}-{number:03d}",
            }
        rows.append(scene.tell(values))
    return rows


def standards_declared(scene: Scene, count: int) -> Iterator[ToldRow]:
    """Own standards that makers declared publicly."""
    rng = scene.rng("standard_declared")
    chosen = makers(scene)
    for number in range(count):
        firm = chosen[number % len(chosen)]
        yield scene.tell(
            {
                **_named(firm, "producer"),
                "standard_number": f"Q/{scene.place.code}{firm.code[9:13]} {number:03d}-{2022 + number % 5}",
                "standard_name": f"{firm.product}（企业标准）",
                "product_name": firm.product,
                "declared_on": dt.date(2022 + number % 5, 1 + int(rng.random() * 9), 1 + int(rng.random() * 28)),
                "standing": "current",
                "indicator_count": 4 + int(rng.random() * 12),
                "forerunner": number % 25 == 0,
            }
        )


def demonstration_zones(scene: Scene, plan: Sequence[tuple[str, str, int]]) -> list[ToldRow]:
    """Demonstration zones by (kind, level, how many); farms run the agricultural ones."""
    rng = scene.rng("demonstration_zone")
    farms = scene.place.of("farm")
    words = ("设施黄瓜", "富硒小米", "红星苹果", "露地番茄", "高山白菜", "冬枣", "食用菌")
    rows: list[ToldRow] = []
    for kind, level, count in plan:
        for number in range(len(rows), len(rows) + count):
            firm = farms[number % len(farms)] if kind == "agricultural" else servants(scene)[number]
            approved = dt.date(2023, 4, 1) + dt.timedelta(days=int(rng.random() * 700))
            rows.append(
                scene.tell(
                    {
                        **_named(firm, "operator"),
                        "zone_name": f"{scene.place.name}{words[number % len(words)]}标准化示范区"
                        if kind == "agricultural"
                        else f"{scene.place.name}{firm.product}标准化试点",
                        "zone_kind": kind,
                        "level": level,
                        "sub_district": scene.division_of(firm),
                        "approved_on": approved,
                        "accepted_on": approved + dt.timedelta(days=400),
                        "standing": "accepted",
                        "area_mu": 300 + int(rng.random() * 4000),
                        "standards_used": 6 + int(rng.random() * 20),
                    }
                )
            )
    return rows


def quality_awards(scene: Scene, plan: Sequence[tuple[str, str, int, dt.date]]) -> list[ToldRow]:
    """Quality awards by (level, name, prize in yuan, day), each to a different firm."""
    winners = makers(scene)[40:]
    rows = []
    for number, (level, name, prize, day) in enumerate(plan):
        firm = winners[number]
        rows.append(
            scene.tell(
                {
                    **_named(firm, "winner"),
                    "award_name": name,
                    "level": level,
                    "cycle": day.year,
                    "winner_kind": "organisation",
                    "prize_kind": "main",
                    "prize": prize,
                    "awarded_on": day,
                    "authority": "授奖机关（虚构）",
                    "document_number": f"云政发〔{day.year}〕{20 + number}号",
                    "standing": "valid",
                    "district": scene.place.name,
                }
            )
        )
    return rows


def chief_quality_officers(scene: Scene, *, in_post: int, left: int) -> list[ToldRow]:
    """Chief quality officers, and some who have left: their firms have none."""
    rng = scene.rng("chief_quality_officer")
    rows = []
    for number, firm in enumerate(makers(scene)[10 : 10 + in_post + left]):
        rows.append(
            scene.tell(
                {
                    **_named(firm, "employer"),
                    "officer_name": person(rng),
                    "phone": firm.phone,
                    "position": pick(rng, ("副总经理", "总工程师", "质量总监")),
                    "education": pick(rng, ("bachelor", "master", "college")),
                    "years": 5 + int(rng.random() * 20),
                    "appointed_on": dt.date(2025, 2, 1) + dt.timedelta(days=number * 9),
                    "term_ends_on": dt.date(2028, 12, 31),
                    "veto": True,
                    "training_certificate": f"CQO2025{scene.place.code[-2:]}{number:03d}",
                    "standing": "in_post" if number < in_post else "left",
                }
            )
        )
    return rows


def responsibility_letters(scene: Scene, count: int) -> Iterator[ToldRow]:
    """Responsibility letters signed with makers."""
    rng = scene.rng("responsibility_letter")
    chosen = makers(scene)
    for number in range(min(count, len(chosen))):
        firm = chosen[number]
        signed = dt.date(2026, 1, 8) + dt.timedelta(days=int(rng.random() * 60))
        yield scene.tell(
            {
                **_named(firm, "signer"),
                "letter_number": f"责{scene.place.code}-2026-{number:04d}",
                "letter_kind": "food" if firm.access == "food_licence" else "product",
                "signed_on": signed,
                "ends_on": dt.date(2026, 12, 31),
                "office": f"{CITY}{scene.place.name}市场监督管理局",
                "signatory": firm.person,
                "fulfilment": "running",
            }
        )


def public_commitments(scene: Scene, count: int) -> Iterator[ToldRow]:
    """Public commitments of enterprises."""
    rng = scene.rng("public_commitment")
    chosen = [firm for firm in scene.place.firms if firm.quality_file]
    for number in range(min(count, len(chosen))):
        firm = chosen[-1 - number]
        day = dt.date(2026, 3, 1) + dt.timedelta(days=int(rng.random() * 20))
        yield scene.tell(
            {
                **_named(firm, "promiser"),
                "commitment_number": f"诺{scene.place.code}-2026-{number:04d}",
                "commitment_kind": pick(rng, ("quality", "after_sales", "measurement")),
                "content": "不销售不合格商品，七日内无理由退货，计量准确，明码标价。",
                "channel": pick(rng, ("website", "shop")),
                "committed_on": day,
                "expires_on": dt.date(2027, 3, 14),
                "kept": pick(rng, ("kept", "unchecked")),
            }
        )


def _named(firm: Firm, role: str) -> dict[str, str]:
    return {role: firm.name, f"{role}.code": firm.code}


def _ten_years_on(day: dt.date) -> dt.date:
    return dt.date(day.year + 10, day.month, min(day.day, 28))
