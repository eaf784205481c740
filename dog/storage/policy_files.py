"""Policies as TOML files: read with the line and column of every fault."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dog.core.policy import Policy
from dog.core.policy_reader import MAX_RULES, read_policy
from dog.core.rulebook.schema import Schema
from dog.errors import Fault, InvalidPolicy, NotFound
from dog.storage.toml_places import Place, find_places, place_in_string

MAX_FILE_BYTES = 1 << 20
_RULE_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*rules[ \t]*\]\]", flags=re.MULTILINE)
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
        faults = place_faults(text, error.faults)
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
    """Parse TOML text, hostile text included, within a tenth of a second.

    Raises
    ------
    InvalidPolicy
        It is no TOML, too large, has too many rules or is nested too deep.

    """
    if len(text) > MAX_FILE_BYTES:
        raise _too_large(len(text))
    rule_count = len(_RULE_HEADER.findall(text))
    if rule_count > MAX_RULES:
        message = f"has {rule_count:,} rules; {MAX_RULES:,} are the most"
        raise InvalidPolicy(message, [Fault("/rules", "too_many", message)])
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _refused("too_deep", "the file is nested too deep") from None
    except ValueError as error:
        raise _not_toml(text, str(error)) from None


def place_faults(text: str, faults: Sequence[Fault]) -> list[Fault]:
    """Find the line and column of each fault in the TOML text that the document came from.

    Parameters
    ----------
    text
        The TOML text.
    faults
        With pointers; where one has a column, it is a place inside the value the pointer names.

    Returns
    -------
    The faults, in the order of the text. What is missing is told at the table that should hold it.

    """
    places = find_places(text)
    placed = sorted(((_offset(text, places, fault), fault) for fault in faults), key=lambda it: it[0])
    return [_at(text, offset, fault) for offset, fault in placed]


def _offset(text: str, places: Mapping[str, Place], fault: Fault) -> int:
    if fault.column is not None and fault.pointer in places:
        return place_in_string(text, places[fault.pointer].value, fault.column - 1)
    pointer = fault.pointer
    while pointer and pointer not in places:
        pointer = pointer.rpartition("/")[0]
    return places[pointer].key if pointer else 0


def _at(text: str, offset: int, fault: Fault) -> Fault:
    line = text.count("\n", 0, offset) + 1
    return replace(fault, line=line, column=offset - text.rfind("\n", 0, offset))


def _too_large(size: int) -> InvalidPolicy:
    return _refused("too_large", f"the file has {size:,} bytes; {MAX_FILE_BYTES:,} are the most")


def _not_toml(text: str, message: str) -> InvalidPolicy:
    found = _DECODE_PLACE.search(message)
    line, column = (int(found[1]), int(found[2])) if found and found[1] else (text.count("\n") + 1, 1)
    plain = message[: found.start()] if found else message
    return _refused("not_toml", f"this is not TOML: {plain[:200]}", line, column)


def _refused(code: str, message: str, line: int = 1, column: int = 1) -> InvalidPolicy:
    fault = Fault("", code, message, line, column)
    return InvalidPolicy(str(fault), [fault])
