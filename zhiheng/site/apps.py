"""The house as a Django app: what belongs to none of its rooms."""

from __future__ import annotations

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "zhiheng.site"
    label = "site"

    def ready(self) -> None:
        """The checks of a deployment."""
        from zhiheng.site.deploy_checks import register_all

        register_all()
