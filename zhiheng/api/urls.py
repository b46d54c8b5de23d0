"""Addresses of the interface for programs."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from zhiheng.api.interface import interface
from zhiheng.api.page import description

urlpatterns: list[URLPattern | URLResolver] = [
    path("", description, name="api_description"),
    path("v1/", interface.urls),
]
