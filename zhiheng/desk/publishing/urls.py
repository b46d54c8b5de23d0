"""Addresses of the desk: publication."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.desk.publishing import entries, requests

urlpatterns: list[URLPattern] = [
    path("publication/", requests.publication, name="publication"),
    path("publication/decide/", requests.decide_several, name="publication_decide_several"),
    path("publication/shown/", entries.shown, name="publication_shown"),
    path("publication/shown/<slug:public_id>/", entries.entry, name="publication_entry"),
    path("publication/shown/<slug:public_id>/withdraw/", entries.withdraw, name="publication_withdraw"),
    path("publication/shown/<slug:public_id>/correct/", entries.correct, name="publication_correct"),
    path("publication/propose/<number:fact>/", requests.propose, name="publication_propose"),
    path("publication/<number:number>/", requests.request_sheet, name="publication_request"),
    path("publication/<number:number>/decide/", requests.decide, name="publication_decide"),
]
