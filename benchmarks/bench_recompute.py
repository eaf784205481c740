"""The weekly recompute against a raw pass that reads and writes the same keys, in one run.

Writes ledgers of 100 pairs a contact, publishes one week from them, then repeats its reads and writes alone.
Prints a Markdown table; a line of `benchmarks/history/recompute.ndjson` keeps each run.
Arguments: numbers of pairs (1,000,000 where none).
"""

import resource
import sys
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from benchmarks.bench_feedback import embedded, timed
from benchmarks.notes import note
from dog.core.events import OUTCOME, EventType
from dog.services.house import House
from dog.services.week.run_recompute import run_recompute
from dog.storage.catalogue import number_products
from dog.storage.contacts import each_partition, write_arrays
from dog.storage.ledgers import CONTACTS_A_TRIP
from dog.storage.store import Store

PRODUCTS, CONTACTS_A_WRITE = 100, 500
WEEK_MS = 7 * 86_400_000


def fill(store: Store, pairs: int, at_ms: int) -> None:
    """Write the ledgers that a win or loss of each pair in one week leaves behind."""
    random = np.random.default_rng(1)
    number_products(store, [f"category {n}" for n in range(PRODUCTS)])
    for start in track(range(0, pairs // PRODUCTS, CONTACTS_A_WRITE), description=f"writing {pairs:,} pairs"):
        trip = store.trip()
        for contact in range(start, start + CONTACTS_A_WRITE):
            ledger = np.zeros(PRODUCTS, OUTCOME)
            ledger["at"], ledger["product"] = at_ms + np.arange(PRODUCTS), np.arange(PRODUCTS)
            ledger["event"] = random.integers(1, 2**63, PRODUCTS)
            ledger["type"] = np.where(random.random(PRODUCTS) < 0.1, EventType.WIN, EventType.LOSS)
            ledger["score"] = random.random(PRODUCTS)
            digest = store.tenant.contact(f"household-{contact}")
            keys = store.tenant.partition(digest)
            trip.add("SET", keys.contact("outcomes", digest), ledger.tobytes())
            trip.add("SADD", keys.of("logged"), digest)
        trip.send()


def raw_pass(store: Store, policies: list[list[dict[bytes, bytes]]]) -> None:
    """Read every ledger and write every array, policy by policy, partition by partition, and nothing else."""
    for partition, written in (numbered for arrays in policies for numbered in enumerate(arrays)):
        keys, trip = store.keys.partition(partition), store.trip()
        trip.add("SMEMBERS", keys.of("logged"))
        members = sorted(trip.send()[0])
        for start in range(0, len(members), CONTACTS_A_TRIP):
            trip = store.trip()
            trip.add(
                "MGET", *(keys.contact("outcomes", contact) for contact in members[start : start + CONTACTS_A_TRIP])
            )
            trip.send()
        write_arrays(store, "multipliers", "raw:pass", written)


def measure(house: House, pairs: int) -> dict[str, Any]:
    """Measure one week's recompute and the raw pass."""
    store = house.store("default", create=True)
    fill(store, pairs, house.clock() - WEEK_MS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    version: list[str] = []
    seconds = timed(lambda: version.extend(week.version for week in run_recompute(house, "default", force=True)))
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    policies = {key.rsplit(b":", 1)[-1].decode() for key in house.redis.scan_iter(match="*:multipliers:*", count=1000)}
    arrays = [list(each_partition(store, "multipliers", f"{version[-1]}:{policy}")) for policy in sorted(policies)]
    raw = timed(lambda: raw_pass(store, arrays))
    return {
        "what": "recompute",
        "pairs": pairs,
        "policies": len(policies),
        "weeks": len(version),
        "seconds": round(seconds, 2),
        "raw_seconds": round(raw, 2),
        "ratio": round(seconds / raw / len(version), 2),
        "resident_mb": resident // 1024,
        "resident_before_mb": before // 1024,
    }


def main() -> None:
    """Print the table."""
    print("| pairs | policies | weeks | recompute s | raw pass s | a week's ratio | resident MB |")
    print("|---|---|---|---|---|---|---|")
    for pairs in [int(argument) for argument in sys.argv[1:]] or [1_000_000]:
        with embedded("standard") as house:
            row = measure(house, pairs)
        cells = [row[name] for name in ("pairs", "policies", "weeks", "seconds", "raw_seconds", "ratio", "resident_mb")]
        print(f"| {' | '.join(f'{cell:,}' for cell in cells)} |", flush=True)
        note("recompute", row)


if __name__ == "__main__":
    assert Path("wsgi.py").exists(), "run it from the top of the checkout: make bench"
    main()
