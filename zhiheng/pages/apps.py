"""The design system as a Django app."""

from django.apps import AppConfig

from zhiheng.pages import multiline_tags


class PagesConfig(AppConfig):
    name = "zhiheng.pages"
    label = "pages"

    def ready(self) -> None:
        """The kinds of arguments that addresses of the doors have; tags of templates that stand over several lines."""
        from zhiheng.pages.addresses import register

        register()
        multiline_tags.allow()
