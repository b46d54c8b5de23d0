"""Addresses of the enterprise corner."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.firm import cases, measuring, views

app_name = "firm"
urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("file/", views.file, name="file"),
    path("facts/<number:number>/", views.fact, name="fact"),
    path("facts/<number:number>/object/", views.new_objection, name="object"),
    path("file/readings/", views.readings, name="readings"),
    path("published/", views.published, name="published"),
    path("ratings/", views.ratings, name="ratings"),
    path("undertakings/", views.undertakings, name="undertakings"),
    path("undertakings/<slug:name>/", views.sign, name="sign"),
    path("undertakings/<number:number>/end/", views.end_signature, name="end_signature"),
    path("deliveries/", views.deliveries, name="deliveries"),
    path("deliveries/blank-forms/<str:name>/", views.blank_form, name="blank_form"),
    path("deliveries/<number:number>/", views.delivery, name="delivery"),
    path("deliveries/<number:number>/refused/<number:delivery>/", views.refused_rows, name="refused_rows"),
    path("sampling/", measuring.sampling, name="sampling"),
    path("sampling/curve/", measuring.plan_curve, name="plan_curve"),
    path("sampling/new/", measuring.new_series, name="new_series"),
    path("sampling/<number:number>/", measuring.series, name="series"),
    path("sampling/<number:number>/delete/", measuring.delete_series, name="delete_series"),
    path("sampling/<number:number>/lots/<number:lot>/delete/", measuring.drop_lot, name="drop_lot"),
    path("measurements/", measuring.measurements, name="measurements"),
    path("measurements/blank-forms/<str:shape>/", measuring.blank_measurements, name="blank_measurements"),
    path("measurements/<number:number>/", measuring.measured_chart, name="measured_chart"),
    path("measurements/<number:number>/tracks/<number:track>/", measuring.track_data, name="track_data"),
    path("measurements/<number:number>/delete/", measuring.delete_measurements, name="delete_measurements"),
    path("consents/", views.consents, name="consents"),
    path("consents/new/", views.give_consent, name="give_consent"),
    path("consents/<number:number>/withdraw/", views.withdraw_consent, name="withdraw_consent"),
    path("objections/", views.objections, name="objections"),
    path("objections/<slug:receipt>/", views.objection, name="objection"),
    path("objections/<slug:receipt>/withdraw/", views.withdraw_objection, name="withdraw_objection"),
    path("cases/", cases.cases, name="cases"),
    path("cases/papers/<number:number>/<slug:kind>/", cases.paper, name="case_paper"),
    path("cases/<number:number>/", cases.case, name="case"),
    path("cases/<number:number>/act/<str:act>/", cases.act, name="case_act"),
    path("join/", views.join, name="join"),
]
