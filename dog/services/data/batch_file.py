"""Ranked lists of all contacts in one file, or in a folder with a file a part."""

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dog.errors import InvalidInput
from dog.services.data.batch_recommend import NUMBERS, WHOLE, Batch, open_batch, plan_parts, rank_part
from dog.services.data.table_files import csv_line, csv_lines
from dog.services.data.unfinished_file import unfinished_file
from dog.services.runner import LocalRunner, Runner
from dog.services.runtime import Runtime

if TYPE_CHECKING:
    import pyarrow as pa

PART_FILES = "part-*.parquet"


def write_batch(
    runtime: Runtime,
    tenant: str,
    out: Path,
    k: int,
    policy: str | None,
    report: Callable[[float], None],
    *,
    batch_id: str | None = None,
    runner: Runner | None = None,
) -> int:
    """Write the lists of every contact to a Parquet or CSV file, whole or not at all; return the number of rows.

    A path without an ending is a folder: each part becomes a Parquet file of its own. The rows and their order do not
    depend on the runner, by default this process; the leader holds some parts at a time. With a batch's id the lists
    are served: kept as decisions and counted as laps, once for each id.

    Raises
    ------
    InvalidInput
        The ending is neither .parquet nor .csv.
    NotFound
        The policy is not active.
    Conflict
        The batch's id was used with another `k` or policy.

    """
    if out.suffix not in (".parquet", ".csv", ""):
        raise InvalidInput(f"{out.name}: the ending must be .parquet or .csv, or none for a folder")
    batch, parts = open_batch(runtime, tenant, k, policy, batch_id), plan_parts(runtime.store(tenant))
    encoded = (runner or LocalRunner(runtime)).map(encode_part, parts, batch, out.suffix or ".parquet", edge=report)
    return _write_folder(out, encoded) if out.suffix == "" else _write_file(out, encoded, batch)


def encode_part(runtime: Runtime, part: range, batch: Batch, ending: str) -> tuple[int, bytes]:
    """Rank the contacts of some partitions; return the number of rows, and them as lines of CSV or a Parquet file."""
    columns = rank_part(runtime, part, batch)
    if ending == ".csv":
        return len(columns[0]), "".join(csv_lines(columns)).encode()
    import pyarrow as pa  # noqa: PLC0415  # a fifth of a second to import, for Parquet alone
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    content = io.BytesIO()
    pq.write_table(pa.table(dict(zip(batch.columns, columns, strict=True)), _schema(batch)), content)
    return len(columns[0]), content.getvalue()


def _schema(batch: Batch) -> "pa.Schema":
    import pyarrow as pa  # noqa: PLC0415  # as above

    kinds = {**dict.fromkeys(WHOLE, pa.int64()), **dict.fromkeys(NUMBERS, pa.float64())}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in batch.columns])


def _write_file(out: Path, parts: Iterator[tuple[int, bytes]], batch: Batch) -> int:
    """Join the parts to one file."""
    count = 0
    with unfinished_file(out) as unfinished, _opened(unfinished, batch, csv=out.suffix == ".csv") as add:
        for rows, content in parts:
            add(content)
            count += rows
    return count


@contextmanager
def _opened(path: Path, batch: Batch, *, csv: bool) -> Iterator[Callable[[bytes], object]]:
    """Open a file; yield the function that adds a part."""
    if csv:
        with path.open("wb") as lines:
            lines.write(csv_line(batch.columns).encode())
            yield lines.write
        return
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    with pq.ParquetWriter(path, _schema(batch)) as writer:
        yield lambda content: writer.write_table(pq.read_table(io.BytesIO(content)))


def _write_folder(out: Path, parts: Iterator[tuple[int, bytes]]) -> int:
    """Write a file a part; those of an earlier batch stay until all are written."""
    out.mkdir(parents=True, exist_ok=True)
    count = 0
    with ExitStack() as files:
        for number, (rows, content) in enumerate(parts):
            unfinished = files.enter_context(unfinished_file(out / f"part-{number:05}.parquet"))
            unfinished.write_bytes(content)
            count += rows
        for old in out.glob(PART_FILES):
            old.unlink()
    return count
