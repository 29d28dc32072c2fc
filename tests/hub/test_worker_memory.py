"""A worker that sends a great many mails doesn't grow.

A failure means that a fan-out ends in a machine without memory.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from hub.models import Message
from tests import services, workers
from tests.bench.parties import event_with
from tests.outbox import State, remind, states

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
EARLY, ALL = 5_000, 20_000  # mails; by the first all templates and queries are written
GROWTH_MOST = 1.15
PATIENCE = 240  # seconds


def resident(pid):
    """Megabytes of memory a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@pytest.fixture
def env(client_env, sink):
    """For the worker and the clock, on a Redis of their own."""
    with services.redis() as redis:
        yield {**client_env, "EMAIL_URL": sink.url, "REDIS_URL": redis.url}


def test_memory_is_flat_over_twenty_thousand_mails(env):
    remind(event_with(ALL, start=timezone.now() + timedelta(hours=20)))
    sent = Message.objects.filter(state=State.SENT)
    with workers.worker_and_clock(env) as (worker, _clock):
        services.wait_until(lambda: sent.count() >= EARLY, "a quarter goes out", PATIENCE)
        early = {pid: resident(pid) for pid in workers.children_of(worker.pid)}
        services.wait_until(lambda: sent.count() == ALL, "all of it goes out", PATIENCE)
        late = {pid: resident(pid) for pid in workers.children_of(worker.pid)}
    held = [(early[pid], late[pid]) for pid in early]
    print("; ".join(f"{before:.0f} MB, then {after:.0f} MB" for before, after in held), dict(states()))
    assert set(late) == set(early)  # nor was a child replaced because it had grown
    for before, after in held:
        assert after <= before * GROWTH_MOST
