"""Rows of Parquet files."""

from collections.abc import Iterator
from itertools import count, repeat
from typing import BinaryIO

from dog.errors import InvalidInput
from dog.services.data.data_rows import Row


def parquet_columns(file: BinaryIO) -> list[str]:
    """Return the names of the columns."""
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, needed for Parquet only
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    try:
        return list(pq.read_schema(file).names)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InvalidInput(f"this is no readable Parquet file ({error})") from None


def parquet_rows(file: BinaryIO, *, leave_empty: bool) -> Iterator[Row]:
    """Yield the rows; with `leave_empty` columns without any value in a batch are left out."""
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, needed for Parquet only
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    line = 0
    try:
        for batch in pq.ParquetFile(file).iter_batches(batch_size=10_000):
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            filled = {name: values for name, values in columns.items() if values.null_count < len(values)}
            if leave_empty and filled:
                columns = filled
            names = list(columns)
            lists = (
                values.to_numpy(zero_copy_only=False).tolist()  # five times as fast for texts
                if pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
                else values.to_pylist()
                for values in columns.values()
            )
            fields = map(dict, map(zip, repeat(names), zip(*lists, strict=True)))
            yield from map(Row, count(line + 1), fields)
            line += len(batch)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InvalidInput(f"this is no readable Parquet file ({error})") from None
