"""One week's recompute in three sweeps over partitions: gather the evidence, move the multipliers, write them.

The priors stand between the first and the second, the sanity gate between the second and the third. What one sweep
hands to the next is kept aside, in memory while it is small, else in a file without a name: memory does not grow
with the pairs, and the ledgers are read once for all policies.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import compress
from typing import Self

import numpy as np

from dog.core.learning.priors import PairSums, Priors, add_sums
from dog.services.weekly.movement import Movement
from dog.services.weekly.pair_evidence import (
    Evolved,
    WeekView,
    evolve,
    multiply,
    pack,
    put_together,
    settle_kinds,
    shift_of,
)
from dog.services.weekly.prefetch import WriteBehind, read_ahead
from dog.services.weekly.spill_buffer import Shelf
from dog.storage.contacts import write_fields
from dog.storage.ledgers import Chunk, Cut, Previous, read_chunks, read_laps, read_previous
from dog.storage.store import Store
from dog.storage.versions import record_written_partitions, written_partitions

PARTITIONS_AN_EDGE = 8
DIGEST_WEIGHTS = np.array(
    [0x8306BDF37922E4FF, 0xF35196BBC152A867, 0x24E7A4F608EC18CD, 0xF2DAB0AED2AC6FD3, 0x4FD42FA03FCD72A9], np.uint64
)
"""One odd number for each 8 bytes of an `OUTCOME` record. They decide the names of versions: never change them."""

Edge = Callable[[float], None]
"""Called after every few partitions with the share done, 0 to 1; what it raises ends the run there."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a policy's multipliers are made from besides the pairs' own evidence.

    Parameters
    ----------
    priors, priors_before
        Fitted to this week, and to the week before (None: there was none).
    baseline_before
        Multipliers until now of pairs without any of their own, one a product.

    """

    priors: Priors
    priors_before: Priors | None
    baseline_before: np.ndarray


@dataclass(slots=True)
class Gathered:
    """What the first sweep found: a digest of each partition's input, each policy's sums by product."""

    digests: dict[int, bytes]
    sums: dict[str, PairSums]


class Sweep:
    """Some partitions' pairs on their way through a week, for several policies at once; used inside a `with`.

    Parameters
    ----------
    store
        Whose pairs.
    cut
        What is seen of the ledgers.
    views
        How each policy looks at the week, by the policy's name.
    product_count
        Products in the catalogue.
    partitions
        Numbers of the partitions.

    """

    def __init__(
        self, store: Store, cut: Cut, views: Mapping[str, WeekView], product_count: int, partitions: Sequence[int]
    ) -> None:
        self._store, self._cut, self._views = store, cut, views
        self._product_count, self._partitions = product_count, partitions
        self._evolved, self._multipliers = Shelf(), Shelf()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget what was kept aside."""
        self._evolved.close()
        self._multipliers.close()

    def gather(self, edge: Edge) -> Gathered:
        """Read the ledgers and bring every pair's evidence to the week's end."""
        found = Gathered({}, {name: add_sums([], self._product_count) for name in self._views})
        for chunk, laps, previous in read_ahead(self._read()):
            found.digests.update(input_digests(chunk))
            settled_at = cache(partial(settle_kinds, chunk))
            for name, view in self._views.items():
                pairs = evolve(chunk, view, laps, previous[name], settled_at)
                parts = (found.sums[name], pairs.sums(self._product_count))
                found.sums[name] = add_sums(parts, self._product_count)
                self._evolved.put(*pairs.take_apart())
            self._tell(edge, chunk.partitions)
        return found

    def _read(self) -> Iterator[tuple[Chunk, np.ndarray, dict[str, Previous | None]]]:
        """Read the ledgers chunk by chunk, with each contact's laps and what the last version held for each policy."""
        later_weeks = next(iter(self._views.values())).later_weeks
        for chunk in read_chunks(self._store, self._cut, self._partitions):
            previous = {
                name: read_previous(self._store, chunk, view.before, name) if view.before is not None else None
                for name, view in self._views.items()
            }
            yield chunk, read_laps(self._store, chunk, later_weeks), previous

    def move(self, expected: Mapping[str, Expected], edge: Edge) -> dict[str, Movement]:
        """Work out every pair's multiplier, and add up what moves."""
        movements = {name: Movement() for name in self._views}
        for name, chunk in self._each_evolved(edge):
            basis, settings = expected[name], self._views[name].settings
            before, after = multiply(chunk, basis.priors, basis.baseline_before, settings)
            movements[name].add(chunk, before, after, shift_of(chunk, basis.priors_before, basis.priors, settings))
            self._multipliers.put(name, {"multiplier": after})
        return movements

    def write(self, version: str, edge: Edge) -> None:
        """Write the multipliers as a version that nobody sees yet, but for what a killed run has written of it."""
        written = {name: written_partitions(self._store, version, name) for name in self._views}
        with WriteBehind() as behind:
            for (name, chunk), (_, after) in zip(self._each_evolved(edge), self._multipliers, strict=True):
                if not written[name].issuperset(chunk.partitions):
                    fields = pack(chunk, after["multiplier"])
                    behind.call(self._write, version, name, chunk.partitions, fields)

    def _each_evolved(self, edge: Edge) -> Iterator[tuple[str, Evolved]]:
        names = list(self._views)
        for place, (label, arrays) in enumerate(self._evolved):
            chunk = put_together(label, arrays)
            yield names[place % len(names)], chunk
            if (place + 1) % len(names) == 0:
                self._tell(edge, chunk.partitions)

    def _write(self, version: str, name: str, partitions: Sequence[int], fields: Mapping[int, Sequence[bytes]]) -> None:
        write_fields(self._store, "multipliers", f"{version}:{name}", fields)
        record_written_partitions(self._store, version, name, partitions)

    def _tell(self, edge: Edge, done: Sequence[int]) -> None:
        first, last = (self._partitions.index(partition) for partition in (done[0], done[-1]))
        if (last + 1) // PARTITIONS_AN_EDGE > first // PARTITIONS_AN_EDGE or last + 1 == len(self._partitions):
            edge((last + 1) / len(self._partitions))


def input_digests(chunk: Chunk) -> Iterator[tuple[int, bytes]]:
    """Hash what a chunk holds of each of its partitions."""
    words = chunk.outcomes.view("<u8").reshape(-1, len(DIGEST_WEIGHTS))
    said = words @ DIGEST_WEIGHTS  # of each record, in 64 bits, what it says
    seen = np.zeros(len(chunk.contacts), bool)  # a contact all of whose events come after the cut is not there yet
    seen[chunk.contact] = True
    starts = np.append(chunk.starts, len(said))
    for partition, span in chunk.spans():
        first, last = starts[np.searchsorted(chunk.contact, [span.start, span.stop])]
        named = hashlib.blake2b(said[first:last].data, digest_size=16)
        named.update(b"".join(compress(chunk.contacts[span], seen[span])))
        yield partition, named.digest()
