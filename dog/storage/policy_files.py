"""Read policies from TOML files, with the line and column of every fault."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dog.core.policy.policy import Policy
from dog.core.policy.policy_reader import MAX_NESTING, MAX_RULES, read_policy
from dog.core.rulebook.column_schema import ColumnSchema
from dog.errors import InputFault, InvalidPolicy, NotFound
from dog.storage.toml_places import Place, find_places, place_in_string

MAX_FILE_BYTES = 1 << 20
MAX_KEYS = 20_000
MAX_SIGNS = 32_000
MAX_DOTS = 20_000
MAX_LINES = 50_000
MAX_ESCAPES = 20_000
# possessive, and an open quote runs to the end: linear in any text
_QUOTED = re.compile(
    r"""\"{3}(?:[^"\\]++|\\.?|"(?!""))*+(?:"{3,5}|\Z)|'{3}(?:[^']++|'(?!''))*+(?:'{3,5}|\Z)"""
    r"""|"(?:[^"\\\n]++|\\[^\n]?)*+"?|'[^'\n]*+'?|\#[^\n]*+""",
    flags=re.DOTALL,
)
_RULE_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*rules[ \t]*\]\]", flags=re.MULTILINE)
_LONG_NAME = re.compile(rf"(?<![\w.-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{MAX_NESTING}}}")
_LONG_NUMBER = re.compile(r"[\d_]{400}")
_DECODE_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_policy_toml(text: str, schema: ColumnSchema | None = None) -> Policy:
    r"""Read a policy from TOML text of at most 1 MiB; without `schema`, conditions may name any attribute.

    Raise `InvalidPolicy` with one fault for each problem: its line and column, both from 1; inside a condition, of the
    place in it.

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


def read_policy_file(path: Path) -> Policy:
    """Read a policy from a file, as `read_policy_toml` does; `NotFound` where there is no such file."""
    return read_policy_toml(read_policy_text(path))


def read_policy_text(path: Path) -> str:
    """Return the text of a policy file; `InvalidPolicy` where it is too large or not UTF-8."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_FILE_BYTES else b""
    except OSError as error:
        raise NotFound(f"policy file {path} cannot be read: {error.strerror}") from None
    if size > MAX_FILE_BYTES:
        raise _too_large(size)
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise _refused("not_toml", "the file is not UTF-8") from None


def parse_policy_toml(text: str) -> dict[str, Any]:
    """Parse TOML text; `InvalidPolicy` where it is not TOML, or so large or deep that parsing it would take long."""
    _refuse_bombs(text)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _refused("too_deep", "the file is nested too deep") from None
    except ValueError as error:
        raise _not_toml(text, str(error)) from None


def place_faults(text: str, document: Mapping[str, Any], faults: Sequence[InputFault]) -> list[InputFault]:
    """Return the faults in the order of the TOML text, each with line and column, from 1.

    A fault of a missing key has the place of the nearest table around it. The `column` of a fault without a line counts
    the characters of the text that it points to, from 1.
    """
    present = [_present(document, fault.pointer) for fault in faults]
    places = find_places(text, present)
    offsets = [_offset(text, places.get(pointer), fault) for pointer, fault in zip(present, faults, strict=True)]
    ordered = sorted(zip(offsets, range(len(faults)), strict=True))
    return [_placed(text, offset, faults[number]) for offset, number in ordered]


def _present(document: Any, pointer: str) -> str:
    """Shorten a pointer to the part that exists in the document."""
    present = ""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, Mapping) and key in document:
            document = document[key]
        elif isinstance(document, list) and key.isdigit() and int(key) < len(document):
            document = document[int(key)]
        else:
            break
        present = f"{present}/{step}"
    return present


def _offset(text: str, place: Place | None, fault: InputFault) -> int:
    if place is None:
        return 0
    if fault.column is not None and text[place.value : place.value + 1] in {'"', "'"}:
        return place_in_string(text, place.value, fault.column - 1)
    return place.key


def _placed(text: str, offset: int, fault: InputFault) -> InputFault:
    line, column = _line_and_column(text, offset)
    return replace(fault, line=line, column=column)


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _refuse_bombs(text: str) -> None:
    if len(text) > MAX_FILE_BYTES:
        raise _too_large(len(text))
    bare = _QUOTED.sub("q", text)
    rule_count = len(_RULE_HEADER.findall(bare))
    if rule_count > MAX_RULES:
        message = f"has {rule_count:,} rules; {MAX_RULES:,} are the most"
        raise InvalidPolicy(message, [InputFault("/rules", "too_many", message, line=1, column=1)])
    limits = {"=": MAX_KEYS, ".": MAX_DOTS, "\n": MAX_LINES}
    crowded = sum(map(bare.count, "=,[{")) > MAX_SIGNS or text.count("\\") > MAX_ESCAPES
    if crowded or any(bare.count(sign) > most for sign, most in limits.items()):
        raise _refused("too_many", "the file has more keys and values than any policy can hold")
    if _LONG_NAME.search(bare):
        raise _refused("too_deep", f"a key has more than {MAX_NESTING} parts")
    if _LONG_NUMBER.search(bare):
        raise _refused("bad_literal", "a number has hundreds of digits")


def _not_toml(text: str, message: str) -> InvalidPolicy:
    found = _DECODE_PLACE.search(message)
    end = len(text) if found else 0
    line, column = (int(found[1]), int(found[2])) if found and found[1] else _line_and_column(text, end)
    return _refused("not_toml", f"not TOML: {message[: found.start()] if found else message}", line, column)


def _too_large(size: int) -> InvalidPolicy:
    return _refused("too_large", f"the file has {size:,} bytes; {MAX_FILE_BYTES:,} are the most")


def _refused(code: str, message: str, line: int = 1, column: int = 1) -> InvalidPolicy:
    fault = InputFault("", code, message, line=line, column=column)
    return InvalidPolicy(str(fault), [fault])
