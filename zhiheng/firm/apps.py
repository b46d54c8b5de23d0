"""The door as a Django app."""

from django.apps import AppConfig


class FirmConfig(AppConfig):
    name = "zhiheng.firm"
    label = "firm"
