#!/usr/bin/env python
"""Django's command line for the hub."""

import os
import sys

from django.core.management import execute_from_command_line

from hub.starting import start


def main() -> None:
    """Run a command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")
    start(lambda: execute_from_command_line(sys.argv))


if __name__ == "__main__":
    main()
