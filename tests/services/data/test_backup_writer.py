"""Backup files as they are written: for their owner alone, whole or not at all, in lines of bounded length."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dog.errors import InvalidInput
from dog.services.data import backup_writer
from dog.services.data.backup import restore_backup, write_backup
from dog.services.data.backup_writer import replacing_file
from dog.services.runtime import Runtime
from dog.storage.store import Store
from dog.storage.tenant_dump import PART_BYTES
from tests.tenant_keys import tenant_keys


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    """Let new files be readable by all, unless they are made otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@pytest.mark.parametrize("name", ["b.ndjson", "b.ndjson.gz"])
@pytest.mark.parametrize("passphrase", [None, b"open sesame"])
def test_only_the_owner_can_read_a_backup_from_its_first_byte(
    tmp_path: Path, name: str, passphrase: bytes | None
) -> None:
    file, unfinished = tmp_path / name, tmp_path / f"{name}.part"
    file.write_text("a file of before, which all can read")
    unfinished.write_text("left by a backup that was killed")

    with replacing_file(file, passphrase) as out:
        before = mode(unfinished)
        out.write(b"first")
        assert (before, mode(unfinished), file.read_text()[:6]) == (0o600, 0o600, "a file")

    assert mode(file) == 0o600
    assert not unfinished.exists()


def test_a_link_in_the_place_of_the_file_is_replaced_and_what_it_names_is_not(tmp_path: Path) -> None:
    named = tmp_path / "named"
    named.write_text("untouched")
    for link in (tmp_path / "b", tmp_path / "b.part"):
        link.symlink_to(named)

    with replacing_file(tmp_path / "b", None) as out:
        out.write(b"backup")

    assert named.read_text() == "untouched"
    assert not (tmp_path / "b").is_symlink()
    assert mode(tmp_path / "b") == 0o600


def test_a_backup_that_fails_leaves_the_file_of_before_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("before")

    with pytest.raises(ZeroDivisionError), replacing_file(tmp_path / "b", b"x") as out:
        assert out.write(bytes(1 << 20)) / 0

    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("b", "before")]


@pytest.mark.parametrize("place", ["no/such/folder/b", "file/b"])
def test_a_place_that_cannot_be_written_is_named_in_one_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(InvalidInput, match=f"{place} cannot be written: "), replacing_file(tmp_path / place, None):
        pass


def test_a_large_key_is_written_in_parts_and_restored_whole(runtime: Runtime, loaded: Store, tmp_path: Path) -> None:
    store, long = loaded, b"x" * (PART_BYTES // 3)
    fields: dict[Any, Any] = {b"%d" % number: long + b"%d" % number for number in range(20)}
    members = {b"c%d" % number: float(number) for number in range(30_000)}
    store.redis.hset("dog:{default:3}:contacts", mapping=fields)
    store.redis.zadd("dog:{default}:resting", members)
    store.redis.sadd("dog:{default:4}:logged", *members)
    store.redis.pexpire("dog:{default:4}:logged", 10**9)
    count = write_backup(runtime, "default", tmp_path / "b")

    restored = restore_backup(runtime, "other", tmp_path / "b")[0]

    lines = (tmp_path / "b").read_bytes().splitlines()
    assert max(map(len, lines)) < 2 * PART_BYTES
    assert count == restored < len(lines) - 10
    assert store.redis.hgetall("dog:{other:3}:contacts") == fields
    resting: Any = store.redis.zrange("dog:{other}:resting", 0, -1, withscores=True)
    assert dict(resting) == members
    assert store.redis.smembers("dog:{other:4}:logged") == members.keys()
    assert 0 < store.redis.pttl("dog:{other:4}:logged") <= 10**9


def test_a_value_that_could_not_be_read_again_is_refused_when_it_is_written(
    runtime: Runtime, loaded: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_writer, "MAX_LINE_BYTES", 1000)
    loaded.redis.hset("dog:{default:3}:contacts", "c", "x" * 1000)

    with pytest.raises(InvalidInput, match="larger than a backup holds"):
        write_backup(runtime, "default", tmp_path / "b")
    assert list(tmp_path.glob("b*")) == []
    assert tenant_keys(runtime.redis, "default")
