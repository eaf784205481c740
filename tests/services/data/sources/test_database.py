import subprocess
import sys
from pathlib import Path

import pytest

from dog.errors import InvalidInput, NotReady
from dog.services.data.sources.database import Database, find_secret
from tests.databases import PASSWORD, execute
from tests.servers import free_port
from tests.services.data.sources.conftest import Deals


def read(url: str, query: str = "SELECT * FROM deals") -> list[tuple[object, ...]]:
    from sqlalchemy import text  # noqa: PLC0415  # takes a fifth of a second to import

    with Database(url).read() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def sentence(url: str, query: str = "SELECT * FROM deals") -> str:
    """Read, and return the error without the URL before it."""
    with pytest.raises((InvalidInput, NotReady)) as raised:
        read(url, query)
    assert PASSWORD not in raised.value.message
    assert "\n" not in raised.value.message
    return raised.value.message


def test_a_database_is_read_and_cannot_be_written(deals: Deals) -> None:
    deals.add(1)

    assert read(deals.url, "SELECT no, stage FROM deals") == [(1, "Won")]
    sentence(deals.url, "INSERT INTO deals (no) VALUES (2)")
    assert read(deals.url, "SELECT count(*) FROM deals") == [(1,)]


def test_a_function_of_postgresql_cannot_write_either(postgres: str) -> None:
    execute(postgres, "CREATE SEQUENCE numbers")

    assert "read-only transaction" in sentence(postgres, "SELECT nextval('numbers')")


def test_a_missing_table_is_one_sentence(deals: Deals) -> None:
    message = sentence(deals.url, "SELECT * FROM nothing_here")

    assert "nothing_here" in message


def test_a_wrong_password_is_one_sentence_and_is_not_shown(postgres: str) -> None:
    message = sentence(postgres.replace(PASSWORD, "wrong-secret"))

    assert "password authentication failed" in message
    assert "wrong-secret" not in message
    assert "postgresql://dog:***@127.0.0.1" in message


def test_a_server_that_is_away_is_one_sentence() -> None:
    message = sentence(f"postgresql://dog:{PASSWORD}@127.0.0.1:{free_port()}/x?password={PASSWORD}")

    assert "Connection refused" in message


def test_a_missing_driver_is_named_with_the_command_that_installs_it() -> None:
    assert sentence("mysql://h/d").endswith("no driver for mysql is installed: pip install pymysql")
    assert sentence("oracle://h").endswith("pip install oracledb")
    assert sentence("nosuch://h").endswith("install the package of its SQLAlchemy dialect")


def test_without_the_extra_the_command_that_installs_it_is_named(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "from dog.services.data.sources.database import Database\n"
        "Database('sqlite://')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert "reading a database needs SQLAlchemy: pip install 'decision-option-generator[sql]'" in done.stderr


def test_a_file_that_is_missing_is_not_created(tmp_path: Path) -> None:
    for kind in ("sqlite", "duckdb"):
        assert "there is no file" in sentence(f"{kind}:///{tmp_path}/none.db")
    assert not (tmp_path / "none.db").exists()


def test_what_is_no_url_is_refused_without_being_shown() -> None:
    assert "the URL of the database is none" in sentence(PASSWORD)


@pytest.fixture
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_URL", "sqlite://")


def test_a_url_may_be_in_a_variable(_secret: None) -> None:  # noqa: PT019  # it sets the variable
    assert find_secret("env:CRM_URL") == "sqlite://"
    with pytest.raises(InvalidInput, match="the variable NONE of the environment, which env:NONE names, is not set"):
        find_secret("env:NONE")


def test_rows_come_from_postgresql_in_parts(postgres: str) -> None:
    """A result of 300 MB is not fetched whole."""
    from sqlalchemy import text  # noqa: PLC0415  # as above

    query = text("SELECT repeat('x', 1000) FROM generate_series(1, 300000)")
    with Database(postgres).read() as connection, connection.execute(query) as rows:
        before = memory()
        for _ in range(20_000):
            next(rows)
        grown = memory() - before

    assert grown < 50 << 20


def memory() -> int:
    """Return the memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096
