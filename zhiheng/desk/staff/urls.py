"""Addresses of the desk: people, units, oneself, keys, audit."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.desk.staff import (
    accounts,
    audit,
    confirmations,
    data_checks,
    invitations,
    ledger_check,
    people,
    roles,
    sending,
    tokens,
)

urlpatterns: list[URLPattern] = [
    path("people/", people.people, name="people"),
    path("people/new/", accounts.new_account, name="person_new"),
    path("people/units/", people.units, name="people_units"),
    path("people/invitations/", invitations.invitations, name="invitations"),
    path("people/invitations/new/", invitations.invite, name="invite"),
    path("people/invitations/<number:number>/withdraw/", invitations.withdraw_invitation, name="withdraw_invitation"),
    path("people/tokens/", tokens.tokens, name="tokens"),
    path("people/tokens/new/", tokens.issue_token, name="issue_token"),
    path("people/tokens/<number:number>/revoke/", tokens.revoke_token, name="revoke_token"),
    path("people/confirm/", confirmations.confirmations, name="confirmations"),
    path("people/confirm/roles/<number:grant>/", confirmations.confirm_role, name="confirm_role"),
    path("people/confirm/roles/<number:grant>/decline/", confirmations.decline_role, name="decline_role"),
    path("people/confirm/keys/<number:number>/", confirmations.confirm_key, name="confirm_key"),
    path("people/confirm/keys/<number:number>/decline/", confirmations.decline_key, name="decline_key"),
    path("me/keys/", confirmations.own_keys, name="own_keys"),
    path("me/keys/<number:number>/take/", confirmations.take_key, name="take_key"),
    path("people/webhooks/<number:number>/end/", tokens.end_hook, name="end_hook"),
    path("people/sending/", sending.sending, name="sending"),
    path("people/sending/<number:number>/retry/", sending.retry, name="sending_retry"),
    path("people/sending/<number:number>/give-up/", sending.give_up, name="sending_give_up"),
    path("people/<number:number>/", people.person, name="person"),
    path("people/<number:number>/role/", roles.give_role, name="give_role"),
    path("people/<number:number>/close/", accounts.close_account, name="close_account"),
    path("people/<number:number>/code/", accounts.issue_code, name="issue_code"),
    path("people/<number:number>/factor/", accounts.reset_factor, name="reset_factor"),
    path("people/roles/<number:grant>/end/", roles.end_role, name="end_role"),
    path("me/", roles.me, name="me"),
    path("me/delegate/", roles.delegate, name="delegate"),
    path("me/act-for/", roles.act_for, name="act_for"),
    path("audit/", audit.audit, name="audit"),
    path("audit/ledger/", ledger_check.ledger, name="ledger"),
    path("audit/data/", data_checks.checks, name="data_checks"),
    path("audit/data/<slug:check>/", data_checks.check, name="data_check"),
]
