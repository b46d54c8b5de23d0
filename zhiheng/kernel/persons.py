"""Is this the name of a natural person? Judged by how names are made, in whatever script; doubt is an answer of its
own.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, Literal

# The surnames of nearly everybody in China, and those of two characters.
SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟"
    "谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛"
    "闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤柯阎温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰"
    "焦俞左柳甘祝包宁尚符舒阮柴纪梅童凌毕单季裴霍"
    "涂成苗谷盛曲翁冉骆蓝路游辛靳欧阳管苟党费甄车褚娄桑冼宫佟卫边卜项屈鲍查蒙池闵解强柏应仇鞠房晏蔺井储臧米滕冀支晋"
    "闻荆栾景麦习宗卞植隋邬牟郁仲时缪滑"
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


# Names of businesses end so, or have one of these words; none of them is in the name of a person.
_BUSINESS = re.compile(
    "公司|[厂店铺馆坊吧社堂阁轩庄园院所站局部行场城]$|超市|商行|合作社|中心|集团|企业|经营|批发|零售|餐饮|食品|饭店"
    "|酒店|商贸|贸易|机械|科技|实业|委员会|政府|学校|医院|食堂|药房|农场|门市|摊|档口"
)
_MADE_UNKNOWN = re.compile("[某×xX*＊○〇]{1,3}")
_TITLE = re.compile("(?:先生|女士|小姐|太太|同志|老师|师傅|医生)$")
_KEEPER = re.compile(
    r"^(?:个体户|个体工商户|经营者|业主|摊主|店主|自然人)[:：]?\s*|\s*(?:[(（]?(?:个体|个体户|个体工商户|自然人|个人)[)）]?)$"
)
_BRACKETED = re.compile(r"\s*[(（][^()（）]*[)）]\s*")
_HAN = re.compile("[\u3400-\u9fff]+")
_DOTTED = re.compile("[\u3400-\u9fff]{1,8}(?:[·•・.．‧][\u3400-\u9fff]{1,8}){1,3}")
_JAPANESE = frozenset(
    (
        "田中",
        "佐藤",
        "铃木",
        "鈴木",
        "高桥",
        "高橋",
        "渡边",
        "渡邊",
        "渡辺",
        "伊藤",
        "山本",
        "中村",
        "小林",
        "加藤",
        "吉田",
        "山田",
        "佐佐",
        "山口",
        "松本",
        "井上",
        "木村",
        "斋藤",
        "清水",
        "山崎",
        "阿部",
        "池田",
        "桥本",
        "石川",
        "前田",
        "藤田",
        "小川",
        "冈田",
        "長谷",
        "长谷",
        "石井",
        "村上",
        "近藤",
        "坂本",
        "远藤",
        "青木",
        "藤井",
        "西村",
        "福田",
        "太田",
        "三浦",
        "藤原",
        "松田",
        "冈本",
        "中川",
        "中野",
        "原田",
        "小野",
        "竹内",
        "金子",
        "和田",
        "中山",
        "石田",
        "上田",
        "森田",
    )
)
_HONORIFIC = re.compile(
    r"\b(?:mr|mrs|ms|miss|mx|dr|prof|sir|madam|mme|mlle|herr|frau|sr|sra|señora?)\b\.?", re.IGNORECASE
)
_LATIN_BUSINESS = re.compile(
    r"\b(?:co|company|corp|corporation|ltd|limited|inc|llc|llp|plc|gmbh|ag|kg|bv|nv|oy|ab|sa|srl|spa|pty|pte|jsc|ooo|group|holdings?|"
    r"trading|trade|foods?|factory|works|mills?|store|stores|shop|market|supermarket|restaurant|cafe|café|coffee|hotel|bakery|farms?|"
    r"bank|university|institute|laborator(?:y|ies)|lab|hospital|school|centre|center|industr(?:y|ies)|international|enterprises?|"
    r"services?|products?|technolog(?:y|ies)|machinery|equipment|pharma\w*|import|export|brothers|sons|association|agency|bureau|office|"
    r"department|ministry|brewery|winery|dairy|fisheries|seafood|chemicals?|electronics?|motors?|logistics|express|media|studio|club)\b|[&0-9@]",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]*)*\.?")

Verdict = Literal["person", "perhaps", "no"]


@lru_cache(maxsize=50_000)
def is_personal(name: str) -> Verdict:
    """Whether a name is that of a natural person: ``perhaps`` wherever a person may be called so and a business as
    well.

    Who is masked or left out for nothing can be shown later; who is shown for nothing can't be taken back.
    """
    said = unicodedata.normalize("NFKC", name).strip()
    if not said:
        return "no"
    keeper = _KEEPER.sub("", said).strip()
    if keeper != said:
        # 张三（个体）, 个体户王五: a business that is called by its keeper's name.
        return "no" if is_personal(keeper) == "no" else "perhaps"
    bare = _BRACKETED.sub("", said).strip() or said
    if _HAN.search(bare):
        return _chinese(bare)
    return _other(bare)


def _chinese(name: str) -> Verdict:
    name = "".join(name.split())
    if _DOTTED.fullmatch(name):
        return "perhaps" if _BUSINESS.search(name) else "person"
    if _TITLE.search(name) and len(name) <= 6:
        return "person"
    if begins_with_surname(name) and _MADE_UNKNOWN.fullmatch(name[2 if name[:2] in COMPOUND_SURNAMES else 1 :]):
        return "person"
    if _HAN.fullmatch(name) is None or _BUSINESS.search(name):
        return "no"
    if len(name) <= 3:
        return "person" if len(name) > 1 else "no"
    if len(name) == 4:
        if name[:2] in COMPOUND_SURNAMES or name[:2] in _JAPANESE:
            return "person"
        return "perhaps" if begins_with_surname(name) else "no"
    return "perhaps" if len(name) == 5 and name[:2] in _JAPANESE else "no"


def _other(name: str) -> Verdict:
    """Names in Latin, Cyrillic, Arabic and other letters."""
    if _HONORIFIC.search(name):
        return "perhaps" if _LATIN_BUSINESS.search(name) else "person"
    if _LATIN_BUSINESS.search(name):
        return "no"
    last, comma, first = name.partition(",")
    words = _WORD.findall(name)
    if "".join(words) != "".join(c for c in name if c != "," and not c.isspace()):
        return "no"
    if comma and 1 <= len(last.split()) <= 2 and 1 <= len(first.split()) <= 3:
        return "person"
    return "perhaps" if 2 <= len(words) <= 4 else "no"
