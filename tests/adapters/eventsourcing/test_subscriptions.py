"""Subscriptions, beyond what the package's cases ask of them, on every store."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from eventsourcing.persistence import OperationalError, StoredEvent

from awe.adapters.eventsourcing.factory import LogFactory
from awe.adapters.eventsourcing.journal import Journal
from awe.adapters.eventsourcing.recorders import LogApplicationRecorder
from awe.commands.log import EVENTS_PER_CALL, Page

SOON_S = 1.0
"""Far below the second for which the server is asked to wait and the patience of the reader, far above a slice."""


@pytest.fixture
def other_thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


def record(recorder: LogApplicationRecorder, topic: str, first: int, count: int) -> None:
    for begin in range(first, first + count, EVENTS_PER_CALL):
        versions = range(begin, min(begin + EVENTS_PER_CALL, first + count))
        recorder.insert_events([StoredEvent("a", version, topic, b"") for version in versions])


class Counted:
    """Counts what is read of a journal."""

    def __init__(self, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
        self.events = self.calls = 0
        self._read = journal.read
        monkeypatch.setattr(journal, "read", self)

    def __call__(self, after: int, limit: int) -> Page:
        page = self._read(after, limit)
        self.calls += 1
        self.events += len(page.events)
        return page


def test_what_topics_leave_out_is_read_once(factory: LogFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = factory.application_recorder()
    counted = Counted(recorder.journal, monkeypatch)
    record(recorder, "other", 0, 1600)
    with recorder.subscribe(topics=["wanted"]) as subscription:
        for n in range(20):
            record(recorder, "other", 2000 + n, 1)
            record(recorder, "wanted", 3000 + n, 1)
            assert next(subscription).originator_version == 3000 + n
    assert counted.events == 1640
    assert counted.calls <= 4 + 3 * 20


def test_a_blocked_reader_hears_of_an_event_at_once(
    factory: LogFactory, other_thread: ThreadPoolExecutor
) -> None:
    recorder = factory.application_recorder()
    record(recorder, "t", 0, 1)
    with recorder.subscribe(gt=1) as subscription:
        for version in range(1, 4):
            waiting = other_thread.submit(next, subscription)
            assert not waiting.done()
            began = time.monotonic()
            record(recorder, "t", version, 1)
            assert waiting.result(SOON_S).originator_version == version
            assert time.monotonic() - began < SOON_S


def test_a_blocked_reader_that_is_stopped_ends_at_once(
    factory: LogFactory, other_thread: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = factory.application_recorder()
    counted = Counted(recorder.journal, monkeypatch)
    with recorder.subscribe() as subscription:
        waiting = other_thread.submit(lambda: list(subscription))
        while not counted.calls:  # then it is about to wait
            time.sleep(0.001)
        began = time.monotonic()
        subscription.stop()
        assert waiting.result(SOON_S) == []
        assert time.monotonic() - began < SOON_S / 2


def test_i16_a_position_beyond_the_log_is_told(factory: LogFactory) -> None:
    recorder = factory.application_recorder()
    record(recorder, "t", 0, 3)
    with (
        recorder.subscribe(gt=5) as subscription,
        pytest.raises(OperationalError, match=r"Notifications 4 to 5 .* subscribe again from 3"),
    ):
        next(subscription)


def test_pages_follow_each_other_without_gap(factory: LogFactory) -> None:
    recorder = factory.application_recorder()
    record(recorder, "t", 0, 1201)
    with recorder.subscribe(gt=100) as subscription:
        assert [next(subscription).id for _ in range(1101)] == list(range(101, 1202))
