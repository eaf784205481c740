"""Draw where the time goes: flame graphs (SVG) of one worker under load and of a recompute; `make profile`.

Sampled from outside by py-spy, which needs leave to look into other processes (root, or ptrace allowed).
"""

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bench_requests import CLIENTS, measure, request_bytes, serve
from benchmarks.list_data import load, make_plain
from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime

FOLDER = Path("benchmarks/profiles")
OPTIONS, CONTACTS, EVENTS, RATE = 200, 500, 200_000, 200


def main() -> None:
    """Draw both, into benchmarks/profiles."""
    FOLDER.mkdir(exist_ok=True)
    for draw in (draw_requests, draw_recompute):
        with tempfile.TemporaryDirectory() as folder:
            environ = {"DOG_DATA_DIR": folder, "DOG_LOG_LEVEL": "error", "DOG_DURABILITY": "standard"}
            runtime = build_runtime(environ, timeout_seconds=JOB_SECONDS)
            try:
                draw(runtime, environ)
            finally:
                runtime.close()


def draw_requests(runtime: Runtime, environ: dict[str, str]) -> None:
    """Sample a worker while clients ask for lists."""
    data = make_plain(OPTIONS, CONTACTS, datetime.now(UTC))
    key = load(runtime, data)
    requests = [request_bytes(key, request) for request in data.requests]
    with serve(runtime, 8323) as server:
        sampled = _sample("requests.svg", ["--pid", str(server.pid), "--subprocesses", "--duration", "8"])
        for _ in range(2):
            measure(8323, requests)
        sampled.wait()
    print(f"{FOLDER / 'requests.svg'}: one worker, {CLIENTS} clients, {OPTIONS} options")


def draw_recompute(runtime: Runtime, environ: dict[str, str]) -> None:
    """Sample a weekly job from its start to its end."""
    store, at = runtime.store("default", create=True), datetime.fromtimestamp(runtime.clock() / 1000 - 8 * 86400, UTC)
    products = [{"product_id": f"p{n}", "category": f"g{n % 20}"} for n in range(OPTIONS)]
    import_rows(store, "products", products, runtime.settings.zone)
    for start in range(0, EVENTS, 1000):
        events = [
            {
                "event_id": f"e{n}",
                "type": "win" if n % 4 == 0 else "pitch",
                "contact_id": f"x{n % 5000}",
                "product_id": f"p{n % OPTIONS}",
                "occurred_at": at.isoformat(),
            }
            for n in range(start, start + 1000)
        ]
        record_feedback(store, events, runtime.clock())
    command = ["--subprocesses", "--", sys.executable, "-m", "jobs", "recompute"]
    _sample("recompute.svg", command, {**os.environ, **environ}).wait()
    print(f"{FOLDER / 'recompute.svg'}: {EVENTS:,} events")


def _sample(name: str, command: list[str], environ: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    words = [str(Path(sys.executable).with_name("py-spy")), "record", "--rate", str(RATE), "--nonblocking"]
    return subprocess.Popen([*words, "--output", str(FOLDER / name), *command], env=environ, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
