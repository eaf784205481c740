"""How long until the service stands: `import wsgi`, and a second start of `dog serve` up to its first list.

Each is measured some times in processes of their own, on data that are there already, the embedded Redis stopped
before; medians. Prints a Markdown table, and keeps it as a line of JSON.
"""

import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bench_requests import read_answer, request_bytes
from benchmarks.list_data import load, make_plain
from benchmarks.notes import note
from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.storage.embedded import EmbeddedServer

TIMES, OPTIONS, CONTACTS, PORT = 5, 200, 100, 8323
GIVE_UP_SECONDS = 60.0


def import_seconds(environ: dict[str, str]) -> tuple[float, float]:
    """Import the application in a new process: seconds on the wall, and of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import wsgi"], env=environ, check=True)
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    left = EmbeddedServer(Path(environ["DOG_DATA_DIR"]))  # wait until it has ended, too
    left.start()
    left.stop()
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def first_list_seconds(environ: dict[str, str], key: str) -> float:
    """Start the service and ask until a list comes."""
    began = time.perf_counter()
    server = subprocess.Popen([sys.executable, "-m", "dog", "serve"], env=environ, stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - began < GIVE_UP_SECONDS:
            try:
                with socket.create_connection(("127.0.0.1", PORT)) as connection:
                    connection.sendall(request_bytes(key, {"contact_id": "c0", "k": 10}))
                    read_answer(connection)
            except OSError:
                time.sleep(0.01)
            else:
                return time.perf_counter() - began
        raise RuntimeError("the service does not come up")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = {"DOG_DATA_DIR": folder, "DOG_LOG_LEVEL": "error", "DOG_BIND": f"127.0.0.1:{PORT}"}
        environ = {**os.environ, **chosen, "PYTHONPATH": "."}
        runtime = build_runtime(chosen, timeout_seconds=JOB_SECONDS)
        try:
            key = load(runtime, make_plain(OPTIONS, CONTACTS, datetime.now(UTC)))
        finally:
            runtime.close()
        imports = [import_seconds(environ) for _ in range(TIMES)]
        starts = [first_list_seconds(environ, key) for _ in range(TIMES)]
    walls, processors = zip(*imports, strict=True)
    figures = {
        "import_seconds": statistics.median(walls),
        "import_processor_seconds": statistics.median(processors),
        "first_list_seconds": statistics.median(starts),
    }
    print("| import wsgi, s | of the processor, s | second start to the first list, s |\n|---|---|---|")
    print("| " + " | ".join(f"{value:.2f}" for value in figures.values()) + " |")
    note("start", figures)


if __name__ == "__main__":
    assert Path("wsgi.py").exists(), "run it from the top of the checkout: make bench"
    main()
