"""Why nothing is counted."""

from __future__ import annotations

from zhiheng.kernel.reasons import Refusal


def area_unknown(area: str) -> Refusal:
    return Refusal(
        "area.unknown",
        f"没有区划代码为“{area}”的地区；请从地区名单中选择。",
        f"There is no area {area!r}; choose one of the list of areas." if area else "Choose an area.",
    )


def indicator_unknown(name: str) -> Refusal:
    return Refusal(
        "indicator.unknown",
        f"没有名为“{name}”的指标；请用 zhiheng indicators 查看全部指标。",
        f"There is no indicator {name!r}; list them with: zhiheng indicators.",
    )


def lake_damaged() -> Refusal:
    return Refusal(
        "lake.damaged",
        "数字的底稿（数据湖）已损坏，暂时不能算数；系统会自动重建，请过几分钟再看，或请管理员运行 zhiheng refresh。"
        "台账和原文件不受影响。",
        "What the figures are computed from (the lake) is damaged and nothing can be counted at the moment; it is "
        "made anew by itself: look again in some minutes, or have the operator run zhiheng refresh. The ledger and the "
        "files are not touched by this.",
    )


def lake_stale(record: str) -> Refusal:
    return Refusal(
        "lake.stale",
        f"规则书中“{record}”的定义在上次投影之后改过；请先运行 zhiheng lake project。",
        f"The definition of {record!r} in the book has changed since the last projection; run: zhiheng lake project.",
    )


def no_spark(what: str) -> Refusal:
    if what == "java":
        return Refusal(
            "spark.java",
            "本机没有Java，Spark不能运行；请安装Java 17或21，或安装 zhiheng[spark]（随附Java）。",
            "There is no Java on this machine and Spark can't run; install Java 17 or 21, or zhiheng[spark], which "
            "brings one along.",
        )
    return Refusal(
        "spark.absent",
        "本机没有安装Spark；请安装 zhiheng[spark]，或改用DuckDB。",
        "Spark is not installed on this machine; install zhiheng[spark], or ask DuckDB.",
    )
