"""回测：曲线下面积、逻辑回归、各等级的提升，与按定义直接算的一致；没有预测力的评价不说自己有。"""

from __future__ import annotations

import numpy as np
import pytest

from zhiheng.engines.backtest import area_under_curve, backtested, chances, logistic


def test_曲线下面积等于两两比较的胜率_平局算一半() -> None:
    dice = np.random.default_rng(1)
    risk = dice.integers(0, 5, 60).astype(float)
    failed = dice.integers(0, 2, 60).astype(float)
    pairs = [(a > b) + (a == b) / 2 for a in risk[failed > 0] for b in risk[failed == 0]]
    assert area_under_curve(risk, failed) == pytest.approx(np.mean(pairs), abs=1e-12)
    assert np.isnan(area_under_curve(risk, np.zeros(60)))


def test_逻辑回归找回系数_得分方程为零() -> None:
    dice = np.random.default_rng(2)
    features = dice.normal(size=(4000, 2))
    failed = (dice.random(4000) < 1 / (1 + np.exp(1 - features @ [1.5, -0.5]))).astype(float)
    found = logistic(features, failed, ridge=0)
    assert found == pytest.approx([-1, 1.5, -0.5], abs=0.2)
    assert np.abs(features.T @ (failed - chances(features, found))).max() < 1e-6


def test_有预测力的说好于上次结果_没有的说不好_太少的不下结论() -> None:
    dice = np.random.default_rng(3)
    truth = dice.normal(size=600)
    failed = (dice.random(600) < 1 / (1 + np.exp(1 - 2 * truth))).astype(int).tolist()
    naive = dice.integers(0, 2, 600).astype(float).tolist()
    bands = ["D" if each > 1 else "A" for each in truth]
    facts = truth[:, None].tolist()
    good = backtested(truth.tolist(), naive, facts, failed, bands, ["A", "D"])
    assert (good.verdict, good.enterprises) == ("better", 600)
    assert good.rating.low < good.rating.value < good.rating.high
    assert good.bands[0].lift < 1 < good.bands[1].lift
    assert good.regression.value == pytest.approx(good.rating.value, abs=0.02)
    shares = [share for _, share, _ in good.calibration]
    assert shares[0] < shares[-1]
    noise = dice.normal(size=600).tolist()
    assert backtested(noise, truth.tolist(), facts, failed, bands, ["A", "D"]).verdict == "no_better"
    assert backtested(noise[:10], naive[:10], facts[:10], failed[:10], bands[:10], ["A", "D"]).verdict == "too_few"


def test_各级的结果加起来就是全部_没有不合格的不说提升() -> None:
    failed, levels = [1] * 30 + [0] * 30, ["高"] * 40 + ["低"] * 20
    found = backtested(
        [2.0] * 40 + [1.0] * 20, [0.5] * 60, [[0.0]] * 60, failed, ["A"] * 60, ["A"], levels, ["低", "高", "极高"]
    )
    assert [(one.band, one.enterprises, one.failed) for one in found.levels] == [("低", 20, 0), ("高", 40, 30)]
    assert sum(one.enterprises for one in found.levels) == found.enterprises
    assert found.levels[1].lift == pytest.approx(1.5)
    nobody = backtested([1.0] * 3, [0.5] * 3, [[0.0]] * 3, [0, 0, 0], ["A"] * 3, ["A"])
    assert np.isnan(nobody.bands[0].lift)
    assert nobody.levels == ()


def test_一家也没有查过的_不下结论也不出错() -> None:
    nothing = backtested([], [], [], [], [], ["A", ""], [], ["低", ""])
    assert (nothing.verdict, nothing.enterprises, nothing.bands, nothing.calibration) == ("too_few", 0, (), ())
