"""How every process of the hub begins: a wrong setting ends it in one sentence, not in a traceback."""

import sys
from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

# What gunicorn's own workers end with when they can't start: with any other code it would start them
# again and again.
BOOT_FAILED = 3

T = TypeVar("T")


def start(begin: Callable[[], T], *, exit_code: int = 1) -> T:
    """Begin; where the settings don't allow it, say on stderr what to set and end the process."""
    try:
        return begin()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"hub: {error}\n")
        sys.exit(exit_code)
