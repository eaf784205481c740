"""Connect to a database by SQLAlchemy: read-only, row by row; what goes wrong is one sentence without the password."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dog.config import masked
from dog.errors import InvalidInput, NotReady
from dog.extras import install_extra

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

ENVIRONMENT = "env:"
"""How a text begins that names a variable of the environment which has it."""
FETCHED_ROWS = 5_000
"""Rows that are in memory before they are mapped."""
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "mysql": "mysql+pymysql"}
PACKAGES = {
    "postgresql": install_extra("sql"),
    "duckdb": install_extra("sql"),
    "mysql": "pip install pymysql",
    "mariadb": "pip install pymysql",
    "mssql": "pip install pyodbc",
    "oracle": "pip install oracledb",
    "snowflake": "pip install snowflake-sqlalchemy",
    "bigquery": "pip install sqlalchemy-bigquery",
    "redshift": "pip install sqlalchemy-redshift",
}
"""How to install the driver of a database; SQLite needs none."""
READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "mysql": "SET TRANSACTION READ ONLY",
    "mariadb": "SET TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}
MAX_MESSAGE = 300
CONNECT_SECONDS = 15


def find_secret(text: str) -> str:
    """Return a text as it is stated, or that of the variable which `env:NAME` names."""
    if not text.startswith(ENVIRONMENT):
        return text
    name = text.removeprefix(ENVIRONMENT)
    if not os.environ.get(name):
        raise InvalidInput(f"the variable {name} of the environment, which {text} names, is not set")
    return os.environ[name]


class Database:
    """A database under a URL; nothing is connected before it is used."""

    def __init__(self, stated: str) -> None:
        """`stated`: a URL, or `env:NAME`."""
        try:
            import sqlalchemy  # noqa: PLC0415  # an extra
        except ImportError:
            raise NotReady(f"reading a database needs SQLAlchemy: {install_extra('sql')}") from None
        self._errors = sqlalchemy.exc.SQLAlchemyError
        self._create, self._text = sqlalchemy.create_engine, sqlalchemy.text
        try:
            url = sqlalchemy.make_url(find_secret(stated))
        except (sqlalchemy.exc.ArgumentError, ValueError):
            raise InvalidInput(
                "the URL of the database is none; write it as postgresql://USER:PASSWORD@HOST/DATABASE, "
                "sqlite:///FILE or duckdb:///FILE, or name the variable that has it: env:NAME"
            ) from None
        self.kind = url.get_backend_name() if url.drivername not in DRIVERS else DRIVERS[url.drivername].split("+")[0]
        self._url: URL = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
        self.name = masked(url.render_as_string(hide_password=True))
        """The URL without its password."""

    @contextmanager
    def read(self) -> Iterator["Connection"]:
        """Connect for reading; rows come from the server in parts."""
        with self._connected(read_only=True) as connection:
            options: dict[str, Any] = {"yield_per": FETCHED_ROWS}
            if self.kind == "postgresql":
                options["postgresql_readonly"] = True
            reading = connection.execution_options(**options)
            if self.kind in READ_ONLY:
                reading.execute(self._text(READ_ONLY[self.kind]))
            yield reading

    @contextmanager
    def write(self) -> Iterator["Connection"]:
        """Connect for one transaction, which is committed at the end of the block."""
        with self._connected(read_only=False) as connection, connection.begin():
            yield connection

    @contextmanager
    def _connected(self, *, read_only: bool) -> Iterator["Connection"]:
        engine = self._engine(read_only=read_only)
        try:
            with engine.connect() as connection:
                yield connection
        except self._errors as error:
            raise InvalidInput(f"{self.name}: {self._sentence(error)}", code="database_error") from None
        finally:
            engine.dispose()

    def _engine(self, *, read_only: bool) -> "Engine":
        arguments: dict[str, Any] = {}
        if self.kind in ("sqlite", "duckdb") and self._url.database and self._url.database != ":memory:":
            if read_only and not Path(self._url.database).is_file():
                raise InvalidInput(f"{self.name}: there is no file {self._url.database}")
            if self.kind == "duckdb" and read_only:
                arguments["read_only"] = True
        if self.kind == "postgresql" and "connect_timeout" not in self._url.query:
            arguments["connect_timeout"] = CONNECT_SECONDS
        try:
            return self._create(self._url, connect_args=arguments, hide_parameters=True)
        except (ImportError, self._errors):
            fix = PACKAGES.get(self.kind, "install the package of its SQLAlchemy dialect")
            raise NotReady(f"{self.name}: no driver for {self.kind} is installed: {fix}") from None

    def _sentence(self, error: Exception) -> str:
        """Return what the driver says, on one line and without the password."""
        told = str(getattr(error, "orig", None) or error).strip()
        line = re.sub(r"\s+", " ", told.split("\n", 1)[0]).strip()[:MAX_MESSAGE]
        secret = self._url.password
        return line.replace(str(secret), "***") if secret and len(str(secret)) > 2 else line
