"""What charts, their lines, rules and plans are called, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from zhiheng.engines.control_charts import Chart, ChartRule
from zhiheng.grammar.chapters.acceptance import Inspection, SampleKind
from zhiheng.grammar.types import Label

CHARTS: Mapping[Chart, Label] = MappingProxyType(
    {
        Chart.I_MR: Label(zh="单值—移动极差图", en="single values and moving ranges (I-MR)"),
        Chart.XBAR_R: Label(zh="均值—极差图", en="means and ranges (X-bar and R)"),
        Chart.XBAR_S: Label(zh="均值—标准差图", en="means and standard deviations (X-bar and s)"),
        Chart.P: Label(zh="不合格品率 p 图", en="share nonconforming (p)"),
        Chart.NP: Label(zh="不合格品数 np 图", en="number nonconforming (np)"),
        Chart.C: Label(zh="缺陷数 c 图", en="nonconformities (c)"),
        Chart.U: Label(zh="单位缺陷数 u 图", en="nonconformities per item (u)"),
        Chart.CUSUM: Label(zh="累积和图（CUSUM）", en="cumulative sums (CUSUM)"),
        Chart.EWMA: Label(zh="指数加权移动平均图（EWMA）", en="exponentially weighted moving average (EWMA)"),
    }
)
TRACKS: Mapping[str, Label] = MappingProxyType(
    {
        "mean": Label(zh="均值", en="mean"),
        "range": Label(zh="极差", en="range"),
        "deviation": Label(zh="标准差", en="standard deviation"),
        "value": Label(zh="测量值", en="value"),
        "moving_range": Label(zh="移动极差", en="moving range"),
        "share": Label(zh="不合格品率", en="share nonconforming"),
        "count": Label(zh="个数", en="number"),
        "per_item": Label(zh="单位缺陷数", en="nonconformities per item"),
        "cusum_high": Label(zh="向上累积和", en="sum above the target"),
        "cusum_low": Label(zh="向下累积和", en="sum below the target"),
        "ewma": Label(zh="加权移动平均", en="weighted moving average"),
    }
)
RULES: Mapping[ChartRule, Label] = MappingProxyType(
    {
        ChartRule.BEYOND: Label(zh="点在控制限以外", en="beyond a limit"),
        ChartRule.ONE_SIDE: Label(zh="连续 9 点在中心线同一侧", en="nine points in a row on one side of the centre"),
        ChartRule.TREND: Label(zh="连续 6 点递增或递减", en="six points in a row rising or falling"),
        ChartRule.ALTERNATING: Label(zh="连续 14 点上下交替", en="fourteen points in a row going up and down"),
        ChartRule.TWO_OF_THREE: Label(
            zh="连续 3 点中有 2 点在同侧 2 倍标准差以外", en="two of three beyond two sigma on one side"
        ),
        ChartRule.FOUR_OF_FIVE: Label(
            zh="连续 5 点中有 4 点在同侧 1 倍标准差以外", en="four of five beyond one sigma on one side"
        ),
        ChartRule.HUGGING: Label(zh="连续 15 点都在 1 倍标准差以内", en="fifteen points in a row within one sigma"),
        ChartRule.AVOIDING: Label(zh="连续 8 点都在 1 倍标准差以外", en="eight points in a row beyond one sigma"),
        ChartRule.ONE_SIDE_OF_EIGHT: Label(
            zh="连续 8 点在中心线同一侧", en="eight points in a row on one side of the centre"
        ),
        ChartRule.RISEN: Label(zh="累积和超过判定限：均值偏高", en="the sum is beyond its limit: the mean has risen"),
        ChartRule.FALLEN: Label(zh="累积和超过判定限：均值偏低", en="the sum is beyond its limit: the mean has fallen"),
    }
)
KINDS: Mapping[SampleKind, Label] = MappingProxyType(
    {
        SampleKind.SINGLE: Label(zh="一次抽样", en="single"),
        SampleKind.DOUBLE: Label(zh="二次抽样", en="double"),
    }
)
INSPECTIONS: Mapping[Inspection, Label] = MappingProxyType(
    {
        Inspection.NORMAL: Label(zh="正常检验", en="normal"),
        Inspection.TIGHTENED: Label(zh="加严检验", en="tightened"),
        Inspection.REDUCED: Label(zh="放宽检验", en="reduced"),
        Inspection.DISCONTINUED: Label(zh="暂停检验", en="discontinued"),
    }
)
