"""What a page calls the words of an address, in Chinese and in English."""

from __future__ import annotations

# The words that mean the same wherever they stand, and what a page calls them.
PAST_DAYS = {"as_of": ("截止日期", "as of"), "known_on": ("数据获知日期", "known on")}
DAYS = {
    "until": ("截止日期", "until"),
    "first": ("起始日期", "from"),
    "last": ("截止日期", "until"),
    "on": ("日期", "on"),
}
OF_THE_BOOK = {
    "area": ("地区", "area"),
    "unit": ("单位", "unit"),
    "record": ("记录类型", "kind of record"),
    "quality": ("质量类别", "quality"),
}
OWN = {
    "problems": ("问题", "problems"),
    "expiry": ("到期", "expiry"),
    "listed": ("名单", "lists"),
    "status": ("登记状态", "status"),
    "kind": ("类别", "kind"),
    "order": ("排序", "order"),
    "industry": ("行业", "industry"),
    "state": ("状态", "state"),
    "outcome": ("结果", "outcome"),
    "role": ("角色", "role"),
    "verb": ("操作", "act"),
    "list": ("清单", "list"),
    "pile": ("分类", "pile"),
    "side": ("分子或分母", "side"),
    "month": ("月份", "month"),
    "by": ("分组方式", "split"),
    "period": ("统计周期", "period"),
    "sort": ("排序", "order"),
    "ending": ("即将期满", "ends within"),
    "who": ("范围", "whom"),
}
