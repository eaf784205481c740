"""The JSON Schema accepts what the reader accepts, and refuses what it can tell is wrong."""

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from dog.core.policy.policy_schema import policy_schema
from tests.core.policy.test_policy import BAD_DOCUMENTS, BAD_EFFECTS, FULL

RULES = Path(__file__).parents[3] / "rules"
SCHEMA = policy_schema()
BEYOND = {"/models", "/triggers/market/apply_to", "/rules/0/to", "/rules/1/id"}
"""All weights 0, a model of another policy, days in the wrong order, an id used twice: JSON Schema cannot say it."""


def accepts(document: dict[str, Any]) -> bool:
    as_json = json.loads(json.dumps({"name": "a", **document}, default=str))
    return jsonschema_rs.is_valid(SCHEMA, as_json, validate_formats=True)


def test_the_checked_in_schema_is_the_generated_one() -> None:
    assert (RULES / "policy.schema.json").read_bytes() == orjson.dumps(SCHEMA, option=orjson.OPT_INDENT_2) + b"\n"


@pytest.mark.parametrize("name", ["recommended", "published"])
def test_the_shipped_policies_are_accepted(name: str) -> None:
    assert accepts(tomllib.loads((RULES / f"{name}.toml").read_text()))


def test_a_policy_with_every_setting_is_accepted() -> None:
    assert accepts(FULL.to_document())


@pytest.mark.parametrize(("then", "pointer"), BAD_EFFECTS)
def test_a_bad_effect_is_refused(then: dict[str, Any], pointer: str) -> None:
    assert not accepts({"rules": [{"id": "x", "then": then}]}), pointer


@pytest.mark.parametrize(("document", "pointer"), BAD_DOCUMENTS)
def test_a_bad_setting_is_refused(document: dict[str, Any], pointer: str) -> None:
    assert accepts(document) == (pointer in BEYOND)


def test_every_field_has_a_description() -> None:
    assert list(undescribed(SCHEMA["properties"])) == []


def undescribed(properties: dict[str, Any], pointer: str = "") -> list[str]:
    """List the fields without a description; the columns of an example are the analyst's own."""
    found = []
    for name, field in properties.items():
        inner = field.get("items", {}).get("properties", {}) | field.get("properties", {})
        own = pointer == "/examples" and field == {"type": "number"}
        found += [] if "description" in field or own else [f"{pointer}/{name}"]
        found += undescribed(inner, f"{pointer}/{name}")
    return found
