"""Worker and clock, started again whenever they end."""

import contextlib
import threading
from collections.abc import Iterator, Mapping

from hub.management.commands.run import Child
from hub.processes import CLOCK, WORKER


@contextlib.contextmanager
def kept_running(env: Mapping[str, str], *, worker: list[str] | None = None) -> Iterator[list[str]]:
    """Worker and clock under the eye of what `manage.py run` starts them with: whichever ends is started
    again. Gives what that says of it, growing. `worker` is another command to start it with."""
    children = [Child("worker", WORKER, 0), Child("clock", CLOCK, 0)]
    children[0].command = worker or children[0].command
    said: list[str] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.1):
            said.extend(filter(None, [child.keep_running() for child in children]))

    for child in children:
        child.env = dict(env)
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield said
    finally:
        stop.set()
        thread.join()
        for child in children:
            child.kill()
