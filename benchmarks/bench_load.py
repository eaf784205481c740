"""Loads of scores: rows a second by the shape of the file, against a floor of bare reading and writing.

Each load runs in a process of its own, into an embedded server that syncs every write. The floor, in the same process
before it, reads the Parquet file with pyarrow and writes arrays of the same size with HSET, 1,000 a command. Trust the
processor time a row: the wall is shared with the server and with what else runs. Prints a Markdown table; a line of
`benchmarks/history/load.ndjson` keeps each run.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from benchmarks.bench_feedback import embedded
from benchmarks.notes import note
from dog.services.data.load_file import load_large_scores
from dog.services.data.loads.file_load import FileLoad
from dog.services.data.mapping.mapped_file import open_mapped
from dog.services.data.rejected_rows import RejectedRows
from dog.services.data.row_values import RowCounts
from dog.services.runner import LocalRunner
from dog.services.runtime import Runtime

FIELDS_A_COMMAND = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A file of scores of one model."""

    contacts: int
    products: int  # of each contact; 1: a score of the contact
    form: str = "parquet"
    is_shuffled: bool = False

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.contacts * self.products


SHAPES = {
    "by contact": Shape(contacts=20_000, products=100),
    "random order": Shape(contacts=20_000, products=100, is_shuffled=True),
    "random order, more contacts": Shape(contacts=100_000, products=20, is_shuffled=True),
    "one row a contact": Shape(contacts=400_000, products=1),
    "CSV by contact": Shape(contacts=10_000, products=100, form="csv"),
    "NDJSON by contact": Shape(contacts=5_000, products=100, form="ndjson"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a load took: rows a second of the wall, microseconds of the processor a row, and the most memory."""

    rows_a_second: float
    process_us: float
    redis_us: float
    floor_rows_a_second: float
    floor_process_us: float
    floor_redis_us: float
    most_mb: float


def write_file(shape: Shape, folder: Path) -> Path:
    """Write the file of a shape."""
    random, path = np.random.default_rng(1), folder / f"scores.{shape.form}"
    order = random.permutation(shape.rows) if shape.is_shuffled else np.arange(shape.rows)
    contacts = pa.array([f"contact-{n:07}" for n in range(shape.contacts)]).take(pa.array(order // shape.products))
    columns = {"contact_id": contacts}
    if shape.products > 1:
        names = pa.array([f"product-{n:03}" for n in range(shape.products)])
        columns["product_id"] = names.take(pa.array(order % shape.products))
    table = pa.table(
        columns
        | {
            "model": pa.repeat("cf", shape.rows),
            "score": pa.array(random.random(shape.rows)),
            "as_of": pa.repeat("2026-11-20T00:00:00Z", shape.rows),
        }
    )
    if shape.form == "parquet":
        pq.write_table(table, path)
    elif shape.form == "csv":
        pa_csv.write_csv(table, path, pa_csv.WriteOptions(quoting_style="none"))
    else:
        table.to_pandas().to_json(path, orient="records", lines=True, double_precision=15)
    return path


def load(runtime: Runtime, path: Path) -> None:
    """Load a file, without describing the scores afterwards."""
    store = runtime.store("default", create=True)
    source = open_mapped("scores", path)
    counts, rejects = RowCounts(), RejectedRows(source)
    with FileLoad(runtime, store, "scores", path.name) as running:
        for _ in load_large_scores(runtime, running.store, source, counts, rejects, LocalRunner(runtime)):
            running.note(counts)
    assert counts.accepted == counts.total


def floor(runtime: Runtime, path: Path, shape: Shape) -> None:
    """Read the columns of a Parquet file, and write arrays of the size that its scores have."""
    if path.suffix == ".parquet":
        for batch in pq.ParquetFile(path).iter_batches(batch_size=250_000):
            assert len(batch)
    names, array = os.urandom(16 * shape.contacts), os.urandom(8 + 8 * shape.products)
    store = runtime.store("default", create=True)
    for start in range(0, shape.contacts, FIELDS_A_COMMAND):
        places = range(16 * start, 16 * min(start + FIELDS_A_COMMAND, shape.contacts), 16)
        key = store.keys.partition(start // FIELDS_A_COMMAND % 64).of("scores", "floor")
        store.execute("HSET", key, *(one for place in places for one in (names[place : place + 16], array)))


def timed(runtime: Runtime, call: Callable[[], None], rows: int) -> tuple[float, float, float]:
    """Return rows a second, and microseconds of this process and of the server for each row."""

    def server_seconds() -> float:
        found = runtime.redis.info("cpu")
        return float(found["used_cpu_user"]) + float(found["used_cpu_sys"])

    server, own, start = server_seconds(), time.process_time(), time.perf_counter()
    call()
    wall, own = time.perf_counter() - start, time.process_time() - own
    return rows / wall, own / rows * 1e6, (server_seconds() - server) / rows * 1e6


def measure(shape: Shape, path: Path) -> Measured:
    """Load the file of a shape into a fresh server, after the floor."""
    with embedded("strict") as runtime:
        bare = timed(runtime, lambda: floor(runtime, path, shape), shape.rows)
        real = timed(runtime, lambda: load(runtime, path), shape.rows)
    most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(
        rows_a_second=real[0],
        process_us=real[1],
        redis_us=real[2],
        floor_rows_a_second=bare[0],
        floor_process_us=bare[1],
        floor_redis_us=bare[2],
        most_mb=most_mb,
    )


def main(chosen: str = "") -> None:
    """Print the table; `chosen` is a part of the names of shapes."""
    print("| file | rows | rows/s | process us/row | Redis us/row | floor rows/s | floor us/row | MB |")
    print("|---|---|---|---|---|---|---|---|")
    for name, shape in SHAPES.items():
        if chosen not in name:
            continue
        with (
            tempfile.TemporaryDirectory() as folder,
            ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool,
        ):
            path = pool.submit(write_file, shape, Path(folder)).result()
            found = pool.submit(measure, shape, path).result()
        print(
            f"| {name} | {shape.rows:,} | {found.rows_a_second:,.0f} | {found.process_us:.2f} | {found.redis_us:.2f} | "
            f"{found.floor_rows_a_second:,.0f} | {found.floor_process_us:.2f} + {found.floor_redis_us:.2f} | "
            f"{found.most_mb:.0f} |",
            flush=True,
        )
        note("load", {"what": name, "rows": shape.rows, **{key: round(it, 3) for key, it in asdict(found).items()}})


if __name__ == "__main__":
    assert Path("wsgi.py").exists(), "run it from the top of the checkout: PYTHONPATH=. python -m benchmarks.bench_load"
    main(*sys.argv[1:])
