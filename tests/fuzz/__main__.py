"""`python -m tests.fuzz --cases 200 --seed 1`: every operation of the API with made-up requests, on a service for it.

Ends with 1 where an answer is 5xx, has a status or a body that the document does not name, or an error is not a problem
document.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import orjson

ROOT = Path(__file__).parent.parent.parent
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "errors_are_problem_documents",
)
CONTACTS = [{"contact_id": f"c{number}", "segment": "gold"} for number in range(3)]
PRODUCTS = [{"product_id": f"p{number}", "category": "office", "value": 10} for number in range(5)]
SCORES = [
    {"contact_id": c["contact_id"], "product_id": p["product_id"], "model": model, "score": 0.3, "as_of": "2026-11-01"}
    for c in CONTACTS
    for p in PRODUCTS
    for model in ("frequency", "cf")
]


@contextmanager
def running_service(folder: Path) -> Iterator[str]:
    """Run `dog serve` with a little data while the block lasts; its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOG_")}
    own = {
        "DOG_DATA_DIR": str(folder),
        "DOG_BIND": f"127.0.0.1:{port}",
        "DOG_AUTH": "off",
        "DOG_DURABILITY": "standard",
    }
    environ = {**kept, **own}
    subprocess.run([sys.executable, "-m", "dog", "keys", "create"], env=environ, cwd=ROOT, check=True, stdout=-3)
    with (folder / "service.log").open("w") as log:
        process = subprocess.Popen([sys.executable, "-m", "dog", "serve"], env=environ, cwd=ROOT, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        until_ready(url)
        for path, rows in (("products", PRODUCTS), ("contacts", CONTACTS), ("scores", SCORES)):
            send(f"{url}/v1/{path}", rows)
        event = {"type": "pitch", "contact_id": "c1", "product_id": "p1", "occurred_at": "2026-11-01T10:00:00Z"}
        send(f"{url}/v1/feedback", {"events": [{"event_id": "e1", **event}]})
        send(f"{url}/v1/recommendations", {"contact_id": "c1", "decision_id": "d1"})
        send(f"{url}/v1/jobs/recompute", {})
        yield url
    finally:
        process.terminate()
        process.wait(40)


def until_ready(url: str) -> None:
    """Wait until requests can be served."""
    for _ in range(300):
        try:
            with urlopen(f"{url}/health/ready", timeout=5):
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError("the service does not become ready")


def send(url: str, body: object) -> None:
    """POST JSON."""
    with urlopen(Request(url, orjson.dumps(body), {"Content-Type": "application/json"}), timeout=30):
        pass


def fuzz(folder: Path, cases: int, seed: int, *more: str) -> int:
    """Run schemathesis; its exit code."""
    environ = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.fuzz.checks", "PYTHONPATH": str(ROOT)}
    with running_service(folder) as url:
        command = [str(Path(sys.executable).parent / "schemathesis"), "run", f"{url}/openapi.json"]
        command += ["--checks", ",".join(CHECKS), "--max-examples", str(cases), "--seed", str(seed)]
        command += ["--generation-database", "none", "--warnings", "off", "--continue-on-failure", *more]
        return subprocess.run(command, env=environ, cwd=folder, check=False).returncode


def main() -> None:
    """Read the command line and fuzz."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=200, help="made-up requests for each operation and phase")
    parser.add_argument("--seed", type=int, default=int(datetime.now(UTC).timestamp()))
    given, more = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        raise SystemExit(fuzz(Path(folder), given.cases, given.seed, *more))


if __name__ == "__main__":
    main()
