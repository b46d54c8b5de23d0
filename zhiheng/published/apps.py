"""The room as a Django app."""

from django.apps import AppConfig


class PublishedConfig(AppConfig):
    name = "zhiheng.published"
    label = "published"
