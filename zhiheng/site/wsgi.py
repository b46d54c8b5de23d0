"""The whole house for a web server: ``zhiheng serve`` serves it itself (web_server.py), any other WSGI server can."""

from __future__ import annotations

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from zhiheng.kernel.data_folder import prepare
from zhiheng.site.environment import for_pages

for_pages()
prepare(settings.DATA)
application = get_wsgi_application()
