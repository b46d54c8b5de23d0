"""Addresses of the enterprise corner."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.firm import (
    cases,
    consents,
    control_charts,
    deliveries,
    home,
    invitations,
    objections,
    own_file,
    sampling,
    undertakings,
)

app_name = "firm"
urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("file/", own_file.file, name="file"),
    path("facts/<number:number>/", own_file.fact, name="fact"),
    path("facts/<number:number>/object/", objections.new_objection, name="object"),
    path("file/readings/", own_file.readings, name="readings"),
    path("published/", own_file.published, name="published"),
    path("ratings/", own_file.ratings, name="ratings"),
    path("undertakings/", undertakings.undertakings, name="undertakings"),
    path("undertakings/<slug:name>/", undertakings.sign, name="sign"),
    path("undertakings/<number:number>/end/", undertakings.end_signature, name="end_signature"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/blank-forms/<str:name>/", deliveries.blank_form, name="blank_form"),
    path("deliveries/<number:number>/", deliveries.delivery, name="delivery"),
    path("deliveries/<number:number>/refused/<number:delivery>/", deliveries.refused_rows, name="refused_rows"),
    path("sampling/", sampling.sampling, name="sampling"),
    path("sampling/curve/", sampling.plan_curve, name="plan_curve"),
    path("sampling/new/", sampling.new_series, name="new_series"),
    path("sampling/<number:number>/", sampling.series, name="series"),
    path("sampling/<number:number>/delete/", sampling.delete_series, name="delete_series"),
    path("sampling/<number:number>/lots/<number:lot>/delete/", sampling.drop_lot, name="drop_lot"),
    path("measurements/", control_charts.measurements, name="measurements"),
    path("measurements/blank-forms/<str:shape>/", control_charts.blank_measurements, name="blank_measurements"),
    path("measurements/<number:number>/", control_charts.measured_chart, name="measured_chart"),
    path("measurements/<number:number>/tracks/<number:track>/", control_charts.track_data, name="track_data"),
    path("measurements/<number:number>/delete/", control_charts.delete_measurements, name="delete_measurements"),
    path("consents/", consents.consents, name="consents"),
    path("consents/new/", consents.give_consent, name="give_consent"),
    path("consents/<number:number>/withdraw/", consents.withdraw_consent, name="withdraw_consent"),
    path("objections/", objections.objections, name="objections"),
    path("objections/<slug:receipt>/", objections.objection, name="objection"),
    path("objections/<slug:receipt>/withdraw/", objections.withdraw_objection, name="withdraw_objection"),
    path("cases/", cases.cases, name="cases"),
    path("cases/papers/<number:number>/<slug:kind>/", cases.paper, name="case_paper"),
    path("cases/<number:number>/", cases.case, name="case"),
    path("cases/<number:number>/act/<str:act>/", cases.act, name="case_act"),
    path("join/", invitations.join, name="join"),
]
