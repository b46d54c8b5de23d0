"""Why a detector was not run: what is wrong with its counts or options, where, and what to do."""

from __future__ import annotations

import datetime as dt

from zhiheng.kernel.reasons import Refusal


def shape(found: tuple[int, ...]) -> Refusal:
    return Refusal(
        "detector.shape",
        f"计数应当是“序列 × 期”的二维表，现在是 {len(found)} 维；请按每行一个序列、每列一期整理。",
        f"Counts are a table of series by periods, this has {len(found)} dimensions; give a row a series, a column a "
        "period.",
    )


def negative(series: int, period: int, value: float, many: int) -> Refusal:
    return Refusal(
        "detector.negative",
        f"第 {series} 个序列第 {period} 期的计数是 {value:g}，不能小于零（共 {many} 处）；"
        "请核对这一期的数据，不知道的留空。",
        f"Series {series} counts {value:g} in period {period}; a count is not below zero ({many} such cells). Check "
        "it, and leave empty what is not known.",
    )


def not_whole(series: int, period: int, value: float, many: int) -> Refusal:
    return Refusal(
        "detector.whole",
        f"第 {series} 个序列第 {period} 期的计数是 {value:g}，应当是整数（共 {many} 处）；比率请用件数和检查数两列。",
        f"Series {series} counts {value:g} in period {period}; counts are whole numbers ({many} such cells). Give a "
        "rate as cases and population.",
    )


def frequency(value: int) -> Refusal:
    return Refusal(
        "detector.frequency",
        f"每年的期数是 {value}，应当至少为 1（周 52、月 12、日 365、年 1）。",
        f"{value} periods a year; give at least 1 (weeks 52, months 12, days 365, years 1).",
    )


def dates_count(dates: int, periods: int) -> Refusal:
    return Refusal(
        "detector.dates",
        f"有 {dates} 个日期、{periods} 期；请给每一期一个日期。",
        f"There are {dates} dates for {periods} periods; give one a period.",
    )


def dates_order(period: int, earlier: dt.date, later: dt.date) -> Refusal:
    return Refusal(
        "detector.dates",
        f"第 {period} 期的日期 {later} 不晚于前一期的 {earlier}；请按时间排列，每期一行。",
        f"Period {period} begins on {later}, not after the one before it ({earlier}); sort the periods by time.",
    )


def population_shape(found: tuple[int, ...], wanted: tuple[int, ...]) -> Refusal:
    return Refusal(
        "detector.population",
        f"基数表是 {found}，计数表是 {wanted}；两张表应当一样大。",
        f"The population has the shape {found}, the counts {wanted}; they must be alike.",
    )


def population_negative(series: int, period: int, value: float, many: int) -> Refusal:
    return Refusal(
        "detector.population",
        f"第 {series} 个序列第 {period} 期的基数是 {value:g}，应当是不小于零的数（共 {many} 处）；请核对。",
        f"Series {series} has a population of {value:g} in period {period}; it is a number not below zero ({many} such "
        "cells). Check it.",
    )


def population_wanted() -> Refusal:
    return Refusal(
        "detector.population",
        "按基数校正需要每期的基数（检查数、人口）；请给出基数，或者不按基数校正。",
        "An offset needs the population of each period; give it, or leave the offset out.",
    )


def population_zero(series: int, period: int) -> Refusal:
    return Refusal(
        "detector.population",
        f"第 {series} 个序列第 {period} 期的基数是零或者不知道，不能按基数校正；请把这一期的计数留空，或者补上基数。",
        f"Series {series} has no population in period {period}, so it can't be an offset; leave the count of that "
        "period empty, or give its population.",
    )


def no_weeks(periods: int) -> Refusal:
    return Refusal(
        "detector.weeks",
        f"没有可以判断的期：一共只有 {periods} 期，不够作参照；请减少参照年数或基线长度，或者等历史长一些。",
        f"There is no period to judge: {periods} periods are too few to compare with. Look back less, or wait for a "
        "longer history.",
    )


