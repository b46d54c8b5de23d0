"""Addresses of the desk: cases."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.desk.cases import acts, answers, cases, drafts, facts, inbox, opening, papers, received, several

urlpatterns: list[URLPattern] = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/calendar/", inbox.calendar, name="case_calendar"),
    path("cases/", cases.cases, name="cases"),
    path("cases/facts/", facts.facts, name="case_facts"),
    path("cases/facts/confirm/", facts.confirm, name="case_facts_confirm"),
    path("cases/answers/", answers.answers, name="hotline_answers"),
    path("cases/facts/<number:number>/", facts.fact, name="case_fact"),
    path("cases/facts/<number:number>/decline/", facts.decline, name="case_fact_decline"),
    path("cases/facts/<number:number>/join/", facts.join, name="case_fact_join"),
    path("cases/new/", opening.workflows, name="case_new"),
    path("cases/received/", received.received, name="case_received"),
    path("cases/new/<slug:workflow>/", opening.new_case, name="case_open"),
    path("cases/papers/<number:number>/proof/", papers.proof, name="case_proof"),
    path("cases/papers/<number:number>/<slug:kind>/", papers.paper, name="case_paper"),
    path("cases/attachments/<number:number>/", papers.custody, name="case_custody"),
    path("cases/attachments/<number:number>/file/", papers.attachment, name="case_attachment"),
    path("cases/drafts/", drafts.drafts, name="case_drafts"),
    path("cases/drafts/<number:number>/drop/", drafts.drop, name="case_draft_drop"),
    path("cases/several/", several.choose, name="case_several"),
    path("cases/several/<number:number>/", several.batch, name="case_batch"),
    path("cases/several/<number:number>/assign/", several.batch_assign, name="case_batch_assign"),
    path("cases/several/<number:number>/again/", several.batch_again, name="case_batch_again"),
    path("cases/several/<number:number>/<slug:workflow>/<str:act>/", several.batch_act, name="case_batch_act"),
    path("cases/<number:number>/", cases.case, name="case"),
    path("cases/<number:number>/act/<str:act>/", acts.act, name="case_act"),
    path("cases/<number:number>/assign/", acts.assign, name="case_assign"),
    path("cases/<number:number>/comment/", acts.comment, name="case_comment"),
    path("cases/<number:number>/link/", acts.link, name="case_link"),
    path("cases/<number:number>/restrict/", acts.restrict, name="case_restrict"),
    path("cases/<number:number>/lines/<number:line>/strike/", acts.strike, name="case_strike"),
    path("cases/<number:number>/proposals/<number:proposal>/sign/", acts.sign, name="case_sign"),
    path("cases/<number:number>/proposals/<number:proposal>/decline/", acts.decline, name="case_decline"),
]
