"""Backup and restore as a user types them: encrypted on request, the passphrase never among the words."""

from collections.abc import Callable
from pathlib import Path

import click.testing
import pytest
from click.testing import CliRunner, Result

from dog.cli.exit_codes import run
from dog.cli.main import dog
from dog.storage.connection import Redis
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import ensure_tenant

Dog = Callable[..., Result]
PASSPHRASE = "open sesame"


@pytest.fixture
def tenant_dog(redis: Redis, redis_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> Dog:
    """Run a command on a server with one tenant, as the command line does, but in this process."""
    ensure_tenant(redis, "default")
    monkeypatch.setenv("DOG_REDIS_URL", redis_server.url)
    monkeypatch.setenv("DOG_DURABILITY", "standard")

    def call(*words: str, typed: str | None = None) -> Result:
        monkeypatch.setattr(click.testing._NamedTextIOWrapper, "isatty", lambda _: typed is not None, raising=False)
        monkeypatch.setattr("sys.argv", ["dog", *words])
        return CliRunner().invoke(click.Command("dog", callback=lambda: run(dog, "dog")), input=typed)

    return call


@pytest.fixture
def passphrase_file(tmp_path: Path) -> str:
    """Write a passphrase to a file."""
    (tmp_path / "passphrase").write_text(f"{PASSPHRASE}\n")
    return str(tmp_path / "passphrase")


def test_a_backup_is_readable_for_its_owner_alone(tenant_dog: Dog, tmp_path: Path) -> None:
    made = tenant_dog("backup", str(tmp_path / "b.gz"))

    assert (made.exit_code, (tmp_path / "b.gz").stat().st_mode & 0o777) == (0, 0o600)
    assert "keep it as safe as Redis" in made.stdout


def test_an_encrypted_backup_is_restored_by_its_passphrase(
    tenant_dog: Dog, tmp_path: Path, passphrase_file: str
) -> None:
    file = str(tmp_path / "b.gz")
    made = tenant_dog("backup", file, "--passphrase-file", passphrase_file)
    restored = tenant_dog("--tenant", "copy", "restore", file, "--passphrase-file", passphrase_file)

    assert "without the passphrase it cannot be restored" in made.stdout
    assert b"secret" not in Path(file).read_bytes()
    assert (restored.exit_code, restored.stdout.splitlines()[0][-14:]) == (0, "never computed")


def test_a_wrong_passphrase_is_refused_in_one_sentence(tenant_dog: Dog, tmp_path: Path, passphrase_file: str) -> None:
    file = str(tmp_path / "b")
    tenant_dog("backup", file, "--passphrase-file", passphrase_file)
    (tmp_path / "wrong").write_text(PASSPHRASE[:-1])
    refused = tenant_dog("--tenant", "copy", "restore", file, "--passphrase-file", str(tmp_path / "wrong"))

    assert refused.exit_code == 1
    assert refused.stderr.strip() == (
        f"error: {file} cannot be restored: the passphrase is wrong, or it is damaged; nothing was written"
    )


def test_the_passphrase_is_asked_for_twice_and_once_to_restore(tenant_dog: Dog, tmp_path: Path) -> None:
    file = str(tmp_path / "b")
    made = tenant_dog("backup", file, "--encrypt", typed=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    restored = tenant_dog("--tenant", "copy", "restore", file, typed=f"{PASSPHRASE}\n")

    assert made.exit_code == restored.exit_code == 0
    assert made.stderr.count("Passphrase:") + made.stderr.count("Repeat for confirmation:") == 2
    assert PASSPHRASE not in made.output + restored.output


def test_without_a_terminal_the_file_of_the_passphrase_is_named(
    tenant_dog: Dog, tmp_path: Path, passphrase_file: str
) -> None:
    made = tenant_dog("backup", str(tmp_path / "b"), "--encrypt")
    tenant_dog("backup", str(tmp_path / "b"), "--passphrase-file", passphrase_file)
    restored = tenant_dog("--tenant", "copy", "restore", str(tmp_path / "b"))

    assert (made.exit_code, restored.exit_code) == (2, 2)
    assert "no terminal to ask for the passphrase; name a file: --passphrase-file FILE" in made.stderr
    assert "--passphrase-file FILE" in restored.stderr


def test_an_empty_passphrase_is_refused(tenant_dog: Dog, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    made = tenant_dog("backup", str(tmp_path / "b"), "--passphrase-file", str(tmp_path / "empty"))

    assert made.exit_code == 2
    assert "the passphrase is empty" in made.stderr
    assert not (tmp_path / "b").exists()
