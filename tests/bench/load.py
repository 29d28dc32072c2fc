"""The visitors: a process of its own, so that its CPU is not counted as the servers'.

Takes one JSON object a line on its input and answers each with one on its output. Speaks to
loopback only, one connection a request, bounded in number and time.
"""

import json
import socket
import sys
import threading
import time
from collections import Counter

MOST = 20_000  # requests in one order
LONGEST = 30.0  # seconds for one order
PATIENCE = 10.0  # seconds for one answer


def answer(port: int, request: bytes) -> bytes:
    """Everything the server sends back."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        received = []
        while part := connection.recv(65536):
            received.append(part)
    return b"".join(received)


def drive(port: int, requests: list[str], count: int, clients: int) -> dict[str, object]:
    """Send `count` requests, going round through `requests`, from that many clients at once.

    Returns how many were `done`, in how many `seconds`, and the `statuses` of their answers.
    """
    wire = [request.encode() for request in requests]
    numbers = iter(range(min(count, MOST)))
    next_number = threading.Lock()
    statuses: Counter[str] = Counter()
    deadline = time.monotonic() + LONGEST

    def visit() -> None:
        while time.monotonic() < deadline:
            with next_number:
                number = next(numbers, None)
            if number is None:
                return
            try:
                status = answer(port, wire[number % len(wire)])[9:12].decode()
            except OSError as error:
                status = type(error).__name__
            with next_number:
                statuses[status] += 1

    threads = [threading.Thread(target=visit) for _ in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"done": statuses.total(), "seconds": time.perf_counter() - started, "statuses": statuses}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(drive(**json.loads(line))), flush=True)
