"""Run a large tenant through all heavy jobs, on a Redis Cluster of three nodes and a Dask cluster, by the commands.

`PYTHONPATH=. python -m benchmarks.cluster [CONTACTS] [--local]` (1,000,000 contacts by default, some half an hour; with
`--local` the jobs run in one process). Two tables: what each stage took and held in memory at most, and what each node
holds. All run on this machine.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.large_tenant import write_files
from benchmarks.process_usage import peak_mb, processor_seconds
from tests.servers import Server, cluster_url, running_cluster

WORKERS = 2
LARGE = 1_000_000
"""Contacts from which on a tenant is given 1,024 partitions."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What one command did, and what it took."""

    name: str
    rows: int
    seconds: float
    processor_seconds: float
    largest_mb: float  # of the command, and of the largest worker
    worker_mb: float
    redis_seconds: float


def main() -> None:
    """Run it all, and print."""
    contacts = next((int(text) for text in sys.argv[1:] if text.isdigit()), 1_000_000)
    with tempfile.TemporaryDirectory() as name, running_cluster(Path(name)) as servers, _workers() as (address, pids):
        folder = Path(name)
        environ = {
            **os.environ,
            "DOG_REDIS_URL": cluster_url(servers),
            "DOG_DATA_DIR": name,
            "DOG_DURABILITY": "standard",
            "DOG_LOG_LEVEL": "error",
        }
        if "--local" not in sys.argv:
            environ["DOG_DASK"] = address
        files = write_files(folder, contacts, int(time.time()))
        rows = {file.stem: pq.ParquetFile(file).metadata.num_rows for file in files}
        stages = []

        def stage(label: str, count: int, *command: str) -> None:
            print(f"{label} ...", file=sys.stderr, flush=True)
            stages.append(_run(label, count, command, environ, servers, pids))
            print(_row(stages[-1]), file=sys.stderr, flush=True)

        partitions = "1024" if contacts >= LARGE else "64"
        stage("create the tenant", 1, "dog", "tenants", "create", "default", "--partitions", partitions)
        for file in files:
            kind = file.stem.split("_")[0]
            stage(f"load {file.stem}", rows[file.stem], "dog", "load", kind, str(file))
        stage("recompute", contacts * 10, "jobs", "recompute", "--no-replay")
        stage("batch", contacts, "jobs", "batch", "--out", str(folder / "lists.parquet"))
        stage("export scores", contacts * 300, "dog", "export", "scores", str(folder / "scores_out.parquet"))
        _print(stages, servers, contacts)


def _run(
    label: str,
    rows: int,
    command: Sequence[str],
    environ: dict[str, str],
    servers: Sequence[Server],
    pids: Sequence[int],
) -> Stage:
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak starts again from here
    redis_before, workers_before = _redis_seconds(servers), sum(map(processor_seconds, pids))
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", *command], env=environ)  # our own command
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{label} failed: {' '.join(command)}")
    return Stage(
        name=label,
        rows=rows,
        seconds=time.perf_counter() - began,
        processor_seconds=used.ru_utime + used.ru_stime + sum(map(processor_seconds, pids)) - workers_before,
        largest_mb=used.ru_maxrss / 1024,
        worker_mb=max(map(peak_mb, pids), default=0.0),
        redis_seconds=_redis_seconds(servers) - redis_before,
    )


@contextmanager
def _workers() -> Iterator[tuple[str, list[int]]]:
    """Run a Dask cluster of this machine; yield its address and the processes of its workers."""
    from distributed import LocalCluster  # noqa: PLC0415  # an extra

    with LocalCluster(
        n_workers=WORKERS, threads_per_worker=1, memory_limit=0, dashboard_address="127.0.0.1:0"
    ) as cluster:
        with cluster.get_client() as client:
            pids = list(client.run(os.getpid).values())
        yield cluster.scheduler_address, pids


def _redis_seconds(servers: Sequence[Server]) -> float:
    used = [_info(server, "cpu") for server in servers]
    return sum(one["used_cpu_user"] + one["used_cpu_sys"] for one in used)


def _info(server: Server, section: str) -> dict[str, float]:
    with server.connect() as client:
        found: dict[str, float] = client.info(section)
        return found


def _row(stage: Stage) -> str:
    a_row = (1e6 * seconds / stage.rows for seconds in (stage.processor_seconds, stage.redis_seconds))
    return (
        f"| {stage.name} | {stage.rows:,} | {stage.seconds:,.1f} | {stage.rows / stage.seconds:,.0f} | "
        f"{' | '.join(f'{value:.2f}' for value in a_row)} | {stage.largest_mb:,.0f} | {stage.worker_mb:,.0f} |"
    )


def _print(stages: Sequence[Stage], servers: Sequence[Server], contacts: int) -> None:
    head = ("stage", "rows", "seconds", "rows/s", "processor us/row", "Redis us/row", "command MB", "largest worker MB")
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    print("\n".join(map(_row, stages)), end="\n\n")
    memory = [int(_info(server, "memory")["used_memory"]) for server in servers]
    keys = [server.connect().dbsize() for server in servers]
    print(f"| | {' | '.join(f'node {number}' for number in range(1, len(servers) + 1))} | all |\n|---|---|---|---|---|")
    for name, values in (("bytes", memory), ("keys", keys)):
        print(f"| {name} | {' | '.join(f'{value:,}' for value in values)} | {sum(values):,} |")
    print(f"\n{sum(memory) / (contacts * 100):.1f} bytes a pair of contact and product")


if __name__ == "__main__":
    main()
