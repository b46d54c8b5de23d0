"""Addresses of the desk: objections."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.desk.publishing import objections

urlpatterns: list[URLPattern] = [
    path("objections/", objections.objections, name="objections"),
    path("objections/<number:number>/", objections.objection, name="objection"),
    path("objections/<number:number>/answer/", objections.answer, name="answer_objection"),
    path("objections/<number:number>/take-down/", objections.take_down, name="objection_take_down"),
    path("objections/<number:number>/files/<slug:digest>/", objections.attachment, name="objection_file"),
]
