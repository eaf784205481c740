"""Background queues: bounded, in order, nothing lost that can be tried again; one look-up of a key at a time."""

import threading
from collections.abc import Callable

import pytest

from dog.errors import DogError, NotFound
from dog.services import background_tasks
from dog.services.background_tasks import BackgroundQueue, BackgroundResults, BackgroundTasks


class Recorder(BackgroundQueue[int]):
    """Records the batches it is given; `behave` decides what is left of them."""

    def __init__(self, behave: Callable[[list[int]], list[int]] = lambda _: [], delay_seconds: float = 0.0) -> None:
        super().__init__("recorder", limit=4, delay_seconds=delay_seconds)
        self.behave, self.done, self.worked = behave, list[int](), threading.Event()

    def work(self, items: list[int]) -> list[int]:
        left = self.behave(items)
        self.done += [item for item in items if item not in left]
        self.worked.set()
        return left


def test_items_are_processed_in_order_by_the_thread() -> None:
    queue = Recorder()
    assert queue.put(1)
    assert queue.worked.wait(60)
    queue.put(2)
    queue.put(3)
    queue.close()

    assert queue.done == [1, 2, 3]


def test_a_full_queue_refuses_and_what_is_in_work_counts() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def block(_: list[int]) -> list[int]:
        begun.set()
        go_on.wait(60)
        return []

    queue = Recorder(block)
    taken = [queue.put(0)]
    assert begun.wait(60)
    taken += [queue.put(number) for number in range(1, 6)]
    go_on.set()
    queue.close()

    assert taken == [True] * 4 + [False] * 2
    assert queue.done == [0, 1, 2, 3]


def test_what_is_left_is_tried_again_before_what_came_later() -> None:
    queue = Recorder(lambda items: items if len(items) < 2 else [], delay_seconds=10)
    queue.put(1)
    first = queue.flush()
    queue.put(2)

    assert not first
    assert queue.flush()
    assert queue.done == [1, 2]


def test_the_thread_tries_again_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_tasks, "RETRY_SECONDS", 0.01)
    tries, done = list[int](), threading.Event()

    def third_time(items: list[int]) -> list[int]:
        tries.append(len(items))
        if len(tries) < 3:
            return items
        done.set()
        return []

    queue = Recorder(third_time)
    queue.put(1)

    assert done.wait(60)
    queue.close()
    assert tries == [1, 1, 1]


def test_a_bug_costs_its_items_and_no_others() -> None:
    queue = Recorder(lambda items: [1 // item for item in items if not item])
    queue.put(0)
    queue.flush()
    queue.put(1)
    queue.close()

    assert queue.done == [1]


def test_a_closed_queue_refuses() -> None:
    queue = Recorder()
    queue.close()

    assert not queue.put(1)


def test_tasks_that_wait_at_close_are_dropped() -> None:
    tasks, begun, closing, done = BackgroundTasks(), threading.Event(), threading.Event(), list[str]()

    def first() -> None:
        begun.set()
        closing.wait(60)
        done.append("first")

    tasks.put(first)
    tasks.put(lambda: done.append("second"))
    assert begun.wait(60)
    closer = threading.Thread(target=tasks.close)
    closer.start()
    assert tasks._closing.wait(60)
    closing.set()
    closer.join()

    assert done == ["first"]


def test_a_task_that_raises_does_not_end_the_others() -> None:
    tasks, done = BackgroundTasks(), list[int]()
    tasks.put(lambda: done.append(1 // 0))
    tasks.put(lambda: done.append(1))
    tasks.flush()

    assert done == [1]


def test_one_look_up_of_a_key_runs_and_its_result_stays() -> None:
    results, begun, go_on, calls = BackgroundResults(), threading.Event(), threading.Event(), list[int]()

    def look_up() -> str:
        calls.append(1)
        begun.set()
        go_on.wait(60)
        return "found"

    before = results.result(("t", "a"))
    results.start(("t", "a"), look_up)
    assert begun.wait(60)
    results.start(("t", "a"), look_up)
    during = results.result(("t", "a"))
    go_on.set()

    assert (before, during) == ((None, False), (None, True))
    assert results.result(("t", "a"), wait_seconds=10) == ("found", False)
    assert calls == [1]


def test_an_error_is_a_result_and_a_new_look_up_forgets_it() -> None:
    results, error = BackgroundResults(), NotFound("nothing there")

    def fail() -> None:
        raise error

    results.start(("t", "a"), fail)
    first = results.result(("t", "a"), wait_seconds=10)
    results.start(("t", "a"), lambda: 2)

    assert first == (error, False)
    assert results.result(("t", "a"), wait_seconds=10) == (2, False)


def test_a_look_up_with_a_bug_has_an_error_that_names_the_log() -> None:
    results = BackgroundResults()
    results.start(("t", "a"), lambda: 1 // 0)
    found, running = results.result(("t", "a"), wait_seconds=10)

    assert isinstance(found, DogError)
    assert "log has the details" in found.message
    assert not running
