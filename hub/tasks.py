"""The worker's door: takes ids, calls one function."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from hub import delivery, ticking
from hub.personal import purge_all


@shared_task
def tick() -> None:
    """Every five seconds: let each app plan what falls due, then hand out the mail that is due."""
    for batch in ticking.tick(timezone.now()):
        deliver_batch.delay([str(pk) for pk in batch])


@shared_task
def deliver_batch(ids: list[str]) -> None:
    """Send these outbox rows, then hand out the next: behind what else waits by now, such as a tick."""
    if delivery.deliver([UUID(pk) for pk in ids]):
        for batch in delivery.claim_due(timezone.now(), batches=1):
            deliver_batch.delay([str(pk) for pk in batch])


@shared_task
def purge() -> None:
    """Every hour: delete what the retention rules say has been kept long enough."""
    purge_all(timezone.now())
