"""The picture of a control chart, for every page that shows one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from zhiheng.engines.control_charts import Track
from zhiheng.pages.words import say


def control_picture(
    track: Track, labels: Sequence[str], flagged: Mapping[int, Any], *, name: str, unit: str
) -> dict[str, Any]:
    """A track as the data of a picture: points, limits and centre, the signals once more in red."""

    def numbers(values: Any) -> list[float | None]:
        return [None if math.isnan(value) else float(value) for value in values]

    def limit(word: str, values: Any) -> list[dict[str, Any]]:
        """The line of a limit; a sum that can only grow has none below."""
        told = numbers(values)
        if all(value is None for value in told):
            return []
        return [{"name": word, "data": told, "dashed": True, "plain": True, "hue": "ink-3"}]

    points = numbers(track.points)
    return {
        "kind": "line",
        "unit": unit,
        "categories": list(labels),
        "series": [
            {"name": name, "data": points, "small": True},
            *limit(say("控制上限", "upper limit"), track.upper),
            {"name": say("中心线", "centre"), "data": [track.centre] * len(points), "plain": True, "hue": "ink-3"},
            *limit(say("控制下限", "lower limit"), track.lower),
            {
                "name": say("信号", "signals"),
                "data": [value if at in flagged else None for at, value in enumerate(points)],
                "hue": "red",
                "marks": True,
            },
        ],
    }
