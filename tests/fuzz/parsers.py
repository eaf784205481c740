"""What reads bytes of strangers, each with its claim: only errors of its own, what it takes holds, in a moment."""

import csv
import io
import json
import math
import time
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date
from typing import Any

import orjson

from dog.core.policy.policy import policy_version
from dog.core.policy.policy_reader import read_policy
from dog.core.policy.policy_rules import check_examples
from dog.errors import InvalidInput, NotJson
from dog.services.data.import_feedback import event_document
from dog.services.data.row_values import parse_attributes, parse_day, parse_number, parse_row_time
from dog.services.data.strict_json import parse_json
from dog.services.data.table_files import csv_line, plain
from dog.services.data.text_rows import CsvRows, Lines, ndjson_rows
from dog.services.feedback.parse_event import parse_event
from dog.storage.ids import MAX_ID_BYTES, clean_id
from dog.storage.policy_files import read_policy_toml

SLOW_SECONDS = 1.0
NOW_MS = 1_795_000_000_000
TODAY = date(2026, 11, 20)


def read_body(data: bytes) -> None:
    """Read JSON: Python's own parser must agree with what is taken, and it can be written again."""
    with suppress(NotJson):
        parsed = parse_json(data)
        assert json.loads(data) == parsed
        assert b"NaN" not in orjson.dumps(parsed) or b"NaN" in data


def read_event(data: bytes) -> None:
    """Read a body as an event: its time and numbers are finite, its ids have one spelling."""
    with suppress(NotJson, InvalidInput):
        event = parse_event(parse_json(data), NOW_MS)
        assert 0 <= event.occurred_at_ms <= NOW_MS + 300_000
        assert event.value is None or math.isfinite(event.value)
        assert unicodedata.is_normalized("NFC", event.contact_id)


def read_csv(data: bytes) -> None:
    """Read rows of CSV as every kind of row."""
    with suppress(InvalidInput, UnicodeDecodeError):
        for row in CsvRows(Lines(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline="")), ","):
            assert (row.fault is None) == bool(row.fields)
            read_row(row.fields)


def read_ndjson(data: bytes) -> None:
    """Read rows of NDJSON as every kind of row."""
    with suppress(InvalidInput, UnicodeDecodeError):
        for row in ndjson_rows(Lines(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""))):
            read_row(row.fields)


def read_row(fields: Mapping[str, Any]) -> None:
    """Read one row's values in every way in which a row's values are read."""
    for read in (
        lambda: parse_attributes(fields, {"product_id"}),
        lambda: parse_event(event_document(fields), NOW_MS, UTC),
        lambda: parse_number(fields.get("score"), "score"),
        lambda: parse_row_time(fields.get("as_of"), "as_of", UTC),
        lambda: parse_day(fields.get("active_from"), "active_from", UTC),
        lambda: clean_id(fields.get("contact_id"), "contact_id"),
    ):
        with suppress(InvalidInput):
            orjson.dumps(read(), default=repr)


def read_rules(data: bytes) -> None:
    """Read a policy file: what is taken can be written as a document, read again, and is the same version."""
    with suppress(UnicodeDecodeError, InvalidInput):
        policy = read_policy_toml(data.decode())
        check_examples(policy, TODAY)
        again = read_policy(orjson.loads(orjson.dumps(policy.to_document())))
        assert policy_version(again) == policy_version(policy)


def read_condition(data: bytes) -> None:
    """Read a condition and apply it to an example."""
    with suppress(UnicodeDecodeError, InvalidInput):
        document = {
            "name": "a",
            "rules": [{"id": "r", "when": data.decode(), "then": {"exclude": True}}],
            "examples": [
                {
                    "name": "e",
                    "product": {"id": "p1", "category": "fax", "value": 10},
                    "contact": {"segment": "gold", "since": "2026-01-01"},
                    "expect": {"eligible": True},
                }
            ],
        }
        check_examples(read_policy(document), TODAY)


