"""The page that shows every part of the design system in every state; what it shows is invented."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms as django_forms
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from zhiheng.kernel.law import Instrument
from zhiheng.pages import asking
from zhiheng.pages.access import door, today
from zhiheng.pages.deadlines import DueWords
from zhiheng.pages.http import PageRequest
from zhiheng.pages.laws import Cited
from zhiheng.pages.words import chinese, label, say
from zhiheng.reading.law_texts import CitedWords

LONG = {
    "zh": "云澜市砺原区铁砧街道精密石油钻采机械与特种阀门联合制造及技术服务（集团）"
    "股份有限公司第二分公司望井生产基地（虚构）",
    "en": "Liyuan District Tiezhen Precision Petroleum Drilling Machinery and Special Valves (Group) Company Limited "
    "(fictional)",
}


class ExampleForm(django_forms.Form):
    """A form with every kind of control."""

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        self.fields = {
            "unit_name": django_forms.CharField(
                label=say("单位名称", "Name of the unit"),
                help_text=say("按印章上的全称填写", "As on the seal"),
                max_length=60,
            ),
            "code": django_forms.CharField(
                label=say("统一社会信用代码", "Credit code"),
                min_length=18,
                max_length=18,
                required=False,
                error_messages={
                    "min_length": say(
                        "应为 18 位，现在是 {n} 位；请核对营业执照。",
                        "It has 18 characters, not {n}; check the business licence.",
                        n=5,
                    )
                },
            ),
            "on": django_forms.DateField(
                label=say("检验日期", "Day of the test"),
                widget=django_forms.DateInput({"type": "date"}),
                error_messages={"required": say("写成 2026-03-31 这样的日期。", "Write a day like 2026-03-31.")},
            ),
            "quality": django_forms.ChoiceField(
                label=say("质量领域", "Quality"),
                widget=django_forms.RadioSelect,
                choices=[
                    ("product", say("产品", "Product")),
                    ("project", say("工程", "Project")),
                    ("service", say("服务", "Service")),
                    ("environment", say("环境", "Environment")),
                ],
            ),
            "department": django_forms.ChoiceField(
                label=say("报送部门", "Department"),
                required=False,
                choices=[
                    ("", say("全部", "All")),
                    ("a", say("市场监督管理局", "Market supervision")),
                    ("b", say("住房城乡建设局", "Construction")),
                ],
            ),
            "reason": django_forms.CharField(
                label=say("理由", "Reason"),
                widget=django_forms.Textarea,
                error_messages={
                    "required": say("写明理由，它会留在记录里。", "Give the reason; it stays in the record.")
                },
            ),
            "sure": django_forms.BooleanField(
                label=say("我已核对原件", "I have compared it with the original"), required=False
            ),
        }


@door("desk.open")
def design(request: PageRequest) -> HttpResponse:
    """Every component in every state."""
    wrong = ExampleForm({"unit_name": "望井精密", "code": "91330", "on": "", "quality": "product", "reason": ""})
    wrong.is_valid()
    sheet = reverse("pages:design_sheet")
    areas = [
        {
            "label": say("云澜市", "Yunlan City"),
            "url": "#tree",
            "open": True,
            "note": "1,204",
            "children": [
                {
                    "label": say("砺原区", "Liyuan District"),
                    "url": "#tree",
                    "open": True,
                    "here": True,
                    "note": "812",
                    "children": [
                        {"label": say("铁砧街道", "Tiezhen"), "url": "#tree", "note": "230"},
                        {"label": say("望井街道", "Wangjing"), "url": "#tree", "note": "121"},
                    ],
                },
                {"label": say("沧霁区", "Cangji District"), "url": "#tree", "note": "392"},
            ],
        },
    ]
    words = {
        "form": ExampleForm(),
        "wrong": wrong,
        "long": label(LONG),
        "sheet": sheet,
        "print_lines": [
            label(LONG),
            say(
                "制发：云澜市质强办（虚构） 2026-03-31 14:05",
                "Issued by the quality office (fictional), 2026-03-31 14:05",
            ),
        ],
        "due": today() + dt.timedelta(days=3),
        "counted": DueWords(
            say("15 个工作日", "15 working days"),
            (say("自收到之日的次日起算，跳过 2 个休息日", "From the day after receipt; 2 days of rest are left out"),),
            (say("次年的放假安排还没有公布", "The holidays of next year are not published yet"),),
        ),
        "today": today(),
        "cited": _cited(),
        "chinese": chinese(),
        "colours": [
            ("ink", say("墨色，正文", "ink, text")),
            ("blue", say("深蓝，可点击", "blue, action")),
            ("red", say("红，逾期或不安全", "red, late or unsafe")),
            ("green", say("绿，仅指合格", "green, passed only")),
            ("amber", say("琥珀，即将到期", "amber, soon")),
            ("product", say("产品", "product")),
            ("project", say("工程", "project")),
            ("service", say("服务", "service")),
            ("environment", say("环境", "environment")),
        ],
        "sides": [
            {
                "value": "2027-06-30",
                "unit": say("砺原区市场监督管理局", "Liyuan market supervision"),
                "received": today(),
                "url": sheet,
            },
            {
                "value": "2026-06-30",
                "unit": say("砺原区应急管理局", "Liyuan emergency management"),
                "received": today() - dt.timedelta(40),
            },
        ],
        "tabs": [
            {"url": "#tabs", "label": say("时间线", "Timeline"), "here": True, "count": 128},
            {"url": "#tabs", "label": say("证照", "Licences"), "here": False, "count": 6},
            {"url": "#tabs", "label": say("人员", "People"), "here": False},
        ],
        "filters": [
            {
                "name": "q",
                "label": say("名称或代码", "Name or code"),
                "type": "search",
                "placeholder": say("现名、曾用名、拼音首字母", "Any name it had"),
            },
            {
                "name": "area",
                "label": say("街道", "Sub-district"),
                "type": "select",
                "options": [("", say("全部", "All")), ("1", say("铁砧街道", "Tiezhen"))],
            },
            {"name": "before", "label": say("到期早于", "Expires before"), "type": "date"},
        ],
        "chips": [
            {"label": say("产品有不合格", "product fails"), "url": "?"},
            {"label": say("铁砧街道", "Tiezhen"), "url": "?"},
        ],
        "areas": areas,
        "steps": [
            {"label": say("收到", "Received"), "note": "2026-03-02", "state": "done"},
            {"label": say("识别", "Recognised"), "note": "2026-03-02", "state": "done"},
            {"label": say("待确认", "Held"), "note": say("条数比往常少一半", "half the usual rows"), "state": "now"},
            {"label": say("入账", "Taken in"), "note": "", "state": ""},
        ],
        "changed": [
            {"label": say("法定代表人", "Legal representative"), "before": "张**", "after": "李**"},
            {
                "label": say("住所", "Address"),
                "before": say("铁砧街道 1 号", "1 Tiezhen"),
                "after": say("望井街道 8 号", "8 Wangjing"),
            },
            {"label": say("登记状态", "Status"), "before": say("存续", "active"), "after": say("存续", "active")},
        ],
        "pairs": [
            {"label": say("统一社会信用代码", "Credit code"), "value": "91990101MA0000000X"},
            {"label": say("名称", "Name"), "value": label(LONG)},
            {"label": say("成立日期", "Established"), "value": ""},
        ],
        "columns": [say("街道", "Sub-district"), say("合格率", "Pass rate"), say("批次", "Batches")],
        "rows": [
            {"label": name, "cells": [{"value": value, "unit": "%", "url": sheet}, {"value": batches, "url": sheet}]}
            for name, value, batches in _figures()
        ],
    }
    return render(request, "pages/design.html", words)


def _cited() -> Cited:
    """A citation with the words of its article, both invented."""
    text = Instrument(
        "x",
        "虚构抽查办法",
        "Fictional measures on sampling",
        "虚构令第1号",
        dt.date(2026, 1, 1),
        search="https://flk.npc.gov.cn/",
    )
    words = CitedWords(
        text,
        (
            (
                say("第三条", "Art. 3"),
                say("抽查期限为十五日（虚构）。", "Samples are taken within fifteen days (fictional)."),
            ),
        ),
    )
    return Cited(text.zh, say("第三条", "Art. 3"), text, words, today(), today(), until=dt.date(2027, 12, 31))


def _figures() -> list[tuple[str, float, int]]:
    return [
        (say("铁砧街道", "Tiezhen"), 98.6, 214),
        (say("望井街道", "Wangjing"), 97.1, 188),
        (say("砺东街道", "Lidong"), 99.2, 95),
        (say("磨石街道", "Moshi"), 94.8, 61),
        (say("河弯镇", "Hewan"), 98.0, 40),
        (say("麦垄镇", "Mailong"), 96.3, 27),
    ]


@door("desk.open")
def sheet(request: PageRequest) -> HttpResponse:
    """The content of a side sheet, and a whole page at the same address."""
    return render(
        request, "pages/design_sheet.html", {"today": today(), "deeper": f"{reverse('pages:design_sheet')}?part=1"}
    )


@door("desk.open")
def chart(request: PageRequest, kind: str) -> HttpResponse:
    """Data of an example of each kind of chart."""
    names = [name for name, _, _ in _figures()]
    rates = [rate for _, rate, _ in _figures()]
    door_ = reverse("pages:design_sheet")
    shapes = [
        [[0, 0], [4, 0], [4, 3], [0, 3]],
        [[4, 0], [8, 0], [8, 3], [4, 3]],
        [[0, 3], [3, 3], [3, 6], [0, 6]],
        [[3, 3], [6, 3], [6, 6], [3, 6]],
        [[6, 3], [8, 3], [8, 6], [6, 6]],
        [[8, 1], [10, 1], [10, 6], [8, 6]],
    ]
    kinds: dict[str, dict[str, Any]] = {
        "bar": {
            "kind": "bars",
            "categories": names,
            "unit": "%",
            "min": 90,
            "max": 100,
            "doors": [door_] * len(names),
            "target": {"value": 98, "label": say("目标 98%", "target 98%")},
            "series": [{"name": say("合格率", "Pass rate"), "data": rates, "hue": "product"}],
        },
        "line": {
            "kind": "line",
            "categories": ["2021", "2022", "2023", "2024", "2025"],
            "unit": "%",
            "series": [
                {"name": say("产品", "Product"), "hue": "product", "data": [95.1, 96.0, 97.2, None, 98.4]},
                {"name": say("服务", "Service"), "hue": "service", "data": [90.2, 91.7, 92.0, 93.9, 94.1]},
            ],
        },
        "heatmap": {
            "kind": "heatmap",
            "columns": ["1", "2", "3", "4"],
            "rows": names,
            "unit": "",
            "worse": "high",
            "cells": [[x, y, (x * 3 + y * 5) % 11] for x in range(4) for y in range(len(names))],
        },
        "map": {
            "kind": "map",
            "unit": "%",
            "areas": [
                {"code": f"example-{at}", "name": name, "outline": shape, "value": rate, "door": door_}
                for at, (name, rate, shape) in enumerate(zip(names, rates, shapes, strict=True))
            ],
        },
    }
    return JsonResponse(kinds.get(kind, kinds["bar"]))


@door("desk.open")
def progress(request: PageRequest) -> HttpResponse:
    """A progress bar that is asked again until it is done."""
    asked = asking.number(request, "value")
    value = min((40 if asked is None else asked) + 20, 100)
    words = {
        "url": f"{reverse('pages:design_progress')}?value={value}",
        "done": value >= 100,
        "value": value,
        "max": 100,
        "text": say("已经收下", "taken in")
        if value >= 100
        else say("正在核对第 {n} 行", "checking row {n}", n=value * 120),
    }
    return render(request, "pages/parts/progress.html", words)


@door("desk.open")
def palette(request: PageRequest) -> HttpResponse:
    """What a command palette answers."""
    return render(request, "pages/design_palette.html", {"sheet": reverse("pages:design_sheet")})
