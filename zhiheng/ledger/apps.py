"""The ledger as a Django app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "zhiheng.ledger"
    label = "ledger"
    verbose_name = "质量事实台账 Ledger"
