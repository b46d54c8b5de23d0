"""Addresses of the desk: cockpit, figures, indicators, the command palette."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.desk.overview import cockpit, figures, indicators, palette

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
]
