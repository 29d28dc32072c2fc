"""The tick: what happens every five seconds, decided by the database.

Apps register their part with `every_tick`; each part makes its own transactions, and one that
fails is logged and doesn't stop the others.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from hub import delivery
from hub.models import Heartbeat

logger = logging.getLogger("hub.tick")
parts: list[Callable[[datetime], None]] = []


def every_tick(part: Callable[[datetime], None]) -> Callable[[datetime], None]:
    """Register what an app does at each tick; called with the moment of the tick."""
    parts.append(part)
    return part


def tick(now: datetime) -> list[list[UUID]]:
    """Run every part, then claim what is due. Returns batches of outbox ids for the workers."""
    for part in (*parts, delivery.settle_stuck):
        try:
            part(now)
        except Exception:
            logger.exception("a part of the tick failed: %s", part.__name__)
    batches = delivery.claim_due(now)
    Heartbeat.objects.update_or_create(name="tick", defaults={"at": now})
    return batches
