"""The app, in the place of allauth's own of this provider: both have the same addresses and names."""

from __future__ import annotations

from django.apps import AppConfig


class SingleSignOnConfig(AppConfig):
    """No tables: accounts from there stand in those of allauth."""

    name = "zhiheng.people.single_sign_on"
    label = "single_sign_on"
