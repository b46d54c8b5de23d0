"""The design system as a Django app."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "zhiheng.pages"
    label = "pages"

    def ready(self) -> None:
        """The kinds of arguments that addresses of the doors have."""
        from zhiheng.pages.addresses import register

        register()
