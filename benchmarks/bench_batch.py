"""Lists a second of `dog jobs batch` against lists asked of the API over HTTP, in turns in one run.

5,000 contacts with 100 stored options, three models and the 20 plain rules of `list_data`, a tenth of the contacts with
feedback, k = 10. The API runs with one worker and one blocking thread, asked by four clients; what it takes of the
processor is read off its processes. Beside it the use case that the API calls, one contact after the other, dry and
without HTTP. Medians of the rounds. Prints a Markdown table; a line of `benchmarks/history/batch.ndjson` keeps a run.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from benchmarks.bench_feedback import embedded, timed
from benchmarks.bench_requests import SECONDS, measure, request_bytes, serve
from benchmarks.list_data import publish_plain
from benchmarks.notes import note
from benchmarks.process_usage import all_processor_seconds
from dog.services.data.batch_file import write_batch
from dog.services.data.import_rows import import_rows
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.runtime import Runtime
from dog.storage.api_keys import create_key

CONTACTS, OPTIONS, ASKED, ROUNDS, PORT = 5_000, 100, 500, 3, 8323


def load(runtime: Runtime) -> None:
    """Load contacts, scores, feedback of a tenth, the policy; publish multipliers."""
    store, zone, random = runtime.store("default", create=True), runtime.settings.zone, np.random.default_rng(1)
    import_rows(store, "products", [{"product_id": f"p{n}", "category": f"g{n % 20}"} for n in range(OPTIONS)], zone)
    import_rows(store, "contacts", [{"contact_id": f"c{n}", "segment": "gold"} for n in range(CONTACTS)], zone)
    today = datetime.now(UTC).isoformat()
    for first in track(range(0, CONTACTS, 50), description=f"loading {CONTACTS} contacts"):
        names = [f"c{n}" for n in range(first, first + 50)]
        rows = [
            {"contact_id": name, "product_id": f"p{n}", "model": model, "score": score, "as_of": today}
            for name in names
            for model in ("frequency", "cf")
            for n, score in enumerate(random.random(OPTIONS).tolist())
        ]
        churn = [{"contact_id": n, "product_id": "", "model": "churn", "score": 0.3, "as_of": today} for n in names]
        import_rows(store, "scores", [*rows, *churn], zone)
    publish_plain(runtime, range(0, CONTACTS, 10))


def processed(work: Callable[[], object]) -> tuple[float, float]:
    """Time some work: seconds on the wall, seconds of this process."""
    before = time.process_time()
    seconds = timed(work)
    return seconds, time.process_time() - before


def ask(runtime: Runtime, contacts: int) -> None:
    """Ask for lists one by one."""
    for n in range(contacts):
        recommend(runtime, "default", ListRequest(f"c{n}", k=10, dry_run=True, explain="none"))


def compare(runtime: Runtime, out: Path, server: int, requests: Sequence[bytes]) -> dict[str, float]:
    """Measure batch, API and use case in turn: lists a second on the wall, and of processor time."""
    batch, batch_cpu = processed(lambda: write_batch(runtime, "default", out, 10, "recommended", lambda _: None))
    before = all_processor_seconds(server)
    per_second, _, _ = measure(PORT, requests)
    api_cpu = (all_processor_seconds(server) - before) / (per_second * SECONDS)
    single, single_cpu = processed(lambda: ask(runtime, ASKED))
    return {
        "lists_a_second": CONTACTS / batch,
        "lists_a_core_second": CONTACTS / batch_cpu,
        "api_a_second": per_second,
        "api_a_core_second": 1 / api_cpu,
        "single_a_second": ASKED / single,
        "single_a_core_second": ASKED / single_cpu,
        "ratio": CONTACTS / batch / per_second,
        "ratio_of_processor_time": CONTACTS / batch_cpu * api_cpu,
        "ratio_to_single": CONTACTS / batch_cpu * single_cpu / ASKED,
    }


def compare_in_rounds(runtime: Runtime) -> dict[str, Any]:
    """Measure all in turns; medians over the rounds."""
    load(runtime)
    ask(runtime, 50)
    key = create_key(runtime.redis, "default", "bench", ("recommend",), None, datetime.now(UTC))
    requests = [request_bytes(key, {"contact_id": f"c{n}", "k": 10}) for n in range(ASKED)]
    with serve(runtime, PORT) as server, tempfile.TemporaryDirectory() as folder:
        measure(PORT, requests)
        rounds = [compare(runtime, Path(folder, "lists.parquet"), server.pid, requests) for _ in range(ROUNDS)]
    return {
        "what": "batch",
        **{name: round(float(statistics.median(one[name] for one in rounds)), 1) for name in rounds[0]},
    }


def main() -> None:
    """Print the table."""
    with embedded("standard") as runtime:
        row = compare_in_rounds(runtime)
    print(f"| {' | '.join(list(row)[1:])} |\n|{'---|' * (len(row) - 1)}")
    print(f"| {' | '.join(f'{value:,}' for value in list(row.values())[1:])} |", flush=True)
    note("batch", row)


if __name__ == "__main__":
    assert Path("wsgi.py").exists(), "run it from the top of the checkout: make bench"
    main()
