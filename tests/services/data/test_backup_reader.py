"""Forged backups: whatever stands in the file, it is refused in one sentence with nothing written, or restored."""

import gzip
import hashlib
import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dog.errors import InvalidInput
from dog.services.data.backup import restore_backup, write_backup
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.connection import Redis, connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store, tenant_names
from dog.storage.tenant_dump import drop_keys
from tests.conftest import event
from tests.tenant_keys import tenant_keys

Lines = list[Any]
HEAD, KEY = 0, 1
MOST_BYTES = 350 << 20
"""What reading any file may add to the memory: a line of 64 MiB is read, parsed and decoded."""


@pytest.fixture
def redis(redis_server: EmbeddedServer) -> Iterator[Redis]:
    """Connect to the server, emptied; what a file holds does not depend on the kind of server."""
    with connect(redis_server.url, timeout_seconds=5) as client:
        client.flushall()
        yield client


@pytest.fixture(scope="session")
def written() -> list[bytes]:
    """Hold the lines of a backup, which is written once."""
    return []


@pytest.fixture
def lines(written: list[bytes], request: pytest.FixtureRequest) -> Lines:
    """Return the lines of a small tenant's backup, without the SHA-256."""
    if not written:
        written += back_up(*map(request.getfixturevalue, ("runtime", "loaded", "tmp_path")))
        request.getfixturevalue("redis").flushall()
    return [orjson.loads(line) for line in written[:-1]]


def back_up(runtime: Runtime, loaded: Store, tmp_path: Path) -> list[bytes]:
    kinds = ("pitch", "win", "pitch", "discard")
    more: dict[str, dict[str, Any]] = {"discard": {"reason": {"trigger": "market"}}}
    events = [event(f"e{n}", kind, f"p{n % 4 + 1}", **more.get(kind, {})) for n, kind in enumerate(kinds)]
    record_feedback(loaded, events, runtime.clock())
    run_recompute(runtime, "default")
    write_backup(runtime, "default", tmp_path / "good")
    return (tmp_path / "good").read_bytes().splitlines()


def write(file: Path, lines: Lines, *, recount: bool = True) -> Path:
    """Write lines as a forger would, with the right SHA-256 and number of keys."""
    if recount and lines and isinstance(lines[-1], dict):
        names = [line[:2] for line in lines[1:-1] if isinstance(line, list)]
        lines = [*lines[:-1], {"keys": sum(a != b for a, b in zip(names, [None, *names], strict=False))}]
    content = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    file.write_bytes(content + orjson.dumps({"sha256": hashlib.sha256(content).hexdigest()}) + b"\n")
    return file


def refusal(runtime: Runtime, file: Path) -> str:
    """Return the sentence by which a file is refused, with nothing written."""
    with pytest.raises(InvalidInput) as refused:
        restore_backup(runtime, "other", file)
    assert refused.value.code == "damaged_backup"
    assert "\n" not in refused.value.message
    assert tenant_keys(runtime.redis, "other") == []
    assert "other" not in tenant_names(runtime.redis)
    return refused.value.message


def b64(text: bytes) -> str:
    return b64encode(text).decode()


def in_tenant(**fields: Any) -> Callable[[Lines], Any]:
    return lambda lines: lines[HEAD]["tenant"].update(fields)


def without(field: str) -> Callable[[Lines], Any]:
    return lambda lines: lines[HEAD]["tenant"].pop(field)


def in_head(**fields: Any) -> Callable[[Lines], Any]:
    return lambda lines: lines[HEAD].update(fields)


def in_foot(number: Any) -> Callable[[Lines], Any]:
    return lambda lines: lines[-1].update(keys=number)


def in_key(place: int, value: Any) -> Callable[[Lines], Any]:
    return lambda lines: lines[KEY].__setitem__(place, value)


def key(partition: Any, name: bytes, kind: str, *values: bytes, expires_ms: Any = -1) -> Callable[[Lines], Any]:
    return lambda lines: lines.insert(KEY, [partition, b64(name), kind, expires_ms, [b64(value) for value in values]])


