"""Addresses of the desk: custody of sealed identities."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.desk.custody import custody

urlpatterns: list[URLPattern] = [
    path("custody/", custody.custody, name="custody"),
    path("custody/key/", custody.make_key, name="custody_key"),
    path("custody/passphrase/", custody.change_passphrase, name="custody_passphrase"),
    path("custody/<number:number>/admit/", custody.admit, name="custody_admit"),
    path("custody/<number:number>/end/", custody.end, name="custody_end"),
    path("custody/openings/new/", custody.ask, name="custody_ask"),
    path("custody/openings/<number:number>/open/", custody.open_one, name="custody_open"),
    path("custody/openings/<number:number>/decline/", custody.decline, name="custody_decline"),
]
