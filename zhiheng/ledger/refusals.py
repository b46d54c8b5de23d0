"""What a delivery notes of the identities that it brought."""

from __future__ import annotations

from zhiheng.kernel.reasons import Flag


def pairs_not_asked_about(pairs: int) -> Flag:
    return Flag(
        "identity.unasked",
        f"另有 {pairs} 对新名称只差一两个字，没有别的依据，数量又多，未列入疑似匹配；"
        "认得出是同一家的，请在“主体归并”中查找后合并。",
        f"{pairs} more pairs of new names differ by a character or two and nothing else speaks for them, "
        "so they are not asked about; those that you know to be one can be merged on the identity page.",
    )