def week_outside(week: int, periods: int) -> Refusal:
    return Refusal(
        "detector.weeks",
        f"要判断第 {week} 期，但只有第 1 到第 {periods} 期；请改正要判断的期。",
        f"Period {week} is to be judged, there are periods 1 to {periods}; correct it.",
    )


def history_short(week: int, years: int) -> Refusal:
    return Refusal(
        "detector.history",
        f"判断第 {week} 期要用前 {years} 年的参照期，有的不存在；请减少参照年数，或者从更晚的一期开始判断。",
        f"Judging period {week} needs reference periods of the {years} years before, some of which do not exist; look "
        "back fewer years, or begin with a later period.",
    )


def no_reference(week: int) -> Refusal:
    return Refusal(
        "detector.history",
        f"判断第 {week} 期没有足够的参照期来估计；请增加参照年数或窗口宽度，或者少排除几期。",
        f"Period {week} has too few reference periods to fit anything; look back more years, widen the window, or "
        "leave out fewer recent periods.",
    )


def baseline_short(week: int, first: int) -> Refusal:
    return Refusal(
        "detector.history",
        f"第 {week} 期之前的基线不够，最早可以判断第 {first} 期；请从第 {first} 期开始，或者缩短基线。",
        f"Period {week} has no full baseline before it, the first that has is {first}; begin there, or shorten the "
        "baseline.",
    )


def not_consecutive(method: str) -> Refusal:
    return Refusal(
        "detector.weeks",
        f"{method} 逐期累积，要判断的期应当是连续的；请给出连续的期。",
        f"{method} accumulates from period to period; give consecutive periods.",
    )


def one_week(method: str) -> Refusal:
    return Refusal(
        "detector.weeks",
        f"参照软件的 {method} 不能只判断一期或者不连续的期；请判断连续的几期，或者不用对照方式。",
        f"The reference program can't judge a single period by {method}, nor periods with gaps between them; ask for "
        "consecutive ones, or leave the equality mode.",
    )


def option(name: str, value: object, wanted_zh: str, wanted_en: str) -> Refusal:
    return Refusal(
        "detector.option",
        f"选项 {name} 是 {value}，应当是{wanted_zh}；请改正。",
        f"Option {name} is {value}; it must be {wanted_en}. Correct it.",
        field=name,
    )


def length(name: str, found: int, wanted: int) -> Refusal:
    return Refusal(
        "detector.option",
        f"选项 {name} 有 {found} 个值，要判断的期有 {wanted} 个；请每期给一个值，或者只给一个。",
        f"Option {name} has {found} values for {wanted} periods; give one a period, or one for all.",
        field=name,
    )


def gaps(series: int, week: int, method: str) -> Refusal:
    return Refusal(
        "detector.missing",
        f"参照软件的 {method} 遇到空缺就停下：第 {series} 个序列判断第 {week} 期的参照期有空缺；"
        "请补上，或者不用对照方式。",
        f"The reference program stops at gaps in {method}: the reference periods of series {series} in period {week} "
        "have one. Fill it, or leave the equality mode.",
    )


def unknown_counts(series: int, period: int, method: str) -> Refusal:
    return Refusal(
        "detector.missing",
        f"{method} 不能跳过空缺：第 {series} 个序列第 {period} 期没有计数；请补上，或者换一种方法。",
        f"{method} can't pass over a gap: series {series} has no count in period {period}. Give it, or take another "
        "method.",
    )


def not_fitted(series: int, method: str) -> Refusal:
    return Refusal(
        "detector.fit",
        f"第 {series} 个序列的历史拟合不出 {method} 的模型；请给出预期值，或者换一种方法。",
        f"The history of series {series} fits no model of {method}; give the expected values, or take another method.",
    )


def tree(series: int) -> Refusal:
    return Refusal(
        "detector.tree",
        f"序列的上下级关系不成一棵树：每个序列的上级应当是 0 到 {series - 1} 的序号，最上级写 -1，不能循环；请核对。",
        f"The series are no tree: each has a parent from 0 to {series - 1}, or -1 at the top, none above itself. "
        "Check the parents.",
    )
