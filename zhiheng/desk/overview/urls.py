"""Addresses of the desk: cockpit, figures, indicators, the book, the command palette."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.desk.overview import cockpit, figures, indicators, palette
from zhiheng.desk.rulebook import chapters, headings, workflows

urlpatterns: list[URLPattern] = [
    path("", cockpit.first, name="home"),
    path("cockpit/", cockpit.cockpit, name="cockpit"),
    path("cockpit/map/", cockpit.map_data, name="cockpit_map"),
    path("wall/", cockpit.wall, name="wall"),
    path("news/", cockpit.news, name="news"),
    path("figures/<str:name>/", figures.figure, name="figure"),
    path("figures/<str:name>/export/", figures.export, name="figure_export"),
    path("indicators/", indicators.indicators, name="indicators"),
    path("indicators/data/", indicators.data, name="indicator_data"),
    path("indicators/export/", indicators.export, name="indicator_export"),
    path("palette/", palette.palette, name="palette"),
    path("book/", chapters.contents, name="book"),
    path("book/search/", chapters.search, name="book_search"),
    path("book/records/", chapters.records, name="book_records"),
    path("book/records/<str:name>/", chapters.record, name="book_record"),
    path("book/records/<str:name>/blank-form/", chapters.blank_form, name="book_blank_form"),
    path("book/law/", chapters.law, name="book_law"),
    path("book/law/<str:name>/", chapters.topic, name="book_topic"),
    path("book/indicators/", chapters.indicators, name="book_indicators"),
    path("book/indicators/<str:name>/", chapters.indicator, name="book_indicator"),
    path("book/workflows/", workflows.workflows, name="book_workflows"),
    path("book/workflows/<str:name>/", workflows.workflow, name="book_workflow"),
    path("book/roles/", chapters.roles, name="book_roles"),
    path("book/calendars/", chapters.calendar, name="book_calendar"),
    path("book/calendars/<number:year>/", chapters.calendar, name="book_calendar_year"),
    path("book/terms/", chapters.glossary, name="book_glossary"),
    path("book/headings/", headings.headings, name="book_headings"),
    path("book/headings/<number:number>/decide/", headings.decide, name="heading_decide"),
    path("book/editions/", chapters.changes, name="book_changes"),
]
