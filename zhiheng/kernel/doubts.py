"""Doubts that the machine finds by itself: the row is accepted, and an officer should look at it.

One place for their codes and words: a fact keeps the code, and pages, the terminal and the interface say the words. A
doubt holds back publication until an officer has looked and given a reason, unless it is one of ``PASSING``. (Doubts
that a record's own rules find have their words in the book.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from zhiheng.kernel.reasons import Flag

PARTY_NOBODY, PARTY_UNPLACED, CODE_PLACEHOLDER = "party_nobody", "party_unplaced", "code_placeholder"
PARTY_MASKED, CODE_UNPLACED = "party_masked", "code_unplaced"
PIECES_UNPAIRED, SEVERAL_VALUES = "pieces_unpaired", "several_values"
DAY_ASKED, DAY_EARLY = "day_ahead", "day_early"
SHEETS_DISAGREE, ROWS_DISAGREE, PARTY_ENDED = "sheets_disagree", "rows_disagree", "party_ended"
# Not of a row: of what the public would see of it.
PERSON_PERHAPS = "person_perhaps"
# What says less than was meant, and nothing false.
PASSING = frozenset({CODE_PLACEHOLDER})
# What one row alone can't tell: a correction of the row does not make it go away, an officer does.
BEYOND_THE_ROW = frozenset({SHEETS_DISAGREE, ROWS_DISAGREE, PARTY_ENDED})
# Not of a value by itself: of whom the ledger knows under it.
IDENTITY_DOUBTFUL = "identity_doubtful"

DOUBTS: Mapping[str, Flag] = MappingProxyType(
    {
        flag.code: flag
        for flag in (
            Flag(
                PARTY_NOBODY,
                "单位名称一栏写的不是单位或个人的名称（是数字、日期、结论、地名，或名称不完整）："
                "没有记到任何企业名下，请向报送单位核实。",
                "A column of names holds no name (a number, a day, a verdict, a place, half a name): it was linked to "
                "nobody. Ask the sender.",
            ),
            Flag(
                PARTY_UNPLACED,
                "单位名称一栏里有一部分说明看不出是谁、是什么身份：原文照存，没有归到任何一方，请向报送单位核实。",
                "A part of a column of names could not be placed: it is kept as delivered and was given to nobody. "
                "Ask the sender.",
            ),
            Flag(
                PARTY_MASKED,
                "单位名称里有遮盖的字或代称（如“**公司”“某某公司”“甲公司”“□□厂”）：看不出是哪一家，"
                "没有记到任何企业名下，请向报送单位核实全称。",
                "A name is masked or stands for another (**公司, 某某公司, 甲公司): it can't be told whose it is, and "
                "it was linked to nobody. Ask the sender for the full name.",
            ),
            Flag(
                CODE_UNPLACED,
                "代码（或地址、电话等）旁边写了几家，或者与名称格里写的代码不同，看不出是哪一家的：没有记到任何一家，"
                "请向报送单位核实。",
                "A code (or an address, a telephone) stands beside several names, or differs from the one beside the "
                "name: it was given to none of them. Ask the sender.",
            ),
            Flag(
                PIECES_UNPAIRED,
                "一格里用“║”写了几个项目，项目、结果、标准值的个数对不上，不能确定哪个结果是哪个项目的：原文照存，"
                "请向报送单位核实。",
                "A cell holds several items with bars (║) between them, and the numbers of items, results and limits "
                "differ: it is not certain which belong together. Kept as delivered; ask the sender.",
            ),
            Flag(
                SEVERAL_VALUES,
                "一格里写了几个项目（分号或换行隔开），这一栏一行只说一个：没有拆开，结果和标准值按原文保存。"
                "请报送单位一个项目写一行。",
                "A cell holds several items where each row tells of one: they were not taken apart. Have the sender "
                "write a row for each.",
            ),
            Flag(
                CODE_PLACEHOLDER,
                "代码一栏填的是占位符（如17个0加X），按没有代码处理，请向报送单位核实。",
                "A code is a placeholder (such as 17 zeros and X); it counts as no code. Ask the sender.",
            ),
            Flag(
                DAY_ASKED,
                "有日期晚于报送日：请核对年份，确属将来的日期（如提前签发的证书）可以保留。",
                "A day lies after the day of delivery: check the year; a day that truly lies ahead may stay.",
            ),
            Flag(
                DAY_EARLY,
                "有日期早于这类记录可能的最早日期：请核对年份是否写错。",
                "A day is earlier than is plausible for this kind of record: check the year.",
            ),
            Flag(
                IDENTITY_DOUBTFUL,
                "这一行说的是哪一家有疑问：代码与名称对不上，或同一写法已分给几家；没有自动归并，请在“主体归并”"
                "中核对。",
                "Whom this row is about is doubtful: its code belongs to another name, or its spelling was parted. "
                "See the identity page.",
            ),
            Flag(
                PERSON_PERHAPS,
                "所列名称可能是自然人的姓名（外文或少数民族姓名、以个人姓名为字号的个体工商户等）："
                "请核实是单位还是个人，是个人的不得公示其姓名。",
                "A name may be that of a natural person (in another script, or of a business called as its keeper "
                "is): find out which. The name of a person is not published.",
            ),
            Flag(
                SHEETS_DISAGREE,
                "同一份文件的不同工作表对同一事项说法不一：请核对哪一行是对的，更正或撤回另一行。",
                "Sheets of one file say two different things of one matter: find out which row is right, correct or "
                "withdraw the other.",
            ),
            Flag(
                ROWS_DISAGREE,
                "同一份文件里有两行说的是同一件事（编号、日期相同），结果、金额、日期、状态或当事方却不同："
                "请核对哪一行是对的，更正或撤回另一行；确是两件事的，请报送单位写明各自的编号。",
                "Two rows of one file are about one matter (the same number, the same day), but say another outcome, "
                "amount, day, state or party: find out which row is right, correct or withdraw the other; if they are "
                "two matters, each needs its own number.",
            ),
            Flag(
                PARTY_ENDED,
                "登记显示该企业在这之前已经注销：请核对企业名称、代码和日期。",
                "By the register this enterprise had ended before that day: check its name, its code and the day.",
            ),
        )
    }
)


def holding(codes: Iterable[str]) -> tuple[Flag, ...]:
    """Those of the codes that hold back publication, as flags, in their order."""
    return tuple(DOUBTS[code] for code in codes if code in DOUBTS and code not in PASSING)
