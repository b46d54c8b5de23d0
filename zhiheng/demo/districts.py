"""What the departments of a district hand in, file by file, each in its own layout and with its own habits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from zhiheng.demo import brands, equipment, register, society, supervision, surroundings
from zhiheng.demo.clerks import DateStyle, ToldRow
from zhiheng.demo.deliveries import DemoFile, DemoPart, FileKind
from zhiheng.demo.economy import CITY
from zhiheng.demo.misspelt import misspelt
from zhiheng.demo.sampling import FoodSampling, ProductSampling, SamplingPlan, in_months, with_refusals
from zhiheng.demo.scenes import Scene, quarters, share
from zhiheng.demo.settings import DistrictSetting, Shares

Topic = tuple[str, Callable[[], Iterator[DemoFile]]]

# Rates are exact where the number of samples is a multiple of this: per thousand shares of 500 are half samples at
# worst,
# and every share that is set is even.
STEP = 500
USUAL = Shares(industrial=40, consumer=60, food_production=30, food_distribution=40)


class DemoDistrict:
    """The departments of one district."""

    def __init__(self, scene: Scene, setting: DistrictSetting) -> None:
        self.scene = scene
        self.setting = setting
        self.name = scene.place.name

    def topics(self) -> list[Topic]:
        """What is handed in, in the order in which it was: the register first, for it knows the codes."""
        return [
            (f"{self.name}：登记", self.registers),
            (f"{self.name}：准入", self.access),
            (f"{self.name}：质量强区", self.quality_office),
            (f"{self.name}：知识产权", self.intellectual_property),
            (f"{self.name}：产品抽查", self.product_sampling),
            (f"{self.name}：食品抽检", self.food_sampling),
            (f"{self.name}：监督检查", self.inspections),
            (f"{self.name}：执法", self.enforcement),
            (f"{self.name}：特种设备与计量", self.machines),
            (f"{self.name}：投诉举报", self.complaints),
            (f"{self.name}：进销台账", self.ledgers),
            (f"{self.name}：企业自报", self.self_inspections),
            (f"{self.name}：建设工程", self.construction),
            (f"{self.name}：服务质量", self.services),
            (f"{self.name}：环境质量", self.environment),
            (f"{self.name}：农业", self.farming),
        ]

    def _file(
        self,
        office: str,
        stem: str,
        kind: FileKind,
        *parts: DemoPart,
        dates: DateStyle = "iso",
        slips: float = 0.02,
        banded: bool = False,
    ) -> DemoFile:
        # A thinned-out demo has tables without a row in it (nothing to mend); nobody hands those in.
        filled = tuple(part for part in parts if part.rows != [])
        return DemoFile(self.scene.place.prefix, self.scene.unit(office), stem, kind, filled, dates, slips, banded)

    def _titles(self, title: str, office: str, day: str) -> tuple[str, str]:
        return (f"{CITY}{self.name}{title}（虚构）", f"填报单位：{self.name}{office}　　填报日期：{day}")

    # -- before the market ---------------------------------------------------------------------------------------

    def registers(self) -> Iterator[DemoFile]:
        """The register as it stood, then what was mended and what changed; mistyped codes are sent again."""
        everybody = register.DemoRegister(self.scene)
        rows, mended = register.with_broken_codes(everybody.everybody(), every=211, target="code")
        yield self._file(
            "market",
            "企业登记信息2024",
            "xlsx",
            DemoPart(
                "enterprise_register",
                rows,
                titles=self._titles("企业登记信息表", "市场监督管理局", "2024年12月31日"),
                notes=(register.CAPITAL_NOTE, "填报人：（虚构）"),
            ),
            dates="cell",
        )
        yield self._file(
            "market",
            "登记补报、变更与年报",
            "zip",
            DemoPart("enterprise_register", mended, name="企业登记信息2024-退回后补报"),
            DemoPart("enterprise_register", everybody.renamed(), name="企业变更登记2026"),
            *(
                DemoPart("annual_report", register.annual_reports(self.scene, year), name=f"企业年报{year}年度")
                for year in (2024, 2025)
            ),
            dates="slash",
        )

    def access(self) -> Iterator[DemoFile]:
        """Licences, certificates and posts."""
        scene = self.scene
        food = DemoPart("production_licence", register.licences(scene, food=True), "food_licence", name="食品生产许可")
        together = () if self.setting.licensed else (food,)
        yield self._file(
            "market",
            "市场准入证照台账",
            "xlsx",
            DemoPart(
                "production_licence",
                register.licences(scene, food=False),
                name="工业产品许可证",
                titles=(f"{self.name}工业产品生产许可证登记表（虚构）",),
                notes=("注：2026年10月末在册。",),
            ),
            DemoPart("compulsory_certification", register.compulsory_certificates(scene), name="CCC证书"),
            DemoPart(
                "system_certificate",
                register.system_certificates(scene, self.setting.system_certificates),
                name="管理体系",
            ),
            *together,
            dates="cell",
        )
        if not together:
            yield self._file("market", "食品生产许可系统导出", "tsv", food, dates="compact")
        count = scene.many(500, step=STEP)
        before = register.posts(scene, count=count, uncertified=share(count, 36), stated=dt.date(2025, 9, 30))
        posts = register.posts(scene, count=count, uncertified=share(count, 14), stated=dt.date(2026, 9, 30))
        first, mended = register.with_broken_codes(posts, every=73, target="employer_code")
        yield self._file(
            "market",
            "关键岗位持证情况",
            "xlsx",
            DemoPart("post_certificate", before, name="2025年"),
            DemoPart(
                "post_certificate",
                first,
                name="2026年",
                titles=self._titles("关键岗位持证情况表", "市场监督管理局", "2026年9月30日"),
                notes=("填表说明：关键岗位按目录填写，一岗一行。",),
            ),
            DemoPart("post_certificate", mended, name="2026年更正"),
            dates="cell",
            banded=True,
        )

    # -- quality office ------------------------------------------------------------------------------------------

    def quality_office(self) -> Iterator[DemoFile]:
        """Brands, standards, zones, awards, people, promises and targets."""
        scene, setting = self.scene, self.setting
        titles = brands.brand_titles(scene, setting.titles)
        held = [told for told in titles if told.values["standing"] != "applying"]
        applying = [told for told in titles if told.values["standing"] == "applying"]
        # One city title was applied for in one year and granted in the next: the later statement replaces the earlier
        # one.
        granted = [told for told in held if told.values["level"] == "city"][:1]
        not_yet = ("authority", "certificate_number", "expires_on")
        before = [
            scene.tell(
                {k: v for k, v in told.values.items() if k not in not_yet}
                | {"standing": "applying", "awarded_on": dt.date(2024, 1, 15)}
            )
            for told in granted
        ]
        adopted, wanting = setting.adopted
        parts = [
            DemoPart(
                "brand_title",
                [*before, *applying],
                "brand_cultivation",
                name="品牌梳理培育",
                titles=self._titles("品牌梳理培育表", "质强办", "2026年6月30日"),
            ),
            DemoPart("brand_title", held, name="品牌称号", notes=("注：含已到期的称号，到期的不计入统计。",)),
            DemoPart("standard_led", self._standards(), name="主导参与标准"),
            DemoPart(
                "standard_adopted",
                brands.standards_adopted(scene, adopted=adopted, applying=wanting),
                name="采用国际标准",
            ),
            DemoPart("quality_award", self._awards(), name="质量奖"),
            DemoPart("demonstration_zone", brands.demonstration_zones(scene, setting.zones), name="标准化示范区"),
            DemoPart("target_letter", self._targets(), name="目标责任书"),
        ]
        yield self._file("quality_office", "质量强区台账", "xlsx", *parts, dates="cell")
        if setting.officers[0]:
            in_post, left = setting.officers
            yield self._file(
                "quality_office",
                "首席质量官备案",
                "xlsx",
                DemoPart("chief_quality_officer", brands.chief_quality_officers(scene, in_post=in_post, left=left)),
                dates="serial",
            )
        yield self._file(
            "quality_office",
            "责任书与公开承诺",
            "zip",
            DemoPart("responsibility_letter", brands.responsibility_letters(scene, 240), name="质量安全责任书"),
            DemoPart("public_commitment", brands.public_commitments(scene, 300), name="公开承诺"),
            DemoPart(
                "standard_declared",
                brands.standards_declared(scene, scene.many(300)),
                "declaration_platform",
                name="企业标准公开",
            ),
            dates="slash",
        )

    def _standards(self) -> list[ToldRow]:
        if not self.setting.standards:
            return []
        institutes = self.scene.place.of("institute")
        return brands.standards_led(self.scene, self.setting.standards, institutes or brands.makers(self.scene)[60:66])

    def _awards(self) -> list[ToldRow]:
        return brands.quality_awards(self.scene, self.setting.awards)

    def _targets(self) -> list[ToldRow]:
        name = self.name
        product, project, service, environment = (f"{name}{q}质量专业组" for q in ("产品", "工程", "服务", "环境"))
        return society.targets(
            self.scene,
            2026,
            (
                ("新增省级品牌称号", "brand", product, "group", "between", "3", "5", "个", ""),
                ("关键岗位持证上岗率", "post", product, "group", "more_than", "98", None, "%", "98.6"),
                ("主要工业产品采用国际标准率", "standard", product, "group", "more_than", "90", None, "%", "91.5"),
                ("监督抽查合格率", "sampling", product, "group", "at_least", "90", None, "%", ""),
                ("工程竣工验收合格率", "construction", project, "group", "at_least", "100", None, "%", ""),
                ("公共服务窗口满意度", "service", service, "group", "at_least", "85", None, "%", ""),
                ("城市污水处理率", "environment", environment, "group", "at_least", "90", None, "%", ""),
                (
                    "食品生产企业监督检查覆盖率",
                    "other",
                    f"{name}市场监督管理局",
                    "department",
                    "at_least",
                    "95",
                    None,
                    "%",
                    "",
                ),
            ),
        )

    def intellectual_property(self) -> Iterator[DemoFile]:
        """Marks and patents; the marks registered abroad come as the office abroad prints them."""
        scene, setting = self.scene, self.setting
        domestic, international = setting.trademarks
        marks = brands.trademarks(scene, domestic=domestic, international=international, recognised=setting.recognised)
        at_home = [told for told in marks if told.values["registration_kind"] == "domestic"]
        abroad = [told for told in marks if told.values["registration_kind"] == "international"]
        foreign = DemoPart("trademark", abroad, "trademark_office", name="Madrid")
        together = (foreign,) if international < 100 else ()
        yield self._file(
            "intellectual_property",
            "商标注册台账",
            "xlsx",
            DemoPart(
                "trademark", at_home, name="国内", titles=self._titles("商标注册台账", "知识产权局", "2026年10月20日")
            ),
            *together,
            dates="cell",
        )
        if not together:
            yield self._file("intellectual_property", "Madrid-registrations", "csv", foreign, slips=0)
        invention, utility, design = setting.patents
        patents = brands.patents(scene, invention=invention, utility=utility, design=design)
        half = len(patents) // 2
        # The two lists overlap by forty patents, as lists of overlapping months do.
        overlap = [told.again() for told in patents[half : half + 40]]
        yield self._file(
            "intellectual_property",
            "授权专利台账",
            "zip",
            DemoPart("patent", patents[: half + 40], name="授权专利上半年"),
            DemoPart("patent", [*overlap, *patents[half + 40 :]], name="授权专利下半年"),
            dates="zh",
        )

    # -- during ----------------------------------------------------------------------------------------------------

    def product_sampling(self) -> Iterator[DemoFile]:
        """Three years of product sampling, the last one with the shares of the place."""
        scene, sampling = self.scene, ProductSampling(self.scene)
        samples = scene.many(self.setting.product_samples, step=STEP)
        years: dict[int, list[ToldRow]] = {}
        mended: list[DemoPart] = []
        for year in (2024, 2025, 2026):
            shares = self.setting.shares if year == 2026 else USUAL
            industrial = samples * 4 // 5
            industrial_failing, consumer_failing = _split(samples, industrial, shares.industrial, shares.consumer)
            rows = sampling.supervisory(
                year,
                industrial=SamplingPlan(industrial, industrial_failing),
                consumer=SamplingPlan(samples - industrial, consumer_failing),
            )
            years[year], later = with_refusals(
                rows, scene, count=12, spoil={"verdict": "见报告"}, day_field="sampled_on"
            )
            mended.append(DemoPart("product_sampling", later, name=f"{year}补报"))
        this_year = years[2026]
        yield self._file(
            "market",
            "产品监督抽查2026上半年",
            "xlsx",
            DemoPart(
                "product_sampling",
                in_months_told(this_year, 1, 6),
                titles=self._titles("2026年上半年产品质量监督抽查结果表", "市场监督管理局", "2026年7月10日"),
                notes=("注：复检结论以最终报告为准。", "填报人：（虚构）　审核人：（虚构）"),
            ),
            dates="cell",
            banded=True,
        )
        june = [told.again() for told in in_months_told(this_year, 6, 6)]
        rows = [*june, *in_months_told(this_year, 7, 12), *sampling.targeted(2026, scene.many(120))]
        yield self._file(
            "market", "产品监督抽查2026下半年", "csv-gb18030", DemoPart("product_sampling", rows), dates="slash"
        )
        yield self._file(
            "market",
            "产品监督抽查历年、补报与省抽",
            "zip",
            *(
                DemoPart(
                    "product_sampling",
                    [*years[year], *sampling.targeted(year, scene.many(120))],
                    name=f"产品监督抽查{year}",
                )
                for year in (2024, 2025)
            ),
            *mended,
            DemoPart(
                "product_sampling", sampling.provincial(2025, scene.many(200)), "provincial", name="省级系统导出2025"
            ),
            dates="compact",
        )

    def food_sampling(self) -> Iterator[DemoFile]:
        """Three years of food sampling; one district sends a file twice; an older collection comes from a trade
        site.
        """
        scene, sampling = self.scene, FoodSampling(self.scene)
        samples = scene.many(self.setting.food_samples, step=2 * STEP)
        parts: list[DemoPart] = []
        for year in (2024, 2025, 2026):
            shares = self.setting.shares if year == 2026 else USUAL
            production = samples // 2
            rows = sampling.supervisory(
                year,
                production=SamplingPlan(production, share(production, shares.food_production)),
                distribution=SamplingPlan(samples - production, share(samples - production, shares.food_distribution)),
            )
            first, later = with_refusals(rows, scene, count=20, spoil={"verdict": "复检中"}, day_field="sampled_on")
            if year == 2026:
                yield self._file("market", "食品监督抽检2026", "csv-bom", DemoPart("food_sampling", first), dates="zh")
            elif year == 2025 and self.setting.sends_twice:
                yield self._file(
                    "market", "食品监督抽检2025", "csv-gb18030", DemoPart("food_sampling", first), dates="slash"
                )
                yield self._file(
                    "market",
                    "食品监督抽检2025（再次报送）",
                    "csv-gb18030",
                    DemoPart("food_sampling", [told.again() for told in first]),
                    dates="compact",
                )
            else:
                parts.append(DemoPart("food_sampling", first, name=f"食品监督抽检{year}"))
            parts.append(DemoPart("food_sampling", later, name=f"退回补报{year}"))
        risk = [told for year in (2024, 2025, 2026) for told in sampling.risk(year, scene.many(120))]
        risk[-scene.many(120) :] = misspelt(risk[-scene.many(120) :])
        yield self._file(
            "market", "食品抽检历年、补报与风险监测", "zip", *parts, DemoPart("food_sampling", risk, name="风险监测")
        )
        if self.setting.sends_twice or self.setting.licensed:
            yield self._file(
                "market",
                "抽检结果汇编2024",
                "csv-gb18030",
                DemoPart("food_sampling", sampling.collected(2024, scene.many(600)), "foodmate"),
            )

    def inspections(self) -> Iterator[DemoFile]:
        """On-site inspections of three years, draws among them."""
        scene = self.scene
        rows = [told for year in (2024, 2025, 2026) for told in supervision.inspections(scene, year, scene.many(3400))]
        first, mended = with_refusals(rows, scene, count=45, spoil={"result": "详见笔录"}, day_field="inspected_on")
        yield self._file(
            "market", "监督检查结果2024-2026", self.setting.large, DemoPart("inspection_finding", first), dates="slash"
        )
        yield self._file(
            "market",
            "监督检查补正与双随机",
            "zip",
            DemoPart("inspection_finding", mended, name="监督检查补正"),
            *(
                DemoPart(
                    "inspection_finding",
                    supervision.double_random(scene, year, scene.many(300)),
                    "double_random",
                    name=f"双随机{year}",
                )
                for year in (2024, 2025, 2026)
            ),
        )

    def enforcement(self) -> Iterator[DemoFile]:
        """Orders, rechecks, penalties, seizures, recalls, lists, accidents, campaigns."""
        scene = self.scene
        orders, rechecks = supervision.orders_and_rechecks(scene, 120, year=2026, failed_rechecks=3)
        penalties = [told for year in (2024, 2025, 2026) for told in supervision.penalties(scene, 110, year=year)]
        streets = [f"{self.name}{name}" for _, name in scene.place.streets]
        yield self._file(
            "market",
            "执法与风险台账",
            "xlsx",
            DemoPart("rectification_order", orders, name="责令整改", titles=(f"{self.name}责令整改台账（虚构）",)),
            DemoPart("rectification_recheck", rechecks, name="复查"),
            DemoPart("interview", supervision.interviews(scene, 12, year=2026), name="约谈"),
            DemoPart("administrative_penalty", penalties, name="行政处罚"),
            DemoPart("seizure", supervision.seizures(scene, 30, year=2026), name="查封扣押"),
            DemoPart("product_recall", society.recalls(scene, 8, year=2026), name="召回"),
            DemoPart(
                "unannounced_inspection",
                supervision.unannounced(scene, 14, year=2026, trades=("food", "noodles", "steel")),
                name="飞行检查",
            ),
            DemoPart("blacklist_entry", society.blacklist(scene, 9), name="严重失信"),
            DemoPart("abnormal_list_entry", society.abnormal_list(scene, 60), name="经营异常"),
            DemoPart("quality_accident", society.accidents(scene, self.setting.accidents), name="质量事故"),
            DemoPart("special_campaign", society.campaigns(scene, streets), name="专项整治"),
            DemoPart("foreign_alert", supervision.foreign_alerts(scene, 6), name="境外通报"),
            dates="cell",
        )

    def machines(self) -> Iterator[DemoFile]:
        """Special equipment, its inspection and maintenance; measuring instruments; coal boilers and their end."""
        scene, setting = self.scene, self.setting
        all_machines = equipment.machines(scene, lifts=setting.lifts, others=setting.machines)
        yield self._file(
            "market",
            "特种设备使用登记台账",
            "xlsx",
            DemoPart(
                "special_equipment",
                equipment.register(scene, all_machines),
                titles=self._titles("特种设备使用登记台账", "市场监督管理局", "2026年10月"),
            ),
            dates="cell",
            banded=True,
        )
        yield self._file(
            "testing",
            "检验检测与强制检定",
            "xlsx",
            *(
                DemoPart(
                    "equipment_inspection",
                    equipment.inspections(scene, all_machines, year, failing=failing),
                    name=f"定期检验{year}",
                )
                for year, failing in ((2025, 9), (2026, 5))
            ),
            *(
                DemoPart(
                    "instrument_verification",
                    equipment.verifications(scene, year, scene.many(600), failing=4),
                    "mandatory_verification",
                    name=f"强制检定{year}",
                )
                for year in (2025, 2026)
            ),
            DemoPart("laboratory_scope", supervision.laboratory_scopes(scene), name="检测能力"),
            DemoPart("test_report", supervision.test_reports(scene, scene.many(300)), name="检测报告"),
            dates="cell",
        )
        parts: list[DemoPart] = []
        carried: list[ToldRow] = []
        for first, last in quarters():
            rows = equipment.maintenance(scene, all_machines, first, last, scene.many(800))
            # Each quarter's export begins with the last days of the quarter before.
            parts.append(
                DemoPart(
                    "equipment_maintenance", [*carried, *rows], name=f"电梯维保{first.year}年{first.month // 3 + 1}季度"
                )
            )
            carried = [told.again() for told in rows if told.values["maintained_on"] >= last - dt.timedelta(days=2)]
        calls = [told for year in (2024, 2025, 2026) for told in equipment.rescues(scene, all_machines, year, 30)]
        yield self._file("market", "电梯维保与救援记录", "zip", *parts, DemoPart("rescue_call", calls, name="困人救援"))
        if setting.coal_boilers:
            surveys = ((dt.date(2024, 4, 20), False), (dt.date(2025, 11, 30), True))
            yield self._file(
                "market",
                "燃煤锅炉排查淘汰",
                "xlsx",
                *(
                    DemoPart(
                        "coal_boiler",
                        equipment.coal_boilers(scene, setting.coal_boilers, surveyed=day, removed=gone),
                        name=f"{day.year}年",
                    )
                    for day, gone in surveys
                ),
                dates="zh",
            )

    # -- society ---------------------------------------------------------------------------------------------------

    def complaints(self) -> Iterator[DemoFile]:
        """Complaints from the hotline's platform, and those that people came to the counter with."""
        scene = self.scene
        rows = (
            told
            for year in (2024, 2025, 2026)
            for told in society.complaints(
                scene,
                year,
                goods=scene.many(self.setting.complaints[year][0]),
                services=scene.many(self.setting.complaints[year][1]),
            )
        )
        yield self._file(
            "hotline", "12315平台导出2024-2026", "csv-gb18030", DemoPart("complaint", rows, "hotline"), dates="iso"
        )
        statistics = DemoPart("complaint_statistics", society.monthly_statistics(scene, 2026, 6))
        yield self._file("hotline", "投诉举报统计月报2026上半年", "xlsx", statistics, dates="iso")
        visits = [told for year in (2025, 2026) for told in society.visits(scene, year, scene.many(120))]
        if self.setting.sends_twice or self.setting.licensed:
            yield self._file("hotline", "来访投诉登记", "xlsx", DemoPart("complaint", visits), dates="cell")

    def ledgers(self) -> Iterator[DemoFile]:
        """Purchase ledgers of shops, through one of the sub-district offices."""
        scene = self.scene
        office = next(unit for unit in scene.offices if unit.area == scene.place.streets[0][0])
        rows = [told for year in (2024, 2025, 2026) for told in society.ledger_lines(scene, year, scene.many(2800))]
        yield DemoFile(
            scene.place.prefix, office.id, "进货台账2024-2026", self.setting.large, (DemoPart("ledger_line", rows),)
        )
        if not self.setting.licensed:
            return
        by_hand = society.hand_ledger(society.ledger_lines(scene, 2026, scene.many(80)), scene)
        yield DemoFile(
            scene.place.prefix,
            office.id,
            "商户手工进货台账",
            "xlsx",
            (DemoPart("ledger_line", by_hand, "purchase_ledger", titles=("进货查验台账（虚构）",)),),
            "serial",
        )

    def self_inspections(self) -> Iterator[DemoFile]:
        """Self-inspections that a few makers hand in, each in a separate workbook."""
        scene = self.scene
        for number, maker in enumerate(scene.place.of("food", "noodles", "beverage")[:3], 1):
            rows = society.self_inspections(scene, maker, dt.date(2026, 8, 1))
            yield self._file(
                "enterprises", f"企业自查记录-{number}", "xlsx", DemoPart("self_inspection", rows), dates="cell"
            )

    # -- construction, service, environment, farming -----------------------------------------------------------------

    def construction(self) -> Iterator[DemoFile]:
        """Projects and their acceptance."""
        scene, setting = self.scene, self.setting
        all_projects = surroundings.projects(scene, completed=setting.completed, building=setting.completed // 2)
        yield self._file(
            "construction",
            "建设工程质量台账",
            "xlsx",
            DemoPart(
                "construction_project",
                surroundings.project_register(scene, all_projects),
                name="监督登记",
                titles=(f"{self.name}建设工程质量监督登记表（虚构）",),
            ),
            DemoPart(
                "construction_inspection",
                surroundings.part_inspections(
                    scene, all_projects, main_structure_failing=setting.main_structure_failing
                ),
                name="分部验收",
            ),
            DemoPart(
                "household_acceptance", surroundings.households(scene, all_projects, scene.many(40)), name="分户验收"
            ),
            dates="cell",
        )
        yield self._file(
            "construction",
            "竣工验收台账（监督站）",
            "csv-gb18030",
            DemoPart(
                "completion_acceptance",
                surroundings.completions(
                    scene, all_projects, failing=setting.completion_failing, not_at_once=setting.not_at_once
                ),
                "supervision_station",
            ),
            dates="zh",
        )

    def services(self) -> Iterator[DemoFile]:
        """Satisfaction with public windows: schools, hospitals and transport from the service bureau, the rest from
        an agency.
        """
        scene = self.scene
        own = [
            told
            for sector in ("education", "health", "transport")
            for told in surroundings.satisfaction(scene, sector, (2025, 2026))
        ]
        rest = [
            told
            for sector in ("bank", "telecom", "government")
            for told in surroundings.satisfaction(scene, sector, (2025, 2026))
        ]
        yield self._file(
            "service",
            "公共服务满意度测评",
            "xlsx",
            DemoPart("satisfaction_survey", own, name="窗口测评"),
            DemoPart("satisfaction_survey", rest, "survey_agency", name="第三方调查"),
            dates="zh",
        )

    def environment(self) -> Iterator[DemoFile]:
        """Permits, monitoring, emissions of the base year and since, sewage and energy."""
        scene, setting = self.scene, self.setting
        emitted = {
            year: surroundings.emissions(scene, year, setting.tonnes[year], emitters)
            for year, emitters in ((2020, 60), (2024, 52), (2025, 48))
        }
        yield self._file(
            "environment",
            "排放、排污许可与污水处理",
            "xlsx",
            DemoPart(
                "emission",
                emitted[2020],
                name="排放2020（基准年）",
                titles=self._titles("主要污染物排放量统计表", "生态环境分局", "2021年2月"),
            ),
            DemoPart("emission", [*emitted[2024], *emitted[2025]], name="排放2024-2025"),
            DemoPart("environment_permit", surroundings.permits(scene, 90), name="排污许可"),
            DemoPart(
                "sewage_treatment",
                surroundings.sewage(scene, (2024, 2025, 2026), treated_per_thousand=setting.sewage_treated),
                name="污水处理",
            ),
            dates="cell",
        )
        measured = [
            told for year in (2024, 2025, 2026) for told in surroundings.monitoring(scene, year, scene.many(900))
        ]
        yield self._file(
            "environment",
            "环境监测与自行监测",
            "zip",
            DemoPart("environment_monitoring", measured, name="环境监测"),
            DemoPart(
                "environment_monitoring",
                surroundings.self_monitoring(scene, 2026, scene.many(300)),
                "self_monitoring",
                name="自行监测2026",
            ),
        )
        yield self._file(
            "development",
            "能源消费与能源计量",
            "xlsx",
            DemoPart("energy_use", [told for year in (2025, 2026) for told in surroundings.energy(scene, year, 60)]),
            dates="cell",
        )

    def farming(self) -> Iterator[DemoFile]:
        """Certificates of farm produce, and the check at the gate of the wholesale market."""
        scene = self.scene
        slips = [told for year in (2025, 2026) for told in surroundings.conformity_slips(scene, year, scene.many(300))]
        yield self._file(
            "agriculture",
            "农产品质量安全台账",
            "xlsx",
            DemoPart(
                "agricultural_certificate",
                surroundings.farm_certificates(scene, self.setting.pollution_free, 3),
                name="农产品认证",
                titles=self._titles("农产品质量认证一览表", "农业农村局", "2026年10月8日"),
            ),
            DemoPart("conformity_slip", slips, name="合格证查验"),
            dates="slash",
        )


def in_months_told(rows: list[ToldRow], first_month: int, last_month: int) -> list[ToldRow]:
    """Rows of some months; rows whose day was spoiled go with the half-year of their last known month (the first
    one).
    """
    whole = [told for told in rows if isinstance(told.values["sampled_on"], dt.date)]
    broken = [told for told in rows if not isinstance(told.values["sampled_on"], dt.date)]
    return in_months(whole, "sampled_on", first_month, last_month) + (broken if first_month == 1 else [])


def _split(samples: int, industrial: int, industrial_share: int, consumer_share: int) -> tuple[int, int]:
    """How many fail in each group; equal shares are taken of the whole, so that the whole comes out exactly."""
    if industrial_share == consumer_share:
        failing = share(samples, industrial_share)
        return failing - failing // 5, failing // 5
    return share(industrial, industrial_share), share(samples - industrial, consumer_share)
