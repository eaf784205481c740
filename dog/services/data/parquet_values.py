"""Columns of Parquet files as those few types of Arrow that the importers read."""

from typing import Any

from dog.errors import InvalidInput

FIRST_DAY, END_DAY = -719_162, 2_932_897
"""Days since 1970, of the years 1 to 9999 in UTC."""
SECONDS_A_DAY = 86_400
UNITS_A_SECOND = {"s": 1, "ms": 1000, "us": 10**6}


def plain_array(array: Any) -> Any:
    """Return an Arrow array with plain types.

    Decimals become numbers, whole ones of any size; times are cut to microseconds; UUIDs become texts, and so do all
    times of an array with one that Python cannot represent.
    """
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, needed for Parquet only

    of, kind = pa.types, array.type
    if isinstance(kind, pa.UuidType):
        array = pa.array([None if one is None else str(one) for one in array.to_pylist()], pa.string())
    elif isinstance(kind, pa.BaseExtensionType):
        array = plain_array(array.storage)
    elif of.is_dictionary(kind):
        values = plain_array(array.dictionary)
        array = pa.DictionaryArray.from_arrays(array.indices, values)
        if find_broken_text(values) is not None:  # perhaps of a row of another batch
            array = array.dictionary_decode()
    elif of.is_string_view(kind):
        array = array.cast(pa.large_string())
    elif of.is_binary_view(kind):
        array = array.cast(pa.large_binary())
    elif of.is_decimal(kind):
        array = _numbers(array)
    elif of.is_date(kind) or of.is_timestamp(kind):
        array = _times(array)
    return array


def find_broken_text(array: Any) -> int | None:
    """Return the place of the first text that is not UTF-8, None where all are."""
    import pyarrow as pa  # noqa: PLC0415  # as above

    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        return None
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        texts = array.cast(pa.large_binary()).to_pylist()
        return next(place for place, text in enumerate(texts) if not _is_utf8(text or b""))
    return None


def refuse_broken_texts(batch: Any, first: int) -> None:
    """Raise `InvalidInput` for a text of a record batch that is not UTF-8; `first` counts the rows before it."""
    for name, array in zip(batch.schema.names, batch.columns, strict=True):
        if (place := find_broken_text(array)) is not None:
            raise InvalidInput(
                f"row {first + place + 1}: {name} is not UTF-8; write the file again with texts in UTF-8"
            )


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _numbers(array: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415  # as above

    texts = array.cast(pa.string())
    if array.type.scale > 0:
        return texts.cast(pa.float64())  # rounded as the same number of a text file
    try:
        return array.cast(pa.int64())
    except pa.ArrowInvalid:  # beyond 64 bits
        return texts


def _times(array: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415  # as above
    import pyarrow.compute as pc  # noqa: PLC0415  # as above

    if pa.types.is_timestamp(array.type) and array.type.unit == "ns":
        array = array.cast(pa.timestamp("us", array.type.tz), safe=False)
    kind, size = array.type, 1
    if pa.types.is_timestamp(kind):
        size = SECONDS_A_DAY * UNITS_A_SECOND[kind.unit]
    elif pa.types.is_date64(kind):
        size = SECONDS_A_DAY * 1000
    zone = getattr(kind, "tz", None)
    if zone is not None and not _is_known(pa.scalar(0, kind)):
        array = array.cast(pa.timestamp(kind.unit, "UTC"))
    whole = array.view(pa.int32() if pa.types.is_date32(kind) else pa.int64())
    ends, margin = pc.min_max(whole).as_py(), 0 if zone in (None, "UTC") else 1
    if ends["min"] is None or (FIRST_DAY + margin) * size <= ends["min"] <= ends["max"] < (END_DAY - margin) * size:
        return array
    return (array if zone is None else array.cast(pa.timestamp(kind.unit, "UTC"))).cast(pa.string())


def _is_known(time: Any) -> bool:
    """Return whether Python knows the time zone of an Arrow scalar."""
    try:
        time.as_py()
    except KeyError:  # the errors of zoneinfo and pytz are such
        return False
    return True
