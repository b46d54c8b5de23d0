"""Addresses of the desk: cockpit, figures, indicators, the book, the command palette."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.desk import book, cockpit, figures, headings, indicators, palette, workflows

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
    path("book/", book.contents, name="book"),
    path("book/search/", book.search, name="book_search"),
    path("book/records/", book.records, name="book_records"),
    path("book/records/<str:name>/", book.record, name="book_record"),
    path("book/records/<str:name>/blank-form/", book.blank_form, name="book_blank_form"),
    path("book/law/", book.law, name="book_law"),
    path("book/law/<str:name>/", book.topic, name="book_topic"),
    path("book/indicators/", book.indicators, name="book_indicators"),
    path("book/indicators/<str:name>/", book.indicator, name="book_indicator"),
    path("book/workflows/", workflows.workflows, name="book_workflows"),
    path("book/workflows/<str:name>/", workflows.workflow, name="book_workflow"),
    path("book/roles/", book.roles, name="book_roles"),
    path("book/calendars/", book.calendar, name="book_calendar"),
    path("book/calendars/<int:year>/", book.calendar, name="book_calendar_year"),
    path("book/terms/", book.glossary, name="book_glossary"),
    path("book/headings/", headings.headings, name="book_headings"),
    path("book/headings/<int:number>/decide/", headings.decide, name="heading_decide"),
    path("book/editions/", book.changes, name="book_changes"),
]
