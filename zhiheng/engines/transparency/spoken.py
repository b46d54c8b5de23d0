"""A head of the log in a form that people compare by eye or over the telephone: twelve characters in three groups.

Each character stands for a byte: 256 of those of the Thousand Character Classic (千字文), in its order, of which no two
are the same. The twelve bytes are the first of SHA-256 over the text that is signed. Somebody who wanted another head
with the same characters would have to try some 2 to the power of 96.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from zhiheng.engines.transparency.checkpoints import Checkpoint

_LINES: Final = """
天地玄黄 宇宙洪荒 日月盈昃 辰宿列张 寒来暑往 秋收冬藏 闰余成岁 律吕调阳
云腾致雨 露结为霜 金生丽水 玉出昆冈 剑号巨阙 珠称夜光 果珍李柰 菜重芥姜
海咸河淡 鳞潜羽翔 龙师火帝 鸟官人皇 始制文字 乃服衣裳 推位让国 有虞陶唐
吊民伐罪 周发殷汤 坐朝问道 垂拱平章 爱育黎首 臣伏戎羌 遐迩一体 率宾归王
鸣凤在竹 白驹食场 化被草木 赖及万方 四大五常 恭惟鞠养 岂敢毁伤 女慕贞洁
男效才良 知过必改 得能莫忘 罔谈彼短 靡恃己长 信使可覆 器欲难量 墨悲丝染
诗赞羔羊 景行维贤 克念作圣 德建名立 形端表正 空谷传声 虚堂习听 祸因恶积
福缘善庆 尺璧非宝 寸阴是竞 资父事君 曰严与敬 孝当竭力 忠则尽命 临深履薄
"""
CHARACTERS: Final = "".join(_LINES.split())
_COUNT, _GROUP = 12, 4


def spoken(head: Checkpoint) -> str:
    """The twelve characters of a head, in groups of four."""
    digest = sha256(head.text.encode()).digest()[:_COUNT]
    said = "".join(CHARACTERS[byte] for byte in digest)
    return " ".join(said[start : start + _GROUP] for start in range(0, _COUNT, _GROUP))
