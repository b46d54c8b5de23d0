"""The room as a Django app."""

from django.apps import AppConfig


class ProjectionsConfig(AppConfig):
    name = "zhiheng.projections"
    label = "projections"
