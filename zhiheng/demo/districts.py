"""What the departments of a district hand in, file by file, each in its own layout and with its own habits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from zhiheng.demo import brands, equipment, register, society, supervision
from zhiheng.demo.clerks import Told
from zhiheng.demo.deliveries import Delivery, Part
from zhiheng.demo.economy import CITY
from zhiheng.demo.sampling import FoodSampling, Plan, ProductSampling, in_months, with_refusals
from zhiheng.demo.scenes import Scene, months, share
from zhiheng.demo.settings import DistrictSetting, Shares

Topic = tuple[str, Callable[[], Iterator[Delivery]]]

# Rates are exact where the number of samples is a multiple of this: per thousand shares of 500 are half samples at worst,
# and every share that is set is even.
STEP = 500
USUAL = Shares(industrial=40, consumer=60, food_production=30, food_distribution=40)


class District:
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
        ]

    def _file(self, office: str, stem: str, kind: str, *parts: Part, dates: str = "iso", slips: float = 0.02,
              banded: bool = False) -> Delivery:  # fmt: skip
        return Delivery(self.scene.place.prefix, self.scene.unit(office), stem, kind, parts, dates, slips, banded)  # type: ignore[arg-type]

    def _titles(self, title: str, office: str, day: str) -> tuple[str, str]:
        return (f"{CITY}{self.name}{title}（虚构）", f"填报单位：{self.name}{office}　　填报日期：{day}")

    # -- before the market ---------------------------------------------------------------------------------------

    def registers(self) -> Iterator[Delivery]:
        """The register as it stood, then what changed; some codes are mistyped and sent again."""
        rows, mended = register.with_broken_codes(register.Register(self.scene).everybody(), every=211, target="code")
        yield self._file(
            "market", "企业登记信息2024", "xlsx",
            Part("enterprise_register", rows, titles=self._titles("企业登记信息表", "市场监督管理局", "2024年12月31日"),
                 notes=(register.CAPITAL_NOTE, "填报人：（虚构）")),
            dates="cell",
        )  # fmt: skip
        yield self._file("market", "企业登记信息2024-退回后补报", "csv-bom", Part("enterprise_register", mended), dates="slash")
        yield self._file("market", "企业变更登记2026", "csv-gb18030",
                         Part("enterprise_register", register.Register(self.scene).renamed()), dates="zh")  # fmt: skip
        yield self._file("market", "企业年报汇总", "zip",
                         *(Part("annual_report", register.annual_reports(self.scene, year), name=f"{year}年度")
                           for year in (2024, 2025)), dates="slash")  # fmt: skip

    def access(self) -> Iterator[Delivery]:
        """Licences, certificates and posts."""
        scene = self.scene
        yield self._file(
            "market", "市场准入证照台账", "xlsx",
            Part("production_licence", register.licences(scene, food=False), name="工业产品许可证",
                 titles=(f"{self.name}工业产品生产许可证登记表（虚构）",), notes=("注：2026年10月末在册。",)),
            Part("compulsory_certification", register.compulsory_certificates(scene), name="CCC证书"),
            Part("system_certificate", register.system_certificates(scene, self.setting.system_certificates), name="管理体系"),
            dates="cell",
        )  # fmt: skip
        yield self._file("market", "食品生产许可系统导出", "tsv",
                         Part("production_licence", register.licences(scene, food=True), "food_licence"), dates="compact")  # fmt: skip
        count = scene.many(1000, step=STEP)
        posts = register.posts(scene, count=count, uncertified=share(count, 14), stated=dt.date(2026, 9, 30))
        before = register.posts(scene, count=count, uncertified=share(count, 36), stated=dt.date(2025, 9, 30))
        yield self._file("market", "关键岗位持证情况2025", "xlsx", Part("post_certificate", before), dates="serial", banded=True)
        first, mended = register.with_broken_codes(posts, every=173, target="employer_code")
        yield self._file("market", "关键岗位持证情况2026", "xlsx",
                         Part("post_certificate", first, titles=self._titles("关键岗位持证情况表", "市场监督管理局", "2026年9月30日"),
                              notes=("填表说明：关键岗位按目录填写，一岗一行。",)), dates="cell", banded=True)  # fmt: skip
        yield self._file("market", "关键岗位持证情况2026-更正", "csv", Part("post_certificate", mended), dates="zh")

    # -- quality office ------------------------------------------------------------------------------------------

    def quality_office(self) -> Iterator[Delivery]:
        """Brands, standards, zones, awards, people, promises and targets."""
        scene, setting = self.scene, self.setting
        titles = brands.brand_titles(scene, setting.titles)
        held = [told for told in titles if told.values["standing"] != "applying"]
        applying = [told for told in titles if told.values["standing"] == "applying"]
        # One city title was applied for in one year and granted in the next: the later statement replaces the earlier one.
        granted = [told for told in held if told.values["level"] == "city"][:1]
        before = [scene.tell({k: v for k, v in told.values.items() if k not in ("authority", "certificate_number", "expires_on")}
                             | {"standing": "applying", "awarded_on": dt.date(2024, 1, 15)}) for told in granted]  # fmt: skip
        yield self._file("quality_office", "品牌梳理培育表", "xlsx",
                         Part("brand_title", [*before, *applying], "brand_cultivation",
                              titles=self._titles("品牌梳理培育表", "质强办", "2026年6月30日")), dates="zh")  # fmt: skip
        yield self._file(
            "quality_office", "品牌标准奖励台账", "xlsx",
            Part("brand_title", held, name="品牌称号", notes=("注：含已到期的称号，到期的不计入统计。",)),
            Part("standard_led", self._standards(), name="主导参与标准"),
            Part("standard_adopted", brands.standards_adopted(scene, adopted=setting.adopted[0], applying=setting.adopted[1]),
                 name="采用国际标准"),
            Part("quality_award", self._awards(), name="质量奖"),
            dates="cell",
        )  # fmt: skip
        yield self._file("market", "企业标准自我声明公开", "csv-gb18030",
                         Part("standard_declared", brands.standards_declared(scene, scene.many(300)), "declaration_platform"))  # fmt: skip
        yield self._file("quality_office", "责任书与公开承诺", "zip",
                         Part("responsibility_letter", brands.responsibility_letters(scene, 240), name="质量安全责任书"),
                         Part("public_commitment", brands.public_commitments(scene, 300), name="公开承诺"), dates="slash")  # fmt: skip
        if setting.zones:
            yield self._file("agriculture", "农业标准化示范区", "xlsx",
                             Part("demonstration_zone", brands.demonstration_zones(scene, setting.zones),
                                  titles=self._titles("标准化示范区一览表", "农业农村局", "2026年10月8日")), dates="zh")  # fmt: skip
        if setting.officers[0]:
            yield self._file("quality_office", "首席质量官备案", "xlsx",
                             Part("chief_quality_officer", brands.chief_quality_officers(
                                 scene, in_post=setting.officers[0], left=setting.officers[1])), dates="serial")  # fmt: skip
        yield self._file("quality_office", "质量工作目标责任书分解表", "xlsx",
                         Part("target_letter", self._targets(),
                              titles=self._titles("质量工作目标责任书指标分解表", "质强办", "2026年2月10日")), dates="cell")  # fmt: skip

    def _standards(self) -> list[Told]:
        if not self.setting.standards:
            return []
        institutes = self.scene.place.of("institute")
        return brands.standards_led(self.scene, self.setting.standards, institutes or brands.makers(self.scene)[60:66])

    def _awards(self) -> list[Told]:
        if self.scene.place.prefix == "liyuan":
            return brands.quality_awards(self.scene, (
                ("district", "砺原区区长质量奖", 100_000, dt.date(2025, 3, 15)),
                ("district", "砺原区区长质量奖", 100_000, dt.date(2026, 3, 15)),
                ("city", "云澜市市长质量奖", 300_000, dt.date(2025, 9, 10)),
                ("province", "省质量奖", 1_000_000, dt.date(2024, 12, 5)),
            ))  # fmt: skip
        if self.scene.place.prefix == "chengxiu":
            return brands.quality_awards(self.scene, (("city", "云澜市市长质量奖", 300_000, dt.date(2025, 9, 10)),))
        return []

    def _targets(self) -> list[Told]:
        name = self.name
        product, project, service, environment = (f"{name}{q}质量专业组" for q in ("产品", "工程", "服务", "环境"))
        return society.targets(self.scene, 2026, (
            ("新增省级品牌称号", "brand", product, "group", "between", "3", "5", "个", ""),
            ("关键岗位持证上岗率", "post", product, "group", "more_than", "98", None, "%", "98.6"),
            ("主要工业产品采用国际标准率", "standard", product, "group", "more_than", "90", None, "%", "91.5"),
            ("监督抽查合格率", "sampling", product, "group", "at_least", "90", None, "%", ""),
            ("工程竣工验收合格率", "construction", project, "group", "at_least", "100", None, "%", ""),
            ("公共服务窗口满意度", "service", service, "group", "at_least", "85", None, "%", ""),
            ("城市污水处理率", "environment", environment, "group", "at_least", "90", None, "%", ""),
            ("食品生产企业监督检查覆盖率", "other", f"{name}市场监督管理局", "department", "at_least", "95", None, "%", ""),
        ))  # fmt: skip

    def intellectual_property(self) -> Iterator[Delivery]:
        """Marks and patents; the marks registered abroad come as the office abroad prints them."""
        scene, setting = self.scene, self.setting
        domestic, international = setting.trademarks
        marks = brands.trademarks(scene, domestic=domestic, international=international, recognised=setting.recognised)
        at_home = [told for told in marks if told.values["registration_kind"] == "domestic"]
        abroad = [told for told in marks if told.values["registration_kind"] == "international"]
        yield self._file("intellectual_property", "商标注册台账", "xlsx",
                         Part("trademark", at_home, titles=self._titles("商标注册台账", "知识产权局", "2026年10月20日")), dates="cell")  # fmt: skip
        yield self._file("intellectual_property", "Madrid-registrations", "csv", Part("trademark", abroad, "trademark_office"), slips=0)
        invention, utility, design = setting.patents
        patents = brands.patents(scene, invention=invention, utility=utility, design=design)
        half = len(patents) // 2
        yield self._file("intellectual_property", "授权专利台账", "csv-gb18030", Part("patent", patents[: half + 40]), dates="slash")
        # The two lists overlap by forty patents, as lists of overlapping months do.
        overlap = [told.again() for told in patents[half : half + 40]]
        yield self._file("intellectual_property", "授权专利台账-下半年", "csv-gb18030",
                         Part("patent", [*overlap, *patents[half + 40 :]]), dates="zh")  # fmt: skip

    # -- during ----------------------------------------------------------------------------------------------------

    def product_sampling(self) -> Iterator[Delivery]:
        """Three years of product sampling, the last one with the shares of the place."""
        scene, sampling = self.scene, ProductSampling(self.scene)
        samples = scene.many(self.setting.product_samples, step=STEP)
        for year in (2024, 2025, 2026):
            shares = self.setting.shares if year == 2026 else USUAL
            industrial = samples * 4 // 5
            industrial_failing, consumer_failing = _split(samples, industrial, shares.industrial, shares.consumer)
            rows = sampling.supervisory(year, industrial=Plan(industrial, industrial_failing),
                                        consumer=Plan(samples - industrial, consumer_failing))  # fmt: skip
            first, mended = with_refusals(rows, scene, count=12, spoil={"verdict": "见报告"}, day_field="sampled_on")
            targeted = sampling.targeted(year, scene.many(120))
            title = self._titles(f"{year}年产品质量监督抽查结果表", "市场监督管理局", f"{year}年12月")
            if year == 2026:
                yield self._file("market", "产品监督抽查2026上半年", "xlsx",
                                 Part("product_sampling", in_months_told(first, 1, 6), titles=title,
                                      notes=("注：复检结论以最终报告为准。", "填报人：（虚构）　审核人：（虚构）")), dates="cell", banded=True)  # fmt: skip
                later = in_months_told(first, 7, 12)
                june = [told.again() for told in in_months_told(first, 6, 6)]
                yield self._file("market", "产品监督抽查2026下半年", "csv-gb18030", Part("product_sampling", [*june, *later]), dates="slash")
                yield self._file("market", "产品专项及跟踪抽查2026", "csv", Part("product_sampling", targeted), dates="zh")
            else:
                yield self._file("market", f"产品监督抽查{year}", "csv" if year == 2024 else "csv-bom",
                                 Part("product_sampling", [*first, *targeted]), dates="iso" if year == 2024 else "compact")  # fmt: skip
            if mended:
                yield self._file("market", f"产品监督抽查{year}-补报", "xlsx", Part("product_sampling", mended), dates="cell")
        yield self._file("market", "省级监督抽查系统导出2025", "xlsx",
                         Part("product_sampling", sampling.provincial(2025, scene.many(200)), "provincial"), dates="cell")  # fmt: skip

    def food_sampling(self) -> Iterator[Delivery]:
        """Three years of food sampling; one file is sent twice; an older collection comes from a trade site."""
        scene, sampling = self.scene, FoodSampling(self.scene)
        samples = scene.many(self.setting.food_samples, step=2 * STEP)
        for year in (2024, 2025, 2026):
            shares = self.setting.shares if year == 2026 else USUAL
            production = samples // 2
            rows = sampling.supervisory(
                year, production=Plan(production, share(production, shares.food_production)),
                distribution=Plan(samples - production, share(samples - production, shares.food_distribution)))  # fmt: skip
            first, mended = with_refusals(rows, scene, count=20, spoil={"verdict": "复检中"}, day_field="sampled_on")
            kind, dates = {2024: ("csv", "iso"), 2025: ("csv-gb18030", "slash"), 2026: ("csv-bom", "zh")}[year]
            yield self._file("market", f"食品监督抽检{year}", kind, Part("food_sampling", first), dates=dates)
            if year == 2025:
                yield self._file("market", "食品监督抽检2025（再次报送）", "csv-gb18030",
                                 Part("food_sampling", [told.again() for told in first]), dates="compact")  # fmt: skip
            if mended:
                yield self._file("market", f"食品监督抽检{year}-退回补报", "csv", Part("food_sampling", mended), dates="iso")
        yield self._file("market", "食品风险监测", "tsv",
                         Part("food_sampling", [t for y in (2024, 2025, 2026) for t in sampling.risk(y, scene.many(200))]))  # fmt: skip
        yield self._file("market", "抽检结果汇编2024", "csv-gb18030",
                         Part("food_sampling", sampling.collected(2024, scene.many(400)), "foodmate"))  # fmt: skip

    def inspections(self) -> Iterator[Delivery]:
        """On-site inspections of three years, draws among them."""
        scene = self.scene
        for year, kind, dates in ((2024, "csv-gb18030", "slash"), (2025, "csv", "iso"), (2026, "csv-bom", "zh")):
            rows = supervision.inspections(scene, year, scene.many(4600))
            first, mended = with_refusals(rows, scene, count=15, spoil={"result": "详见笔录"}, day_field="inspected_on")
            yield self._file("market", f"监督检查结果{year}", kind, Part("inspection_finding", first), dates=dates)
            if mended:
                yield self._file("market", f"监督检查结果{year}-补正", "csv", Part("inspection_finding", mended), dates="iso")
        yield self._file("market", "双随机平台导出", "zip",
                         *(Part("inspection_finding", supervision.double_random(scene, year, scene.many(300)), "double_random",
                                name=f"双随机{year}") for year in (2024, 2025, 2026)))  # fmt: skip

    def enforcement(self) -> Iterator[Delivery]:
        """Orders, rechecks, penalties, seizures, recalls, lists, accidents, campaigns."""
        scene = self.scene
        orders, rechecks = supervision.orders_and_rechecks(scene, 120, year=2026, failed_rechecks=3)
        yield self._file("market", "整改台账2026", "xlsx",
                         Part("rectification_order", orders, name="责令整改", titles=(f"{self.name}责令整改台账（虚构）",)),
                         Part("rectification_recheck", rechecks, name="复查"),
                         Part("interview", supervision.interviews(scene, 12, year=2026), name="约谈"), dates="cell")  # fmt: skip
        penalties = [told for year in (2024, 2025, 2026) for told in supervision.penalties(scene, 110, year=year)]
        yield self._file("market", "行政处罚案件登记表", "csv-gb18030", Part("administrative_penalty", penalties), dates="zh")
        yield self._file(
            "market", "执法与风险台账", "xlsx",
            Part("seizure", supervision.seizures(scene, 30, year=2026), name="查封扣押"),
            Part("product_recall", society.recalls(scene, 8, year=2026), name="召回"),
            Part("unannounced_inspection", supervision.unannounced(scene, 14, year=2026, trades=("food", "noodles", "steel")),
                 name="飞行检查"),
            Part("blacklist_entry", society.blacklist(scene, 9), name="严重失信"),
            Part("abnormal_list_entry", society.abnormal_list(scene, 60), name="经营异常"),
            Part("quality_accident", society.accidents(scene, self.setting.accidents), name="质量事故"),
            Part("special_campaign", society.campaigns(scene, [(c, f"{self.name}{n}") for c, n in scene.place.streets]),
                 name="专项整治"),
            dates="cell",
        )  # fmt: skip

    def machines(self) -> Iterator[Delivery]:
        """Special equipment, its inspection and maintenance; measuring instruments; coal boilers and their end."""
        scene, setting = self.scene, self.setting
        all_machines = equipment.machines(scene, lifts=setting.lifts, others=setting.machines)
        yield self._file("market", "特种设备使用登记台账", "xlsx",
                         Part("special_equipment", equipment.register(scene, all_machines),
                              titles=self._titles("特种设备使用登记台账", "市场监督管理局", "2026年10月")), dates="cell", banded=True)  # fmt: skip
        yield self._file("testing", "特种设备定期检验2025-2026", "xlsx",
                         Part("equipment_inspection", equipment.inspections(scene, all_machines, 2025, failing=9), name="2025"),
                         Part("equipment_inspection", equipment.inspections(scene, all_machines, 2026, failing=5), name="2026"),
                         dates="cell")  # fmt: skip
        per_month = scene.many(300)
        for year in (2024, 2025, 2026):
            parts: list[Part] = []
            carried: list[Told] = []
            for first, last in months(year):
                rows = equipment.maintenance(scene, all_machines, first, last, per_month)
                # Each month's export begins with the last days of the month before.
                parts.append(Part("equipment_maintenance", [*carried, *rows], name=f"电梯维保{first:%Y%m}"))
                carried = [told.again() for told in rows if told.values["maintained_on"] >= last - dt.timedelta(days=1)]
            yield self._file("market", f"电梯维保记录{year}", "zip", *parts, dates="slash" if year == 2025 else "iso")
        yield self._file("market", "电梯困人救援记录", "csv",
                         Part("rescue_call", [t for y in (2024, 2025, 2026) for t in equipment.rescues(scene, all_machines, y, 30)]))  # fmt: skip
        yield self._file("testing", "强制检定平台导出", "csv-gb18030",
                         Part("instrument_verification", [
                             t for y in (2025, 2026) for t in equipment.verifications(scene, y, scene.many(600), failing=4)],
                             "mandatory_verification"), dates="slash")  # fmt: skip
        if setting.coal_boilers:
            yield self._file("market", "燃煤锅炉排查2024", "xlsx",
                             Part("coal_boiler", equipment.coal_boilers(scene, setting.coal_boilers, surveyed=dt.date(2024, 4, 20),
                                                                        removed=False)), dates="zh")  # fmt: skip
            yield self._file("market", "燃煤锅炉淘汰完成情况2025", "xlsx",
                             Part("coal_boiler", equipment.coal_boilers(scene, setting.coal_boilers, surveyed=dt.date(2025, 11, 30),
                                                                        removed=True)), dates="cell")  # fmt: skip

    # -- society ---------------------------------------------------------------------------------------------------

    def complaints(self) -> Iterator[Delivery]:
        """Complaints from the hotline's platform, and those that people came to the counter with."""
        scene = self.scene
        for year, kind, dates in ((2024, "csv-gb18030", "iso"), (2025, "csv-gb18030", "slash"), (2026, "csv-bom", "iso")):
            goods, services = self.setting.complaints[year]
            rows = society.complaints(scene, year, goods=scene.many(goods), services=scene.many(services))
            yield self._file("hotline", f"12315平台导出{year}", kind, Part("complaint", rows, "hotline"), dates=dates)
        yield self._file("hotline", "来访投诉登记", "xlsx",
                         Part("complaint", [t for y in (2025, 2026) for t in society.visits(scene, y, scene.many(120))]), dates="cell")  # fmt: skip

    def ledgers(self) -> Iterator[Delivery]:
        """Purchase ledgers of shops, through the sub-district offices."""
        scene = self.scene
        office = next(unit for unit in scene.offices if unit.area == scene.place.streets[0][0])
        for year, kind, dates in ((2024, "csv", "iso"), (2025, "csv-gb18030", "slash"), (2026, "csv", "iso")):
            rows = society.ledger_lines(scene, year, scene.many(3600))
            yield Delivery(scene.place.prefix, office.id, f"进货台账{year}", kind, (Part("ledger_line", rows),), dates)  # type: ignore[arg-type]
        by_hand = society.hand_ledger(society.ledger_lines(scene, 2026, scene.many(80)), scene)
        yield Delivery(scene.place.prefix, office.id, "商户手工进货台账", "xlsx",
                       (Part("ledger_line", by_hand, "purchase_ledger", titles=("进货查验台账（虚构）",)),), "serial")  # fmt: skip


def in_months_told(rows: list[Told], first_month: int, last_month: int) -> list[Told]:
    """Rows of some months; rows whose day was spoiled go with the half-year of their last known month (the first one)."""
    whole = [told for told in rows if isinstance(told.values["sampled_on"], dt.date)]
    broken = [told for told in rows if not isinstance(told.values["sampled_on"], dt.date)]
    return in_months(whole, "sampled_on", first_month, last_month) + (broken if first_month == 1 else [])


def _split(samples: int, industrial: int, industrial_share: int, consumer_share: int) -> tuple[int, int]:
    """How many fail in each group; equal shares are taken of the whole, so that the whole comes out exactly."""
    if industrial_share == consumer_share:
        failing = share(samples, industrial_share)
        return failing - failing // 5, failing // 5
    return share(industrial, industrial_share), share(samples - industrial, consumer_share)
