"""The door as a Django app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "zhiheng.portal"
    label = "portal"
