"""Addresses of the desk, area by area."""

from __future__ import annotations

from importlib import import_module

from django.urls import URLPattern, URLResolver

app_name = "desk"
AREAS = ("cockpit", "enterprises", "deliveries", "publication", "objections", "people")
urlpatterns: list[URLPattern | URLResolver] = []
for area in AREAS:
    urlpatterns += import_module(f"zhiheng.desk.urls_{area}").urlpatterns
