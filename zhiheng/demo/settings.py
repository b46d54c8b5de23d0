"""The five places in numbers: how many firms of each trade, how many samples, how many of them fail.

These are quantities of things that the generator makes. What comes out as a share, a change or a sum is computed by the
book's indicators from the rows, after they have been written to files, received, identified and projected.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from zhiheng.demo.deliveries import FileKind


@dataclass(frozen=True, slots=True)
class Shares:
    """Per thousand of the samples that fail, in the year of the picture."""

    industrial: int
    consumer: int
    food_production: int
    food_distribution: int


@dataclass(frozen=True, slots=True)
class DistrictSetting:
    """One district."""

    code: str
    prefix: str
    trades: Mapping[str, int]
    without_file: Mapping[str, int]
    shares: Shares
    licensed: int | None = None
    pending: int = 0
    product_samples: int = 1500
    food_samples: int = 3000
    lifts: int = 240
    machines: int = 160
    system_certificates: int = 120
    titles: tuple[tuple[str, str, str, int], ...] = ()
    trademarks: tuple[int, int] = (300, 20)
    recognised: Mapping[str, int] = field(default_factory=dict)
    patents: tuple[int, int, int] = (12, 90, 30)
    standards: tuple[tuple[str, str, int, int, int], ...] = ()
    zones: tuple[tuple[str, str, int], ...] = ()
    adopted: tuple[int, int] = (0, 0)
    officers: tuple[int, int] = (0, 0)
    complaints: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    accidents: tuple[str, ...] = ("incident",)
    awards: tuple[tuple[str, str, int, dt.date], ...] = ()
    coal_boilers: int = 0
    sends_twice: bool = False
    large: FileKind = "csv"
    completed: int = 24
    main_structure_failing: int = 0
    completion_failing: int = 0
    not_at_once: int = 1
    sewage_treated: int = 936
    pollution_free: int = 2
    tonnes: Mapping[int, Mapping[str, str]] = field(
        default_factory=lambda: {
            2020: {"cod": "1600.00", "so2": "2400.00", "ammonia_nitrogen": "120.00"},
            2024: {"cod": "1150.00", "so2": "1000.00", "ammonia_nitrogen": "88.00"},
            2025: {"cod": "1040.00", "so2": "840.00", "ammonia_nitrogen": "81.00"},
        }
    )


DISTRICTS: tuple[DistrictSetting, ...] = (
    DistrictSetting(
        code="990101",
        prefix="liyuan",
        trades={
            "petroleum_machinery": 107,
            "service": 20,
            "property": 10,
            "lift_service": 4,
            "food": 20,
            "noodles": 14,
            "bean_products": 6,
            "beverage": 8,
            "cement": 22,
            "cable": 24,
            "electronics": 10,
            "coating": 20,
            "textile": 60,
            "plastic": 120,
            "steel": 130,
            "builder": 24,
            "developer": 6,
            "farm": 30,
            "supermarket": 90,
            "shop": 111,
        },
        without_file={"restaurant": 80, "shop": 100},
        licensed=62,
        shares=Shares(industrial=10, consumer=10, food_production=16, food_distribution=20),
        food_samples=2000,
        titles=(
            ("famous_product", "province", "held", 2),
            ("quality_product", "province", "held", 5),
            ("famous_product", "province", "applying", 3),
            ("famous_product", "city", "held", 6),
            ("quality_product", "district", "held", 4),
            ("famous_product", "province", "ended", 2),
        ),
        zones=(("agricultural", "province", 1), ("agricultural", "city", 3)),
        adopted=(1, 1),
        main_structure_failing=1,
        complaints={2024: (2400, 1900), 2025: (2500, 1900), 2026: (2000, 1700)},
        accidents=("incident", "incident"),
        awards=(
            ("district", "砺原区区长质量奖", 100_000, dt.date(2025, 3, 15)),
            ("district", "砺原区区长质量奖", 100_000, dt.date(2026, 3, 15)),
            ("city", "云澜市市长质量奖", 300_000, dt.date(2025, 9, 10)),
            ("province", "省质量奖", 1_000_000, dt.date(2024, 12, 5)),
        ),
        coal_boilers=16,
        pollution_free=4,
    ),
    DistrictSetting(
        code="990102",
        prefix="cangji",
        trades={
            "food": 60,
            "noodles": 40,
            "bean_products": 20,
            "beverage": 30,
            "cement": 50,
            "cable": 50,
            "electronics": 120,
            "coating": 60,
            "textile": 160,
            "plastic": 150,
            "steel": 140,
            "petroleum_machinery": 5,
            "service": 60,
            "property": 50,
            "lift_service": 8,
            "builder": 40,
            "developer": 20,
            "farm": 40,
            "supermarket": 120,
            "shop": 200,
            "restaurant": 77,
        },
        without_file={"shop": 150, "restaurant": 100},
        pending=2,
        shares=Shares(industrial=60, consumer=80, food_production=24, food_distribution=36),
        product_samples=2000,
        food_samples=4000,
        lifts=420,
        machines=260,
        system_certificates=260,
        titles=(
            ("famous_product", "province", "held", 9),
            ("famous_product", "city", "held", 20),
            ("famous_product", "city", "applying", 4),
            ("service_brand", "city", "held", 3),
        ),
        trademarks=(1260, 165),
        recognised={"province_famous": 15, "city_famous": 42},
        patents=(97, 640, 265),
        standards=(
            ("national", "shared", 3, 2024, 2026),
            ("industry", "led", 2, 2024, 2026),
            ("local", "led", 4, 2024, 2026),
            ("national", "shared", 5, 2019, 2023),
            ("group", "shared", 3, 2020, 2023),
        ),
        complaints={2024: (3300, 2600), 2025: (3200, 2700), 2026: (2700, 2200)},
        large="csv-gb18030",
        coal_boilers=74,
        completed=48,
        not_at_once=0,
        sewage_treated=928,
        tonnes={
            2020: {"cod": "4000.00", "so2": "9000.00", "nox": "3100.00"},
            2024: {"cod": "2130.00", "so2": "1690.00", "nox": "2050.00"},
            2025: {"cod": "1880.00", "so2": "1170.00", "nox": "1930.00"},
        },
    ),
    DistrictSetting(
        code="990103",
        prefix="chengxiu",
        trades={
            "food": 50,
            "noodles": 40,
            "bean_products": 20,
            "beverage": 20,
            "cement": 40,
            "cable": 30,
            "electronics": 60,
            "coating": 40,
            "textile": 120,
            "plastic": 130,
            "steel": 130,
            "petroleum_machinery": 4,
            "service": 60,
            "property": 40,
            "lift_service": 6,
            "builder": 30,
            "developer": 15,
            "farm": 50,
            "supermarket": 115,
            "shop": 150,
            "restaurant": 100,
        },
        without_file={"shop": 150, "restaurant": 100},
        pending=3,
        shares=Shares(industrial=0, consumer=40, food_production=36, food_distribution=28),
        lifts=320,
        titles=(
            ("famous_product", "province", "held", 7),
            ("quality_product", "province", "held", 4),
            ("service_brand", "province", "held", 2),
            ("famous_product", "city", "held", 9),
            ("service_brand", "province", "applying", 1),
        ),
        patents=(20, 110, 40),
        officers=(7, 2),
        complaints={2024: (3000, 1900), 2025: (2550, 2100), 2026: (1900, 1800)},
        accidents=("incident", "ordinary"),
        awards=(("city", "云澜市市长质量奖", 300_000, dt.date(2025, 9, 10)),),
        sends_twice=True,
        large="csv-bom",
        coal_boilers=20,
        completed=30,
    ),
    DistrictSetting(
        code="990104",
        prefix="jinshu",
        trades={
            "food": 30,
            "noodles": 20,
            "bean_products": 10,
            "beverage": 20,
            "cement": 20,
            "cable": 60,
            "electronics": 200,
            "coating": 20,
            "textile": 150,
            "plastic": 100,
            "steel": 100,
            "petroleum_machinery": 3,
            "service": 80,
            "property": 60,
            "lift_service": 8,
            "institute": 3,
            "builder": 30,
            "developer": 20,
            "farm": 20,
            "supermarket": 90,
            "shop": 106,
            "restaurant": 50,
        },
        without_file={"shop": 150, "restaurant": 100},
        pending=1,
        shares=Shares(industrial=28, consumer=28, food_production=24, food_distribution=24),
        lifts=400,
        machines=200,
        system_certificates=240,
        titles=(
            ("famous_product", "national", "held", 3),
            ("famous_product", "province", "held", 5),
            ("famous_product", "city", "held", 11),
            ("service_brand", "province", "held", 8),
            ("service_brand", "city", "held", 3),
            ("famous_product", "province", "applying", 2),
        ),
        trademarks=(520, 48),
        recognised={"national_well_known": 4, "province_famous": 30, "city_famous": 37},
        patents=(55, 240, 80),
        standards=(("national", "led", 13, 2018, 2026), ("industry", "led", 19, 2017, 2026)),
        main_structure_failing=1,
        completion_failing=1,
        complaints={2024: (2800, 2500), 2025: (2900, 2500), 2026: (2300, 2000)},
        coal_boilers=12,
    ),
)

REGION_CODE, REGION_PREFIX = "990180", "zhiling"
REGION_TRADES: Mapping[str, int] = {
    "medical_oxygen": 24,
    "herbal_slices": 14,
    "excipient": 1,
    "preparation": 41,
}
REGION_OTHERS: Mapping[str, int] = {
    "farm": 20,
    "food": 20,
    "shop": 60,
    "supermarket": 30,
    "restaurant": 40,
    "service": 10,
    "property": 4,
    "lift_service": 1,
    "builder": 5,
    "steel": 6,
    "plastic": 8,
}
