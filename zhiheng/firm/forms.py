"""What an enterprise types in its corner."""

from __future__ import annotations

from zhiheng.pages.codes import CodeForm
from zhiheng.pages.input_form import (
    BookForm,
    CarriedField,
    ChoiceField,
    DayField,
    FilesField,
    InputForm,
    LineField,
    NumberField,
    ParagraphsField,
    TicksField,
)
from zhiheng.pages.words import say_later

# So many files are handed in at once.
FILES_AT_ONCE = 20


class JoinForm(CodeForm):
    """The code of a letter of invitation, and the account that it opens."""

    code = LineField("邀请码", "Code", most=120, needed=True, autocomplete="one-time-code")


class SignForm(BookForm):
    """What an undertaking asks for, and the name of who signs it."""

    agreed = CarriedField(most=200)
    signer = LineField("签名", "Signature", needed=True, autocomplete="off")


class HandInForm(InputForm):
    """Ledgers and self-inspections as files."""

    files = FilesField(  # type: ignore[assignment]  # Django's class has an attribute of that name, and takes the field away
        "文件",
        "File",
        most=FILES_AT_ONCE,
        missing=say_later("请选择文件。", "Choose a file."),
        too_many=say_later(
            "一次最多 %(limit_value)d 个文件，请分几次报送。",
            "At most %(limit_value)d files at once; hand them in by and by.",
        ),
    )


class ConsentForm(InputForm):
    """Which institution may read for what, and until when."""

    reader = ChoiceField("金融机构", "Institution", needed=True)
    purpose = ChoiceField("用途", "Purpose", needed=True)
    last = DayField(
        "截止日期",
        "Last day",
        needed=True,
        any_day=True,
        missing=say_later("请填截止日期，如 2026-12-31。", "Give the last day, such as 2026-12-31."),
    )


class ObjectionForm(InputForm):
    """What is wrong with a fact, how it should be, and the papers that prove it."""

    entry = CarriedField(most=24)
    ground = ChoiceField("理由类别", "Ground", needed=True)
    reason = ParagraphsField(
        "理由",
        "Reason",
        most=20_000,
        needed=True,
        hint=say_later("哪里不对，应当是什么，有什么证明。", "What is wrong, how it should be, what proves it."),
    )
    files = FilesField(  # type: ignore[assignment]  # Django's class has an attribute of that name, and takes the field away
        "附件",
        "Attachments",
        most=100,
        hint=say_later(
            "PDF、PNG 或 JPEG，最多 5 个，每个不超过 10 MB。", "PDF, PNG or JPEG; at most five, 10 MB each."
        ),
    )


class PlanForm(InputForm):
    """What is asked of the tables of a sampling standard."""

    lot = NumberField(
        "批量（件）",
        "Items in the batch",
        kind="text",
        needed=True,
        missing=say_later("请填批量，2 件以上的整数。", "Give the number of items in the batch, 2 or more."),
        wrong=say_later("批量应为整数，如 1200。", "The number of items is a whole number, such as 1200."),
    )
    level = ChoiceField("检验水平", "Inspection level", needed=True)
    aql = ChoiceField("接收质量限 AQL", "AQL", needed=True)
    kind = ChoiceField("抽样类型", "Kind of plan", needed=True)
    severity = ChoiceField("严格性", "Severity", needed=True)


class SeriesForm(InputForm):
    """What an enterprise begins to inspect lot by lot."""

    name = LineField(
        "名称",
        "Name",
        most=60,
        needed=True,
        hint=say_later("产品和环节，如“瓶盖 进货”。", "Product and place, such as 'caps, received'."),
    )
    level = ChoiceField("检验水平", "Inspection level", needed=True)
    aql = ChoiceField("接收质量限 AQL", "AQL", needed=True)
    kind = ChoiceField("抽样类型", "Kind of plan", needed=True)
    may_reduce = TicksField("放宽检验", "Reduced inspection", most=1)


class LotForm(InputForm):
    """A lot and what was found in its sample."""

    name = LineField("批号", "Batch", most=60, needed=True)
    day = DayField(
        "检验日期",
        "Inspected on",
        needed=True,
        missing=say_later("请填检验日期，如 2026-03-31。", "Give the day of inspection, such as 2026-03-31."),
    )
    size = NumberField(
        "批量（件）",
        "Items in the batch",
        kind="text",
        needed=True,
        wrong=say_later("批量应为整数，如 1200。", "The number of items is a whole number, such as 1200."),
    )
    found = NumberField(
        "样本中的不合格数",
        "Found in the sample",
        kind="text",
        needed=True,
        wrong=say_later("不合格数应为整数，没有的填 0。", "What was found is a whole number, 0 for none."),
    )
    found_second = NumberField(
        "第二样本中的不合格数",
        "Found in the second sample",
        kind="text",
        hint=say_later("抽了第二样本的才填。", "Only where a second sample was drawn."),
        wrong=say_later("不合格数应为整数，没有的填 0。", "What was found is a whole number, 0 for none."),
    )
    resumed = TicksField("恢复检验", "Inspection begins again", most=1)


class MeasurementsForm(InputForm):
    """A table of measurements."""

    name = LineField(
        "名称",
        "Name",
        most=60,
        needed=True,
        hint=say_later("测什么，如“灌装量 二号线”。", "What is measured, such as 'filling, line 2'."),
    )
    unit = LineField("计量单位", "Unit", most=20, hint=say_later("如 mL；件数的留空。", "Such as mL; none for counts."))
    files = FilesField(  # type: ignore[assignment]  # Django's class has an attribute of that name, and takes the field away
        "文件",
        "File",
        most=1,
        needed=True,
        too_many=say_later("一次一个文件。", "One file at a time."),
    )


class ChartForm(InputForm):
    """How measurements are charted."""

    chart = ChoiceField("图的种类", "Kind of chart", needed=True)
    baseline = NumberField(
        "基准段：前几个点",
        "Baseline: the first points",
        kind="text",
        hint=say_later(
            "界限由生产稳定的这一段算出；0 表示全部。", "Where production was steady: it gives the limits. 0: all."
        ),
        wrong=say_later("应为整数，0 表示全部。", "A whole number; 0 stands for all."),
    )
    lower = LineField("规格下限", "Lower specification limit", most=30)
    upper = LineField("规格上限", "Upper specification limit", most=30)
    target = LineField(
        "目标值",
        "Target",
        most=30,
        hint=say_later("留空：基准段的平均值。", "Left out: the mean of the baseline."),
    )
    reference = LineField(
        "参考值 k",
        "Reference value k",
        most=30,
        hint=say_later(
            "要查出的偏移的一半，以标准差为单位；常用 0.5。",
            "Half the shift to be found, in standard deviations; usually 0.5.",
        ),
    )
    decision = LineField(
        "判定值 h",
        "Decision value h",
        most=30,
        hint=say_later(
            "以标准差为单位，越大误报越少、发现越迟；常用 5。",
            "In standard deviations: the larger, the fewer false signals and the later true ones; usually 5.",
        ),
    )
    weight = LineField(
        "权重 λ",
        "Weight λ",
        most=30,
        hint=say_later(
            "最近一点占多少，越小越能查出小偏移；常用 0.2。",
            "The share of the latest point: the smaller, the smaller the shifts that are found; usually 0.2.",
        ),
    )
    width = LineField(
        "限宽 L",
        "Width L of the limits",
        most=30,
        hint=say_later("以标准差为单位；常用 3。", "In standard deviations; usually 3."),
    )
    laney = TicksField("Laney 修正", "After Laney", most=1)
