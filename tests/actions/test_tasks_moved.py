"""A task that an older version put in the queue is found by this one."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections
from django_tasks_db.models import DBTaskResult

from zhiheng.office import task_queue


@pytest.mark.django_db(databases=["default", "people"] if "people" in settings.DATABASES else ["default"])
@pytest.mark.database
def test_旧版本排队的任务_升级后照样找得到() -> None:
    queued = task_queue.put("project_lake")
    DBTaskResult.objects.filter(id=queued).update(task_path="zhiheng.jobs.tasks.project_lake")
    migration = import_module("zhiheng.office.migrations.0011_tasks_moved")
    migration.follow(apps, SimpleNamespace(connection=connections[settings.PEOPLE_DATABASE]))
    assert DBTaskResult.objects.get(id=queued).task_path == task_queue.task_path("project_lake")
    assert task_queue.is_under_way("project_lake")
    assert DBTaskResult.objects.get(id=queued).task.name == "project_lake"
