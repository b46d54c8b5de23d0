"""The whole house for a web server: ``zhiheng serve`` starts granian with it, any other WSGI server can."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiheng.site.settings")
application = get_wsgi_application()
