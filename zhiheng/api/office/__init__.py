"""The part of the interface for systems of departments and of banks: each with a key that says what it may.

A module for each subject; its operations stand on the one router that all of them share.
"""

from zhiheng.api.office import credit, deliveries, enterprises, indicators, key_holder, ratings, webhooks
from zhiheng.api.office.operation import router

__all__ = ["credit", "deliveries", "enterprises", "indicators", "key_holder", "ratings", "router", "webhooks"]
