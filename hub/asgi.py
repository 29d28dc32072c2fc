"""The hub for an ASGI server."""

import os

from django.core.asgi import get_asgi_application

from hub.starting import BOOT_FAILED, start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")
application = start(get_asgi_application, exit_code=BOOT_FAILED)
