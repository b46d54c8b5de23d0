"""The door as a Django app."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "zhiheng.desk"
    label = "desk"
