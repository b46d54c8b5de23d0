"""Addresses of the desk: deliveries."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
