"""Lists a second of `python -m jobs batch` against lists asked for one by one, in one run.

5,000 contacts with 100 stored options, three models and the 20 rules of `bench_requests`, a tenth of the contacts with
feedback, k = 10. One by one means the use case that the API calls, dry, without HTTP: the API itself is slower.
Prints a Markdown table; a line of `benchmarks/history/batch.ndjson` keeps each run.
"""

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from benchmarks.bench_feedback import embedded, timed
from benchmarks.bench_requests import live
from benchmarks.notes import note
from dog.services.house import House
from dog.services.lists.batch_recommend import write_batch
from dog.services.lists.consider import request_of
from dog.services.lists.recommend import recommend
from dog.services.rows.import_rows import import_rows

CONTACTS, OPTIONS, ASKED = 5_000, 100, 500


def load(house: House) -> None:
    """Load contacts, scores, feedback of a tenth, the policy; publish multipliers."""
    store, zone, random = house.store("default", create=True), house.settings.zone, np.random.default_rng(1)
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
    live(house, range(0, CONTACTS, 10))


def processed(work: Callable[[], object]) -> tuple[float, float]:
    """Time some work: seconds on the wall, seconds of this process."""
    before = time.process_time()
    seconds = timed(work)
    return seconds, time.process_time() - before


def ask(house: House, contacts: int) -> None:
    """Ask for lists one by one."""
    for n in range(contacts):
        recommend(house, "default", request_of(f"c{n}", k=10, dry_run=True, explain="none"))


def measure(house: House) -> dict[str, Any]:
    """Measure both in turn."""
    load(house)
    ask(house, 50)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "lists.parquet")
        batch, batch_cpu = processed(lambda: write_batch(house, "default", path, 10, "recommended", lambda _: None))
        single, single_cpu = processed(lambda: ask(house, ASKED))
    return {
        "what": "batch",
        "lists_a_second": round(CONTACTS / batch),
        "lists_a_core_second": round(CONTACTS / batch_cpu),
        "single_a_second": round(ASKED / single),
        "single_a_core_second": round(ASKED / single_cpu),
        "ratio": round(CONTACTS / batch * single / ASKED, 1),
        "ratio_of_processor_time": round(CONTACTS / batch_cpu * single_cpu / ASKED, 1),
    }


def main() -> None:
    """Print the table."""
    with embedded("standard") as house:
        row = measure(house)
    print(f"| {' | '.join(list(row)[1:])} |\n|{'---|' * (len(row) - 1)}")
    print(f"| {' | '.join(f'{value:,}' for value in list(row.values())[1:])} |", flush=True)
    note("batch", row)


if __name__ == "__main__":
    assert Path("wsgi.py").exists(), "run it from the top of the checkout: make bench"
    main()
