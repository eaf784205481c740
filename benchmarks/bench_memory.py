"""Memory in Redis: bytes of a pair, a remembered event id and a logged event, all overheads included.

Loads contacts with 100 products each, scores of three models and one outcome for every pair (the costliest case: a
pair without feedback stores no counts and no multiplier), publishes eight weeks, and asks `MEMORY USAGE` of every key.
Then the large tenant of the cluster's run, in which ten of a contact's hundred pairs have feedback.
Prints a Markdown table; a line of `benchmarks/history/memory.ndjson` keeps each run.
"""

import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench_feedback import embedded
from benchmarks.large_tenant import write_files
from benchmarks.notes import note
from dog.core.events import EventType
from dog.services.data.import_rows import CHUNK_ROWS, import_rows
from dog.services.data.load_file import load_file
from dog.services.feedback.record_feedback import MAX_EVENTS, record_feedback
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.claims import claim_ids
from dog.storage.event_log import Event
from dog.storage.multiplier_versions import read_versions

CONTACTS, PRODUCTS, MODELS, WEEKS = 300, 100, ("frequency", "cf", "fpgrowth"), 8
PAIRS = CONTACTS * PRODUCTS
LARGE_CONTACTS, KEPT = 5_000, 2
IDS = 500_000
WEEK_SECONDS = 7 * 86400
GOALS = {
    "pair, every pair with feedback, eight versions": 64,
    "pair, every pair with feedback, the active version": 64,
    "pair, ten of a contact's hundred with feedback, two versions": 30,
    "remembered id": 48,
    "event": 120,
}


def load(runtime: Runtime) -> None:
    """Load scores and feedback of every pair, and publish a version for each week."""
    store, zone, random = runtime.store("default", create=True), runtime.settings.zone, np.random.default_rng(1)
    pairs = [(f"household-{n // PRODUCTS}", f"category {n % PRODUCTS}") for n in range(PAIRS)]
    today = datetime.fromtimestamp(runtime.clock() / 1000, UTC).date().isoformat()
    for model in MODELS:
        scores = [
            {"contact_id": contact, "product_id": product, "model": model, "score": score, "as_of": today}
            for (contact, product), score in zip(pairs, random.random(PAIRS).tolist(), strict=True)
        ]
        for start in range(0, PAIRS, CHUNK_ROWS):
            import_rows(store, "scores", scores[start : start + CHUNK_ROWS], zone)
    first = runtime.clock() // 1000 - (WEEKS + 1) * WEEK_SECONDS
    events = [
        {
            "event_id": f"pitch-{n % 27}-{contact}-{n}",
            "type": "win" if random.random() < 0.1 else "loss",
            "contact_id": contact,
            "product_id": product,
            "occurred_at": datetime.fromtimestamp(first + n % WEEKS * WEEK_SECONDS, UTC).isoformat(),
        }
        for n, (contact, product) in enumerate(pairs)
    ]
    for start in range(0, len(events), MAX_EVENTS):
        record_feedback(store, events[start : start + MAX_EVENTS], runtime.clock())
    run_recompute(runtime, "default", force=True)


def remember(runtime: Runtime) -> None:
    """Claim many more ids: what a bucket costs is shared by all in it."""
    store = runtime.store("default")
    for start in range(0, IDS, CHUNK_ROWS):
        numbers = range(start, start + CHUNK_ROWS)
        events = [
            Event(
                event_id=f"id-{n}",
                type=EventType.LOSS,
                contact_id=f"household-{n % CONTACTS}",
                product_id="category 1",
                occurred_at_ms=n,
            )
            for n in numbers
        ]
        claim_ids(store, events, [2900] * CHUNK_ROWS)


def one_in_ten() -> float:
    """Return the bytes of a pair with the newest versions that Redis keeps beside an archive, two policies each."""
    with tempfile.TemporaryDirectory() as folder, embedded("standard") as runtime:
        runtime.store("default", create=True)
        for file in write_files(Path(folder), LARGE_CONTACTS, int(time.time())):
            load_file(runtime, "default", file.stem.split("_")[0], file)
        run_recompute(runtime, "default", force=True)
        versions = read_versions(runtime.store("default"))[:KEPT]
        taken = bytes_by_class(runtime, "scores:*")["scores"]
        taken += sum(bytes_by_class(runtime, f"*{version.version}*").total() for version in versions)
        return taken / (LARGE_CONTACTS * PRODUCTS)


def bytes_by_class(runtime: Runtime, match: str = "*") -> Counter[str]:
    """Add up the bytes of the keys that match, class by class."""
    keys = list(runtime.redis.scan_iter(match=f"dog:{{default*:{match}", count=1000))
    found: Counter[str] = Counter()
    for start in range(0, len(keys), 1000):
        pipeline = runtime.redis.pipeline(transaction=False)
        for key in keys[start : start + 1000]:
            pipeline.memory_usage(key, samples=0)
        for key, taken in zip(keys[start : start + 1000], pipeline.execute(), strict=True):
            found[key.split(b":")[2 if key.split(b":")[1].endswith(b"}") else 3].decode()] += taken or 0
    return found


def main() -> None:
    """Print the table."""
    with embedded("standard") as runtime:
        load(runtime)
        taken = bytes_by_class(runtime)
        remember(runtime)
        ids = bytes_by_class(runtime)["ids"] / (PAIRS + IDS)
        versions = len(read_versions(runtime.store("default")))
    scores, counted = taken["scores"] / PAIRS, taken["multipliers"] / PAIRS
    found: dict[str, float] = {
        "pair, every pair with feedback, eight versions": scores + counted,
        "pair, every pair with feedback, the active version": scores + counted / versions,
        "pair, ten of a contact's hundred with feedback, two versions": one_in_ten(),
        "remembered id": ids,
        "event": sum(taken[name] for name in ("log", "outcomes", "verdicts", "logged")) / PAIRS,
    }
    print(f"{PAIRS:,} pairs, {len(MODELS)} models, {versions} versions; {PAIRS + IDS:,} ids\n")
    print("| bytes of a | measured | goal |\n|---|---|---|")
    for name, size in found.items():
        print(f"| {name} | {size:.1f} | {GOALS[name]} |")
    row: dict[str, Any] = {"pairs": PAIRS, "versions": versions, "scores": scores, "multipliers": counted, **found}
    note("memory", {"what": "memory", **{name: round(value, 2) for name, value in row.items()}})


if __name__ == "__main__":
    assert Path("wsgi.py").exists(), "run it from the top of the checkout: make bench"
    main()
