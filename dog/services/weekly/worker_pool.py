"""Processes that sweep partitions at the word of one that leads: it alone holds the lease, gates and publishes.

What they write is seen by nobody before the leader flips the pointer. Where one of them ends, the leader fails, and
the next run goes on from the partitions that were written; where the leader ends, they end at their next word to it.
"""

import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Self

from dog.core.learning.priors import add_sums
from dog.errors import DogError, StoreError
from dog.services.weekly.movement import Movement
from dog.services.weekly.pair_evidence import WeekView
from dog.services.weekly.partition_pass import Edge, Expected, Gathered, Sweep
from dog.storage.connection import connect
from dog.storage.ledgers import Cut
from dog.storage.store import Store, find_tenant

WORD_SECONDS = 5.0
"""How long the leader waits for a word of the others before it prolongs its lease."""
LEAVE_SECONDS = 2.0
REDIS_SECONDS = 30.0
MAX_PROCESSES = 16


@dataclass(frozen=True, slots=True)
class Crew:
    """Processes besides this one, ready to sweep, and how to speak with each; used inside a `with` that ends them."""

    hands: Sequence[tuple[BaseProcess, Connection]]

    @classmethod
    def muster(cls, url: str, tenant: str, processes: int) -> Self:
        """Start processes, each with its own connection; this one counts as one of `processes`."""
        spawn, hands = get_context("spawn"), []
        for _ in range(processes - 1):
            here, there = spawn.Pipe()
            process = spawn.Process(target=_serve, args=(there, url, tenant), daemon=True)
            process.start()
            there.close()  # so that its end is noticed
            hands.append((process, here))
        return cls(hands)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes, whatever they are at."""
        for process, pipe in self.hands:
            pipe.close()
            process.terminate()
        for process, _pipe in self.hands:
            process.join(LEAVE_SECONDS)

    def tell(self, step: str, *arguments: Any) -> None:
        """Have each of the others take a step."""
        for place in range(len(self.hands)):
            self.tell_one(place, step, *arguments)

    def tell_one(self, place: int, step: str, *arguments: Any) -> None:
        """Have one of the others take a step."""
        with suppress(OSError):  # it has ended, which its answer says
            self.hands[place][1].send((step, arguments))

    def answers(self, edge: Edge, share: float) -> list[Any]:
        """Wait for what each of the others answers, in their order; the leader's edge is told its own share meanwhile.

        Raises
        ------
        StoreError
            One of them failed, or was killed.

        """
        found: dict[Connection, Any] = {}
        pipes = [pipe for _, pipe in self.hands]
        while waiting := [pipe for pipe in pipes if pipe not in found]:
            for pipe in wait(waiting, WORD_SECONDS):
                word, said = _hear(pipe)  # type: ignore[arg-type]  # sockets and handles could be waited for too
                if word == "failed":
                    raise StoreError(said)
                if word == "done":
                    found[pipe] = said  # type: ignore[index]  # as above
            edge(share)
        return [found[pipe] for pipe in pipes]


def _hear(pipe: Connection) -> tuple[str, Any]:
    try:
        heard: tuple[str, Any] = pipe.recv()
    except (EOFError, OSError):
        return "failed", "a process of the recompute was killed; run it again, it goes on from there"
    return heard


def _serve(pipe: Connection, url: str, tenant: str) -> None:
    """Take the steps that the leader tells, in a process of one's own, until it has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the leader is told too, and ends this one
    sweep: Sweep | None = None
    with suppress(EOFError, OSError), connect(url, timeout_seconds=REDIS_SECONDS) as redis:
        while True:
            step, arguments = pipe.recv()
            try:
                if step == "begin":
                    sweep = Sweep(Store(redis, find_tenant(redis, tenant)), *arguments)
                else:
                    pipe.send(("done", getattr(sweep, step)(*arguments, lambda share: pipe.send(("edge", share)))))
            except DogError as error:
                pipe.send(("failed", error.message))


ALONE = Crew(())


class SharedSweep:
    """A sweep over all partitions, each process taking a stretch of them; used inside a `with` as a `Sweep` is.

    What it finds is the same to the last bit as what one process finds.
    """

    def __init__(self, crew: Crew, store: Store, cut: Cut, views: Mapping[str, WeekView], product_count: int) -> None:
        self._crew, self._product_count = crew, product_count
        own, *others = stretches(store.tenant.partition_count, len(crew.hands) + 1)
        self._own = Sweep(store, cut, views, product_count, own)
        for place, stretch in enumerate(others):
            crew.tell_one(place, "begin", cut, views, product_count, stretch)

    def __enter__(self) -> Self:
        """Begin."""
        self._own.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Forget what was kept aside; the others do when they begin anew, or end."""
        self._own.__exit__()

    def gather(self, edge: Edge) -> Gathered:
        """Do what `Sweep.gather` does."""
        self._crew.tell("gather")
        found = self._own.gather(edge)
        for part in self._crew.answers(edge, 1.0):
            found.digests.update(part.digests)
            for name, sums in part.sums.items():
                found.sums[name] = add_sums((found.sums[name], sums), self._product_count)
        return found

    def move(self, expected: Mapping[str, Expected], edge: Edge) -> dict[str, Movement]:
        """Do what `Sweep.move` does."""
        self._crew.tell("move", expected)
        movements = self._own.move(expected, edge)
        for part in self._crew.answers(edge, 1.0):
            for name, movement in part.items():
                movements[name].join(movement)
        return movements

    def write(self, version: str, edge: Edge) -> None:
        """Do what `Sweep.write` does."""
        self._crew.tell("write", version)
        self._own.write(version, edge)
        self._crew.answers(edge, 1.0)


def stretches(partition_count: int, processes: int) -> list[range]:
    """Divide the partitions into stretches of as good as the same length.

    Examples
    --------
    >>> stretches(8, 3)
    [range(0, 2), range(2, 5), range(5, 8)]

    """
    ends = [partition_count * number // processes for number in range(processes + 1)]
    return [range(start, end) for start, end in pairwise(ends)]
