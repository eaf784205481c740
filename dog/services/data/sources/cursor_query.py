"""The statements with which a query is read: whole, or from a value of its cursor on."""

from typing import TYPE_CHECKING, Any

from dog.errors import InvalidInput
from dog.services.data.mapping.match_columns import fold_name, join_names

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, CursorResult, TextClause


def find_cursor(connection: "Connection", query: str, wanted: str) -> tuple[str, int]:
    """Return the column of the cursor as the query calls it, and how many rows have no value there.

    Raise `InvalidInput` where the query has no such column.
    """
    from sqlalchemy import column, false, func, select  # noqa: PLC0415  # an extra

    rows = _as_table(query)
    with connection.execute(select(_all()).select_from(rows).where(false())) as result:
        columns = columns_of(result)
    found = [name for name in columns if name == wanted] or [it for it in columns if fold_name(it) == fold_name(wanted)]
    if not found:
        raise InvalidInput(f"the query has no column {wanted}, its cursor; its columns are {join_names(columns, 40)}")
    without = connection.execute(select(func.count()).select_from(rows).where(column(found[0]).is_(None)))
    return found[0], int(without.scalar_one())


def read_query(connection: "Connection", query: str, cursor: str | None, last: Any) -> "CursorResult[Any]":
    """Return the rows of a query; with a cursor those from a value on, or all that have one, in its order."""
    from sqlalchemy import bindparam, column, select  # noqa: PLC0415  # an extra
    from sqlalchemy.types import NULLTYPE  # noqa: PLC0415  # as above

    if cursor is None:
        return connection.execute(_text(_cut(query)))
    place: ColumnElement[Any] = column(cursor)
    following = place.is_not(None) if last is None else place >= bindparam("dog_last", last, NULLTYPE)
    return connection.execute(select(_all()).select_from(_as_table(query)).where(following).order_by(place))


def columns_of(result: "CursorResult[Any]") -> list[str]:
    """Return the columns of a query; raise `InvalidInput` where it has none, or one twice."""
    if not result.returns_rows:
        raise InvalidInput("the query returns no rows; write a SELECT")
    columns = list(result.keys())
    if len({*columns}) < len(columns):
        raise InvalidInput(f"the query names a column twice: {', '.join(columns)}; name each by AS")
    return columns


def _cut(query: str) -> str:
    return query.strip().rstrip(";")


def _as_table(query: str) -> "TextClause":
    """Return a query as a table of another; the end of its last line may be a comment."""
    return _text(f"(\n{_cut(query)}\n) dog_rows")


def _text(sql: str) -> "TextClause":
    """Return a text as it is: no `:name` in it is a parameter."""
    from sqlalchemy import text  # noqa: PLC0415  # an extra

    return text(sql.replace(":", r"\:"))


def _all() -> Any:
    from sqlalchemy import literal_column  # noqa: PLC0415  # an extra

    return literal_column("*")