FORGERIES: list[tuple[Callable[[Lines], Any], str]] = [
    *((in_tenant(partitions=number), "partitions") for number in (0, -1, "64", 64.0, True, None, 1025, 2**40)),
    (without("partitions"), "partitions"),
    *((in_tenant(secret=secret), "secret") for secret in ("", "00", "zz" * 32, "00" * 64, 5, None, ["00" * 32])),
    (without("secret"), "secret"),
    (in_head(tenant=None), "not a backup"),
    (in_head(format="else"), "not a backup"),
    *((in_head(version=number), "version") for number in (0, 2, "1", True, None)),
    *((in_head(schema=number), "schema") for number in (0, 10**6, "1", True, None, 1.0)),
    (in_head(note="x" * 5000), "not a backup"),
    *((in_key(0, number), "partition") for number in (-1, 64, "3", 1.0, True, 2**70)),
    *((in_key(1, name), "not a key") for name in (5, None, "#", "a", True)),
    *((in_key(2, kind), "") for kind in ("list", "stream", "", None, 5, "hash\x00")),
    *((in_key(3, ms), "expiry") for ms in (0, -2, "5", 1.5, True, None, 2**62)),
    *((in_key(4, values), "") for values in ([], "", None, [5], ["#"], [None], "QQ==", [["QQ=="]])),
    (lambda lines: lines.__setitem__(KEY, lines[KEY][:4]), "not a key"),
    (lambda lines: lines.__setitem__(KEY, [*lines[KEY], 1]), "not a key"),
    (key(3, b"contacts", "hash", b"c1"), "hash"),
    (key(3, b"contacts", "set", b"c1"), "does not know"),
    (key(None, b"contacts", "hash", b"c1", b"{}"), "does not know"),
    (key(3, b"products", "hash", b"p1", b"{}"), "does not know"),
    (key(3, b"arrival", "string", b"1", b"2"), "string"),
    (key(None, b"resting", "zset", b"c1", b"soon"), "zset"),
    (key(None, b"resting", "zset", b"c1", b"nan"), "zset"),
    (key(None, b"resting", "zset", b"c1", b"1e400"), "zset"),
    (key(None, b"resting", "zset", b"c1"), "zset"),
    *(
        (key(3, name, "hash", b"a", b"b"), "does not know")
        for name in (
            *(b"contacts}:x", b"contacts:x", b"}:contacts", b"nothing", b"", b":", b"log:", b"log:a:b"),
            *(b"log:\n", b"log:\xff", b"log:{default:3}", b"log: x", b"contacts\x00"),
        )
    ),
    *(
        (key(None, name, "string", b"me"), "does not know")
        for name in (b"lease:recompute", b"fence:recompute", b"late", b"webhook")
    ),
    (lambda lines: lines.insert(KEY, 5), "not a backup"),
    (lambda lines: lines.insert(KEY, None), "not a backup"),
    (lambda lines: lines.insert(KEY, [[[]]]), "not a key"),
    (lambda lines: lines.pop(), "truncated"),
    *((in_foot(number), "as many keys") for number in (0, 10**9, "5", None, True)),
    (lambda lines: lines.insert(KEY, lines[-1]), "not a backup"),
]


@pytest.mark.parametrize(("forge", "why"), FORGERIES, ids=range(len(FORGERIES)))
def test_a_forged_backup_is_refused_in_one_sentence(
    runtime: Runtime, lines: Lines, tmp_path: Path, forge: Callable[[Lines], Any], why: str
) -> None:
    forge(lines)

    assert why in refusal(runtime, write(tmp_path / "b", lines, recount="keys" not in why))


