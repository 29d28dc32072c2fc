"""Sessions in the database whose data is sealed: a dump tells neither whose they are nor what a
half-finished log-in was about."""

import base64
import json
from collections.abc import Iterable
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session

from hub.sealing import SealedDataError, seal, unseal

CONTEXT = "django_session.session_data"  # one for all rows: the store seals before it knows its row


class SessionStore(DatabaseStore):
    """What SESSION_ENGINE names."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        """The session as sealed text."""
        return base64.b64encode(seal(json.dumps(session_dict), CONTEXT)).decode()

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """The session; one whose seal is broken, or of an unknown key, is empty."""
        text = opened(session_data)
        return json.loads(text) if text else {}


def opened(session_data: bytes | str) -> str:
    """The JSON behind a row's data, or nothing."""
    try:
        return unseal(base64.b64decode(session_data), CONTEXT)
    except (SealedDataError, ValueError):
        return ""


def forget(words: Iterable[str]) -> None:
    """End every session that holds one of these texts, half-finished log-ins too. Looks into each, for
    nothing in the table says whose it is; erasing an account is rare."""
    wanted = [json.dumps(word)[1:-1] for word in words]
    found = [
        key
        for key, data in Session.objects.values_list("session_key", "session_data").iterator()
        if any(word in opened(data) for word in wanted)
    ]
    Session.objects.filter(session_key__in=found).delete()
