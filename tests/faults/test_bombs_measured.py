"""Small texts that unpack, nest or backtrack: each is refused, or judged, in a tenth of a second and in 50 MB."""

import contextlib
import multiprocessing
import queue
import re
import time
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.faults.rows import Row, Scale

ROW = 31
MOST_MS = 100
MOST_BYTES = 50 << 20
MIB = 1 << 20
SLACK = 10
"""How much longer the short form, tried once on a busy machine, may take."""
PATIENCE_SECONDS = 30

JSON = {
    "brackets": b"[" * MIB,
    "nested objects": b'{"a":' * 200_000,
    "deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "escaped quotes": b'"\\"' * 300_000,
    "deep, then quotes": b"[" * 40 + b'"' * MIB,
    "open text of escapes": b"[" * 40 + b'"\\' * (1 << 19),
    "empty objects": b"[" + b"{}," * 300_000 + b"{}]",
    "small objects, long number": b"[" + b'{"a":1},' * 120_000 + b"9" * 40 + b"]",
    "one number": b"9" * MIB,
    "many names": b"{" + b",".join(b'"%d":1' % n for n in range(80_000)) + b"}",
    "one name twice, at the end": b"{" + b",".join(b'"%d":1' % n for n in range(80_000)) + b',"0":1}',
    "exponent": b"1e" + b"9" * 100_000,
}
NAME = 'name = "a"\n'
TOML = {
    "deep tables": NAME + "a = " + "{b = " * 3000 + "1" + "}" * 3000,
    "deep lists": NAME + "a = " + "[" * 100_000 + "]" * 100_000,
    "dotted key": NAME + ".".join("a" * 50_000) + " = 1",
    "dotted header": NAME + "[" + ".".join("a" * 50_000) + "]",
    "many keys": NAME + "\n".join(f"k{n} = 1" for n in range(90_000)),
    "many tables": NAME + "\n".join(f"[t{n}]" for n in range(90_000)),
    "long number": NAME + "a = " + "9" * 500_000,
    "open text": NAME + 'a = """' + '\\"' * 400_000,
    "many quotes": NAME + "a = " + '"' * 900_000,
    "ten thousand rules": NAME + '[[rules]]\nid = "r"\nthen = {exclude = true}\n' * 10_000,
    "lines": "\n" * MIB,
}
CONDITIONS = {
    "parentheses": "(" * 1900 + "1" + ")",
    "nots": "NOT " * 490 + "true",
    "chain": " OR ".join(["true"] * 280),
    "case": "CASE WHEN " * 190,
    "like": "product.name LIKE '" + "%a" * 900 + "'",
    "list": "product.id IN (" + ",".join("1" * 900) + ")",
    "quotes": "'" * 1999,
    "minus": "-" * 1999 + "1 > 0",
}


def read_toml(text: str) -> None:
    from dog.storage.policy_files import read_policy_toml  # noqa: PLC0415  # loaded by whoever measures

    read_policy_toml(text)


def read_json(body: bytes) -> None:
    from dog.services.data.strict_json import parse_json  # noqa: PLC0415  # loaded by whoever measures

    parse_json(body)


def apply_condition(text: str) -> None:
    """Compile a condition and hold it against a text that makes patterns go back."""
    from dog.core.policy.policy_reader import read_policy  # noqa: PLC0415  # loaded by whoever measures
    from dog.core.policy.policy_rules import check_examples  # noqa: PLC0415

    example = {"name": "e", "product": {"id": "p", "name": "a" * 4000 + "b"}, "expect": {"eligible": True}}
    rules = [{"id": "r", "when": text, "then": {"exclude": True}}]
    check_examples(read_policy({"name": "a", "rules": rules, "examples": [example]}), date(2026, 11, 20))


def read_packed(name: str) -> None:
    """Read a packed file whose one line is a quarter of a gibibyte."""
    from dog.services.data.read_rows import DataFile  # noqa: PLC0415  # loaded by whoever measures

    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        packed = zlib.compressobj(1, wbits=31)
        with path.open("wb") as file:
            file.write(packed.compress(b"contact_id\n" if ".csv" in name else b"\n"))
            for _ in range(256):
                file.write(packed.compress(b"a" * MIB))
            file.write(packed.flush())
        _start()
        list(DataFile(path).rows())


BOMBS: list[tuple[str, Callable[[Any], None], Any]] = [
    *(("JSON, " + name, read_json, body) for name, body in JSON.items()),
    *(("TOML, " + name, read_toml, text) for name, text in TOML.items()),
    *(("condition, " + name, apply_condition, text) for name, text in CONDITIONS.items()),
    *(("packed, " + name, read_packed, name) for name in ("bomb.csv.gz", "bomb.ndjson.gz")),
]
_began = [0.0, 0.0]


def peak_bytes() -> float:
    """Read the most memory this process ever held."""
    status = Path("/proc/self/status").read_text("utf-8")
    [kilobytes] = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return 1024.0 * int(kilobytes)


def _start() -> None:
    _began[:] = [time.process_time(), peak_bytes()]


def measure(number: int, found: "multiprocessing.Queue[tuple[float, float]]") -> None:
    """Read one bomb in a process of its own; the milliseconds of processor time, and the bytes it grew by."""
    from dog.errors import InvalidInput  # noqa: PLC0415  # what is loaded must not count as growth

    _, read, bomb = BOMBS[number]
    read_json(b"{}")
    read_toml(NAME)
    apply_condition("true")
    _start()
    with contextlib.suppress(InvalidInput):
        read(bomb)
    found.put(((time.process_time() - _began[0]) * 1000, peak_bytes() - _began[1]))


def answer_of(process: Any, found: "multiprocessing.Queue[tuple[float, float]]") -> tuple[float, float]:
    """Wait for a process's figures; one that takes half a minute is killed."""
    try:
        return found.get(timeout=PATIENCE_SECONDS)
    except queue.Empty:
        process.kill()
        return PATIENCE_SECONDS * 1000.0, 0.0
    finally:
        process.join()


def run(scale: Scale, seed: int) -> Row:
    """Read every bomb, the best of three in the long form: a shared machine is slow by fits."""
    context = multiprocessing.get_context("spawn")
    took: dict[str, tuple[float, float]] = {}
    for number, (name, _, _) in enumerate(BOMBS):
        tries = []
        for _ in range(3 if scale == "long" else 1):
            found: multiprocessing.Queue[tuple[float, float]] = context.Queue()
            process = context.Process(target=measure, args=(number, found))
            process.start()
            tries.append(answer_of(process, found))
        took[name] = min(tries)
    allowed = MOST_MS if scale == "long" else SLACK * MOST_MS
    over = [name for name, (ms, grown) in took.items() if ms > allowed or grown > MOST_BYTES]
    slowest, largest = max(took, key=lambda name: took[name][0]), max(took, key=lambda name: took[name][1])
    note = f"slowest {took[slowest][0]:.0f} ms ({slowest}), most memory {took[largest][1] / MIB:.0f} MB ({largest})"
    if over:
        note += "; over: " + ", ".join(f"{name} {took[name][0]:.0f} ms {took[name][1] / MIB:.0f} MB" for name in over)
    return Row("bombs", len(BOMBS), seed, len(over), 0, 0, None, note)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_bomb_takes_long_or_much() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
