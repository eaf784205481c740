"""What must hold of a history and of what the server holds at its end; nothing here trusts the service's counters.

Each check yields messages; a run without any is right.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pandas as pd

from dog.core.iso_weeks import week_of
from dog.storage.event_log import read_entry
from tests.faults.checker import check
from tests.simulation.history import History, Sent, VersionRead
from tests.simulation.linearizable import not_linearizable
from tests.simulation.tenant import TENANT
from tests.simulation.world import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """What is stored at the end: events by id as (type, time, product, actor)."""

    counted: Mapping[str, tuple[Any, ...]]
    retracted: frozenset[str]
    archived: Counter[str]
    closed_until_ms: int


def read_final(ground: Ground, data_dir: Path) -> Final:
    """Read the logs of all contacts and the files of the archive."""
    head = ground.redis.hgetall(f"dog:{{{TENANT}}}:head")
    counted: dict[str, tuple[Any, ...]] = {}
    retracted = set()
    for key in ground.redis.scan_iter(f"dog:{{{TENANT}:*}}:log:*", count=1000):
        entries: dict[bytes, bytes] = ground.redis.hgetall(key)  # type: ignore[assignment]  # nothing is decoded
        for entry in entries.values():
            event, event_id = read_entry("", entry), orjson.loads(entry)[0]
            if event is None:
                retracted.add(event_id)
            else:
                counted[event_id] = (event.type.name.lower(), event.occurred_at_ms, event.product_id, event.actor_id)
    files = (data_dir / "archive" / TENANT).glob("*/*.parquet")
    archived = Counter(event_id for file in files for event_id in pd.read_parquet(file)["event_id"])
    return Final(
        counted=counted,
        retracted=frozenset(retracted),
        archived=archived,
        closed_until_ms=int(head.get(b"closed_until_ms", 0)),
    )


def check_all(history: History, final: Final, ground: Ground) -> Iterator[str]:
    """Yield what is wrong."""
    yield from history.faults
    for sent in history.sent.values():
        yield from _once(sent, final)
    unknown = (final.counted.keys() | final.archived.keys()) - history.sent.keys()
    yield from (f"{event_id} was never sent" for event_id in sorted(unknown))
    for event_id in history.forgotten:
        if history.sent[event_id].at_ms >= final.closed_until_ms:
            yield f"{event_id} was acknowledged, then unknown to a retraction"
    yield from _raw(history, final, ground)
    yield from not_linearizable(history, final.closed_until_ms)
    yield from _one_version_each(history.version_reads)
    yield from _never_older(history)
    yield from _published_once(history)


def _once(sent: Sent, final: Final) -> Iterator[str]:
    """Acknowledged: once, with the body that was acknowledged; else at most once; retracted: never."""
    name, stored = sent.event_id, final.counted.get(sent.event_id)
    times = (stored is not None) + final.archived[name]
    acknowledged = [version for version in sent.versions if version.acknowledged_step is not None]
    if len(acknowledged) > 1:
        yield f"{name} was acknowledged with {len(acknowledged)} bodies"
    if times > 1:
        yield f"{name} counts {times} times"
    if acknowledged and sent.retract_sent_step is None and times == 0:
        yield f"{name} was acknowledged and does not count"
    if sent.retracted_step is not None and times:
        yield f"{name} was retracted and counts"
    if acknowledged and stored is not None:
        body = acknowledged[0].body
        wanted = (body["type"], sent.at_ms, body["product_id"], body.get("actor_id"))
        if stored != wanted:
            yield f"{name} is stored as {stored} where {wanted} was acknowledged"


def _raw(history: History, final: Final, ground: Ground) -> Iterator[str]:
    """Look at the raw keys: nothing lost, doubled or torn.

    An archive leaves records in the ledgers that no log has: what `recount` says of them is looked at by the caller.
    """
    kept = {
        sent.event_id: version.body
        for sent in history.sent.values()
        for version in sent.versions
        if version.acknowledged_step is not None
        and sent.retract_sent_step is None
        and sent.at_ms >= final.closed_until_ms
    }
    found = check(ground.embedded.url, kept)
    if found.lost or found.doubled or (found.torn and not final.closed_until_ms):
        yield f"raw keys: {found}"


def _one_version_each(reads: Iterable[VersionRead]) -> Iterator[str]:
    """A version never changes: all answers that name it show the same numbers of a pair."""
    known: dict[tuple[Any, ...], tuple[tuple[float, ...], str]] = {}
    for read in reads:
        for pair, numbers in read.numbers.items():
            where = f"{read.kind} at step {read.ended}"
            first, place = known.setdefault((read.kind, read.version, *pair), (numbers, where))
            if first != numbers:
                yield f"{read.version} has {first} of {pair} in the {place}, and {numbers} in the {where}"


def _never_older(history: History) -> Iterator[str]:
    """A read that begins after another has ended never shows an older version.

    Answers from memory while Redis is away are compared with those of their own process only.
    """
    flipped = dict(history.flips)
    order = {None: -1} | {version: place for place, (version, _) in enumerate(history.flips)}
    for read in history.version_reads:
        if read.version not in order:
            yield f"{read.version} was never published"
            continue
        if read.version is not None and flipped[read.version] > read.ended:
            yield f"{read.process} shows {read.version} at step {read.ended}, before it was published"
        for other in history.version_reads:
            comparable = other.process == read.process or not read.is_degraded
            if comparable and other.ended < read.began and order[other.version] > order[read.version]:
                yield f"{read.process} shows {read.version} at step {read.began}, {other.version} was shown before"
        if not read.is_degraded:
            active = [place for place, (_, step) in enumerate(history.flips) if step < read.began]
            if active and order[read.version] < active[-1]:
                yield f"{read.process} shows {read.version} at step {read.began}, after a newer one was published"


def _published_once(history: History) -> Iterator[str]:
    """Each week is published once, in order."""
    weeks = [week for week, _ in history.weeks]
    if weeks != sorted(set(weeks)):
        yield f"weeks were published in this order: {weeks}"


def expected_weeks(history: History, final: Final, now_ms: int, ground: Ground) -> Iterator[str]:
    """Every week that has ended is published, from the first with an outcome on."""
    if history.weeks and history.weeks[-1][0] != week_of(now_ms, ground.settings(ground.folder).zone) - 1:
        yield f"the last published week is {history.weeks[-1][0]}"


def leftovers(ground: Ground) -> Iterator[str]:
    """Nothing that a job began is left."""
    prefix = f"dog:{{{TENANT}}}:"
    for pattern in ("lease:*", "replay"):
        for key in ground.redis.scan_iter(prefix + pattern, count=1000):
            yield f"{key.decode()} is left"
    if ground.redis.hexists(prefix + "head", "archiving"):
        yield "the archive is left unfinished"
