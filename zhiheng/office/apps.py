"""The room as a Django app."""

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "zhiheng.office"
    label = "office"
