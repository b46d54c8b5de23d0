"""Addresses of this door."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "firm"
urlpatterns: list[URLPattern] = []
