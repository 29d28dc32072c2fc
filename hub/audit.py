"""Writing the audit log; called inside the transaction of the act it records."""

from datetime import datetime
from typing import Any

from django.db import models

from hub.models import AuditEntry, User


def entry(
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
    """One act, not stored yet. `by` is the account that acted, None for a visitor; `changes` holds
    public fields only, as name to [before, after]."""
    return AuditEntry(
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


def record(action: str, thing: models.Model, **facts: Any) -> AuditEntry:
    """Store one act; the rest as `entry` takes it."""
    made = entry(action, thing, **facts)
    made.save(force_insert=True)
    return made
