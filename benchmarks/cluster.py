"""Fill a three-node cluster on loopback, recompute, ask for lists, and show what each node held and did.

`PYTHONPATH=. python -m benchmarks.cluster [PAIRS]` (5,000,000 by default, some ten minutes). Three tables: bytes and
keys of each node, commands of each node by stage, and what the stages took.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from rich.progress import track

from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.weekly.run_recompute import run_recompute
from tests.servers import Server, cluster_url, running_cluster

PRODUCTS, CONTACTS_A_CALL, EVENTS, LISTS = 100, 100, 100_000, 1_000


def main() -> None:
    """Run it all, and print."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    contacts = pairs // PRODUCTS
    with tempfile.TemporaryDirectory() as folder, running_cluster(Path(folder)) as servers:
        environ = {"DOG_REDIS_URL": cluster_url(servers), "DOG_DATA_DIR": folder, "DOG_LOG_LEVEL": "error"}
        runtime = build_runtime({**environ, "DOG_DURABILITY": "standard"}, timeout_seconds=JOB_SECONDS)
        store, zone, chance = runtime.store("default", create=True), runtime.settings.zone, np.random.default_rng(1)
        import_rows(
            store, "products", [{"product_id": f"p{n}", "category": f"g{n % 10}"} for n in range(PRODUCTS)], zone
        )
        stages: list[tuple[str, float, list[int]]] = []

        def stage(name: str, began: float, before: list[int]) -> None:
            done = [after - earlier for after, earlier in zip(calls(servers), before, strict=True)]
            stages.append((name, time.perf_counter() - began, done))

        began, before = time.perf_counter(), calls(servers)
        for start in track(range(0, contacts, CONTACTS_A_CALL), description=f"loading {pairs:,} pairs"):
            some = [f"c{n}" for n in range(start, min(start + CONTACTS_A_CALL, contacts))]
            import_rows(store, "contacts", [{"contact_id": contact} for contact in some], zone)
            scores = chance.random((len(some), PRODUCTS)).tolist()
            rows = [
                {"contact_id": contact, "product_id": f"p{n}", "model": "cf", "score": score, "as_of": "2026-01-01"}
                for contact, of_contact in zip(some, scores, strict=True)
                for n, score in enumerate(of_contact)
            ]
            import_rows(store, "scores", rows, zone)
        stage(f"load {pairs:,} scores", began, before)
        began, before = time.perf_counter(), calls(servers)
        at = datetime.fromtimestamp(runtime.clock() / 1000 - 8 * 86400, UTC).isoformat()
        for start in track(range(0, EVENTS, 1000), description=f"recording {EVENTS:,} events"):
            events = [
                {
                    "event_id": f"e{n}",
                    "type": "win" if n % 4 == 0 else "pitch",
                    "contact_id": f"c{n * 7 % contacts}",
                    "product_id": f"p{n % PRODUCTS}",
                    "occurred_at": at,
                }
                for n in range(start, start + 1000)
            ]
            record_feedback(store, events, runtime.clock())
        stage(f"record {EVENTS:,} events", began, before)
        began, before = time.perf_counter(), calls(servers)
        run_recompute(runtime, "default")
        stage("recompute", began, before)
        began, before = time.perf_counter(), calls(servers)
        for n in range(LISTS):
            recommend(runtime, "default", ListRequest(f"c{n * 13 % contacts}"))
        runtime.shared(DecisionWriter).flush()
        stage(f"{LISTS:,} lists", began, before)
        show(servers, stages)
        runtime.close()


def calls(servers: list[Server]) -> list[int]:
    """Count the commands that each node has carried out."""
    return [int(info(server, "stats")["total_commands_processed"]) for server in servers]


def info(server: Server, section: str) -> dict[str, int]:
    """Ask a node for a section of its figures."""
    with server.connect() as client:
        found: dict[str, int] = client.info(section)
        return found


def show(servers: list[Server], stages: list[tuple[str, float, list[int]]]) -> None:
    """Print the tables."""
    memory = [int(info(server, "memory")["used_memory"]) for server in servers]
    keys = [server.connect().dbsize() for server in servers]
    names = [f"node {number}" for number in range(1, len(servers) + 1)]
    print(f"| | {' | '.join(names)} | largest share |\n|---|{'---|' * (len(names) + 1)}")
    for name, values in (("bytes", memory), ("keys", keys)):
        print(f"| {name} | {' | '.join(f'{value:,}' for value in values)} | {max(values) / sum(values):.1%} |")
    for name, seconds, done in stages:
        shown = " | ".join(f"{count:,}" for count in done)
        print(f"| commands: {name} ({seconds:,.1f} s) | {shown} | {max(done) / sum(done):.1%} |")


if __name__ == "__main__":
    main()
