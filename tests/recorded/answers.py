"""Recorded answers in files: one gzip'd NDJSON file for each part; differences, told readably."""

import gzip
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).parent / "answers"
FULL_CHARACTERS = 20_000
FULL_CHARACTERS_OF = {"random": 2_000}
"""Longer texts are kept as a hash; a play of random cases has many that `random --against` shows in full."""
MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Record:
    """One answer.

    Parameters
    ----------
    part
        The part of the play; it names the file.
    name
        One of a kind in its part.
    text
        What was answered, masked.

    """

    part: str
    name: str
    text: str


def stored_form(record: Record) -> dict[str, Any]:
    """Return what is stored of a record: its text, or only a hash of a long one."""
    if len(record.text) <= FULL_CHARACTERS_OF.get(record.part, FULL_CHARACTERS):
        return {"name": record.name, "text": record.text}
    digest = hashlib.sha256(record.text.encode()).hexdigest()
    return {"name": record.name, "characters": len(record.text), "sha256": digest}


def write_answers(records: Iterable[Record], folder: Path = FOLDER, only: str | None = None) -> dict[str, int]:
    """Write the files of all parts, or of one; return how many records each has."""
    folder.mkdir(exist_ok=True)
    counts = {}
    for part, found in by_part(records).items():
        if only not in (None, part):
            continue
        lines = [orjson.dumps(stored_form(record)) for record in found]
        packed = io.BytesIO()
        with gzip.GzipFile("", "wb", 9, packed, mtime=0) as file:
            file.write(b"\n".join(lines) + b"\n")
        (folder / f"{part}.ndjson.gz").write_bytes(packed.getvalue())
        counts[part] = len(found)
    return counts


def read_answers(part: str, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Read what is stored of a part."""
    lines = gzip.decompress((folder / f"{part}.ndjson.gz").read_bytes()).splitlines()
    return [orjson.loads(line) for line in lines]


def by_part(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Group records by part, in order."""
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.part, []).append(record)
    return found


def tell_differences(found: list[Record], stored: list[dict[str, Any]]) -> str:
    """Return how a part differs from what is stored, readably; empty where it does not."""
    told: list[str] = []
    wanted = {entry["name"]: entry for entry in stored}
    here = {record.name: record for record in found}
    told += [f"{name}: is not played any more" for name in wanted if name not in here]
    told += [f"{name}: is not recorded" for name in here if name not in wanted]
    for record in found:
        entry = wanted.get(record.name)
        if entry is not None and not _is_same(record, entry):
            told.append(f"{record.name}:\n" + "\n".join(f"    {line}" for line in _differ(record, entry)))
    if not told:
        return ""
    more = f"\n... and {len(told) - MOST_SHOWN} more" if len(told) > MOST_SHOWN else ""
    return f"{len(told)} of {len(found)} answers differ\n" + "\n".join(told[:MOST_SHOWN]) + more


def _is_same(record: Record, entry: Mapping[str, Any]) -> bool:
    return bool(entry["text"] == record.text if "text" in entry else entry == stored_form(record))


def _differ(record: Record, entry: Mapping[str, Any]) -> list[str]:
    if "text" not in entry:
        sizes = f"{entry['characters']} characters then, {len(record.text)} now"
        return [f"only a hash is recorded; {sizes}. To see more: python -m tests.recorded compare --against CHECKOUT"]
    return list(islice(text_differences(entry["text"], record.text), MOST_SHOWN))


def text_differences(before: str, after: str) -> Iterator[str]:
    """Tell where two texts differ: line by line, JSON value by value."""
    lines, others = before.split("\n"), after.split("\n")
    if len(lines) != len(others):
        yield f"{len(lines)} lines were recorded, now there are {len(others)}"
    for number, (line, other) in enumerate(zip(lines, others, strict=False), 1):
        if line == other:
            continue
        if line[:1] in ("{", "[") and other[:1] in ("{", "["):
            told = list(_json_differences(orjson.loads(line), orjson.loads(other), ""))
            yield from told or [f"line {number}: the same values, in another order or spelling"]
        else:
            yield f"line {number}: {line[:200]!r} -> {other[:200]!r}"


def _json_differences(before: Any, after: Any, place: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            if name not in after:
                yield f"{place}/{name}: is gone (was {_short(before[name])})"
            elif name not in before:
                yield f"{place}/{name}: is new ({_short(after[name])})"
            else:
                yield from _json_differences(before[name], after[name], f"{place}/{name}")
    elif isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            yield f"{place}: {len(before)} entries were recorded, now there are {len(after)}"
        for number, (one, other) in enumerate(zip(before, after, strict=False)):
            yield from _json_differences(one, other, f"{place}/{number}")
    elif type(before) is not type(after) or before != after:
        yield f"{place}: {_short(before)} -> {_short(after)}"


def _short(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 120 else text[:120] + "..."
