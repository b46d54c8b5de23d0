"""Addresses of the door for financial institutions."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.bank import views

app_name = "bank"
urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("consents/<number:number>/", views.file, name="file"),
    path("consents/<number:number>/report/", views.report, name="report"),
]
