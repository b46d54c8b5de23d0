"""Addresses of the desk: people, units, oneself, keys, audit."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.desk import audit, ledger, people

urlpatterns: list[URLPattern] = [
    path("people/", people.people, name="people"),
    path("people/new/", people.new_account, name="person_new"),
    path("people/units/", people.units, name="people_units"),
    path("people/invitations/", people.invitations, name="invitations"),
    path("people/invitations/new/", people.invite, name="invite"),
    path("people/invitations/<int:number>/withdraw/", people.withdraw_invitation, name="withdraw_invitation"),
    path("people/tokens/", people.tokens, name="tokens"),
    path("people/tokens/new/", people.issue_token, name="issue_token"),
    path("people/tokens/<int:number>/revoke/", people.revoke_token, name="revoke_token"),
    path("people/webhooks/<int:number>/end/", people.end_hook, name="end_hook"),
    path("people/<int:number>/", people.person, name="person"),
    path("people/<int:number>/role/", people.give_role, name="give_role"),
    path("people/<int:number>/close/", people.close_account, name="close_account"),
    path("people/<int:number>/code/", people.issue_code, name="issue_code"),
    path("people/<int:number>/factor/", people.reset_factor, name="reset_factor"),
    path("people/roles/<int:grant>/end/", people.end_role, name="end_role"),
    path("me/", people.me, name="me"),
    path("me/delegate/", people.delegate, name="delegate"),
    path("me/act-for/", people.act_for, name="act_for"),
    path("audit/", audit.audit, name="audit"),
    path("audit/ledger/", ledger.ledger, name="ledger"),
]
