"""Policies as TOML files: read with the line and column of every fault."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dog.core.policy import Policy
from dog.core.policy_reader import MAX_NESTING, MAX_RULES, read_policy
from dog.core.rulebook.schema import Schema
from dog.errors import Fault, InvalidPolicy, NotFound
from dog.storage.toml_places import Place, find_places, place_in_string

MAX_FILE_BYTES = 1 << 20
MAX_KEYS = 25_000
MAX_DOTS = 40_000
_RULE_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*rules[ \t]*\]\]", flags=re.MULTILINE)
# a key of more parts than tables may be deep: the standard reader takes quadratic time over such keys
_DEEP_KEY = re.compile(
    rf"""(?<![\w.-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{MAX_NESTING}}}"""
)
_DECODE_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_policy_toml(text: str, schema: Schema | None = None) -> Policy:
    r"""Read a policy from TOML text.

    Parameters
    ----------
    text
        At most 1 MiB of UTF-8.
    schema
        The tenant's columns; without it, any attribute may be named in conditions.

    Returns
    -------
    The policy.

    Raises
    ------
    InvalidPolicy
        One fault for each thing that is wrong, with its line and column, both from 1; for a fault inside a
        condition, of the place inside it.

    Examples
    --------
    >>> read_policy_toml('name = "a"\n[models]\ncf = {weigth = 1}')
    Traceback (most recent call last):
    ...
    dog.errors.InvalidPolicy: line 3, column 7: /models/cf/weigth: unknown key; did you mean weight?

    """
    document = parse_policy_toml(text)
    try:
        return read_policy(document, schema)
    except InvalidPolicy as error:
        faults = place_faults(text, document, error.faults)
        raise InvalidPolicy(str(faults[0]), faults) from None


def read_policy_file(path: Path, schema: Schema | None = None) -> Policy:
    """Read a policy from a file, as `read_policy_toml` does; a file that is not there is `NotFound`."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_FILE_BYTES else b""
    except OSError as error:
        raise NotFound(f"policy file {path} cannot be read: {error.strerror}") from None
    if size > MAX_FILE_BYTES:
        raise _too_large(size)
    try:
        return read_policy_toml(content.decode(), schema)
    except UnicodeDecodeError:
        raise _refused("not_toml", "the file is not UTF-8") from None


def parse_policy_toml(text: str) -> dict[str, Any]:
    """Parse TOML text after a look at its size and shape, so that hostile text costs little.

    Raises
    ------
    InvalidPolicy
        It is no TOML, too large, has too many rules or is nested too deep.

    """
    _refuse_bombs(text)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _refused("too_deep", "the file is nested too deep") from None
    except ValueError as error:
        raise _not_toml(text, str(error)) from None


def place_faults(text: str, faults: Sequence[Fault]) -> list[Fault]:
    """Give faults the line and column at which what they point to stands in the TOML text.

    Parameters
    ----------
    text
        Valid TOML.
    faults
        Of the document in it. Where the pointer names what is not there, the nearest table around it is meant;
        a `column` without a line counts the characters of the text pointed to, from 1.

    Returns
    -------
    The faults in the order of the file, each with line and column, from 1.

    """
    places = find_places(text)
    offsets = [_offset(text, places, fault) for fault in faults]
    ordered = sorted(zip(offsets, range(len(faults)), strict=True))
    return [replace(faults[number], **_line_and_column(text, offset)) for offset, number in ordered]


def _offset(text: str, places: Mapping[str, Place], fault: Fault) -> int:
    place = places.get(fault.pointer)
    if place is not None and fault.column is not None and text[place.value : place.value + 1] in {'"', "'"}:
        return place_in_string(text, place.value, fault.column - 1)
    pointer = fault.pointer
    while place is None and pointer:
        pointer = pointer.rpartition("/")[0]
        place = places.get(pointer)
    return place.key if place is not None else 0


def _line_and_column(text: str, offset: int) -> dict[str, int]:
    line_start = text.rfind("\n", 0, offset) + 1
    return {"line": text.count("\n", 0, offset) + 1, "column": offset - line_start + 1}


def _refuse_bombs(text: str) -> None:
    if len(text) > MAX_FILE_BYTES:
        raise _too_large(len(text))
    bare = _QUOTED.sub("", text)
    rule_count = len(_RULE_HEADER.findall(bare))
    if rule_count > MAX_RULES:
        message = f"has {rule_count:,} rules; {MAX_RULES:,} are the most"
        raise InvalidPolicy(message, [Fault("/rules", "too_many", message, 1, 1)])
    if sum(map(bare.count, "=,[{")) > MAX_SIGNS or bare.count("\n") > MAX_LINES:
        raise _refused("too_many", "the file has more keys and values than any policy can hold")
    if _LONG_NAME.search(bare):
        raise _refused("too_deep", f"a key has more than {MAX_NESTING} parts")
    if _LONG_NUMBER.search(bare):
        raise _refused("bad_literal", "a number has hundreds of digits")


def _not_toml(text: str, message: str) -> InvalidPolicy:
    found = _DECODE_PLACE.search(message)
    if found is None:
        return _refused("not_toml", f"not TOML: {message}")
    place = (
        {"line": int(found[1]), "column": int(found[2])} if found[1] else _line_and_column(text, len(text))
    )
    why = message[: found.start()]
    return InvalidPolicy(
        f"not TOML: line {place['line']}, column {place['column']}: {why}",
        [Fault("", "not_toml", f"not TOML: {why}", **place)],
    )


def _too_large(size: int) -> InvalidPolicy:
    return _refused("too_large", f"the file has {size:,} bytes; {MAX_FILE_BYTES:,} are the most")


def _refused(code: str, message: str) -> InvalidPolicy:
    return InvalidPolicy(message, [Fault("", code, message, 1, 1)])
