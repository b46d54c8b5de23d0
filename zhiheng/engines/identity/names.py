"""What a delivered spelling of a name says: place, trade, line of business, legal form, branch, notes.

``fold`` takes away what carries no meaning (width, spaces, line breaks, punctuation, traditional forms); it is
idempotent. ``read`` then takes the folded name apart::

    福建省漳州市 | 龙湖 | 食品 | 有限责任公司 | 第一分公司 (分装)
    place          trade  line   form          branch      note

The *core* is trade and line together. 有限公司 and 有限责任公司 are one form, 公司, 股份有限公司 and 厂 are others. Of
names without such a form (shops, stalls, schools) the whole rest is the core. Source of the parts: the provisions on
the registration of enterprise names (企业名称登记管理规定), division + trade name + line of business + form of
organisation.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from unicodedata import combining, is_normalized, normalize

from zhiheng.engines.identity.confusables import READING, SIMPLIFIED
from zhiheng.engines.identity.places import CHINA, NamePlace

_OPEN = "（(〔【［[〈<{｛「『《﹙﹝"
_CLOSE = "）)〕】］]〉>}｝」』》﹚﹞"
# What no eye sees: control characters, marks of direction, joiners, selectors of a variant, fillers (Unicode: default
# ignorable).
_UNSEEN = (
    *range(0x20),
    *range(0x7F, 0xA0),
    0xAD,
    0x34F,
    0x61C,
    0x115F,
    0x1160,
    0x17B4,
    0x17B5,
    *range(0x180B, 0x1810),
    *range(0x2000, 0x2010),
    *range(0x2028, 0x2030),
    *range(0x205F, 0x2070),
    0x3164,
    *range(0xFE00, 0xFE10),
    0xFEFF,
    0xFFA0,
    *range(0xFFF0, 0xFFFC),
    *range(0xE0000, 0xE0200),
)
# Arrows, boxes, stars and ticks that somebody put before a name.
_DECORATION = (0x203B, *range(0x2190, 0x2200), *range(0x25A0, 0x2616), *range(0x2713, 0x2719), 0xFFFD)
_SILENT = " \u1680\u3000·•・‧∙⋅.。．｡､、,，;；'’‘`´\"“”„-－—–‐‑‒―_＿~～*＊®™©#＃|｜!！?？^"
_TABLE: dict[int, str | None] = {
    **SIMPLIFIED,
    **{ord(c): chr(ord(c) - 32) for c in "abcdefghijklmnopqrstuvwxyz"},
    **{ord(c): "(" for c in _OPEN if c != "("},
    **{ord(c): ")" for c in _CLOSE if c != ")"},
    ord("："): ":",
    ord("〇"): "零",
    **{ord(c): None for c in _SILENT},
    **dict.fromkeys((*_UNSEEN, *_DECORATION)),
}


# Almost every name is folded already: one look for a character that is not is quicker than replacing each. (A search
# for one of so many
# characters by a regular expression costs ten times as much.)
_UNFOLDED = frozenset(map(chr, _TABLE))


# Most names are written in these alone: one look at their characters spares many at their marks.
_PLAIN = frozenset(READING).difference(map(chr, _TABLE), "乾")
# 乾 stays as it is in 乾坤 and 乾隆; of what is dry it is the traditional form.
_DRY = re.compile("乾(?=[果货菜粮洗燥电品鲜料杂调拌锅煸炸枣])|(?<=[饼豆肉鱼果菜笋梅薯枣贝虾凤萄])乾")


def fold(text: str) -> str:
    """The text without width, spaces, line breaks, punctuation and traditional forms; brackets are ``()``, letters are
    capital.
    """
    if _PLAIN.issuperset(text) or _PLAIN.issuperset(text := text.replace(" ", "")):
        return text
    while not is_normalized("NFKC", text) or not _UNFOLDED.isdisjoint(text):
        text = normalize("NFKC", text).translate(_TABLE)
    return _DRY.sub("干", text) if "乾" in text else text


# Lines of business and kinds of shop: what a name shares with thousands of others.
_LINE_WORDS = """
食品 食业 食府 餐饮 餐厅 饭店 饭馆 酒店 酒楼 小吃 小吃店 小吃部 面馆 早餐 早餐店 早点 快餐 快餐店 火锅 火锅店 烧烤 烧烤店 熟食 卤菜 卤味 烘焙
蛋糕 面包 糕点 糕饼 饼业 茶业 茶叶 酒业 酒类 饮料 饮品 乳业 乳品 奶业 水业 冷饮 冷食 粮油 粮食 米业 面粉 面业 粉业 粉丝 粉条 薯业 淀粉 豆业 豆制品
豆豉 豆腐 腐竹 酿造 酱园 酱业 调味 调味品 调味食品 调料 佐料 香料 香精 香精香料 添加剂 食品添加剂 配料 食品配料 原料 烘焙原料 干菜 干货 干果 炒货
南北货 土特产 特产 农产品 农副产品 副产品 副食 副食品 副食店 蔬菜 水果 果品 果蔬 果业 生鲜 海鲜 海产 海产品 水产 水产品 水产行 冻品 冷冻 冷链 肉业
肉食 肉类 牛羊肉 猪肉 禽业 禽蛋 蛋业 鸡蛋 鲜蛋 鲜鸡蛋 土鸡蛋 蛋品 蛋行 养殖 养殖场 畜禽 畜牧 牧业 种植 种养 农业 农牧 农业科技 农业开发 生态农业
生态 农庄 农场 家庭农场 农资 园艺 林业 渔业 油脂 油业 糖业 糖果 蜂业 蜂蜜 保健品 营养 药业 制药 医药 大药房 药房 药店 医疗器械 生物 生物科技
生物技术 生物工程 科技 技术 工程 科技发展 技术开发 新材料 材料 化工 化学 化学品 精细化工 气体 塑料 塑业 包装 印务 印刷 纸业 机械 设备 制造 机电 电器
电子 电气 仪器 仪表 五金 建材 建筑 装饰 家具 家电 日用品 日化 百货 日杂 杂货 杂货店 纺织 服装 服饰 鞋业 玩具 文具 商贸 贸易 工贸 经贸 商业 商务
电子商务 网络科技 网络 信息技术 供应链 供应链管理 物流 仓储 配送 配送部 配送中心 食材配送 销售 营销 批发 零售 批发部 批零 商行 商店 商场 商厦 商城 商都
商社 百货店 百货商店 超市 超级市场 连锁超市 生活超市 食品超市 副食超市 生鲜超市 仓储超市 自选超市 自选商场 综合超市 便利 便利店 购物 购物中心 购物广场
广场 卖场 门市 门市部 经营部 经营店 经营服务部 服务部 加工部 加工厂 加工 加工坊 作坊 食品店 食品商店 食品商行 水果店 蔬菜店 水产店 调料店 粮油店 干货店
生鲜店 烟酒 烟酒店 烟酒行 专卖店 综合店 综合商店 小卖部 店 铺 摊 摊位 摊点 档 档口 柜台 坊 行 部 厅 馆 集团 实业 企业 控股 投资 发展 开发 管理
企业管理 商业管理 餐饮管理 超市管理 连锁 连锁经营 股份 产业 国际 中国 合作 专业 专业合作 农民专业 服务 文化 传播 旅游 旅游食品 教育 学校 小学 中学 中心小学 幼儿园 中心幼儿园 食堂
医院 拉面 拉面馆 牛肉拉面 牛肉拉面馆 小面 小面馆 牛肉面 牛肉面馆 米粉 米线 麻辣烫 饺子 水饺 包子 包子铺 馒头 炒粉 螺蛳粉 奶茶 奶茶店 炸鸡 汉堡 黄焖鸡 黄焖鸡米饭 面食 粥铺 酸菜鱼 家常菜 农家乐
理发 理发店 美容 美发 美容美发 餐馆 饺子馆 烩面 烩面馆 川菜 川菜馆 湘菜 湘菜馆 粤菜 粤菜馆 菜馆 家常菜馆 土菜馆 猪脚饭 猪脚饭店 足浴 网吧 诊所 牙科 牙科诊所 口腔诊所 卫生院 卫生室 卫生所 口腔 眼镜 眼镜店 汽修 汽修厂 汽车维修 洗车 加油站 五金店 建材店 服装店 鞋店 花店 文具店 母婴店 宾馆 旅馆 招待所 民宿
酒水 个体 个体户 个体工商户 农贸 市场 菜市场 农贸市场 综合 特色 新鲜
"""
_LINES = frozenset(_LINE_WORDS.split())
_LINE_LENGTHS = tuple(sorted({len(w) for w in _LINES}, reverse=True))

# Trade names that say nothing: in one county several shops bear them.
_COMMON_TRADE_WORDS = """
便民 惠民 利民 为民 爱民 富民 平价 大众 百姓 老百姓 农家 社区 家庭 放心 实惠 便利 中心 人民 幸福 万家 家家乐 家家福 天天 天天乐 好又多
世纪联华 世纪华联 华联 联华 万家福 家佳福 家家惠 惠万家 乐万家 万佳 佳惠 顺发 鑫源 鸿运 宏发 兴隆 兴旺 旺旺 永兴 永辉 聚鑫
家乐 家和 家美 家家 全家 合家 百佳 百家 佳佳 佳美 佳乐 乐购 乐家 易家 好家 爱家 好邻居 邻居 邻里 街坊 乡亲 乡村 乡里 农村 城乡 供销 工农 军民 职工
阳光 光明 希望 朝阳 曙光 晨光 星光 春天 春光 春风 东风 东方 红旗 红星 五星 金星 银河 太阳 金太阳 红太阳 蓝天 彩虹 新天地 新世纪 新时代 新世界 新华 新兴 新新
如意 吉祥 吉利 平安 安康 健康 康乐 康宁 同心 同仁 和平 和谐 团结 友谊 友好 胜利 建设 解放 文明 诚信 信誉 诚实 真诚 永和 永盛 永发 永旺 永昌 永丰
福满多 福满门 福满园 福来 福运 好运 好运来 喜来 喜洋洋 喜乐 欢乐 快乐 开心 开心果 乐乐 甜甜 美美 红红 芳芳 丽丽 燕子 小燕 兄弟 姐妹 母子 夫妻
发发 宏大 宏达 宏运 鸿发 鸿达 鸿福 鸿兴 兴盛 兴发 兴达 兴业 兴华 昌盛 昌隆 隆盛 盛达 盛世 金鑫 鑫鑫 鑫旺 鑫发 鑫盛 鑫隆 鑫鑫源 聚福 聚缘 聚源 聚友 广源 广发
四季 四季鲜 四季青 天天鲜 日日鲜 每日鲜 鲜又多 鲜多多 多多 万客隆 客来 客隆 百客 迎客 迎宾 来来 常来 老地方 老味道 好味道 家常 乡味 土味 川味 湘味 胖子 胡子 胖哥 胖姐 东北 西北 隆江 百味 一品 第一 天下
家乐福 大润发 沃尔玛 喜士多 美宜佳 实验 第一中心 中心小 育才 育英 启明 金色 金色童年 小太阳 蓝天 红黄蓝 大地 童星
"""
_COMMON_TRADES = frozenset(_COMMON_TRADE_WORDS.split())
_NUMERAL = frozenset("零一二三四五六七八九十百")
_SOME_NUMBER = re.compile("^第?[零一二三四五六七八九十百]+$")
KIN = re.compile(r"^[老小]?.[氏记家姐哥嫂妈爷婶叔]$|^[老小阿].$")

# Another name of the same one, as a bracket tells it: the first group is the mark, the second what it tells.
_OTHER_NAME = re.compile(
    r"^((?:原|曾|旧|前)(?:用|企业|公司|单位)?(?:名称?|称)为?|(?:更名|改名|变更|改制)前的?(?:企业|公司|单位)?(?:名称?|称)?为?|前身(?:为|是)?"
    r"|(?:现|新|现用|变更后|更名后|改制后)的?(?:企业|公司|单位)?(?:名称?|称)为?|(?:现|现已|已|后)?(?:更名|改名|变更|改制)(?:为|成)|现为):?(.{2,})$"
)
# 名都, 名仕, 名品: what stands behind 新 or 原 in the name of many a shop, and tells no other name.
_NO_NAME_TOLD = re.compile("^[原新现旧前曾]名[都仕士人品门城流嘴府苑匠庄优典轩雅豪爵师媛扬山表车烟酒茶家]")
_BARE_OTHER = re.compile(r"^[原现](:?)(.{2,})$")
_FORMER_TRADE = re.compile("^(?:原名?|曾用名):?(?![料野生创味浆粮木材乡点始汁产汤本来色])([\u4e00-\u9fff]{2,4})$")
# Words that begin with 原 or 现 and tell nothing of a name: 原料分厂, 现代农业分公司.
_NO_MARK = re.compile("^(?:原[料野生创味浆粮木材乡点始汁产汤本来色]|现[代场货做制烤榨炒磨捞包切杀宰酿调煮])")
# 由某某厂变更而来, 某某厂更名: what the name was before, if it is a whole one.
_CHANGED = re.compile(r"^由?(.{4,}?)(?:更名|改名|变更|改制|转制)(?:而来|而成)?$")
# When it was changed, before what it was: 2021年更名，原名……
_WHEN = re.compile(
    "^(?:于|自)?[0-9]{4}年(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?(?:起|前|后)?(?:(?:更名|改名|变更|改制)[/:]?(?=[原曾旧前"
    "现由]))?"
)
# A part of an enterprise, which has no name of its own without it.
_PART_OF = re.compile("分(?:公司|厂|店|社|部|场|院|校|支|局)$|(?:车间|仓库?|基地)$")
# The same behind the name without a bracket.
_TRAILING = re.compile(r"^(?:曾用名称?|原名称?|旧名|前身为?|现名称?|(?:现|已|现已)?(?:更名|变更)为):?(.{4,})$")
_SEVERAL = re.compile("[/;；、]|以及|和(?=.{3,}(?:公司|厂|店|社)$)")
_LISTED = re.compile(r"[(（][^()（）]*[原曾旧前现更][^()（）]*[、;；,，][^()（）]*[)）]")
_ROLE_NOTE = re.compile(
    r"^(?:(?:受|被)?委托(?:生产)?(?:商|方|单位|企业|加工)?|(?:标称)?生产(?:商|方|者|单位|企业|厂家)?|制造(?:商|者)?|分装(?:商)?|出品(?:商|方)?"
    r"|盖章|公章|签章|已?注销|已?吊销|停业|歇业"
    r"|监制|经销(?:商|者)?|销售(?:商|者)?|供(?:应|货)(?:商|方|单位)?|代理(?:商)?|进口(?:商)?|总部|本部|被抽样单位)$"
)
_KIND_NOTE = re.compile(
    r"^(?:个体工商户|个体户?|(?:自然人|法人|个人|外商|台港澳|港澳台|(?:台港澳|外商投资企业|非自然人投资或控股的)法人)(?:独资|投资|投资或控股)(?:企业)?|(?:特殊)?普通合伙(?:企业)?|有限合伙(?:企业)?|集体|全民"
    r"|(?:国有|国资|国家|集体|民营|民办|私营|私人|内资|外资|中资|台资|港资|港澳资|日资|韩资|美资|中外|一人|自然人)?"
    r"(?:独资|全资|合资|控股|参股|出资|投资)(?:经营)?(?:企业|公司)?"
    r"|(?:国有|民营|民办|私营|内资|外资|台资|港资|港澳资|日资|韩资|美资|非上市|非国有)(?:性质)?(?:企业|公司)?)$"
)
_TAIL_NOTE = re.compile(r"(?:制造|监制|分装|出品|生产|经销|总经销)$")
_BELONGS = re.compile(r"下属|旗下|所属|成员|集团")
_BRACKET = re.compile(r"\(([^()]*)\)")
_BRANCH_END = re.compile(
    r"(?:店|分公司|分厂|分社|分部|门市部?|超市|商场|市场|广场|中心|车间|仓库?|档口?|柜台|专柜|部|处|馆|厅|站|厂|基地|公司|城|食堂|号)$"
)
# A legal form with one slip in it, at the end of the name: 有限公同, 有很公司, 有限责公司, 有限公.
_SLIPPED = re.compile(
    r"(?:有[限很隈艰根恨垠狠眼]?|[右冇]限)(?:[责贵债]任?|[责贵债]?任)?(?:公[司同词可伺习]?|[会么分松工宫]司)$|(?:股份)?有限(?:责任)?$"
)
_DIGITS = re.compile(r"[0-9]+")
_NUMERALS = "零一二三四五六七八九"
# The numerals of bankers, as a branch or a slip has them.
_BANKERS = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰", "一二三四五六七八九十百")
_BANKER = frozenset("壹贰叁肆伍陆柒捌玖拾佰")
_NUMBER = re.compile("[零一二三四五六七八九十百壹贰叁肆伍陆柒捌玖拾佰]+")
_PLACES = re.compile("(?:([一二三四五六七八九])?百)?零?(?:([一二三四五六七八九])?十)?([一二三四五六七八九])?")
# The number of a line in a list that somebody copied with the name.
_LISTED_AS = re.compile(
    "^\\s*(?:[(（][0-9]{1,3}[)）][、.．]?|[0-9]{1,3}[、.．)）]|[\u2460-\u249b\u3220-\u3229])\\s*(?=[\u3400-\u9fff])"
)
# A name that was made unreadable on purpose stands for nobody: 某某食品有限公司, XX公司, 张**小吃店.
_MASKED = re.compile("(?<![A-Z])X{2,}(?![A-Z])|×")
# The same in signs, which folding takes away.
_BLOTTED = re.compile("[*＊]{2,}(?=[\u3400-\u9fff])|[○〇□]{2,}")
# What a cell says behind a name with a legal form and is no branch: the head office, an address, a telephone, a code.
_NO_BRANCH = re.compile(
    "^(?:本部|总部|总公司|总店)$|^[0-9A-Z]{15,18}$"
    "|^(?:地址|住所|住址|经营场所|生产地址|电话|联系电话|手机|传真|联系人|法人|法定代表人|经营者|负责人|统一社会信用"
    "代码|社会信用代码|信用代码|代码|许可证).*$"
)
_NO_BRANCH_BEGINS = frozenset("本总地住经生电联手传法负统社信代许曾原旧前现已更变股有公")
# The name in Latin letters beside the Chinese one; and whose an enterprise was said to be, before its name.
_LATIN_AFTER, _LATIN_BEFORE = re.compile("^[A-Z][0-9A-Z&]{7,}$"), re.compile("^[A-Z][0-9A-Z&]{7,}(?=[\u3400-\u9fff])")
_OWNED = re.compile("^(?:中[\u3400-\u9fff]合资|中外合作|外商独资|(?:地方)?国营|私营)(?=....)")
_BLOTS = frozenset("XxＸｘ×*＊○〇□")
_DOUBLED = re.compile("^(?:(?:股份)?有限(?:责任)?)?公司$")
_ORDINAL = re.compile(r"第(?=[一二三四五六七八九十百零])")

# A division at the start that the gazetteer does not know (renamed, abolished, or of another book) is known by its
# shape: two or three
# characters and 市 (no 超市, 城市, 市场), with a district behind it or not; or a county.
_SHAPED = re.compile(
    r"(?:[\u4e00-\u9fff]{2,3}(?<![超夜菜花城都门闹早股书贸发合材])市(?![场集口民政容值])(?:[\u4e00-\u9fff]{2,3}(?<![小社园校厂景库灾])[区县])?"
    r"|[\u4e00-\u9fff]{2,3}(?<![州知悬])县)(?:[\u4e00-\u9fff]{2,3}(?<![小村乡])[镇乡])?(?=..)"
)

# Characters by which people tell two apart: a difference in one of them is no slip.
_COUNTING = "零一二三四五六七八九十百千两壹贰叁肆伍陆柒捌玖拾佰0123456789甲乙丙丁ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COUNTING = frozenset(_COUNTING)
DISTINGUISHING = frozenset(_COUNTING + "东西南北中上下左右前后内外新老旧大小男女")
# Of these, the ones that tell two apart by standing in one name only: 龙湖, 新龙湖.
ADDING = frozenset(_COUNTING + "东西南北新老旧大小")


# Names in Latin letters are read word by word. What their ends mean, and the words that they share with thousands of
# others.
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_GERMAN = {"Ä": "AE", "Ö": "OE", "Ü": "UE", "Ø": "OE", "Å": "AA", "Æ": "AE"}
_INITIALS = re.compile(r"\b(?:\w\.[ ]?){2,}")
_LATIN_FORMS = {
    "LTD": "limited",
    "LIMITED": "limited",
    "LTDA": "ltda",
    "LLC": "llc",
    "INC": "inc",
    "INCORPORATED": "inc",
    "CORP": "corp",
    "CORPORATION": "corp",
    "PLC": "plc",
    "GMBH": "gmbh",
    "AG": "ag",
    "SA": "sa",
    "SAS": "sas",
    "SARL": "sarl",
    "SRL": "srl",
    "SPA": "spa",
    "BV": "bv",
    "NV": "nv",
    "AB": "ab",
    "OY": "oy",
    "AS": "as",
    "APS": "aps",
    "KK": "kk",
    "LLP": "llp",
    "LP": "lp",
    "SL": "sl",
    "PTE": "pte",
    "PTY": "pty",
    "PVT": "pvt",
    "PRIVATE": "pvt",
    "CO": "company",
    "COMPANY": "company",
    "COLTD": "limited",
}
_OF_COUNTRIES = frozenset({"pte", "pty", "pvt"})
LATIN_LINES = frozenset(
    [
        "FOOD",
        "FOODS",
        "FOODSTUFF",
        "FOODSTUFFS",
        "BEVERAGE",
        "BEVERAGES",
        "DRINK",
        "DRINKS",
        "DAIRY",
        "AGRICULTURE",
        "AGRICULTURAL",
        "FARM",
        "FARMS",
        "BIOTECH",
        "BIOTECHNOLOGY",
        "BIOLOGY",
        "BIOLOGICAL",
        "TECHNOLOGY",
        "TECHNOLOGIES",
        "TECH",
        "TRADING",
        "TRADE",
        "TRADES",
        "COMMERCE",
        "COMMERCIAL",
        "INDUSTRY",
        "INDUSTRIES",
        "INDUSTRIAL",
        "IMPORT",
        "EXPORT",
        "AND",
        "OF",
        "THE",
        "INTERNATIONAL",
        "GLOBAL",
        "CHINA",
        "GROUP",
        "HOLDING",
        "HOLDINGS",
        "ENTERPRISE",
        "ENTERPRISES",
        "PRODUCTS",
        "PRODUCT",
        "MANUFACTURING",
        "MANUFACTURE",
        "MANUFACTURER",
        "MACHINERY",
        "EQUIPMENT",
        "ELECTRONIC",
        "ELECTRONICS",
        "ELECTRIC",
        "ELECTRICAL",
        "PHARMACEUTICAL",
        "PHARMACEUTICALS",
        "MEDICAL",
        "CHEMICAL",
        "CHEMICALS",
        "PLASTIC",
        "PLASTICS",
        "PACKAGING",
        "PAPER",
        "PRINTING",
        "TEXTILE",
        "TEXTILES",
        "GARMENT",
        "GARMENTS",
        "CLOTHING",
        "SHOES",
        "TOYS",
        "FURNITURE",
        "BUILDING",
        "MATERIAL",
        "MATERIALS",
        "CONSTRUCTION",
        "ENGINEERING",
        "LOGISTICS",
        "SUPPLY",
        "CHAIN",
        "SERVICE",
        "SERVICES",
        "MANAGEMENT",
        "SHOP",
        "STORE",
        "SUPERMARKET",
        "MARKET",
        "RESTAURANT",
        "HOTEL",
        "FACTORY",
        "PLANT",
        "WORKS",
    ]
)


class ReadName(NamedTuple):
    """The parts of a name. Empty parts are empty strings."""

    whole: str  # the folded name without notes, as far as it identifies
    place: (
        str  # code of the deepest division named, '~spelling' where ambiguous, '?spelling' where unknown, '' where none
    )
    place_text: str
    candidates: tuple[str, ...]  # codes that the place may mean
    core: str
    trade: str
    line: str
    form: str  # 'limited' | 'joint' | 'company' | 'coop' | 'factory' | ''; 'head company' and 'head factory' for 总公司 and 总厂
    slipped: bool  # the form was read in spite of a slip
    branch: str  # what follows the form; such a name is never its parent's
    note: str  # a bracket at the end whose meaning is not known
    formers: tuple[str, ...]  # former names, folded
    generic: bool  # says nothing by itself: 便民超市, 鲜鸡蛋店, 彭氏超市
    words: tuple[str, ...] = ()  # of a name in Latin letters: its words without the legal form
    placed: str = ""  # the place that stands in brackets inside the core: 澄岚香料（漳州）有限公司


NOTHING = ReadName("", "", "", (), "", "", "", "", False, "", "", (), True)


def _chinese(match: re.Match[str]) -> str:
    """A number below 100 as Chinese people write it; a longer one digit by digit."""
    text = match[0]
    number = int(text)
    if len(text) > 2 or number == 0:
        return "".join(_NUMERALS[int(d)] for d in text)
    tens, ones = divmod(number, 10)
    return ("" if not tens else "十" if tens == 1 else _NUMERALS[tens] + "十") + (_NUMERALS[ones] if ones else "")


def _chinese_in_name(match: re.Match[str]) -> str:
    """The same inside a trade name, where a nought at the beginning counts: 08 is no 8."""
    return "".join(_NUMERALS[int(d)] for d in match[0]) if match[0][0] == "0" else _chinese(match)


def split_trade(core: str) -> tuple[str, str]:
    """Trade name and line of business of a core: 雷檬香精香料 -> 雷檬, 香精香料. The trade may be empty."""
    end = len(core)
    while end:
        for length in _LINE_LENGTHS:
            if length <= end and core[end - length : end] in _LINES:
                end -= length
                break
        else:
            break
    return core[:end], core[end:]


def _shaped(text: str) -> bool:
    """Whether a text has the shape of a division that the gazetteer does not know."""
    found = _SHAPED.match(text + "一二")
    return found is not None and found.end() == len(text)


def _other_names(inside: str) -> list[str]:
    """The former or present names that a bracket tells, [] where it tells something else."""
    inside = _WHEN.sub("", inside)
    if _NO_NAME_TOLD.match(inside):
        return []
    found = _OTHER_NAME.match(inside)
    if found:
        said = found[2]
    else:
        changed = _CHANGED.match(inside)
        if changed and (name := _without_mark(changed[1])):
            return [name]
        bare = _BARE_OTHER.match(inside)
        if bare is None:
            return []
        said = bare[2]
        if not bare[1] and (CHINA.leading(inside + "一二").end or not _without_mark(inside)):
            return []
    return [name for piece in _SEVERAL.split(said) if len(name := piece.strip(":")) > 1]


def _without_mark(text: str) -> str:
    """The whole name behind a bare 原 or 现, or the text itself where it is one without; '' where it is none."""
    part = _PART_OF.search(text)
    if _NO_MARK.match(text) or (part is not None and not _form(text[: part.start()])[2]):
        return ""
    bare = text[1:] if text[0] in "原现" and not CHINA.leading(text + "一二").end else text
    return bare if _whole_name(bare) else ""


def _whole_name(text: str) -> bool:
    """Whether a text may stand as a name: it has a legal form with something before it, or is long enough to
    identify.
    """
    start, end, form, _ = _form(text)
    if form:
        return start >= 2 and end == len(text)
    return len(text) >= 5 and _BRANCH_END.search(text) is not None


def _brackets(text: str, formers: list[str]) -> tuple[str, str, str]:
    """The text without brackets and notes, the note whose meaning is not known, and the place that stands in a bracket
    inside.
    """
    note = placed = ""

    def said(match: re.Match[str]) -> str:
        nonlocal note, placed
        inside = match[1]
        others = _other_names(inside)
        if others and match.start() > 1:
            formers.extend(others)
            return ""
        if not inside or _ROLE_NOTE.match(inside) or _KIND_NOTE.match(inside):
            return ""
        ends = match.end() == len(match.string) or match.string[match.end()] == "("
        if not ends and match.start() > 1 and (trade := _FORMER_TRADE.match(inside)) is not None:
            # 荆州砚舟（原栖禾）食品有限公司: the former trade name stands behind the present one.
            head = CHINA.leading(match.string[: match.start()] + "一二").end
            formers.append(match.string[: min(head, match.start())] + trade[1] + match.string[match.end() :])
            note += inside
            return ""
        named = _BRANCH_END.search(inside) and not _BELONGS.search(inside)
        if ends and match.start() > 3 and not named and not CHINA.names(inside):
            note += inside
            return ""
        # A place or a branch in brackets is part of the name, with brackets or without.
        if match.start() > 1 and not ends and (CHINA.names(inside) or _shaped(inside)):
            placed = placed or inside
        return inside

    while True:
        stripped = _BRACKET.sub(said, text)
        if stripped == text:
            return text.replace("(", "").replace(")", ""), note, placed
        text = stripped


def _form(text: str) -> tuple[int, int, str, bool]:
    """Where the legal form starts and ends, its class, and whether it was read in spite of a slip."""
    at = text.find("公司")
    first: tuple[int, int, str, bool] | None = None
    while at > 0:
        end = at + 2
        if text[at - 1] in "分子":
            at = text.find("公司", end)
            continue
        if text.startswith("有限责任", at - 4):
            start = at - 4
        elif text.startswith("有限", at - 2):
            start = at - 2
        elif text.startswith("股份", at - 2):
            return at - 2, end, "joint", False
        else:
            slip = _SLIPPED.search(text, 2, end)
            if slip and slip.start() < at:
                return slip.start(), end, "limited", True
            if first is None:
                first = (at - 1, end, "head company", False) if text[at - 1] == "总" else (at, end, "company", False)
            at = text.find("公司", end)
            continue
        if start >= 2 and text.startswith(("股份", "股分", "般份"), start - 2):
            return start - 2, end, "joint", not text.startswith("股份", start - 2)
        return start, end, "limited", False
    if first is not None:
        return first
    if text.endswith("合作社"):
        start = len(text) - 3
        for word in ("农民专业", "专业", "股份", "农民"):
            if text.endswith(word, 0, start):
                start -= len(word)
                break
        return start, len(text), "coop", False
    if text.endswith(("供销社", "信用社")) and len(text) > 4:
        # 供销社 is what everybody calls a 供销合作社.
        return len(text) - 1, len(text), "coop", False
    at = text.find("厂", 2)
    if at > 0:
        end = at + 1
        if end == len(text) or _BRANCH_END.search(text, end):
            return (at - 1, end, "head factory", False) if text[at - 1] == "总" else (at, end, "factory", False)
    slip = _SLIPPED.search(text, 3)
    if slip:
        joint = text.endswith("股份", 0, slip.start()) or slip[0] == "股份有限"
        start = slip.start() - 2 if text.endswith("股份", 0, slip.start()) else slip.start()
        return start, len(text), "joint" if joint else "limited", True
    return len(text), len(text), "", False


# What a name in Latin letters tells of its former one, in brackets or behind a comma.
_FORMERLY = re.compile(
    r"[(,;/]?\s*\b(?:formerly|previously|originally)(?:\s+(?:known|named|called|trading)(?:\s+as)?)?\b[\s:]*([^()]{3,})\)?|"
    r"[(,;/]\s*(?:f/?k/?a|ex)[.:]?\s+([^()]{3,})\)?",
    re.IGNORECASE,
)


def _read_latin(name: str) -> ReadName | None:
    """The parts of a name that is written in Latin letters, word by word; None where it has hardly a letter.

    Co., Ltd., Co Limited and Company Limited are one form, & is AND, brackets and signs carry nothing. There is no
    place: which of the words is one is not known.
    """
    text = normalize("NFKC", name)
    formers: tuple[str, ...] = ()
    if (told := _FORMERLY.search(text)) is not None and told.start() > 2:
        formers = ((told[1] or told[2]).strip(),)
        text = text[: told.start()] + " " + text[told.end() :]
    text = text.upper().replace("&", " AND ")
    text = _INITIALS.sub(lambda found: found[0].replace(".", "").replace(" ", "") + " ", text)
    words = [word.replace("'", "").replace("’", "") for word in _LATIN_WORD.findall(text)]
    if sum(len(word) for word in words if not word.isdigit()) < 2:
        return None
    whole = fold("".join(words))
    end, form = len(words), ""
    while end > 1 and (said := _LATIN_FORMS.get(words[end - 1])) is not None:
        # Co., Ltd. is limited, and Co. adds nothing; Pte, Pty and Pvt are of other countries each.
        if said in _OF_COUNTRIES and form in ("limited", "company", ""):
            form = f"{said} limited"
        elif form in ("", "company"):
            form = said
        end -= 1
    core = fold("".join(words[:end]))
    own = [word for word in words[:end] if word not in LATIN_LINES]
    trade = fold("".join(own)) or core
    return ReadName(
        whole,
        "",
        "",
        (),
        core,
        trade,
        core.removeprefix(trade) if core.startswith(trade) else "",
        form,
        False,
        "",
        "",
        formers,
        not own or len(trade) < 3,
        tuple(words[:end]),
    )


def _unmarked(name: str, formers: list[str]) -> tuple[str, str, str]:
    """A name with Chinese characters and other ones: folded and without brackets and what a mark tells, its note, the
    place in a bracket.
    """
    if ("(" in name or "（" in name) and _LISTED.search(name):
        # Folding would run several former names together.
        name = _LISTED.sub(lambda found: re.sub("[、;；,，]", "/", found[0]), name)
    text = fold(name if "\u3400" <= name[0] <= "\u9fff" else _LISTED_AS.sub("", name))
    note = placed = ""
    if "(" in text or ")" in text:
        text, note, placed = _brackets(text, formers)
    if ":" in text:
        for sign in ("曾用名:", "原名:", "原名称:", "曾用名称:", "现名:", "现名称:", "现更名为:", "更名为:", "原:"):
            head, found, former = text.partition(sign)
            if found and len(head) > 3 and len(former) > 1:
                text = head
                formers.append(former)
                break
        text = text.replace(":", "")
    if text[:1] < "\u3400" and (said := _LATIN_BEFORE.match(text)) is not None:
        note, text = note + said[0], text[said.end() :]
    return text, note, placed


def read(name: str, known: str = "") -> ReadName:
    """The parts of a delivered name; ``known`` is a division code that settles an ambiguous place."""
    formers: list[str] = []
    text, note, placed = name, "", ""
    plain = _PLAIN.issuperset(name) or _PLAIN.issuperset(text := name.replace(" ", ""))
    if not plain:
        if not _HAN.search(name) and (latin := _read_latin(name)) is not None:
            return latin
        text, note, placed = _unmarked(name, formers)
    if not text:
        return NOTHING
    if len(text) > 6:
        text = text.removeprefix("个体工商户").removesuffix("个体工商户") or text
        if text[0] in "中外地国私" and (owned := _OWNED.match(text)) is not None:
            note, text = note + owned[0], text[owned.end() :]
    start, end, form, slipped = _form(text)
    branch = text[end:]
    if branch and form and (branch[0] in _NO_BRANCH_BEGINS or branch[0] < "\u3400" or branch[0] == text[0]):
        if (told := _TRAILING.match(branch)) is not None:
            formers += [each for piece in _SEVERAL.split(told[1]) if len(each := piece.strip(":")) > 1]
            branch = ""
        elif _NO_BRANCH.match(branch):
            branch = ""
        elif _LATIN_AFTER.match(branch):
            note, branch = note + branch, ""
        elif branch == text[:end]:
            # The whole name typed twice.
            text, branch = text[:end], ""
        elif _DOUBLED.match(branch):
            # 有限公司公司: somebody typed the form twice.
            slipped, branch = True, ""
    if branch:
        # 第1分公司, 第一分公司 and 一分公司 are one.
        branch = _TAIL_NOTE.sub("", branch)
        if not plain:
            branch = _DIGITS.sub(_chinese, branch)
        if not _BANKER.isdisjoint(branch):
            branch = branch.translate(_BANKERS)
        if "第" in branch:
            branch = _ORDINAL.sub("", branch)
    head = text[:start]
    if not plain and _DIGITS.search(head):
        head = _DIGITS.sub(_chinese_in_name, head)
    place = CHINA.leading(head, known=known)
    if not place.end and (shaped := _SHAPED.match(head)) is not None and shaped.end() + 2 <= len(head):
        place = NamePlace(f"?{shaped[0]}", shaped.end(), (), False)
    core = head[place.end :]
    trade, line = split_trade(core)
    if place.end and not trade and place.bare:
        # 大方食品: the county's short name is all the trade name that there is.
        place_id, place_text = "", ""
        candidates: tuple[str, ...] = ()
        core = head
        trade, line = split_trade(core)
    else:
        place_id, place_text, candidates = place.id, head[: place.end], place.candidates
    generic = (
        "某" in core
        or (not plain and not _BLOTS.isdisjoint(name) and (_MASKED.search(core) or _BLOTTED.search(name)) is not None)
        or (bool(form) and not trade and not place_id)
        or (
            not form
            and (
                len(trade) < 2
                or trade in _COMMON_TRADES
                or (len(trade) < 4 and place_id and CHINA.names(trade))
                or (trade[-1] in _NUMERAL and _SOME_NUMBER.match(trade) is not None)
                or (len(trade) in (2, 3) and KIN.match(trade) is not None)
                or (not place_id and len(core) < 4)
            )
        )
    )
    return ReadName(
        head + text[start:end] + branch,
        place_id,
        place_text,
        candidates,
        core,
        trade,
        line,
        form,
        slipped,
        branch,
        note,
        tuple(formers),
        generic,
        (),
        placed,
    )


def number_text(core: str) -> str:
    """A core with its numbers in digits, however they were written: 九九, 九十九 and 玖拾玖 -> 99.

    It shows a resemblance, never an equality: 九九 and 九十九 may be two enterprises.
    """

    def digits(match: re.Match[str]) -> str:
        said = match[0].translate(_BANKERS)
        places = _PLACES.fullmatch(said)
        if places is None or not ("十" in said or "百" in said):
            return "".join(str(_NUMERALS.find(c)) for c in said) if not ("十" in said or "百" in said) else said
        hundreds, tens, ones = places.groups()
        count = 100 * (_NUMERALS.find(hundreds) if hundreds else int("百" in said))
        return str(
            count + 10 * (_NUMERALS.find(tens) if tens else int("十" in said)) + (_NUMERALS.find(ones) if ones else 0)
        )

    return _NUMBER.sub(digits, core)


def without_marks(word: str) -> tuple[str, ...]:
    """The spellings in plain letters of a word with marks above its letters: MÜLLER -> MULLER, MUELLER; none for a
    plain word.
    """
    if word.isascii():
        return ()
    german = "".join(_GERMAN.get(c, c) for c in word)
    found = []
    for said in (word, german):
        bare = "".join(c for c in normalize("NFD", said.replace("ẞ", "SS")) if not combining(c))
        found += [bare] if bare != word and bare not in found else []
    return tuple(found)


# Division words that may stand between a place and a trade name, where a slip hid the division (德州区名永).
RESIDUE = re.compile(r"(?:[省市区县镇乡旗村]|街道)$")


def read_address(address: str, known: str = "") -> tuple[str, str]:
    """The deepest division that an address names (code or ''), and the key text of the address, '' where it is too
    vague.

    An address counts as exact where it names a number, a group or a stall: only then do two equal addresses mean one
    place.
    """
    text = fold(address).replace("(", "").replace(")", "")
    if not text:
        return "", ""
    place = CHINA.leading(text, known=known)
    rest = text[place.end :]
    code = place.id if place.id and place.id[0] != "~" else ""
    exact = len(rest) >= 4 and (any(c.isdigit() for c in rest) or any(c in rest for c in "号组幢栋室摊"))
    return code, f"{place.id}/{rest}" if exact else ""
