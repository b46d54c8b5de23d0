"""The whole house for a web server: ``zhiheng serve`` serves it itself (web_server.py), any other WSGI server can."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from zhiheng.site.environment import for_pages

for_pages()
application = get_wsgi_application()
