"""How long the console's pages hold a worker on a tenant of 400,000 pairs."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dog.bootstrap import create_runtime
from dog.config import read_settings
from dog.services.data.import_rows import import_rows
from dog.services.desk.desk_reader import read_desk_figures
from dog.services.feedback.record_feedback import record_feedback
from dog.services.pairs.contact_queue import next_contacts
from dog.services.pairs.pair_query import PairQuery, query_pairs
from dog.services.pairs.pair_table import PairTables, preview_moves
from dog.services.pairs.worklist import find_contacts
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.connection import connect
from dog.storage.embedded import EmbeddedServer

CONTACTS, PRODUCTS, PAIRS_EACH = 20_000, 500, 20
NOW_MS = 1_795_176_000_000  # 2026-11-20, noon


def fill(runtime: Runtime) -> None:
    """Load contacts and products, and pitch each contact twenty of them."""
    store, zone = runtime.store("default", create=True), runtime.settings.zone
    import_rows(store, "products", [{"product_id": f"p{n}", "name": f"Product {n}"} for n in range(PRODUCTS)], zone)
    import_rows(store, "contacts", [{"contact_id": f"c{n}", "name": f"Name {n}"} for n in range(CONTACTS)], zone)
    chance = np.random.default_rng(0)
    for first in range(0, CONTACTS, 25):
        events = []
        for contact in range(first, first + 25):
            for product in chance.choice(PRODUCTS, PAIRS_EACH, replace=False).tolist():
                about = {
                    "contact_id": f"c{contact}",
                    "product_id": f"p{product}",
                    "occurred_at": "2026-11-03T10:00:00Z",
                }
                kind = "win" if chance.random() < 0.2 else "loss"
                events += [
                    {"event_id": f"{contact}-{product}", "type": "pitch", **about},
                    {"event_id": f"{contact}-{product}x", "type": kind, **about},
                ]
        record_feedback(store, events, NOW_MS)
    run_recompute(runtime, "default")


def timed(name: str, what: Callable[[], object], times: int = 5) -> None:
    """Print the median time of a call."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        taken.append(time.perf_counter() - began)
    print(f"{name:52} {1000 * float(np.median(taken)):8.1f} ms")


def main() -> None:
    """Fill a server of its own and measure."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder), "everysec")
        server.start()
        redis = connect(server.url, timeout_seconds=60)
        runtime = create_runtime(
            read_settings({"DOG_POLICY_DIR": "rules", "DOG_DATA_DIR": folder}), redis, lambda: NOW_MS
        )
        try:
            fill(runtime)
            measure(runtime)
        finally:
            runtime.close()
            server.stop()


def measure(runtime: Runtime) -> None:
    """Time what the pages call."""
    tables = PairTables()
    timed("read the table, beside the requests", lambda: PairTables().of(runtime, "default", "recommended", 600), 1)
    table = tables.of(runtime, "default", "recommended", 600)
    if table is None:
        raise SystemExit("no table")
    print(f"{len(table.pairs):,} pairs")
    by_rate, one = PairQuery(sort=("win_rate", True)), PairQuery(contact_id="c77")
    filtered = PairQuery(product="product 7", bounds=[("pitches", "greaterThan", 0)], sort=("multiplier", False))
    timed("a page sorted by win rate", lambda: query_pairs(runtime, "default", table, by_rate, 0, 100))
    timed(
        "a page filtered by product and pitches, sorted",
        lambda: query_pairs(runtime, "default", table, filtered, 0, 100),
    )
    timed("a page of one contact", lambda: query_pairs(runtime, "default", table, one, 0, 100))
    timed("what a curve would move", lambda: preview_moves(table, table.multipliers.settings))
    timed("the desk's figures, beside the requests", lambda: read_desk_figures(runtime, "default"), 1)
    timed("find a contact by a part of the name", lambda: find_contacts(runtime, "default", "name 19999"))
    timed("next contact", lambda: next_contacts(runtime, "default", without=["c1"]))


if __name__ == "__main__":
    main()
