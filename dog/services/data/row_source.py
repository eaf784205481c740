"""Where the rows of a load come from."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from dog.services.data.columns.row_table import RowTable
from dog.services.data.data_rows import Row
from dog.services.data.file_dialect import Dialect


class RowSource(Protocol):
    """A file or a query: rows of one kind, mapped to the contract's columns."""

    @property
    def kind(self) -> str:
        """One of `FILE_COLUMNS`."""

    @property
    def name(self) -> str:
        """What the audit log calls it."""

    @property
    def reject_path(self) -> Path:
        """The file of rejected rows."""

    @property
    def goes_on(self) -> bool:
        """Whether the next load continues after the rows that this one stored; else it reads all of them again."""

    @property
    def keeps_rejects(self) -> bool:
        """Whether the file of rejected rows keeps those of earlier loads: this one continues after them."""

    @property
    def columns_before(self) -> int:
        """Number of columns that a file of rejected rows has before those of the source."""

    @property
    def dialect(self) -> Dialect:
        """How the file of rejected rows is written."""

    @property
    def share_read(self) -> float:
        """The share of the rows that was read, as far as it is known."""

    def reject_columns(self) -> Sequence[str]:
        """Return the columns of the file of rejected rows, as the source has them."""

    def rows(self) -> Iterator[Row]:
        """Yield the rows."""

    def tables(self) -> Iterator[RowTable]:
        """Yield the rows as tables: what `rows` yields, some thousands at once."""

    def stored(self, rows: Sequence[Row]) -> None:
        """Take note that these rows, the next ones that `rows` yielded, are stored or written to the rejected ones."""

    def notes(self) -> list[str]:
        """Return what a summary says of how the rows were read."""

    def found_options(self) -> Mapping[str, Any]:
        """Return the formats that were found in the values and that a part of the rows may not tell again."""
