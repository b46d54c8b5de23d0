"""People as a Django app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "zhiheng.people"
    label = "people"
    verbose_name = "人员与权限 People"
