"""A Celery broker that is a folder, for a hub on one machine without Redis.

kombu's own `filesystem` transport dies of a half-written message, of an unreadable one and of a
folder that is gone, and claims a message by moving it to another file system, where two workers
can both win. Here one message is one file; it appears whole by rename, and whoever removes it owns
it. What a killed worker had taken is lost: the database decides what is still to be done, a
message only says "look now".
"""

import contextlib
import itertools
import logging
import os
import time
from collections import deque
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, virtual
from kombu.utils.json import dumps, loads

logger = logging.getLogger("hub.broker")
SCHEME = "folder"
TRANSPORT_ALIASES[SCHEME] = "hub.broker:Transport"


class Channel(virtual.Channel):
    """Queues as files `<time>-<process>-<number>.<queue>.msg` in `transport_options["folder"]`."""

    numbers = itertools.count()

    def __init__(self, connection: Any, **options: object) -> None:
        super().__init__(connection, **options)
        self.folder = Path(connection.client.transport_options["folder"])
        self.listed: dict[str, deque[Path]] = {}

    def _put(self, queue: str, message: dict, **_options: object) -> None:
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(self.numbers)}"
        unfinished = self.folder / f"{name}.new"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(dumps(message))
            os.replace(unfinished, self.folder / f"{name}.{queue}.msg")
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise

    def _get(self, queue: str, timeout: float | None = None) -> dict:
        # One listing serves many messages, else a burst costs the square of its length. Names that
        # another worker has removed meanwhile are passed over.
        waiting = self.listed.setdefault(queue, deque())
        if not waiting:
            waiting.extend(self._files(queue))
        while waiting:
            message = take(waiting.popleft())
            if message is not None:
                return message
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._files(queue))

    def _purge(self, queue: str) -> int:
        return sum(take(path) is not None for path in self._files(queue))

    def _files(self, queue: str) -> list[Path]:
        """What waits in a queue, oldest first; nothing where the folder is gone."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        return sorted(self.folder / name for name in names if name.partition(".")[2] == f"{queue}.msg")


def take(path: Path) -> dict | None:
    """Remove a message and return it; None where another worker has it or nobody can read it."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        content = b""
    try:
        path.unlink()  # succeeds for one process only: that one owns the message
    except FileNotFoundError:
        return None
    try:
        message = loads(content)
        message["headers"], message["properties"]["delivery_tag"]
    except (ValueError, TypeError, KeyError):
        logger.error("dropped a broken message from the broker folder")
        return None
    return message


class Transport(virtual.Transport):
    """kombu transport `folder://`; give its path as `broker_transport_options["folder"]`."""

    Channel = Channel
    polling_interval = 0.1  # seconds a message waits at most, and what an idle worker pays for
    driver_type = driver_name = "folder"
    # A full disk or a folder without rights: the worker says so and tries again.
    connection_errors = (OSError,)
    # Then Celery gives each child a pipe of its own. Without an event loop they share one and its lock, and
    # a child that is killed while it waits takes the lock along: the others would wait for ever.
    implements = virtual.Transport.implements.extend(asynchronous=True)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Look into the folder again and again, as long as this connection lives."""
        loop.call_repeatedly(self.polling_interval, self._look)

    def _look(self) -> None:
        with contextlib.suppress(Empty):
            while True:
                self.cycle.get(self._deliver)  # type: ignore[union-attr]  # made with the transport

    def driver_version(self) -> str:
        """For `celery report`; the version is the hub's."""
        return "1"
