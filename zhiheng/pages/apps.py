"""The design system as a Django app."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "zhiheng.pages"
    label = "pages"
