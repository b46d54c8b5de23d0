"""Addresses of the desk: deliveries, the exchange catalogue, identity."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.desk.intake import deliveries, identity

urlpatterns: list[URLPattern] = [
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/new/", deliveries.upload, name="upload"),
    path("deliveries/exchange/", deliveries.exchange, name="exchange"),
    path("deliveries/exchange/reminders/", deliveries.reminders, name="reminders"),
    path("deliveries/exchange/overdue.csv", deliveries.reminders_export, name="reminders_export"),
    path("deliveries/uploads/<number:number>/", deliveries.upload_result, name="upload_result"),
    path("deliveries/uploads/<number:number>/again/", deliveries.upload_again, name="upload_again"),
    path("deliveries/uploads/<number:number>/answer/", deliveries.upload_answer, name="upload_answer"),
    path("deliveries/<number:number>/", deliveries.delivery, name="delivery"),
    path("deliveries/<number:number>/facts/", deliveries.delivery_facts, name="delivery_facts"),
    path("deliveries/<number:number>/confirm/", deliveries.delivery_confirm, name="delivery_confirm"),
    path("deliveries/<number:number>/withdraw/", deliveries.delivery_withdraw, name="delivery_withdraw"),
    path("deliveries/<number:number>/heading/", deliveries.delivery_heading, name="delivery_heading"),
    path("deliveries/<number:number>/refusals/", deliveries.delivery_refusals, name="delivery_refusals"),
    path("identity/", identity.waiting, name="identity"),
    path("identity/decide/", identity.decide_several, name="identity_decide_several"),
    path("identity/<number:number>/", identity.pair, name="identity_pair"),
    path("identity/<number:number>/decide/", identity.decide, name="identity_decide"),
    path("identity/acts/", identity.acts, name="identity_acts"),
    path("identity/acts/<number:number>/undo/", identity.undo, name="identity_undo"),
    path("identity/merge/", identity.merge, name="identity_merge"),
    path("identity/split/", identity.split_search, name="identity_split_search"),
    path("identity/split/<number:subject>/", identity.split, name="identity_split"),
    path("identity/split/<number:subject>/<number:alias>/", identity.split_facts, name="identity_split_facts"),
]
