"""Whether what readers saw of a contact's events can have happened in one order.

A contact's state is a set of events; each event is added once and maybe taken back once, so an event only moves forward
through absent, counted, retracted. The history is linearizable if adds, retractions and reads can be put in one order
in which a call that ended before another began stands before it, and each read shows exactly the changes before it.

Every read says of every change whether it stands before or after the read. So the wanted order is an order of a graph
whose edges are these and the real times, and it exists if and only if the graph has no cycle: no search is needed.
A change that nobody saw and that was never acknowledged may not have happened, and is left out.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from tests.simulation.history import History, LogRead, Sent


@dataclass(frozen=True, slots=True)
class Node:
    """A change or a read, and the steps between which it took effect."""

    name: str
    began: float
    ended: float


def not_linearizable(history: History, closed_until_ms: int) -> Iterator[str]:
    """Yield a message for each contact whose history has no order; events of archived weeks leave the log."""
    for contact in sorted({read.contact for read in history.log_reads}):
        reads = [read for read in history.log_reads if read.contact == contact]
        sent = [one for one in history.sent.values() if one.versions and one.contact == contact]
        cycle = find_cycle(reads, [one for one in sent if one.at_ms >= closed_until_ms])
        if cycle:
            yield f"reads of {contact} are not linearizable: {' before '.join(cycle)}"


def find_cycle(reads: Iterable[LogRead], sent: Iterable[Sent]) -> list[str]:
    """Return the names on a cycle of the graph; empty if there is an order."""
    reads = list(reads)
    nodes = {f"read {place}": Node(f"read {place}", read.began, read.ended) for place, read in enumerate(reads)}
    before: dict[str, set[str]] = {name: set() for name in nodes}
    for one in sent:
        for change, seen_by in _changes(one, reads):
            nodes[change.name] = change
            before[change.name] = set()
            for place, seen in enumerate(seen_by):
                first, then = (change.name, f"read {place}") if seen else (f"read {place}", change.name)
                before[then].add(first)
    for node in nodes.values():
        before[node.name] |= {other.name for other in nodes.values() if other.ended < node.began}
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        return [str(name) for name in error.args[1]]
    return []


def _changes(one: Sent, reads: list[LogRead]) -> Iterator[tuple[Node, list[bool]]]:
    """Yield the changes of an event, each with which reads show it."""
    is_there = [one.event_id in read.counted | read.retracted for read in reads]
    is_gone = [one.event_id in read.retracted for read in reads]
    if any(is_there) or one.acknowledged_step is not None:
        acknowledged = math.inf if one.acknowledged_step is None else one.acknowledged_step
        yield Node(f"add {one.event_id}", one.sent_step, acknowledged), is_there
    if any(is_gone) or one.retracted_step is not None:
        began = math.inf if one.retract_sent_step is None else one.retract_sent_step
        ended = math.inf if one.retracted_step is None else one.retracted_step
        yield Node(f"retract {one.event_id}", began, ended), is_gone
