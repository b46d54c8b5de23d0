"""Addresses of the desk, area by area. The pages of the book say theirs themselves (``page_registry``)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from zhiheng.desk import ratings, restrictions, rulebook, warnings
from zhiheng.desk.cases import urls as cases
from zhiheng.desk.custody import urls as custody
from zhiheng.desk.intake import urls as intake
from zhiheng.desk.overview import urls as overview
from zhiheng.desk.page_registry import addresses
from zhiheng.desk.publishing import objection_urls as objections
from zhiheng.desk.publishing import urls as publishing
from zhiheng.desk.quality_files import urls as quality_files
from zhiheng.desk.staff import urls as staff

app_name = "desk"
AREAS = (overview, cases, quality_files, intake, publishing, objections, staff, custody)
urlpatterns: list[URLPattern | URLResolver] = [
    *(pattern for area in AREAS for pattern in area.urlpatterns),
    *addresses(warnings),
    *addresses(rulebook),
    *addresses(ratings),
    *addresses(restrictions),
]
