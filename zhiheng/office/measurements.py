"""What an enterprise keeps for itself: its lots with the results of sampling, and its measurements for control charts.

None of it is a fact: it enters no ledger, no card and no rating, nobody but the enterprise reads it, and it is deleted
for good when the enterprise says so.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from zhiheng.database.homes import Home


class LotSeries(models.Model):
    """The lots of one product, one after the other, inspected by one level and AQL."""

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    subject = models.BigIntegerField("企业 enterprise")
    name = models.CharField("名称 what is inspected", max_length=60)
    standard = models.CharField("抽样标准 page of book/standards", max_length=60)
    level = models.CharField("检验水平 inspection level", max_length=8)
    aql = models.CharField("接收质量限 AQL", max_length=8)
    kind = models.CharField("抽样类型 single or double", max_length=8)
    may_reduce = models.BooleanField("允许放宽检验 reduced inspection is authorised", default=False)
    made_by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject", "-id"], name="lot_series_subject")]


class SampledLot(models.Model):
    """A lot and what was found in its sample; verdict and severity follow from those before it and are not kept."""

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    series = models.ForeignKey(LotSeries, on_delete=models.CASCADE, related_name="lots")
    number = models.IntegerField("序号 its place in the series")
    name = models.CharField("批号 lot number", max_length=60)
    day = models.DateField("检验日期 day of inspection")
    size = models.BigIntegerField("批量 items in the lot")
    found = models.BigIntegerField("（第一）样本不合格数 found in the first sample")
    found_second = models.BigIntegerField("第二样本不合格数 found in the second sample", null=True)
    resumed = models.BooleanField("恢复检验 inspection began again", default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("series", "number", name="sampled_lot_once")]


class MeasurementSet(models.Model):
    """Measurements of an enterprise and how it wants them charted. ``rows`` holds shape, labels, numbers and headings
    (``engines.measured.Measured``); ``baseline`` 0 stands for all points. What a chart of small shifts is tuned by is
    ``engines.measured.Tuning``; none stands for its usual value.
    """

    home: ClassVar = Home.QUEUE

    id = models.BigAutoField(primary_key=True)
    subject = models.BigIntegerField("企业 enterprise")
    name = models.CharField("名称 what is measured", max_length=60)
    unit = models.CharField("计量单位 unit", max_length=20, blank=True)
    chart = models.CharField("图的种类 kind of chart", max_length=12)
    baseline = models.IntegerField("基准段点数 points of the baseline", default=0)
    laney = models.BooleanField("按 Laney 修正 widened after Laney", default=False)
    lower = models.FloatField("规格下限 lower specification limit", null=True)
    upper = models.FloatField("规格上限 upper specification limit", null=True)
    target = models.FloatField("目标值 target", null=True)
    reference = models.FloatField("参考值 k of a CUSUM", null=True)
    decision = models.FloatField("判定值 h of a CUSUM", null=True)
    weight = models.FloatField("权重 lambda of an EWMA", null=True)
    width = models.FloatField("限宽 L of an EWMA", null=True)
    rows = models.JSONField("测量值 measurements")
    points = models.IntegerField("点数 points")
    made_by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject", "-id"], name="measurement_set_subject")]
