"""Rows of Parquet files."""

from collections.abc import Iterator
from itertools import count, repeat
from typing import Any, BinaryIO

from dog.errors import InvalidInput
from dog.services.data.data_rows import Row
from dog.services.data.parquet_values import plain_array, refuse_broken_texts

BATCH_ROWS = 10_000
BUFFER_BYTES = 1 << 20
"""Of each column."""


def parquet_columns(file: BinaryIO) -> list[str]:
    """Return the names of the columns."""
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, needed for Parquet only
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    try:
        return list(pq.read_schema(file).names)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InvalidInput(f"this is not a readable Parquet file ({error})") from None


def parquet_batches(file: BinaryIO, row_count: int) -> Iterator[Any]:
    """Yield record batches of at most some rows, with plain types."""
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, needed for Parquet only
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    try:
        # else what was read of each row group is kept until the end
        whole = pq.ParquetFile(file, pre_buffer=False, buffer_size=BUFFER_BYTES)
        first = 0
        for batch in whole.iter_batches(batch_size=row_count):
            plain = pa.RecordBatch.from_arrays([*map(plain_array, batch.columns)], names=batch.schema.names)
            refuse_broken_texts(plain, first)
            yield plain
            first += len(batch)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InvalidInput(f"this is not a readable Parquet file ({error})") from None


def parquet_rows(file: BinaryIO, *, leave_empty: bool) -> Iterator[Row]:
    """Yield the rows; with `leave_empty` columns without any value in a batch are left out."""
    line = 0
    for batch in parquet_batches(file, BATCH_ROWS):
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        filled = {name: values for name, values in columns.items() if values.null_count < len(values)}
        if leave_empty and filled:
            columns = filled
        lists = (to_list(values) for values in columns.values())
        fields = map(dict, map(zip, repeat(list(columns)), zip(*lists, strict=True)))
        yield from map(Row, count(line + 1), fields)
        line += len(batch)


def to_list(array: Any) -> list[Any]:
    """Return an Arrow array as Python values."""
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, needed for Parquet only

    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        texts: list[Any] = array.to_numpy(zero_copy_only=False).tolist()  # five times as fast
        return texts
    values: list[Any] = array.to_pylist()
    return values