def read_id(data: bytes) -> None:
    """Read an id: one spelling, bounded, and it comes through a CSV file as it is."""
    with suppress(UnicodeDecodeError, InvalidInput):
        cleaned = clean_id(data.decode("utf-8", "surrogatepass"), "contact_id")
        assert clean_id(cleaned, "contact_id") == cleaned
        assert 1 <= len(cleaned.encode()) <= MAX_ID_BYTES
        [[cell]] = csv.reader([csv_line([cleaned])], strict=True)
        assert plain(cell) == cleaned


PARSERS: dict[str, Callable[[bytes], None]] = {
    "json": read_body,
    "event": read_event,
    "rules": read_rules,
    "condition": read_condition,
    "csv": read_csv,
    "ndjson": read_ndjson,
    "id": read_id,
}
SEEDS: dict[str, list[bytes]] = {
    "json": [b'{"a":[1,-0.5e3,"\\u00e9\\\\",null,true],"b":{"a":1}}', b"[[[[]]]]", b'"\\ud83d\\ude00"', b"1e308"],
    "event": [
        (
            b'{"event_id":"e","type":"discard","contact_id":"c","product_id":"p","occurred_at":"2026-11-01T10:00:00Z",'
            b'"reason":{"trigger":"discomfort","attribute":"channel","attribute_value":"call","note":""},"value":1.5}'
        ),
        (
            b'{"event_id":"e","type":"restructure","contact_id":"c","product_id":"p",'
            b'"occurred_at":"2026-11-01T10:00:00.123+01:00","replace":{"attribute":"channel","from":"a","to":"b"}}'
        ),
    ],
    "rules": [
        (
            b'name = "a"\n[models]\ncf = {weight = 0.5, direction = "lower_is_better", max_age_days = 30}\n'
            b'[reinforcement]\nfamily = "linear"\nneutral = 0.5\nrecursion = {reading = "gain", n = 1.5, laps = 3}\n'
            b"[variants]\nno_rules = 0.1"
        ),
        (
            b'name = "a"\n[[rules]]\nid = "r"\nwhen = """product.category = \'x\'\nAND score.cf > 1"""\n'
            b'then = {limit = {event = "pitch", by = "pair", at_most = 3, days = 7}}\nfrom = 2026-10-01\n'
            b'[[examples]]\nname = "e"\nproduct = {category = "x"}\nexpect = {eligible = false}'
        ),
    ],
    "condition": [
        b"product.category IN ('fax', 'x') AND NOT contact.segment LIKE 'g%' OR product.value / 0 BETWEEN 1 AND 2",
        b"CASE WHEN contact.since < DATE '2026-02-01' THEN round(product.value, 2) ELSE least(1, 2) END IS NULL",
        b"coalesce(lower(contact.segment), upper('x')) <> 'a' AND abs(-product.value + 3) >= 1e3",
    ],
    "csv": [
        b'contact_id,product_id,score,as_of\nc1,p1,0.5,2026-11-01\n\'=c,"a""b\n",nan,soon\n',
        b"event_id,type,contact_id,product_id,occurred_at,value\ne,win,c,p,2026-11-01T10:00:00,1e3\n",
    ],
    "ndjson": [b'{"contact_id":"c1","score":0.5,"as_of":"2026-11-01","channels":["a"]}\n\n[1]\n{"score":1e308}'],
    "id": ["Ame\u0301lie".encode(), b"=c1", b"a:b{c}*", "\u202e\U0001f600".encode(), b"\xed\xa0\x80", b" x\xc2\x85"],
}


def hold(name: str, data: bytes) -> None:
    """Give some bytes to a parser; whatever it raises is a fault, and so is taking more than a second."""
    began = time.process_time()
    PARSERS[name](data)
    took = time.process_time() - began
    assert took < SLOW_SECONDS, f"{took:.1f} s for {len(data)} bytes"
