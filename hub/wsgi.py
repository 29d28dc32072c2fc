"""The hub for a WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

from hub.starting import BOOT_FAILED, start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")
application = start(get_wsgi_application, exit_code=BOOT_FAILED)
