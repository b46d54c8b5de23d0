"""Special equipment and measuring instruments: registers, inspections, the maintenance of every lift every half
month.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from zhiheng.demo.clerks import ToldRow
from zhiheng.demo.economy import Firm, by_turns
from zhiheng.demo.names import person, pick
from zhiheng.demo.scenes import AS_OF, Scene, day_in, later

KINDS = (
    ("elevator", "乘客电梯", "3110"),
    ("boiler", "蒸汽锅炉", "1100"),
    ("pressure_vessel", "储气罐", "2150"),
    ("in_plant_vehicle", "叉车", "5110"),
    ("crane", "桥式起重机", "4170"),
)


@dataclass(frozen=True, slots=True)
class Machine:
    """One piece of special equipment."""

    code: str
    mark: str
    category: str
    name: str
    user: Firm
    keeper: Firm | None
    registered: dt.date


def machines(scene: Scene, *, lifts: int, others: int) -> list[Machine]:
    """The equipment of a place; lifts stand in what property firms manage and are kept by a lift firm."""
    rng = scene.rng("machines")
    users = by_turns(scene.place.of("property"), rng)
    keepers = by_turns(scene.place.of("lift_service"), rng)
    factories = by_turns([firm for firm in scene.place.firms if firm.kind.sector == "manufacturing"], rng)
    found = []
    for number in range(lifts + others):
        category, name, start = KINDS[0] if number < lifts else KINDS[1 + number % (len(KINDS) - 1)]
        lift = category == "elevator"
        found.append(
            Machine(
                code=f"{start}{scene.place.code}{2010 + number % 14}{number:05d}1",
                mark=f"{990000 + number:06d}" if lift else "",
                category=category,
                name=name,
                user=next(users) if lift else next(factories),
                keeper=next(keepers) if lift else None,
                registered=dt.date(2012, 1, 1) + dt.timedelta(days=int(rng.random() * 4300)),
            )
        )
    return found


def register(scene: Scene, all_machines: list[Machine]) -> Iterator[ToldRow]:
    """The register of special equipment."""
    rng = scene.rng("equipment_register")
    for number, machine in enumerate(all_machines):
        made = machine.registered - dt.timedelta(days=120)
        values = {
            **machine.user.party("user_unit"),
            "equipment_code": machine.code,
            "identification_code": machine.mark,
            "use_registration_number": f"梯{number:05d}云" if machine.mark else f"锅{number:05d}云",
            "equipment_name": machine.name,
            "category": machine.category,
            "model": pick(rng, ("TKJ1000/1.75", "DZL4-1.25", "C-2/0.8", "CPD30", "LD10t")),
            "factory_number": f"N{machine.code[-8:]}",
            "place_of_use": machine.user.address,
            "sub_district": scene.division_of(machine.user),
            "manufactured_on": made,
            "put_into_use_on": machine.registered,
            "registered_on": machine.registered,
            "next_inspection_on": dt.date(2027, 1 + number % 10, 1 + number % 28),
            "status": "in_use" if number % 31 else "suspended",
            "safety_manager": person(rng),
            "safety_manager_phone": machine.user.phone,
        }
        if machine.keeper is not None:
            values |= {"maintainer": machine.keeper.name, "maintainer.code": machine.keeper.code}
        yield scene.tell(values)


def inspections(scene: Scene, all_machines: list[Machine], year: int, *, failing: int) -> Iterator[ToldRow]:
    """A year of periodic inspections, with exactly so many failures."""
    rng = scene.rng(f"equipment_inspection/{year}")
    for number, machine in enumerate(all_machines):
        day = day_in(rng, year)
        failed = number < failing
        yield scene.tell(
            {
                "user_unit": machine.user.name_on(day),
                "user_unit.code": machine.user.code,
                "report_number": f"TJ{year}{scene.place.code[-2:]}{number:05d}",
                "equipment_code": machine.code,
                "equipment_name": machine.name,
                "category": machine.category,
                "inspection_kind": "periodic",
                "laboratory": f"云澜市{scene.place.name}质量检验检测中心",
                "inspected_on": day,
                "issued_on": min(later(rng, day, 3, 15), AS_OF),
                "next_inspection_on": day + dt.timedelta(days=365),
                "conclusion": "unqualified" if failed else "qualified",
                "problems": "限速器未在有效期内校验" if failed else "",
            }
        )


def maintenance(scene: Scene, all_machines: list[Machine], first: dt.date, last: dt.date, count: int) -> list[ToldRow]:
    """Maintenance of lifts between two days; many small rows, as each lift is kept every half month."""
    rng = scene.rng(f"maintenance/{first}")
    lifts = [machine for machine in all_machines if machine.keeper is not None]
    span = (last - first).days + 1
    rows = []
    for number in range(count):
        machine = lifts[int(rng.random() * len(lifts))]
        day = first + dt.timedelta(days=int(rng.random() * span))
        luck = rng.random()
        assert machine.keeper is not None
        rows.append(
            scene.tell(
                {
                    "maintenance_number": f"WB{first:%y%m}{scene.place.code[-2:]}{number:06d}",
                    "equipment_code": machine.code,
                    "identification_code": machine.mark,
                    "maintainer": machine.keeper.name_on(day),
                    "maintainer.code": machine.keeper.code,
                    "user_unit": machine.user.name_on(day),
                    "maintenance_kind": "half_month" if luck < 0.8 else "quarter",
                    "maintained_on": day,
                    "previous_on": day - dt.timedelta(days=13 + int(luck * 3)),
                    "result": "normal" if luck < 0.95 else "repaired" if luck < 0.99 else "abnormal",
                    "found": "" if luck < 0.95 else "厅门滑块磨损",
                    "workers": f"{person(rng)}、{person(rng)}",
                    "confirmed": luck < 0.98,
                }
            )
        )
    return rows


def rescues(scene: Scene, all_machines: list[Machine], year: int, count: int) -> Iterator[ToldRow]:
    """Calls for rescue from lifts."""
    rng = scene.rng(f"rescue/{year}")
    lifts = [machine for machine in all_machines if machine.keeper is not None]
    for number in range(1, count + 1):
        machine = pick(rng, lifts)
        assert machine.keeper is not None
        arrived = 6 + int(rng.random() * 24)
        yield scene.tell(
            {
                "rescue_number": f"JY{year}{scene.place.code[-2:]}{number:04d}",
                "identification_code": machine.mark,
                "equipment_code": machine.code,
                "place": machine.user.address,
                "user_unit": machine.user.name,
                "maintainer": machine.keeper.name,
                "called_on": day_in(rng, year),
                "caller_phone": machine.user.phone,
                "trapped": 1 + int(rng.random() * 4),
                "arrived_minutes": arrived,
                "rescued_minutes": arrived + 5 + int(rng.random() * 20),
                "injured": 0,
                "cause": pick(rng, ("door", "control", "power", "human", "other")),
                "result": "rescued",
            }
        )


def verifications(scene: Scene, year: int, count: int, *, failing: int) -> Iterator[ToldRow]:
    """Verification of measuring instruments in markets, fuel stations, restaurants and hospitals."""
    rng = scene.rng(f"verification/{year}")
    users = by_turns(scene.place.of("supermarket", "shop", "restaurant"), rng)
    kinds = (
        ("scale", "电子计价秤", "market"),
        ("fuel_dispenser", "燃油加油机", "fuel_station"),
        ("scale", "电子秤", "restaurant"),
        ("medical", "血压计", "hospital"),
    )
    for number in range(1, count + 1):
        firm = next(users)
        kind, name, place = pick(rng, kinds)
        day = day_in(rng, year)
        yield scene.tell(
            {
                **firm.party("user_unit", day),
                "certificate_number": f"JD{year}{scene.place.code[-2:]}{number:05d}",
                "instrument_name": name,
                "instrument_kind": kind,
                "model": "ACS-30" if kind == "scale" else "标准型",
                "instrument_number": f"{scene.place.code[-2:]}{number:05d}",
                "accuracy": "Ⅲ级",
                "place_kind": place,
                "laboratory": f"云澜市{scene.place.name}质量检验检测中心",
                "mandatory": True,
                "verified_on": day,
                "due_on": day + dt.timedelta(days=364),
                "conclusion": "unqualified" if number <= failing else "qualified",
            }
        )


def coal_boilers(scene: Scene, count: int, *, surveyed: dt.date, removed: bool) -> list[ToldRow]:
    """Coal boilers as surveyed; in the later survey every one of them has been removed or changed to another fuel."""
    rng = scene.rng("coal_boilers")
    users = [firm for firm in scene.place.firms if firm.kind.sector == "manufacturing"]
    rows = []
    for number in range(1, count + 1):
        firm = users[number * 3 % len(users)]
        converted = number % 5 == 0
        gone = dt.date(2024, 11, 1) + dt.timedelta(days=int(rng.random() * 300))
        values = {
            "boiler_number": f"RM{scene.place.code}{number:04d}",
            "user_unit": firm.name_on(surveyed),
            "user_unit.code": firm.code,
            "place_of_use": firm.address,
            "sub_district": scene.division_of(firm),
            "capacity": 1 + number % 10,
            "fuel": "coal",
            "surveyed_on": surveyed,
            "planned_on": dt.date(2025, 10, 31),
            "status": ("converted" if converted else "removed") if removed else "running",
        }
        if removed:
            values["removed_on"] = gone
        rows.append(scene.tell(values))
    return rows
