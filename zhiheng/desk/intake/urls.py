"""Addresses of the desk: deliveries, the exchange catalogue, identity."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.desk.intake import deliveries, delivery, exchange, identity, uploads

urlpatterns: list[URLPattern] = [
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/new/", uploads.upload, name="upload"),
    path("deliveries/exchange/", exchange.exchange, name="exchange"),
    path("deliveries/exchange/reminders/", exchange.reminders, name="reminders"),
    path("deliveries/exchange/overdue.csv", exchange.reminders_export, name="reminders_export"),
    path("deliveries/uploads/<number:number>/", uploads.upload_result, name="upload_result"),
    path("deliveries/uploads/<number:number>/again/", uploads.upload_again, name="upload_again"),
    path("deliveries/uploads/<number:number>/answer/", uploads.upload_answer, name="upload_answer"),
    path("deliveries/<number:number>/", delivery.delivery, name="delivery"),
    path("deliveries/<number:number>/facts/", delivery.delivery_facts, name="delivery_facts"),
    path("deliveries/<number:number>/confirm/", delivery.delivery_confirm, name="delivery_confirm"),
    path("deliveries/<number:number>/withdraw/", delivery.delivery_withdraw, name="delivery_withdraw"),
    path("deliveries/<number:number>/heading/", delivery.delivery_heading, name="delivery_heading"),
    path("deliveries/<number:number>/refusals/", delivery.delivery_refusals, name="delivery_refusals"),
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
