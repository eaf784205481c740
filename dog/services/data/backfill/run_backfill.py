"""What follows the split of a back-fill: ids claimed, odd rows settled, products numbered, contacts written."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from dog.services.data.backfill.claim_partition import BackfillTask, claim_partition, find_dependents
from dog.services.data.backfill.settle_rows import Claimant, RowSettlement
from dog.services.data.backfill.split_events import EventSplitter
from dog.services.data.backfill.split_records import CLAIMED, CLOSED, ERASED, NO_NAME
from dog.services.data.backfill.write_partition import DROPPED, WrittenEvents, write_partition
from dog.services.data.import_feedback import FEEDBACK_CHUNK_ROWS
from dog.services.data.row_values import ERASED_ROW, RowCounts, RowOutcome
from dog.services.data.spill import Spill
from dog.services.feedback.screen_names import NameScreen
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.storage.catalogue import number_products, read_numbers
from dog.storage.claims import CLAIM, claim_packed, read_claims, release_unlogged_ids
from dog.storage.event_log import Status
from dog.storage.name_counts import count_unknown_names
from dog.storage.sender import FILE
from dog.storage.store import Store
from dog.storage.week_archive import published_until

Result = TypeVar("Result")

CLAIM_SHARE = 0.25
"""Of the progress."""
TAKEN = (Status.ACCEPTED, Status.DUPLICATE)


class RunningBackfill:
    """A back-fill whose events are split."""

    def __init__(self, runtime: Runtime, store: Store, spill: Spill, splitter: EventSplitter, runner: Runner) -> None:
        self.results: dict[int, RowOutcome] = dict(splitter.rejected)
        """Of the rows that are not plainly accepted or repeated."""
        self._runtime, self._store, self._spill, self._splitter, self._runner = runtime, store, spill, splitter, runner
        self._partitions = range(store.tenant.partition_count)
        self._repeats = np.zeros(0, np.int64)
        self._written: list[WrittenEvents] = []
        self._task = BackfillTask(
            tenant=store.tenant.name,
            load=store.load,
            folder=spill.folder,
            now_ms=runtime.clock(),
            published_until_ms=published_until(store),
        )

    @property
    def rejected(self) -> dict[int, RowOutcome]:
        """The rejected rows."""
        return {row: result for row, result in self.results.items() if result.status is Status.REJECTED}

    def run(self) -> Iterator[float]:
        """Do all; yield the share done."""
        unsettled = []
        for done, claimed in enumerate(self._map(claim_partition), 1):
            self._repeats = np.concatenate([self._repeats, claimed.repeats])
            unsettled.append(claimed.unsettled)
            yield done / len(self._partitions) * CLAIM_SHARE
        self._settle(np.concatenate(unsettled))
        self._number_products()
        self._note_dropped()
        for done, written in enumerate(self._map(write_partition), 1):
            self._written.append(written)
            self.results |= dict.fromkeys(written.erased.tolist(), ERASED_ROW)
            yield CLAIM_SHARE + done / len(self._partitions) * (1 - CLAIM_SHARE)
        if self._splitter.counts:
            count_unknown_names(self._store, self._splitter.counts)

    def add_to(self, counts: RowCounts) -> None:
        """Add the result of all rows."""
        settled = Counter(result.status for result in self.results.values())
        counts.accepted += sum(written.new for written in self._written)
        counts.duplicates += len(self._repeats) + settled[Status.DUPLICATE]
        counts.duplicates += sum(written.known for written in self._written)
        counts.in_published_weeks += sum(written.late for written in self._written)
        counts.add([result for result in self.results.values() if result.status not in TAKEN])
        counts.unknown.update(self._splitter.counts)

    def _map(self, task: Callable[..., Result], *common: Any) -> Iterator[Result]:
        return self._runner.map(task, self._partitions, self._task, *common)

    def _settle(self, unsettled: np.ndarray) -> None:
        """Settle the rows whose id has several bodies or whose name is unknown, and those that name a refused pitch."""
        faults = self._splitter.faults
        pitches = np.unique(np.concatenate([unsettled["event"], np.array(list(faults.values()), np.uint64)]))
        dependents = np.zeros(0, CLAIMED)
        if len(pitches):
            dependents = np.concatenate(list(self._map(find_dependents, pitches)))
            dependents = dependents[~np.isin(dependents["row"], unsettled["row"])]
        rows = np.concatenate([unsettled, dependents])
        rows = rows[np.argsort(rows["row"])]
        ids = list(dict.fromkeys(unsettled["id"].tolist()))
        known = zip(ids, read_claims(self._store, ids), strict=True)
        claims = {event_id: Claimant(*claimed) for event_id, claimed in known if claimed is not None}
        settlement = RowSettlement(claims=claims, hold=self._hold)
        settlement.settle(rows, faults, FEEDBACK_CHUNK_ROWS)
        self._claim_settled(rows, dependents, settlement)
        self.results |= settlement.results
        names = (self._splitter.unknown[row][1] for row in settlement.unscreened & self._splitter.unknown.keys())
        self._splitter.counts -= Counter((one.kind, one.name) for one in names)
        self._repeats = self._repeats[~np.isin(self._repeats, rows["row"])]
        self._uncount_names(rows, settlement.held)

    def _hold(self, rows: Sequence[int]) -> Mapping[int, RowOutcome]:
        """Refuse events with unknown names or keep them waiting, as the tenant's setting says."""
        if not rows:
            return {}
        held = {row: self._splitter.unknown[row] for row in rows}
        screen = NameScreen(runtime=self._runtime, store=self._store, sender=FILE)
        events, names = ({row: both[place] for row, both in held.items()} for place in (0, 1))
        found = screen.hold_back(self._splitter.setting, events, names)  # type: ignore[arg-type]  # of both kinds
        return {row: RowOutcome(result.status, result.code, result.message) for row, result in found.items()}

    def _claim_settled(self, rows: np.ndarray, dependents: np.ndarray, settlement: RowSettlement) -> None:
        """Claim the ids of the settled rows that own them, and release those of events refused with their pitch."""
        owners = rows[np.isin(rows["row"], list(settlement.owners.values()))]
        wanted = np.zeros(len(owners), CLAIM)
        for name in CLAIM.names or ():
            wanted[name] = owners[name]
        claim_packed(self._store, wanted)
        gone = [row for row in dependents if row["id"].tobytes() not in settlement.claims]
        logged_as = [int(row["event"]).to_bytes(8, "little") for row in gone]
        ids, contacts = ([row[name].tobytes() for row in gone] for name in ("id", "contact"))
        release_unlogged_ids(self._store, list(zip(ids, contacts, logged_as, strict=True)))

    def _uncount_names(self, rows: np.ndarray, held: AbstractSet[int]) -> None:
        """Take back what rows name that are refused or held back: it gets no number."""
        for row in rows[rows["flags"] & (CLOSED | ERASED) == 0]:
            if int(row["row"]) in held or self.results[int(row["row"])].status not in TAKEN:
                for place in (int(row["product"]), int(row["replacement"])):
                    if place != NO_NAME:
                        self._splitter.named_in[place, int(row["row"]) // FEEDBACK_CHUNK_ROWS] -= 1

    def _number_products(self) -> None:
        """Assign numbers to the products that have none yet, chunk by chunk, as they come."""
        product_ids = tuple(self._splitter.names.places)
        numbers = read_numbers(self._store, product_ids)
        by_chunk: dict[int, set[str]] = {}
        for (place, chunk), count in self._splitter.named_in.items():
            if count > 0 and product_ids[place] not in numbers:
                by_chunk.setdefault(chunk, set()).add(product_ids[place])
        for _, named in sorted(by_chunk.items()):
            unknown = sorted(named - numbers.keys())
            if unknown:
                numbers |= dict(zip(unknown, number_products(self._store, unknown), strict=True))
        placed = tuple(numbers.get(product_id, NO_NAME) for product_id in product_ids)
        self._task = replace(self._task, product_ids=product_ids, numbers=placed)

    def _note_dropped(self) -> None:
        """Write down which rows the tasks are not to write."""
        settled = [row for row, result in self.results.items() if result.status is not Status.ACCEPTED]
        np.save(self._spill.folder / DROPPED, np.sort(np.concatenate([self._repeats, np.array(settled, np.int64)])))
