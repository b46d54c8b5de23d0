"""Grades that were decided: of an enterprise, by an edition of a rating, as of a day, as known on a day. Never changed.

A row holds enough to be replayed: the digest of the edition, both days, and what was counted, so that years later it
can
be said that the result is the same, or which facts or which edition make it another.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from zhiheng.database.homes import Home


class StoredGrade(models.Model):
    """The grade of an enterprise as it was decided. A row is never changed nor deleted, by trigger (migration)."""

    home: ClassVar = Home.LEDGER

    subject = models.BigIntegerField("企业 enterprise")
    rating = models.CharField("评价 rating", max_length=60)
    edition = models.CharField("版本指纹 digest of the edition", max_length=64)
    as_of = models.DateField("截至 as of")
    known_on = models.DateField("所知 as known on")
    score = models.BigIntegerField("得分（单位） score in units")
    band = models.CharField("等级 grade", max_length=4, blank=True)
    evidence = models.IntegerField("证据条数 facts that count as evidence")
    seen = models.CharField("所见摘要 SHA-256 of what it saw", max_length=64)
    counted = models.TextField("计入的事实 what was counted: item, fact, units, as JSON")
    decided_by = models.CharField("由谁 decided by", max_length=120)
    decided_at = models.DateTimeField("何时 decided at")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rating", "subject", "as_of", "known_on", "edition"], name="grade_once")
        ]
        indexes: ClassVar = [models.Index(fields=["subject", "rating", "-as_of"], name="grade_of_subject")]
