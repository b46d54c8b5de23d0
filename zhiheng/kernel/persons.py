"""Is this the name of a natural person? Judged by how names are made, in whatever script; doubt is an answer of its own."""

from __future__ import annotations

from typing import Final

# The surnames of nearly everybody in China, and those of two characters.
SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛"
    "闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤柯阎温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柴纪梅童凌毕单季裴霍"
    "涂成苗谷盛曲翁冉骆蓝路游辛靳欧阳管苟党费甄车褚娄桑冼宫佟卫边卜项屈鲍查蒙池闵解强柏应仇鞠房晏蔺井储臧米滕冀支晋闻荆栾景麦习宗卞植隋邬牟郁仲时缪滑"
)
COMPOUND_SURNAMES: Final = frozenset(
    [
        "欧阳",
        "上官",
        "司马",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "令狐",
        "慕容",
        "司徒",
        "夏侯",
        "端木",
        "轩辕",
        "南宫",
        "独孤",
        "百里",
        "东郭",
        "呼延",
        "长孙",
        "宇文",
    ]
)


def begins_with_surname(name: str) -> bool:
    """Whether a Chinese text begins as the name of a person does."""
    return name[:1] in SURNAMES or name[:2] in COMPOUND_SURNAMES
