"""The region of drug makers: licences, qualified persons and their training, batch release, adverse reactions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from zhiheng.demo import register, society, supervision, surroundings
from zhiheng.demo.clerks import DateStyle, ToldRow
from zhiheng.demo.deliveries import DemoFile, DemoPart, FileKind
from zhiheng.demo.economy import CITY, Firm
from zhiheng.demo.names import person, pick
from zhiheng.demo.sampling import FoodSampling, SamplingPlan, with_refusals
from zhiheng.demo.scenes import AS_OF, Scene, day_in, later, share

MAKERS = ("medical_oxygen", "herbal_slices", "excipient", "preparation")
# The 41 makers that are none of the three: preparations, active ingredients, biologicals, reagents, granules.
OTHER_KINDS = ("preparations",) * 30 + ("api",) * 6 + ("biological",) * 2 + ("diagnostic",) + ("formula_granules",) * 2
LETTERS = {"medical_oxygen": "AQ", "herbal_slices": "AY", "excipient": "AF", "preparations": "AhBh"}


class Region:
    """The departments of the region."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.makers = scene.place.of(*MAKERS)
        self.people = {firm.code: person(scene.rng(f"qualified/{firm.code}")) for firm in self.makers}

    def topics(self) -> list[tuple[str, Callable[[], Iterator[DemoFile]]]]:
        """What is handed in, in its order."""
        name = self.scene.place.name
        return [
            (f"{name}：登记", self.registers),
            (f"{name}：药品生产企业", self.licences),
            (f"{name}：质量受权人", self.qualified_persons),
            (f"{name}：批放行", self.batches),
            (f"{name}：不良反应与检查", self.watch),
            (f"{name}：其他", self.others),
        ]

    def _file(
        self, office: str, stem: str, kind: FileKind, *parts: DemoPart, dates: DateStyle = "iso", banded: bool = False
    ) -> DemoFile:
        return DemoFile(self.scene.place.prefix, self.scene.unit(office), stem, kind, parts, dates, banded=banded)

    def registers(self) -> Iterator[DemoFile]:
        """The register of the region."""
        yield self._file(
            "market",
            "企业登记信息",
            "csv-gb18030",
            DemoPart("enterprise_register", register.DemoRegister(self.scene).everybody(), "provincial_register"),
            dates="slash",
        )

    def maker_kinds(self) -> Iterator[tuple[Firm, str]]:
        """Each maker with its kind."""
        others = cycle(OTHER_KINDS)
        for firm in self.makers:
            yield firm, next(others) if firm.trade == "preparation" else firm.trade

    def licences(self) -> Iterator[DemoFile]:
        """The makers, as the provincial system exports them; a licence that was cancelled is listed too."""
        rng = self.scene.rng("drug_licences")
        rows = []
        for number, (firm, kind) in enumerate(self.maker_kinds()):
            issued = dt.date(2023, 1, 1) + dt.timedelta(days=int(rng.random() * 900))
            rows.append(
                self.scene.tell(
                    {
                        **firm.party("maker"),
                        "licence_number": f"云{issued.year}{number:04d}",
                        "maker_kind": kind,
                        "classification_code": LETTERS.get(kind, "Bh"),
                        "scope": f"{firm.address}：{firm.product}",
                        "legal_representative": firm.person,
                        "production_head": person(rng),
                        "quality_head": person(rng),
                        "qualified_person": self.people[firm.code],
                        "county": self.scene.division_of(firm),
                        "issued_on": issued,
                        "expires_on": issued + dt.timedelta(days=1824),
                        "authority": "云澜药品监督管理局（虚构）",
                        "standing": "valid",
                    }
                )
            )
        gone = {
            **rows[-1].values,
            "licence_number": "云20189999",
            "issued_on": dt.date(2018, 5, 1),
            "standing": "cancelled",
            "expires_on": dt.date(2023, 4, 30),
            "maker": f"{CITY}芷苓停业药业有限公司",
            "maker.code": "",
        }
        yield self._file(
            "drug_inspection",
            "省级药品许可系统导出",
            "xlsx",
            DemoPart("drug_maker", [*rows, self.scene.tell(gone)], "provincial_licence"),
            dates="cell",
        )

    def qualified_persons(self) -> Iterator[DemoFile]:
        """Qualified persons: every maker has one in post; some had another before, some have delegated."""
        scene, rng = self.scene, self.scene.rng("qualified_persons")
        before, now, delegates, training = [], [], [], []
        for number, firm in enumerate(self.makers):
            appointed = dt.date(2024, 3, 1) + dt.timedelta(days=int(rng.random() * 400))
            values: dict[str, Any] = {
                **firm.party("maker"),
                "person_name": self.people[firm.code],
                "capacity": "qualified_person",
                "phone": firm.phone,
                "education": pick(rng, ("bachelor", "master")),
                "major": pick(rng, ("药学", "中药学", "制药工程")),
                "qualification": pick(rng, ("执业药师", "高级工程师")),
                "years": 6 + int(rng.random() * 20),
                "training_certificate": f"SQ{appointed.year}{number:04d}",
                "appointed_on": appointed,
                "filed_on": appointed + dt.timedelta(days=12),
                "filing_number": f"芷药受{appointed.year}-{number:03d}",
                "filing_kind": "first" if number % 6 else "change",
                "ends_on": dt.date(2029, 12, 31),
                "standing": "in_post",
                "county": scene.division_of(firm),
            }
            now.append(scene.tell(values))
            if number % 6 == 0:
                left = {
                    **values,
                    "person_name": person(rng),
                    "standing": "left",
                    "ends_on": appointed,
                    "filing_kind": "first",
                    "appointed_on": dt.date(2020, 5, 1),
                    "filed_on": dt.date(2020, 5, 12),
                    "filing_number": f"芷药受2020-{number:03d}",
                }
                before.append(scene.tell(left))
            if number % 8 == 0:
                delegates.append(
                    scene.tell(
                        {
                            **values,
                            "person_name": person(rng),
                            "capacity": "delegate",
                            "filing_kind": "delegation",
                            "delegated_by": self.people[firm.code],
                            "delegated_scope": "成品放行",
                            "filing_number": f"芷药转{appointed.year}-{number:03d}",
                        }
                    )
                )
            training.append(
                scene.tell(
                    {
                        "maker": firm.name,
                        "maker.code": firm.code,
                        "trainee": self.people[firm.code],
                        "training_name": "2026年质量受权人继续教育",
                        "training_kind": "yearly",
                        "organiser": "芷苓药品检查分局",
                        "started_on": dt.date(2026, 5, 11),
                        "ended_on": dt.date(2026, 5, 13),
                        "hours": 24,
                        "mark": 62 + int(rng.random() * 38),
                        "result": "passed",
                        "certificate_number": f"JX2026{number:04d}",
                    }
                )
            )
        yield self._file(
            "drug_inspection",
            "质量受权人备案台账",
            "xlsx",
            DemoPart(
                "qualified_person",
                [*before, *now, *delegates],
                titles=("药品质量受权人备案台账（虚构）",),
                notes=("注：离任人员保留备查。",),
            ),
            dates="cell",
            banded=True,
        )
        yield self._file(
            "drug_inspection",
            "受权人培训平台导出",
            "csv",
            DemoPart("qualified_person_training", training, "training_platform"),
        )

    def batches(self) -> Iterator[DemoFile]:
        """Batch release of three years, by the makers' own systems and by the sheet."""
        kinds: tuple[tuple[int, FileKind], ...] = ((2024, "csv-gb18030"), (2025, "csv"), (2026, "csv-bom"))
        for year, kind in kinds:
            rows = list(self._releases(year, self.scene.many(3600)))
            source = "enterprise_system" if year == 2026 else "standard"
            first, mended = with_refusals(
                rows, self.scene, count=8, spoil={"decision": "待审"}, day_field="released_on"
            )
            yield DemoFile(
                self.scene.place.prefix,
                "zhiling_zhiyuan_market",
                f"批放行记录{year}",
                kind,
                (DemoPart("drug_batch_release", first, source),),
                "slash" if year == 2025 else "iso",
            )
            if mended:
                yield DemoFile(
                    self.scene.place.prefix,
                    "zhiling_zhiyuan_market",
                    f"批放行记录{year}-补报",
                    "csv",
                    (DemoPart("drug_batch_release", mended, source),),
                )

    def _releases(self, year: int, count: int) -> Iterator[ToldRow]:
        rng = self.scene.rng(f"batches/{year}")
        for number in range(1, count + 1):
            firm = self.makers[number % len(self.makers)]
            produced = min(day_in(rng, year), AS_OF - dt.timedelta(days=35))
            released = later(rng, produced, 5, 30)
            luck = rng.random()
            yield self.scene.tell(
                {
                    "maker": firm.name_on(released),
                    "maker.code": firm.code,
                    "authorisation_holder": firm.name_on(released),
                    "product_name": firm.product,
                    "approval_number": f"国药准字Z9901{number % len(self.makers):04d}",
                    "specification": pick(rng, ("0.3g×24片", "10g×9袋", "40L/瓶", "1kg/袋")),
                    "batch_number": f"{produced:%y%m%d}{number:05d}",
                    "batch_size": str(1000 + int(rng.random() * 90_000)),
                    "batch_size.unit": "瓶" if firm.trade == "medical_oxygen" else "盒",
                    "produced_on": produced,
                    "expires_on": produced + dt.timedelta(days=720),
                    "release_kind": "market" if number % 3 else "factory",
                    "decision": "released" if luck < 0.985 else "rejected" if luck < 0.995 else "held",
                    "released_on": released,
                    "qualified_person": self.people[firm.code],
                    "tests_complete": True,
                    "deviations": 0 if luck < 0.9 else 1,
                    "deviations_closed": True,
                    "remark": "" if luck < 0.985 else "含量测定不符合内控标准",
                }
            )

    def watch(self) -> Iterator[DemoFile]:
        """Adverse reactions, unannounced inspections, interviews, orders."""
        scene, rng = self.scene, self.scene.rng("adverse_reactions")
        rows = []
        for number in range(1, scene.many(500) + 1):
            firm = self.makers[int(rng.random() * len(self.makers))]
            reported = day_in(rng, 2024 + number % 3)
            serious = number % 25 == 1
            rows.append(
                scene.tell(
                    {
                        "maker": firm.name_on(reported),
                        "maker.code": firm.code,
                        "report_number": f"9901{reported.year}{number:06d}",
                        "report_kind": "first",
                        "grade": "serious" if serious else pick(rng, ("general", "general", "new_general")),
                        "product_name": firm.product,
                        "batch_number": f"{reported:%y%m%d}{number:05d}",
                        "reaction": pick(rng, ("皮疹", "恶心", "头晕", "瘙痒")),
                        "reaction_on": reported - dt.timedelta(days=2),
                        "reported_on": reported,
                        "reporter": f"{CITY}{scene.division_of(firm)}人民医院",
                        "patient_sex": pick(rng, ("female", "male")),
                        "patient_age": 18 + int(rng.random() * 60),
                        "end": pick(rng, ("recovered", "improving")),
                        "causality": pick(rng, ("probable", "possible")),
                    }
                )
            )
        yield self._file(
            "drug_inspection", "药品不良反应报告", "tsv", DemoPart("adverse_reaction", rows), dates="compact"
        )
        orders, rechecks = supervision.orders_and_rechecks(scene, 40, year=2026, failed_rechecks=1)
        yield self._file(
            "drug_inspection",
            "飞行检查与约谈",
            "xlsx",
            DemoPart(
                "unannounced_inspection",
                supervision.unannounced(scene, 48, year=2026, trades=MAKERS),
                name="飞行检查",
                titles=("药品生产企业飞行检查情况表（虚构）",),
            ),
            DemoPart("interview", supervision.interviews(scene, 15, year=2026, trades=MAKERS), name="约谈"),
            DemoPart("rectification_order", orders, name="责令整改"),
            DemoPart("rectification_recheck", rechecks, name="复查"),
            dates="cell",
        )

    def others(self) -> Iterator[DemoFile]:
        """What every place has: inspections, food samples, complaints, letters, ledgers."""
        scene = self.scene
        rows = [told for year in (2024, 2025, 2026) for told in supervision.inspections(scene, year, scene.many(900))]
        yield self._file(
            "market", "监督检查结果2024-2026", "csv-gb18030", DemoPart("inspection_finding", rows), dates="slash"
        )
        food, samples = FoodSampling(scene), scene.many(500, step=500)
        yield self._file(
            "market",
            "食品监督抽检2026",
            "xlsx",
            DemoPart(
                "food_sampling",
                food.supervisory(
                    2026,
                    production=SamplingPlan(samples, share(samples, 20)),
                    distribution=SamplingPlan(samples, share(samples, 30)),
                ),
            ),
            dates="serial",
        )
        yield self._file(
            "market",
            "行政处罚双公示导出",
            "csv",
            DemoPart(
                "administrative_penalty",
                _in_ten_thousands(supervision.penalties(scene, 40, year=2026), scene),
                "credit_publicity",
            ),
        )
        yield self._file(
            "hotline",
            "12315平台导出2024-2026",
            "csv-gb18030",
            DemoPart(
                "complaint",
                [
                    t
                    for y in (2024, 2025, 2026)
                    for t in society.complaints(scene, y, goods=scene.many(300), services=scene.many(200))
                ],
                "hotline",
            ),
        )
        yield self._file(
            "market",
            "农产品入场查验",
            "csv-bom",
            DemoPart("conformity_slip", surroundings.conformity_slips(scene, 2026, scene.many(300)), "market_platform"),
        )


def _in_ten_thousands(rows: list[ToldRow], scene: Scene) -> Iterator[ToldRow]:
    """Penalties as the credit platform wants them: amounts in 10,000 yuan."""
    for told in rows:
        values = dict(told.values)
        for name in ("fine", "confiscated"):
            values[name] = f"{values[name] / 10_000:g}"
        yield scene.tell(values)
