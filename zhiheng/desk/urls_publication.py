"""Addresses of the desk: publication."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.desk import publication

urlpatterns: list[URLPattern] = [
    path("publication/", publication.publication, name="publication"),
    path("publication/decide/", publication.decide_several, name="publication_decide_several"),
    path("publication/shown/", publication.shown, name="publication_shown"),
    path("publication/shown/<slug:public_id>/", publication.entry, name="publication_entry"),
    path("publication/shown/<slug:public_id>/withdraw/", publication.withdraw, name="publication_withdraw"),
    path("publication/shown/<slug:public_id>/correct/", publication.correct, name="publication_correct"),
    path("publication/propose/<int:fact>/", publication.propose, name="publication_propose"),
    path("publication/<int:number>/", publication.request_sheet, name="publication_request"),
    path("publication/<int:number>/decide/", publication.decide, name="publication_decide"),
]
