"""The whole house for a web server: ``zhiheng serve`` serves it itself (web_server.py), any other WSGI server can."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiheng.site.settings")
# Before the settings are read: whoever asks for a page is not kept waiting for as long as a worker may wait.
os.environ["ZHIHENG_LOCK_WAIT"] = os.environ.get("ZHIHENG_LOCK_WAIT_PAGES", "5")
application = get_wsgi_application()
