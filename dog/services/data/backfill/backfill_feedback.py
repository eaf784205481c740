"""Load history in bulk: split by partition, claim the ids, settle what is odd, write contact by contact.

Each event is claimed and written by scripts, once; so a back-fill that was killed is completed by loading the same file
again, and rows that are loaded already count as duplicates. Counts, lines and words are those of a load row by row.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from dog.services.data.backfill.read_numbered import read_numbered, split_source
from dog.services.data.backfill.run_backfill import RunningBackfill
from dog.services.data.backfill.split_events import EventSplitter
from dog.services.data.import_feedback import FEEDBACK_CHUNK_ROWS
from dog.services.data.rejected_rows import RefusedLines, Rejects
from dog.services.data.row_source import RowSource
from dog.services.data.row_values import RowCounts, RowOutcome
from dog.services.data.spill import Spill
from dog.services.job_lease import hold_lease, repeated
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.storage.backfill_fence import FENCE_MS, complete_backfill, drop_fence, keep_fence, raise_fence
from dog.storage.store import Store

LEASES = ("backfill", "archive")
"""Jobs that must not run meanwhile; two back-fills must not either."""
SPLIT_SHARE = 0.5
"""Of the progress that is shown."""


def backfill_feedback(
    runtime: Runtime, store: Store, source: RowSource, counts: RowCounts, rejects: Rejects, runner: Runner
) -> Iterator[float]:
    """Load all rows of a source; add to the counts and the rejected rows; yield the share done.

    Meanwhile other feedback of the tenant is refused: `StoreUnavailable` with code `being_backfilled`.
    """
    folder = runtime.settings.data_dir / "backfill" / store.tenant.name  # where its tasks find the files
    with _holding(runtime, store), Spill(folder).open() as spill:
        splitter = EventSplitter(runtime, store, spill)
        for _ in split_source(runtime, source, splitter):
            yield source.share_read * SPLIT_SHARE
        running = RunningBackfill(runtime, store, spill, splitter, runner)
        for share in running.run():
            yield SPLIT_SHARE + share * (1 - SPLIT_SHARE)
        running.add_to(counts)
        _reject(source, running.rejected, rejects)
        complete_backfill(store)
    yield 1.0


def _reject(source: RowSource, rejected: dict[int, RowOutcome], rejects: Rejects) -> None:
    """Write the rejected rows in the order of the file, chunk by chunk: a line names only lines up to its chunk."""
    refused = RefusedLines()
    for chunk in read_numbered(source, sorted(rejected), FEEDBACK_CHUNK_ROWS):
        rows = [row for _, row in chunk]
        rejects.add(rows, refused.name_lines(rows, [rejected[number] for number, _ in chunk]))


@contextmanager
def _holding(runtime: Runtime, store: Store) -> Iterator[None]:
    """Hold leases and fence."""
    with ExitStack() as stack:
        for name in LEASES:
            hold_lease(stack, runtime, store, name)
        raise_fence(store)
        stack.callback(drop_fence, store)
        stack.enter_context(repeated(FENCE_MS / 4000, lambda: keep_fence(store)))
        yield
