"""The worker and the clock: Celery runs what the database has decided.

Start them with `celery -A hub worker` and `celery -A hub beat`. The broker is Redis where REDIS_URL
is set, else a folder (`hub.broker`). Only these two processes speak to it, never a web process: a
dead broker must not hurt a request.
"""

import contextlib
import logging
import logging.config
import mmap
import os
import signal
import struct
import threading
import time
import warnings

import billiard
from celery import Celery, signals
from celery.platforms import SecurityWarning
from celery.schedules import crontab
from django.conf import settings

from hub import broker
from hub.starting import start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")
logger = logging.getLogger("hub.worker")
# Root may run a worker here: only JSON is accepted, what Celery warns of is pickle.
warnings.filterwarnings("ignore", category=SecurityWarning)

TICK = "hub.tasks.tick"
SILENCE = 90.0  # seconds without a finished tick after which a worker counts as hung

redis_url = start(lambda: settings.REDIS_URL)  # the first look at the settings: it loads them
if redis_url:
    BROKER = {
        "broker_url": redis_url,
        "broker_transport_options": {
            # Seconds after which a killed worker's tasks come back; longer than any task takes.
            "visibility_timeout": 300,
            # A Redis that accepts and never answers is as good as gone.
            "socket_connect_timeout": 5,
            "socket_timeout": 10,
        },
    }
else:
    BROKER = {
        "broker_url": f"{broker.SCHEME}://localhost",
        "broker_transport_options": {"folder": str(settings.BROKER_DIR)},
    }

app = Celery("hub")
app.conf.update(
    **BROKER,
    # A dead broker is waited out, however long it takes.
    broker_connection_retry=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    accept_content=["json"],
    task_serializer="json",
    result_serializer="json",
    task_ignore_result=True,
    # A task is acknowledged when it is done: tasks are written to be run twice.
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    # Mail that is being sent is not cut off because the broker went away.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    enable_utc=True,
    timezone="UTC",
    # In memory: a clock that starts again ticks again, there is nothing to remember.
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule={
        # A worker that comes back late finds a few ticks, not a thousand. Not fewer: behind batches that a
        # slow relay makes long a tick waits for half a minute, and one after the other would expire.
        "tick": {"task": TICK, "schedule": 5.0, "options": {"expires": 60}},
        # By the clock, not an interval: a clock restarted every half hour would never get there.
        "purge": {"task": "hub.tasks.purge", "schedule": crontab(minute=17), "options": {"expires": 3600}},
    },
)
app.autodiscover_tasks(["hub", "events"])


@signals.setup_logging.connect
def keep_our_logging(**_: object) -> None:
    """Celery leaves logging to settings.LOGGING, and says nothing of every single tick."""
    logging.config.dictConfig(settings.LOGGING)
    for name in ("celery.worker.strategy", "celery.worker.request", "celery.app.trace", "celery.beat"):
        logging.getLogger(name).setLevel(logging.WARNING)


# --- Watchdog ---------------------------------------------------------------------------------
# A worker can hang in ways that no exception reports: a connection to the broker that is open and
# dead, a pool that waits for a child that is gone. Whoever started it starts it again.

# When a tick last finished: one float, in memory that the pool's children share since their fork.
heartbeat = mmap.mmap(-1, struct.calcsize("d"))


def beat_heart() -> None:
    """Say that this worker is alive. A clock that nobody sets, and that all processes share."""
    struct.pack_into("d", heartbeat, 0, time.monotonic())


@signals.task_postrun.connect
def note_tick(task: object = None, **_: object) -> None:
    """In the child: a tick has finished, well or badly."""
    if getattr(task, "name", None) == TICK:
        beat_heart()


@signals.worker_ready.connect
def start_watchdog(**_: object) -> None:
    """Only now: a worker that waits for a broker to come up is not hung."""
    beat_heart()
    threading.Thread(target=watch, args=(SILENCE,), daemon=True, name="watchdog").start()


def watch(silence: float) -> None:
    """End this worker and its children once no tick has finished for `silence` seconds."""
    while time.monotonic() - struct.unpack_from("d", heartbeat)[0] < silence:
        time.sleep(silence / 20)
    logger.critical("no tick has finished for %d seconds: this worker ends itself", silence)
    for child in billiard.active_children():
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
    os._exit(1)
