"""Load scores of which a contact's rows lie far apart: split by contact into files first, then merged part by part.

Rows are validated once, before they are split. A contact belongs to one part, in which its rows keep their order. The
part of a killed worker is run again and leaves the same scores; what was written before counts as in a second load.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dog.services.data.columns.merge_model import STALE
from dog.services.data.columns.row_table import RowTable
from dog.services.data.columns.score_splitter import ScoreSplitter
from dog.services.data.columns.write_score_part import SplitLoad, write_score_part
from dog.services.data.mapping.mapped_file import MappedFile
from dog.services.data.rejected_rows import Rejects
from dog.services.data.row_values import ERASED_ROW, RowCounts
from dog.services.data.spill import Spill
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.storage.load_records import RUNNING, list_loads
from dog.storage.store import Store

LEAST_PARTS = 64
PART_BYTES = 4 << 20
"""Bytes of a file for each part, 1.5 million rows at most."""
SPLIT_SHARE = 0.5
"""Of the progress that is shown."""


def load_split_scores(
    runtime: Runtime,
    store: Store,
    source: MappedFile,
    tables: Iterable[RowTable],
    counts: RowCounts,
    rejects: Rejects,
    runner: Runner,
) -> Iterator[float]:
    """Load tables of scores, all of a file; add to the counts and the rejected rows; yield the share done."""
    with _open_spill(runtime, store) as spill:
        parts = count_parts(source.data.path.stat().st_size)
        splitter = ScoreSplitter(store, spill, parts, runtime.settings.zone, counts)
        for _ in map(splitter.add, tables):
            runtime.store(store.tenant.name)  # refused once a newer release migrates the data
            yield source.share_read * SPLIT_SHARE
        load = SplitLoad(tenant=store.tenant.name, load=store.load, folder=spill.folder, models=(*splitter.models,))
        for done, written in enumerate(runner.map(write_score_part, range(parts), load), 1):
            counts.add((), accepted=written.accepted, duplicates=written.duplicates)
            splitter.refuse(written.stale, STALE)
            splitter.refuse(written.erased, ERASED_ROW)
            yield SPLIT_SHARE + done / parts * (1 - SPLIT_SHARE)
        splitter.write_refused(source, rejects)


def count_parts(file_bytes: int) -> int:
    """Return a power of two, as the number of partitions is: a part lies in one partition, or has whole ones."""
    parts = LEAST_PARTS
    while parts * PART_BYTES < file_bytes:
        parts *= 2
    return parts


@contextmanager
def _open_spill(runtime: Runtime, store: Store) -> Iterator[Spill]:
    """Keep the files of this load, where its tasks find them; those of killed ones are deleted."""
    root = runtime.settings.data_dir / "scores" / store.tenant.name
    _remove_abandoned(store, root)
    try:
        with Spill(root / store.load).open() as spill:
            yield spill
    finally:
        _remove_abandoned(store, root)


def _remove_abandoned(store: Store, root: Path) -> None:
    """Delete the files of loads that do not run."""
    running = {record.load_id for record in list_loads(store) if record.state == RUNNING}
    for folder in root.glob("*"):
        if folder.name not in running:
            Spill(folder).remove()
