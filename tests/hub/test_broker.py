"""The broker folder: nothing lost, nothing twice, and no damage on disk stops a worker."""

import logging
import os
import subprocess
import sys
from queue import Empty

import pytest
from kombu import Connection

from hub import broker

pytestmark = pytest.mark.once

PRODUCER = """
import sys
from kombu import Connection
from hub import broker
folder, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Connection("folder://", transport_options={"folder": folder}) as connection:
    queue = connection.SimpleQueue("work")
    for number in range(count):
        queue.put(f"{name}-{number}")
"""
CONSUMER = """
import sys
from kombu import Connection
from hub import broker
with Connection("folder://", transport_options={"folder": sys.argv[1]}) as connection:
    queue = connection.SimpleQueue("work")
    for line in iter(sys.stdin.readline, ""):  # a line from the test: how many at most, how long to wait
        most, seconds = line.split()
        for _ in range(int(most)):
            try:
                message = queue.get(timeout=float(seconds))
            except queue.Empty:
                break
            print(message.payload, flush=True)
            message.ack()
"""


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "not" / "yet" / "there"


@pytest.fixture
def work(folder):
    """A queue in a broker folder."""
    with Connection(f"{broker.SCHEME}://", transport_options={"folder": str(folder)}) as connection:
        queue = connection.SimpleQueue("work")
        yield queue
        queue.close()


def take_all(queue):
    taken = []
    while True:
        try:
            message = queue.get(block=False)
        except queue.Empty:
            return taken
        taken.append(message.payload)
        message.ack()


def test_messages_come_in_order_and_once(work, folder):
    for number in range(20):
        work.put({"number": number})
    assert work.qsize() == 20
    assert [payload["number"] for payload in take_all(work)] == list(range(20))
    assert take_all(work) == []
    assert list(folder.iterdir()) == []


def test_queues_in_one_folder_are_apart(work, folder):
    options = {"folder": str(folder)}
    with Connection(f"{broker.SCHEME}://", transport_options=options) as connection:
        other = connection.SimpleQueue("other.work")
        other.put("theirs")
        work.put("ours")
        assert take_all(work) == ["ours"]
        assert take_all(other) == ["theirs"]
        other.close()


def test_a_missing_folder_is_an_empty_queue_and_comes_back(work, folder):
    work.put("lost with the folder")
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert take_all(work) == []
    assert work.qsize() == 0
    work.put("after")
    assert take_all(work) == ["after"]


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b'{"body": "half', b"\xff\xfe", b"[]", b"null", b"{}", b'{"headers": {}, "properties": []}'],
)
def test_a_broken_file_is_dropped_with_a_line_and_the_next_comes(work, folder, caplog, damage):
    work.put("first")
    broken = folder / "00000000000000000000-1-1.work.msg"
    broken.write_bytes(damage)
    with caplog.at_level(logging.ERROR, "hub.broker"):
        assert take_all(work) == ["first"]
    assert not broken.exists()
    assert [record.getMessage() for record in caplog.records] == [
        "dropped a broken message from the broker folder"
    ]


def test_a_message_is_invisible_until_it_is_whole(work, folder):
    work.put("whole")
    path = next(folder.iterdir())
    path.rename(path.with_name("00000000000000000000-1-1.new"))
    assert take_all(work) == []


def test_a_write_that_fails_leaves_nothing_and_is_an_error(work, folder, monkeypatch):
    work.put("makes the folder")
    take_all(work)
    channel = work.channel

    def disk_full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", disk_full)
    with pytest.raises(OSError, match="No space"):
        channel._put("work", {"body": ""})
    assert list(folder.iterdir()) == []


def test_a_message_not_acknowledged_returns_when_the_consumer_leaves(folder):
    options = {"folder": str(folder)}
    with Connection(f"{broker.SCHEME}://", transport_options=options) as first:
        queue = first.SimpleQueue("work")
        queue.put("again")
        queue.get(block=False)
        queue.close()
    with Connection(f"{broker.SCHEME}://", transport_options=options) as second:
        queue = second.SimpleQueue("work")
        assert take_all(queue) == ["again"]
        queue.close()


def test_two_that_reach_for_one_file_get_it_once(work, folder):
    """The second lists the file before the first removes it."""
    work.put("only one")
    path = next(folder.iterdir())
    assert broker.take(path) is not None
    assert broker.take(path) is None


def test_purge_empties_one_queue(work):
    work.put("a")
    work.put("b")
    assert work.clear() == 2
    with pytest.raises(Empty):
        work.get(block=False)


@pytest.mark.alone
def test_four_producers_and_two_consumers_deliver_each_message_once(folder):
    def start(script, *arguments):
        return subprocess.Popen(
            [sys.executable, "-c", script, str(folder), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(consumer, words):
        consumer.stdin.write(f"{words}\n")
        consumer.stdin.flush()

    consumers = [start(CONSUMER) for _ in range(2)]
    producers = [start(PRODUCER, name, 250) for name in "abcd"]
    for consumer in consumers:
        ask(consumer, "1 60")
    # One each first: a process that is slow to start must not find everything taken.
    taken = [consumer.stdout.readline() for consumer in consumers]
    for consumer in consumers:
        ask(consumer, "1000 0.3")
    for producer in producers:
        producer.communicate(timeout=60)
        assert producer.returncode == 0
    for consumer in consumers:
        output, _ = consumer.communicate("1000 0.3\n", timeout=60)
        assert consumer.returncode == 0
        taken += output.split()
    assert sorted(map(str.strip, taken)) == sorted(f"{name}-{n}" for name in "abcd" for n in range(250))
    assert list(folder.iterdir()) == []
