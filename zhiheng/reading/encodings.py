"""Detect the encoding of a text whose bytes allow several, and texts that were garbled before they came.

Chinese offices write UTF-8, GB18030 and, from some programs, UTF-16 without its mark. Nearly every text of Western
Europe is valid GB18030 too: "Müller" would become a name with a wrong Chinese character. So not the bytes alone decide
but the words they give.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Two bytes that GB 2312 has: the characters that Chinese text is made of, and its punctuation.
_COMMON = re.compile(rb"[\xa1-\xa9\xb0-\xf7][\xa1-\xfe]")
_COMMON_RUN = re.compile(rb"(?:[\xa1-\xa9\xb0-\xf7][\xa1-\xfe])+")
_PAIR = re.compile(rb"[\x81-\xfe](?:[\x30-\x39][\x81-\xfe][\x30-\x39]|[\x40-\xfe])")
_RUN = re.compile(rb"[\x80-\xff]+")
_LETTERS = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]{1,2}|[\x80-\xff]{1,2}(?=[A-Za-z])")
_LOOKED_AT = 4 << 20


def without_mark(head: bytes) -> str:
    """'utf-16-le' or 'utf-16-be' where the beginning of a text can only be that, though it has no mark; '' where it
    can't.
    """
    head = head[: len(head) // 2 * 2]
    found = []
    for name, low in (("utf-16-le", 0), ("utf-16-be", 1)):
        # Commas, digits and line ends leave a zero in every second byte of one side; on the other side only some
        # characters (一) do.
        if head[1 - low :: 2].count(0) <= 4 * head[low::2].count(0):
            continue
        text = head.decode(name, "ignore")
        usual = sum(
            1
            for c in text
            if c in "\t\r\n" or " " <= c <= "~" or "\u2e80" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef"
        )
        if text and usual >= 0.95 * len(text):
            found.append(name)
    return found[0] if len(found) == 1 else ""


def western(content: bytes) -> bool | None:
    """Whether bytes that are valid GB18030 are the letters of Western Europe (Windows-1252) rather than Chinese; None:
    can't be told.

    Chinese stands in runs of several bytes of characters that GB 2312 has; an ü or an é stands alone among Latin
    letters.
    """
    content = content[:_LOOKED_AT]
    runs = _RUN.findall(content)
    if not runs:
        return False
    longest = max(map(len, runs))
    pairs = _PAIR.findall(content)
    common = len(_COMMON.findall(content))
    if any(len(run) >= 4 and _COMMON_RUN.fullmatch(run) is not None for run in runs):
        return False
    alone = len(_LETTERS.findall(content))
    try:
        letters = all(character.isalpha() for run in runs for character in run.decode("cp1252"))
    except UnicodeDecodeError:
        letters = False
    if letters and longest <= 2 and alone >= 0.9 * len(runs):
        return True
    return False if pairs and common >= 0.9 * len(pairs) else None


_EUC_KR = re.compile(rb"[\xb0-\xc8][\xa1-\xfe]")
_KANA = re.compile(rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]")
_UTF7 = re.compile(rb"\+[A-Za-z0-9/]{3,}(?:-|(?=[^A-Za-z0-9/+-]))")
_HZ = re.compile(rb"~\{[\x21-\x7e]{2,}~\}")
_ENOUGH = 8


def elsewhere(content: bytes) -> str:
    """The foreign encoding that bytes which are no UTF-8 were written in (Big5, Shift-JIS, EUC-KR); '' where nothing
    indicates one.

    All of them are valid GB18030 more often than not, and would become wrong names. Mainland text is nearly all of
    characters that GB 2312 has; Japanese has kana, Korean nothing but syllables, and half of Big5 lies where GB 2312
    has nothing.
    """
    content = content[:_LOOKED_AT]
    pairs = _PAIR.findall(content)
    if len(pairs) < _ENOUGH:
        return _of_few(content)
    if len(_KANA.findall(content)) >= 0.25 * len(pairs) and _reads(content, "cp932"):
        return "Shift-JIS"
    doubles = [pair for pair in pairs if len(pair) == 2]
    beyond = sum(1 for pair in doubles if pair[1] < 0xA1)
    if beyond >= 0.2 * len(doubles) and _reads(content, "cp950"):
        # Traditional text in GBK lies there too: then its characters are the usual ones, and those of Big5 are not.
        return "" if _usual(content, "gb18030") > _usual(content, "cp950") + 0.1 else "Big5"
    if (
        0.1 * len(doubles) <= beyond
        and _reads(content, "cp932")
        and _usual(content, "cp932") > _usual(content, "gb18030") + 0.3
    ):
        return "Shift-JIS"
    words = [pair for pair in doubles if pair[0] >= 0xB0]
    if len(words) >= 2 * _ENOUGH and all(map(_EUC_KR.fullmatch, words)) and _reads(content, "cp949"):
        return "EUC-KR"
    return ""


def _of_few(content: bytes) -> str:
    """The same of a very short text: only where every character is usual there, and many would be odd in Chinese."""
    if content.isascii() or (chinese := _usual(content, "gb18030")) >= 0.75:
        return ""
    found = [
        name
        for name, codec in (("Big5", "cp950"), ("Shift-JIS", "cp932"))
        if _reads(content, codec) and _usual(content, codec) == 1
    ]
    return found[0] if len(found) == 1 and chinese < 0.75 else ""


def _usual(content: bytes, encoding: str) -> float:
    """The share (0 to 1) of the letters beyond ASCII that people use often, when the bytes are read so: kana, and what
    the first levels of GB 2312, Big5 and JIS X 0208 have; 0 where there is no letter. Punctuation says nothing.
    """
    text = [letter for letter in content.decode(encoding, "ignore") if not letter.isascii() and letter.isalpha()]
    return sum(map(_is_usual, text)) / max(1, len(text))


@lru_cache(maxsize=20_000)
def _is_usual(letter: str) -> bool:
    if "\u3040" <= letter <= "\u30ff" or "\uff01" <= letter <= "\uff5e":
        return True
    for codec, first, last in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6), ("shift_jis", 0x88, 0x97)):
        code = letter.encode(codec, "ignore")
        if len(code) == 2 and first <= code[0] <= last:
            return True
    return False


def _reads(content: bytes, encoding: str) -> bool:
    # The last character may be cut in half where only the beginning was looked at.
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start >= len(content) - 2
    return True


def in_ascii(head: bytes) -> str:
    """The encoding that hides other letters in ASCII (UTF-7, HZ), detected from the beginning of a text; '' where it is
    none.
    """
    for name, codec, pattern in (("UTF-7", "utf-7", _UTF7), ("HZ", "hz", _HZ)):
        found = pattern.findall(head)
        if len(found) < 3:
            continue
        try:
            text = b" ".join(found[:50]).decode(codec)
        except (UnicodeDecodeError, ValueError):
            continue
        if sum("\u4e00" <= character <= "\u9fff" for character in text) >= len(found[:50]):
            return name
    return ""


# What remains of Chinese text that was read in a wrong encoding and saved: the characters of UTF-8 taken for GBK, and
# of lost bytes.
_GARBLED = re.compile(
    "锟斤拷|锟斤|斤拷|\ufffd|烫烫烫|屯屯屯|鏈夐檺|鍏徃|浼佷笟|鍚嶇О|甯傚満|脙[\u0080-\uffff]|脗[\u0080-\uffff]|Ã[\u0080-\u00bf]|锛"
    "[\u4e00-\u9fff]锛"
    # GB18030 read as Latin-1 (ÔÆÀ½ÊÐ): no language has so many of these in a row; and UTF-8 read as Windows-1252
    # (äº‘æ¾œ).
    "|(?=[\u00a1-\u00ff]{0,4}[À-ÖØ-öø-ÿ][\u00a1-\u00ff]{0,4}[À-ÖØ-öø-ÿ])[\u00a1-\u00d6\u00d8-\u00f6\u00f8-\u00ff]{4}"
    "|(?:[ã-ï][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2026\u2030\u2039\u203a\u20ac\u2122]{2}){2}"
)


# Each of these remains has one of these signs among its first five characters. To look for one sign of a set costs a
# twentieth of trying all of the above at every character, and most files have none.
_SIGNS = re.compile("[锟拷\ufffd烫屯鏈鍏浼鍚甯脙脗锛À-ÖØ-öø-ÿ]")
_BEFORE = 4


def is_garbled(text: str) -> bool:
    """Whether a cell, or a text of many, holds what a wrong encoding has made of it."""
    begun = 0
    for sign in _SIGNS.finditer(text):
        for at in range(max(begun, sign.start() - _BEFORE), sign.end()):
            if _GARBLED.match(text, at) is not None:
                return True
        begun = sign.end()
    return False
