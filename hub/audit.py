"""Writing the audit log; called inside the transaction of the act it records."""

from datetime import datetime
from typing import Any

from django.db import models

from hub.models import AuditEntry, User


def record(
    action: str,
    thing: models.Model,
    *,
    at: datetime,
    by: User | None,
    subject: User | None = None,
    count: int | None = None,
    reason: str = "",
    changes: dict[str, list[Any]] | None = None,
) -> AuditEntry:
    """Store one act. `by` is the account that acted, None for a visitor; `changes` holds public
    fields only, as name to [before, after]."""
    return AuditEntry.objects.create(
        at=at,
        actor=by,
        action=action,
        object_kind=thing._meta.label,
        object_id=thing.pk,
        subject=subject,
        count=count,
        reason=reason,
        changes=changes or {},
    )