@pytest.mark.parametrize("tenant", ["*", "a?", "", "..", "a}b", "a:b", "A"])
def test_no_name_of_a_tenant_reaches_the_keys_of_others(
    runtime: Runtime, loaded: Store, lines: Lines, tmp_path: Path, tenant: str
) -> None:
    before = sorted(loaded.redis.keys("*"))

    with pytest.raises(InvalidInput, match="tenant must be"):
        restore_backup(runtime, tenant, write(tmp_path / "b", lines))
    assert sorted(loaded.redis.keys("*")) == before


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**66), 2**66) | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(value: Any) -> list[list[Any]]:
    """List the paths to everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [[], *([step, *path] for step, inner in inside for path in places(inner))]


def changed(value: Any, path: list[Any], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_json_anywhere_is_refused_or_restored_whole(
    runtime: Runtime, lines: Lines, tmp_path: Path, data: st.DataObject
) -> None:
    forged = list(lines)
    for _ in range(data.draw(st.integers(1, 2))):
        place = data.draw(st.one_of(st.just(HEAD), st.integers(0, len(forged) - 1)))
        match data.draw(st.sampled_from(("change", "change", "change", "drop", "double", "move"))):
            case "change":
                path = data.draw(st.sampled_from(places(forged[place])))
                forged[place] = changed(forged[place], path, data.draw(ANY_JSON | st.sampled_from(("QQ==", "64", 64))))
            case "drop":
                del forged[place]
            case "double":
                forged.insert(place, forged[place])
            case "move":
                forged.append(forged.pop(place))
        if not forged:
            return
    write(tmp_path / "forged", forged, recount=data.draw(st.booleans()))
    if not is_restored(runtime, tmp_path / "forged"):
        refusal(runtime, tmp_path / "forged")


def is_restored(runtime: Runtime, file: Path) -> bool:
    """Restore a file if it is accepted, and drop the tenant again."""
    try:
        restore_backup(runtime, "other", file)
    except InvalidInput:
        return False
    assert runtime.redis.hkeys("dog:tenants") == [b"other"]
    assert runtime.redis.hget("dog:{other}:head", "restoring") is None
    drop_keys(runtime.redis, tenant_keys(runtime.redis, "other"))
    runtime.redis.hdel("dog:tenants", "other")
    return True


def packed(*parts: tuple[bytes, int]) -> bytes:
    """Pack parts, each repeated that many times, without holding them in memory."""
    return b"".join(gzip.compress(part, 9) * times for part, times in parts)


GOOD_HEAD = orjson.dumps(
    {"format": "dog-backup", "version": 1, "tenant": {"name": "t", "secret": "00" * 32, "partitions": 64}}
)
MEBIBYTE = 1 << 20
BOMBS = {
    "one line of a gigabyte": ((b"A" * MEBIBYTE, 1024),),
    "a head of a gigabyte": ((b'{"format":"dog-backup","version":1,"x":"', 1), (b"A" * MEBIBYTE, 1024)),
    "one key of a gigabyte": ((GOOD_HEAD + b'\n[3,"Y29udGFjdHM=","hash",-1,["', 1), (b"A" * MEBIBYTE, 1024)),
    "a key of 63 MiB": (
        (GOOD_HEAD + b'\n[3,"YXJyaXZhbA==","string",-1,["', 1),
        (b"A" * MEBIBYTE, 63),
        (b'"]]\n', 1),
    ),
    "20 million lists in a key": ((GOOD_HEAD + b'\n[3,"Y29udGFjdHM=","hash",-1,[', 1), (b"[]," * MEBIBYTE, 21)),
    "20 million numbers in a key": ((GOOD_HEAD + b'\n[3,"Y29udGFjdHM=","hash",-1,[', 1), (b"11," * MEBIBYTE, 21)),
    "20 million objects in a line": ((GOOD_HEAD + b"\n[", 1), (b"{}," * MEBIBYTE, 21), (b"{}]\n", 1)),
    "a million texts in a key": (
        (GOOD_HEAD + b'\n[3,"Y29udGFjdHM=","hash",-1,[', 1),
        (b'"QUJDREVGRw==",' * 9_990, 100),
        (b'"QQ=="]]\n', 1),
    ),
    "nested a million deep": ((GOOD_HEAD + b"\n", 1), (b"[" * MEBIBYTE, 1)),
}
READ = """
import sys
from pathlib import Path
from dog.errors import InvalidInput
from dog.services.data.backup_reader import BackupFile

def memory(line):
    return next(int(text.split()[1]) << 10 for text in open("/proc/self/status") if text.startswith(line))

for file in sys.argv[1:]:
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak
    before = memory("VmRSS")
    try:
        BackupFile(Path(file)).verify()
    except InvalidInput as error:
        print(error.code, memory("VmHWM") - before)
"""


def test_a_small_file_does_not_fill_the_memory(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.gz" for number in range(len(BOMBS))]
    for file, bomb in zip(files, BOMBS.values(), strict=True):
        file.write_bytes(packed(*bomb))
        assert file.stat().st_size < 2 * MEBIBYTE

    ran = subprocess.run([sys.executable, "-c", READ, *files], capture_output=True, text=True, check=True)
    answers = [line.split() for line in ran.stdout.splitlines()]

    assert {code for code, _ in answers} == {"damaged_backup"}
    assert {
        name: int(peak) >> 20 for name, (_, peak) in zip(BOMBS, answers, strict=True) if int(peak) > MOST_BYTES
    } == {}
